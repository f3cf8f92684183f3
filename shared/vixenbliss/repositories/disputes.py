"""Every query on disputes by which members see them and answer."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    Boolean,
    and_,
    bindparam,
    case,
    func,
    join,
    literal_column,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.errors import AssetNotFoundError, DisputeNotFoundError
from vixenbliss.models.assets import Asset, AssetKind
from vixenbliss.models.avatars import AvatarSheet
from vixenbliss.models.base import Json
from vixenbliss.models.catalogue import Benefit
from vixenbliss.models.customers import Customer
from vixenbliss.models.disputes import Dispute, DisputeStatus
from vixenbliss.models.grants import Grant, GrantSource
from vixenbliss.models.orders import Order
from vixenbliss.models.users import User
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.sales import AS_JSON
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.disputes import DisputeRead, DisputeWithEvidence

_COLUMNS = (
    Dispute.id,
    Dispute.order_id,
    Order.number,
    Order.avatar_id,
    Dispute.amount_minor,
    Dispute.currency,
    Dispute.reason,
    Dispute.status,
    Dispute.evidence_due_at,
    Dispute.submitted_at,
    Dispute.opened_at,
)
_of_order = join(Dispute, Order, Order.id == Dispute.order_id)
_mine = Dispute.workspace_id == MEMBER.c.workspace_id
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    wish(Dispute.status, "status"),
    order_by=(Dispute.opened_at.desc(), Dispute.id.desc()),
    sources=[_of_order],
)
_buyer = (
    select(
        func.jsonb_build_object("email", User.email, "signed_up_at", User.created_at)
    )
    .select_from(join(Customer, User, User.id == Customer.user_id))
    .where(Customer.id == Order.customer_id)
    .correlate(Order)
    .scalar_subquery()
)
_rights = (
    select(
        Benefit.kind,
        Benefit.ref,
        Benefit.name,
        Grant.starts_at,
        Grant.ends_at,
        Grant.revoked_at,
        Grant.revoke_reason,
    )
    .select_from(join(Grant, Benefit, Benefit.id == Grant.benefit_id))
    .where(
        Grant.customer_id == Order.customer_id,
        or_(
            and_(Grant.source_type == GrantSource.ORDER, Grant.source_id == Order.id),
            and_(
                Grant.source_type == GrantSource.SUBSCRIPTION,
                Grant.source_id == Order.subscription_id,
            ),
        ),
    )
    .order_by(Grant.starts_at, Grant.id)
    .limit(200)
    .correlate(Order)
    .lateral("rights")
)
_access_log = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    literal_column("to_jsonb(rights)"), _rights.c.starts_at
                )
            ),
            literal_column("'[]'::jsonb"),
        )
    )
    .select_from(_rights)
    .correlate(Order)
    .scalar_subquery()
)
_disclosure = (
    select(AvatarSheet.sheet["disclosure"].astext)
    .where(
        AvatarSheet.avatar_id == Order.avatar_id,
        AvatarSheet.created_at <= Order.created_at,
    )
    .order_by(AvatarSheet.version.desc())
    .limit(1)
    .correlate(Order)
    .scalar_subquery()
)
_evidence = func.jsonb_build_object(
    "order",
    AS_JSON,
    "buyer",
    _buyer,
    "access_log",
    _access_log,
    "disclosure",
    _disclosure,
    "sent",
    func.coalesce(Dispute.evidence["fields"], literal_column("'{}'::jsonb")),
    type_=JSONB,
)
_GET = seen_by_member(
    select(*_COLUMNS, _evidence.label("evidence"))
    .select_from(_of_order)
    .where(_mine, Dispute.id == bindparam("id"))
    .correlate(MEMBER)
)
_FIND = (
    select(
        Dispute.id,
        Dispute.order_id,
        Dispute.stripe_dispute_id,
        Dispute.status,
        Dispute.evidence,
        Dispute.evidence_due_at,
        (Dispute.evidence_due_at <= func.now()).label("is_past_due"),
        Dispute.submitted_at,
        Order.customer_id,
    )
    .select_from(_of_order)
    .where(
        Dispute.id == bindparam("id"),
        Dispute.workspace_id == bindparam("workspace_id"),
    )
)
_LOCK = _FIND.with_for_update(of=Dispute)
_LAY_DOWN = (
    update(Dispute)
    .where(Dispute.id == bindparam("id_"))
    .values(evidence=bindparam("evidence_", type_=JSONB))
)
_ANSWERED = (
    update(Dispute)
    .where(Dispute.id == bindparam("id_"))
    .values(
        evidence=bindparam("evidence_", type_=JSONB),
        submitted_at=case(
            (bindparam("is_submitted", type_=Boolean()), func.now()),
            else_=Dispute.submitted_at,
        ),
    )
)
_FILES = (
    select(Asset.id, Asset.kind, Asset.sha256, Asset.created_at)
    .where(
        among(Asset.id, "ids"),
        Asset.workspace_id == bindparam("workspace_id"),
        Asset.deleted_at.is_(None),
    )
    .order_by(Asset.id)
    .limit(100)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class OpenDispute:
    """A dispute, and what has been said in it."""

    id: UUID
    order_id: UUID
    stripe_dispute_id: str
    status: DisputeStatus
    evidence: Json
    evidence_due_at: datetime | None
    is_past_due: bool | None
    submitted_at: datetime | None
    customer_id: UUID


@dataclass(frozen=True, slots=True)
class NamedFile:
    """A file that evidence names."""

    id: UUID
    kind: AssetKind
    sha256: bytes
    created_at: datetime


class DisputeRepository:
    """A workspace's disputes."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[DisputeRead]:
        """Return the disputes that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, DisputeRead, **filters
        )

    async def get(self, caller: Caller, dispute_id: UUID) -> DisputeWithEvidence:
        """Return a dispute with all that our records say of it.

        Raises:
            DisputeNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _GET, id=dispute_id)
        if not rows:
            raise DisputeNotFoundError
        return DisputeWithEvidence.model_validate(dict(rows[0]))

    async def find(self, workspace_id: UUID, dispute_id: UUID) -> OpenDispute:
        """Return a dispute of a workspace.

        Raises:
            DisputeNotFoundError: the workspace has none of that id.
        """
        return await self._one(_FIND, workspace_id, dispute_id)

    async def lock(self, workspace_id: UUID, dispute_id: UUID) -> OpenDispute:
        """Return a dispute, held until the transaction ends; its customer is held."""
        return await self._one(_LOCK, workspace_id, dispute_id)

    async def _one(
        self,
        statement: Any,  # noqa: ANN401 - SQLAlchemy's term
        workspace_id: UUID,
        dispute_id: UUID,
    ) -> OpenDispute:
        row = await self._connection.one(
            statement, id=dispute_id, workspace_id=workspace_id
        )
        if row is None:
            raise DisputeNotFoundError
        return OpenDispute(**row)

    async def lay_down(self, dispute_id: UUID, evidence: Json) -> None:
        """Record what Stripe is about to be told in a locked dispute."""
        await self._connection.run(_LAY_DOWN, id_=dispute_id, evidence_=evidence)

    async def answered(
        self, dispute_id: UUID, evidence: Json, *, is_submitted: bool
    ) -> None:
        """Record what Stripe has been told, and whether the bank was, too."""
        await self._connection.run(
            _ANSWERED, id_=dispute_id, evidence_=evidence, is_submitted=is_submitted
        )

    async def files(
        self, workspace_id: UUID, ids: Sequence[UUID]
    ) -> Sequence[NamedFile]:
        """Return files of a workspace.

        Raises:
            AssetNotFoundError: one of them is not there.
        """
        rows = await self._connection.all(
            _FILES, workspace_id=workspace_id, ids=list(ids)
        )
        if {row["id"] for row in rows} != set(ids):
            raise AssetNotFoundError
        return [NamedFile(**row) for row in rows]
