"""/api/v1/policy: the rules of the policy gate, and its verdicts."""

from http import HTTPStatus
from typing import Annotated
from uuid import UUID

from fastapi import Depends, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import AnyMember, Owner, Reviewer, allow
from vixenbliss.api.dependencies import Database, Page, locate
from vixenbliss.api.responses import READS, WRITES
from vixenbliss.callers import EDITORS, Caller, Scope
from vixenbliss.models.policy import Verdict
from vixenbliss.schemas.base import Listing
from vixenbliss.schemas.policy import (
    CheckAccepted,
    DecisionRead,
    Override,
    PolicyCheck,
    PolicyRead,
    PolicyUpdate,
)
from vixenbliss.services.policies import PolicyService
from vixenbliss.settings import settings

app = create_app("Policy", needs=(settings().database, settings().jwt_secret))


async def _policies(database: Database) -> PolicyService:
    return PolicyService(database)


Policies = Annotated[PolicyService, Depends(_policies)]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.CONTENT_WRITE))]


@app.get("/api/v1/policy", responses=READS, tags=["policy"])
async def read_policy(caller: AnyMember, policies: Policies) -> PolicyRead:
    """Return the rules in force: the platform's floor, and what the workspace adds."""
    return await policies.active(caller)


@app.put(
    "/api/v1/policy",
    status_code=HTTPStatus.CREATED,
    responses=WRITES,
    tags=["policy"],
)
async def replace_policy(
    body: PolicyUpdate, caller: Owner, policies: Policies
) -> PolicyRead:
    """Put new rules in force; they may only be stricter than the floor."""
    return await policies.replace(caller, body.rules)


@app.post(
    "/api/v1/policy/check",
    status_code=HTTPStatus.ACCEPTED,
    responses=WRITES,
    tags=["policy"],
)
async def check(
    body: PolicyCheck, caller: Writer, policies: Policies, response: Response
) -> CheckAccepted:
    """Ask for a verdict on a text or an asset; it is found under the decision's id."""
    decision_id = await policies.check(caller, body)
    locate(response, f"/api/v1/policy/decisions/{decision_id}")
    return CheckAccepted(decision_id=decision_id)


@app.get("/api/v1/policy/decisions", responses=READS, tags=["policy"])
async def list_decisions(
    caller: AnyMember,
    policies: Policies,
    page: Page,
    subject: UUID | None = None,
    verdict: Verdict | None = None,
) -> Listing[DecisionRead]:
    """List the verdicts, newest first."""
    return await policies.decisions(caller, page, subject=subject, verdict=verdict)


@app.get("/api/v1/policy/decisions/{decision_id}", responses=READS, tags=["policy"])
async def read_decision(
    decision_id: UUID, caller: AnyMember, policies: Policies
) -> DecisionRead:
    """Return a verdict with all that it rests on."""
    return await policies.decision(caller, decision_id)


@app.post(
    "/api/v1/policy/decisions/{decision_id}/override",
    responses=WRITES,
    tags=["policy"],
)
async def override_decision(
    decision_id: UUID, body: Override, caller: Reviewer, policies: Policies
) -> DecisionRead:
    """Set a verdict of review aside, with the reason; a block stays a block."""
    return await policies.override(caller, decision_id, body)


handler = lambda_handler(app)
