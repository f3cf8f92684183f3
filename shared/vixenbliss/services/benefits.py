"""Benefits: what a workspace lets those open who hold a grant for it."""

from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import PieceNotFoundError, ValidationError
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.benefits import BenefitRepository
from vixenbliss.repositories.pieces import PieceRepository
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.benefits import BenefitCreate, BenefitRead, BenefitUpdate
from vixenbliss.services import policies


class BenefitService:
    """The benefits of the workspace that the caller works in."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._benefits = BenefitRepository(connection)
        self._audit = AuditRepository(connection)

    async def create(self, caller: Caller, wanted: BenefitCreate) -> BenefitRead:
        """Make a benefit, which nobody holds yet.

        Raises:
            ConflictError: the workspace has one of that kind and ref.
            PieceNotFoundError: the piece that it opens is not the workspace's.
            PolicyBlockedError: the floor refuses its name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, *_words(wanted))
        if wanted.kind is BenefitKind.CONTENT_PIECE:
            await self._require_piece(member, wanted.ref)
        benefit_id = new_id()
        await self._benefits.add(member, benefit_id, wanted.model_dump())
        await self._audit.add(member, "benefit.created", ("benefit", benefit_id))
        return await self._benefits.read(benefit_id)

    async def _require_piece(self, member: Member, ref: str) -> None:
        try:
            piece_id = UUID(ref)
        except ValueError as error:
            message = "The ref of a piece is its id."
            raise ValidationError(message, field="ref") from error
        if str(piece_id) != ref:  # one piece would have several benefits
            message = "The ref of a piece is its id, in lower case with hyphens."
            raise ValidationError(message, field="ref")
        if not await PieceRepository(self._connection).is_there(member, piece_id):
            raise PieceNotFoundError

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[BenefitRead]:
        """Return the benefits that match, newest first."""
        return await self._benefits.list(caller, page, **filters)

    async def update(
        self, caller: Caller, benefit_id: UUID, wanted: BenefitUpdate
    ) -> BenefitRead:
        """Change a benefit; whoever holds it goes on holding it.

        Raises:
            BenefitNotFoundError: the workspace has none of that id.
            PolicyBlockedError: the floor refuses its name.
        """
        member = await access.member(self._connection, caller)
        policies.refuse_blocked(wanted.name, *_words(wanted))
        changes = wanted.model_dump(exclude_unset=True)
        await self._benefits.change(member, benefit_id, changes)
        await self._audit.add(member, "benefit.changed", ("benefit", benefit_id))
        return await self._benefits.read(benefit_id)


def _words(wanted: BenefitCreate | BenefitUpdate) -> list[str]:
    """Return all that a benefit's config says in words."""
    return [said for said in (wanted.config or {}).values() if isinstance(said, str)]
