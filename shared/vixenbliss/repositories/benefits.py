"""Every query on benefits."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, insert, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    BenefitNotFoundError,
    ConflictError,
    ConstraintViolatedError,
)
from vixenbliss.models.catalogue import Benefit, BenefitKind
from vixenbliss.repositories.access import MEMBER
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import among, wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.benefits import BenefitRead

_COLUMNS = (
    Benefit.id,
    Benefit.kind,
    Benefit.ref,
    Benefit.name,
    Benefit.config,
    Benefit.is_active,
    Benefit.version,
    Benefit.created_at,
    Benefit.updated_at,
)
_LIST = page_seen_by_member(
    _COLUMNS,
    Benefit.workspace_id == MEMBER.c.workspace_id,
    wish(Benefit.kind, "kind"),
    wish(Benefit.is_active, "is_active"),
    order_by=(Benefit.created_at.desc(), Benefit.id.desc()),
)
_ADD = insert(Benefit).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    kind=bindparam("kind"),
    ref=bindparam("ref"),
    name=bindparam("name"),
    config=bindparam("config"),
)
_READ = select(*_COLUMNS).where(Benefit.id == bindparam("id"))
# Held in the order of their ids, so that two who want the same ones never wait in a
# circle; shared, so that what a product opens is not put out of use meanwhile.
_USABLE = (
    select(Benefit.id, Benefit.kind)
    .where(
        among(Benefit.id, "ids"),
        Benefit.workspace_id == bindparam("workspace_id"),
        Benefit.is_active,
    )
    .order_by(Benefit.id)
    .with_for_update(read=True)
)


@dataclass(frozen=True, slots=True)
class UsableBenefit:
    """A benefit that may be sold, as far as it matters to who sells it."""

    id: UUID
    kind: BenefitKind


class BenefitRepository:
    """What may be opened in a workspace by those who hold a grant."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def add(
        self, member: Member, benefit_id: UUID, columns: dict[str, Any]
    ) -> None:
        """Insert a benefit; the database decides whether it is new.

        Raises:
            ConflictError: the workspace has one of that kind and ref.
        """
        try:
            await self._connection.run(
                _ADD, id=benefit_id, workspace_id=member.workspace_id, **columns
            )
        except ConstraintViolatedError as error:
            message = "There is a benefit of this kind and ref already."
            raise ConflictError(message) from error

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[BenefitRead]:
        """Return the benefits that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, BenefitRead, **filters
        )

    async def change(
        self, member: Member, benefit_id: UUID, changes: dict[str, Any]
    ) -> None:
        """Change a benefit.

        Raises:
            BenefitNotFoundError: the workspace has none of that id.
        """
        statement = (
            update(Benefit)
            .where(
                Benefit.id == benefit_id, Benefit.workspace_id == member.workspace_id
            )
            .values(**changes, version=Benefit.version + 1)
        )
        if not await self._connection.run(statement):
            raise BenefitNotFoundError

    async def read(self, benefit_id: UUID) -> BenefitRead:
        """Return a benefit that was just written."""
        row = await self._connection.one(_READ, id=benefit_id)
        if row is None:
            raise BenefitNotFoundError
        return BenefitRead.model_validate(dict(row))

    async def hold(
        self, member: Member, benefit_ids: Sequence[UUID]
    ) -> Sequence[UsableBenefit]:
        """Return benefits of the workspace, which stay usable until the end.

        Raises:
            BenefitNotFoundError: the workspace has no such active benefit.
        """
        rows = await self._connection.all(
            _USABLE, ids=list(benefit_ids), workspace_id=member.workspace_id
        )
        if len(rows) < len(benefit_ids):
            raise BenefitNotFoundError
        return [UsableBenefit(**row) for row in rows]
