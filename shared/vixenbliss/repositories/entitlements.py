"""Every query on what people hold, and the one condition that says so."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    DateTime,
    RowMapping,
    SQLColumnExpression,
    and_,
    bindparam,
    func,
    join,
    literal_column,
    or_,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB, aggregate_order_by
from sqlalchemy.orm import aliased

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import BenefitNotFoundError, InvalidStateError
from vixenbliss.models.catalogue import Benefit, BenefitKind, ProductBenefit
from vixenbliss.models.customers import Customer
from vixenbliss.models.grants import Grant
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.benefit_offers import offers
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.entitlements import GrantRead, GrantTold, Offer

MOST_GRANTS = 50
"""How many grants of one benefit are told of, the latest ones."""
MOST_BENEFITS = 20
"""How many benefits of one name; each workspace may have one."""


def is_live(
    at: ColumnElement[datetime], grant: type[Grant] = Grant
) -> ColumnElement[bool]:
    """Return whether a grant of the statement is held at an instant.

    The only place that says so.
    """
    return and_(
        grant.starts_at <= at,
        or_(grant.ends_at.is_(None), at < grant.ends_at),
        or_(grant.revoked_at.is_(None), at < grant.revoked_at),
    )


def holds(
    customer_id: SQLColumnExpression[UUID],
    benefit_id: SQLColumnExpression[UUID],
    at: ColumnElement[datetime],
) -> ColumnElement[bool]:
    """Return whether a customer of the statement holds a benefit at an instant."""
    grant = aliased(Grant)
    return (
        select(grant.id)
        .where(
            grant.customer_id == customer_id,
            grant.benefit_id == benefit_id,
            is_live(at, grant),
        )
        .correlate_except(grant)
        .exists()
    )


CUSTOMER: ColumnElement[UUID] = (
    select(Customer.id)
    .where(Customer.user_id == MEMBER.c.user_id, MEMBER.c.api_key_id.is_(None))
    .correlate(MEMBER)
    .scalar_subquery()
)
"""The one who asks, as a customer; null while they have never been one.

A program has bought nothing: what its key opens is the workspace's own.
"""
_told: tuple[Any, ...] = (
    "id",
    Grant.id,
    "source_type",
    Grant.source_type,
    "source_id",
    Grant.source_id,
    "starts_at",
    Grant.starts_at,
    "ends_at",
    Grant.ends_at,
    "revoked_at",
    Grant.revoked_at,
    "revoke_reason",
    Grant.revoke_reason,
)
_benefit = func.jsonb_build_object(
    "id",
    Benefit.id,
    "workspace_id",
    Benefit.workspace_id,
    "kind",
    Benefit.kind,
    "ref",
    Benefit.ref,
    "name",
    Benefit.name,
    type_=JSONB,
)
GRANT = (
    Grant.id,
    _benefit.label("benefit"),
    Grant.source_type,
    Grant.source_id,
    Grant.starts_at,
    Grant.ends_at,
)
"""A grant with its benefit, as ``GrantRead`` has it."""
_with_benefit = join(Grant, Benefit, Benefit.id == Grant.benefit_id)
_LIST = page_seen_by_member(
    GRANT,
    Grant.customer_id == CUSTOMER,
    is_live(func.now()),
    order_by=(Grant.created_at.desc(), Grant.id.desc()),
    sources=[_with_benefit],
)
_at = func.coalesce(
    bindparam("at", type_=DateTime(timezone=True), value=None), func.now()
)
_latest = (
    select(
        func.jsonb_build_object(*_told, "is_live", is_live(_at), type_=JSONB).label(
            "told"
        ),
        Grant.created_at,
        Grant.id,
    )
    .where(Grant.benefit_id == Benefit.id, Grant.customer_id == CUSTOMER)
    .order_by(Grant.created_at.desc(), Grant.id.desc())
    .limit(MOST_GRANTS)
    .correlate(Benefit, MEMBER)
    .lateral("latest")
)
_grants = (
    select(
        func.coalesce(
            func.jsonb_agg(
                aggregate_order_by(
                    _latest.c.told, _latest.c.created_at.desc(), _latest.c.id.desc()
                )
            ),
            literal_column("'[]'::jsonb"),
            type_=JSONB,
        )
    )
    .select_from(_latest)
    .correlate(Benefit, MEMBER)
    .scalar_subquery()
)
_is_held = holds(CUSTOMER, Benefit.id, _at)
_was_given = (
    select(Grant.id)
    .where(Grant.benefit_id == Benefit.id, Grant.customer_id == CUSTOMER)
    .correlate(Benefit, MEMBER)
    .exists()
)
# Many workspaces have a tier of the same name; what concerns the one who asks is first.
_EXPLAIN = seen_by_member(
    select(
        Benefit.id,
        _benefit.label("benefit"),
        _at.label("at"),
        _is_held.label("is_held"),
        _grants.label("grants"),
        offers(ProductBenefit.benefit_id == Benefit.id, Benefit).label("offers"),
    )
    .where(
        Benefit.kind == bindparam("kind"),
        Benefit.ref == bindparam("ref"),
        wish(Benefit.workspace_id, "workspace_id"),
    )
    .order_by(_is_held.desc(), _was_given.desc(), Benefit.id)
    .limit(MOST_BENEFITS)
    .correlate(MEMBER)
)
_BENEFIT = select(Benefit.id, Benefit.is_active).where(
    Benefit.id == bindparam("id"), Benefit.workspace_id == bindparam("workspace_id")
)


@dataclass(frozen=True, slots=True)
class KnownBenefit:
    """A benefit, and what somebody has had to do with it by an instant."""

    name: str
    at: datetime
    is_held: bool
    grants: Sequence[GrantTold]
    offers: Sequence[Offer]


class EntitlementRepository:
    """What people hold, in whatever workspaces."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(self, caller: Caller, page: PageQuery) -> Listing[GrantRead]:
        """Return the grants that the caller holds now, newest first."""
        return await read_page(self._connection, caller, _LIST, page, GrantRead)

    async def explain(
        self,
        caller: Caller,
        benefit: tuple[BenefitKind, str],
        *,
        workspace_id: UUID | None,
        at: datetime | None,
    ) -> Sequence[KnownBenefit]:
        """Return what the caller has had to do with benefits of a kind and ref.

        Raises:
            BenefitNotFoundError: there is none.
        """
        kind, ref = benefit
        rows = await read(
            self._connection,
            caller,
            _EXPLAIN,
            kind=kind,
            ref=ref,
            workspace_id=workspace_id,
            at=at,
        )
        if not rows:
            raise BenefitNotFoundError
        return [_known(row) for row in rows]

    async def require_benefit(self, member: Member, benefit_id: UUID) -> None:
        """Make sure that the workspace has a benefit, and that it is in use.

        Raises:
            BenefitNotFoundError: it has none of that id.
            InvalidStateError: it is out of use.
        """
        row = await self._connection.one(
            _BENEFIT, id=benefit_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise BenefitNotFoundError
        if not row["is_active"]:
            message = "The benefit is out of use."
            raise InvalidStateError(message)


def _known(row: RowMapping) -> KnownBenefit:
    grants = [
        GrantTold.model_validate({**told, "benefit": row["benefit"]})
        for told in row["grants"]
    ]
    return KnownBenefit(
        name=row["benefit"]["name"],
        at=row["at"],
        is_held=row["is_held"],
        grants=grants,
        offers=[Offer.model_validate(offer) for offer in row["offers"]],
    )
