"""One thing to ask each function as it was built, and what it has to answer.

Events are those of ``tests.contract.recorded``: the gateway's, a queue's, and the
scheduler's. Whoever asks has signed up just now and runs the platform, so lists are
empty and nothing has a name.
"""

import json
import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from tests.contract import recorded
from tests.stack.template import QueueSource
from tests.stack.wire import Json, JsonObject
from tests.support.api import routes
from tests.support.contract import operation
from tests.support.database import Sql
from tests.support.rows import (
    cancelled_post,
    finished_reconciliation,
    fulfilled_request,
    piece_that_may_be_seen,
    read_account,
    rolled_up_day,
    stripe_event,
)

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

GRAVE = "BuryDeadLettersFunction"
EMAIL = "owner@example.com"
PASSWORD = "a long walk by the sea"
SEED: JsonObject = {"email": EMAIL, "password": PASSWORD}
SCHEDULED: JsonObject = {"version": "0", "source": "aws.scheduler", "detail": {}}
NO_FAILURES: JsonObject = {"batchItemFailures": []}


@dataclass(frozen=True, slots=True)
class Request:
    """A request, with the status and a key of the body that answer it.

    Without a key the body is an empty list.
    """

    operation: str
    status: int
    key: str | None
    body: JsonObject | None = None


REQUESTS: Mapping[str, Request] = {
    "HealthFunction": Request("GET /health", 200, "status"),
    "RecoveryFunction": Request("POST /api/auth/email/resend", 202, "success"),
    "AuthFunction": Request("POST /api/auth/login", 200, "success", SEED),
    "AuthSessionsFunction": Request("GET /api/auth/sessions", 200, "success"),
    "CategoriesFunction": Request("GET /api/categories/", 200, "success"),
    "ItemsFunction": Request("GET /api/items/", 200, "success"),
    "ItemDownloadsFunction": Request(
        "GET /api/items/{item_id}/download", 404, "success"
    ),
    "AnalyticsFunction": Request("GET /api/v1/analytics/overview", 200, "from"),
    "ApiKeysFunction": Request("GET /api/v1/api-keys", 200, "items"),
    "AssetsFunction": Request("GET /api/v1/assets", 200, "items"),
    "OpeningsFunction": Request("GET /api/v1/pieces/{piece_id}/view", 404, "code"),
    "AvatarsFunction": Request("GET /api/v1/avatars", 200, "items"),
    "AvatarStatesFunction": Request(
        "POST /api/v1/avatars/{avatar_id}/pause", 404, "code"
    ),
    "AttestationsFunction": Request(
        "GET /api/v1/avatars/{avatar_id}/attestations", 404, "code"
    ),
    "AvatarSheetsFunction": Request(
        "GET /api/v1/avatars/{avatar_id}/sheet", 404, "code"
    ),
    "BenefitsFunction": Request("GET /api/v1/benefits", 200, "items"),
    "BoardFunction": Request("GET /api/v1/board", 200, "columns"),
    "CheckoutFunction": Request("GET /api/v1/checkout/{checkout_id}", 404, "code"),
    "ContentJobsFunction": Request("GET /api/v1/content/jobs", 200, "items"),
    "DisputesFunction": Request("GET /api/v1/disputes", 200, "items"),
    "InboxFunction": Request("GET /api/v1/inbox/threads", 200, "items"),
    "LearningFunction": Request("GET /api/v1/learning/courses", 200, "items"),
    "LedgerFunction": Request("GET /api/v1/ledger/payouts", 200, "items"),
    "EntitlementsFunction": Request("GET /api/v1/me/entitlements", 200, "items"),
    "NotificationsFunction": Request("GET /api/v1/notifications", 200, "items"),
    "AuditFunction": Request("GET /api/v1/ops/audit", 200, "items"),
    "QueuesFunction": Request("GET /api/v1/ops/queues", 200, "items"),
    "ReconciliationsFunction": Request("GET /api/v1/ops/reconciliations", 200, "items"),
    "WebhookEventsFunction": Request("GET /api/v1/ops/webhook-events", 200, "items"),
    "OrdersFunction": Request("GET /api/v1/orders", 200, "items"),
    "PiecesFunction": Request("GET /api/v1/pieces", 200, "items"),
    "ReviewsFunction": Request("POST /api/v1/pieces/{piece_id}/reject", 400, "code"),
    "PostStatesFunction": Request("POST /api/v1/posts/{post_id}/retry", 404, "code"),
    "PolicyFunction": Request("GET /api/v1/policy", 200, "version"),
    "SubscriptionsFunction": Request("GET /api/v1/subscriptions", 200, "items"),
    "PostsFunction": Request("GET /api/v1/posts", 200, "items"),
    "PostPlansFunction": Request("GET /api/v1/posts/slots", 400, "code"),
    "PostRecordsFunction": Request("GET /api/v1/posts/{post_id}/receipt", 404, "code"),
    "ProductsFunction": Request("GET /api/v1/products", 400, "code"),
    "ProductPricesFunction": Request(
        "POST /api/v1/products/{product_id}/prices", 400, "code"
    ),
    "ProvenanceFunction": Request("GET /api/v1/provenance/{sha256}", 404, "code"),
    "SocialAccountsFunction": Request("GET /api/v1/social/accounts", 200, "items"),
    "SocialConnectionsFunction": Request(
        "GET /api/v1/social/{platform}/callback", 400, "code"
    ),
    "UsersFunction": Request("GET /api/v1/users/", 200, "items"),
    "AccountFunction": Request("GET /api/v1/users/me", 200, "id"),
    "PrivacyFunction": Request(
        "GET /api/v1/users/me/requests/{request_id}", 404, "code"
    ),
    "UserAdministrationFunction": Request("GET /api/v1/users/{user_id}", 404, "code"),
    "WorkspacesFunction": Request("GET /api/v1/workspaces", 200, "items"),
    "WorkspaceMembersFunction": Request(
        "GET /api/v1/workspaces/{workspace_id}/members", 404, "code"
    ),
    "CoursesFunction": Request("GET /courses", 200, None),
    "CourseRatingsFunction": Request("GET /courses/{course_id}/ratings", 404, "code"),
    "ClassesFunction": Request("GET /courses/{slug}/classes/{class_id}", 404, "code"),
    "TeachersFunction": Request("GET /teachers", 200, None),
    "TodosFunction": Request("GET /todos/", 200, None),
    "InstagramWebhookFunction": Request("GET /webhooks/instagram", 404, "code"),
    "MetaWebhookFunction": Request(
        "GET /webhooks/meta/data-deletion/{code}", 404, "code"
    ),
    "ReplicateWebhookFunction": Request("POST /webhooks/replicate", 400, "code"),
    "StripeWebhookFunction": Request("POST /webhooks/stripe", 400, "code"),
    "TiktokWebhookFunction": Request("POST /webhooks/tiktok", 400, "code"),
}
ROTATION = "RotateSecretFunction"
OPERATIONS: Mapping[str, tuple[JsonObject, str | None]] = {
    "MigrateFunction": ({"action": "upgrade"}, "revision"),
    ROTATION: ({}, None),  # what it is asked depends on the secret
    "SeedFunction": (SEED, "created"),
}
"""What a deployment asks, or Secrets Manager, and what is in the answer, if any."""


def rotation(client: "SecretsManagerClient", secret: str) -> JsonObject:
    """Have a secret rotated from now on, and return its rotation's first step."""
    client.rotate_secret(
        SecretId=secret,
        RotationRules={"AutomaticallyAfterDays": 30},
        RotateImmediately=False,
    )
    token = str(uuid.uuid4())
    client.put_secret_value(
        SecretId=secret,
        ClientRequestToken=token,
        SecretString="pending",
        VersionStages=["AWSPENDING"],
    )
    return {"Step": "createSecret", "SecretId": secret, "ClientRequestToken": token}


def http(request: Request, *, token: str, workspace_id: str) -> JsonObject:
    """Return the gateway's event of a request by somebody who is signed in."""
    one = operation(request.operation)
    match = routes().find(one.method, one.at())
    assert match
    event = recorded.request(one.method, one.at(), match.key)
    event["headers"] |= {
        "authorization": f"Bearer {token}",
        "content-type": "application/json",
        "x-workspace-id": workspace_id,
    }
    if request.body is not None:
        event["body"] = json.dumps(request.body)
    return event


def over(sql: Sql, workspace_id: str) -> Mapping[str, str]:
    """Store work that has ended and return its task, for each queue that has any here.

    Jobs of the gate and the studio, refunds and letters are not made here: their
    workers get a batch of nothing, and one record that they cannot read.
    """
    piece_that_may_be_seen(sql, workspace_id)
    post = _task(cancelled_post(sql))
    return {
        "PublishQueue": post,
        "ConfirmQueue": post,
        "EventsQueue": _task(stripe_event(sql, "ignored")),
        "PrivacyQueue": _task(fulfilled_request(sql)),
        "ReconcileQueue": _task(finished_reconciliation(sql)),
        "MeasureQueue": _task(read_account(sql)),
        "RollupQueue": _task(rolled_up_day(sql)),
    }


def _task(subject_id: object) -> str:
    return json.dumps({"id": str(subject_id)})


def nothing_to_do(source: QueueSource, ended: Mapping[str, str]) -> JsonObject:
    """Return a batch with no task, or with one whose work has ended."""
    return recorded.batch(source.queue, *_bodies(source, ended))


def unreadable(source: QueueSource, ended: Mapping[str, str]) -> JsonObject:
    """Return that batch with a record behind it that is no task."""
    return recorded.batch(source.queue, *_bodies(source, ended), "no task")


def unreadable_is_back(source: QueueSource, ended: Mapping[str, str]) -> Json:
    """Return how a function answers that: a grave takes everything."""
    if source.function == GRAVE:
        return NO_FAILURES
    number = len(_bodies(source, ended))
    return {"batchItemFailures": [{"itemIdentifier": f"{number:08}"}]}


def _bodies(source: QueueSource, ended: Mapping[str, str]) -> list[str]:
    return [ended[source.queue]] if source.queue in ended else []
