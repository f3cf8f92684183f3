"""The production board: who does what next; its cards are the workspace's todos."""

from decimal import Decimal
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import ConflictError, ValidationError
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.board import BoardRepository, Gap, LockedCard
from vixenbliss.repositories.pieces import PieceRepository
from vixenbliss.repositories.todos import NewTodo, TodoRepository
from vixenbliss.schemas.board import (
    BoardRead,
    CardCreate,
    CardMove,
    CardRead,
    CardUpdate,
)

STEP = Decimal(1)
TOO_CLOSE = Decimal("1e-9")
"""Between nearer neighbours there may be no room: positions have ten decimals."""


class BoardService:
    """The board of the caller's workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._board = BoardRepository(connection)
        self._audit = AuditRepository(connection)

    async def show(
        self, caller: Caller, *, avatar_id: UUID | None, assignee: int | None
    ) -> BoardRead:
        """Return the columns from the left, and the cards in each from the top."""
        return await self._board.show(caller, avatar_id=avatar_id, assignee=assignee)

    async def add(self, caller: Caller, wanted: CardCreate) -> CardRead:
        """Hang a new card last in its column, or first where it is done.

        Raises:
            AvatarNotFoundError: the workspace has no such avatar.
            PieceNotFoundError: the workspace has no such piece.
            MemberNotFoundError: whoever is to do it is no member.
            ValidationError: the piece is not the avatar's.
        """
        member = await access.member(self._connection, caller)
        avatar_id = await self._avatar(member, wanted.piece_id, wanted.avatar_id)
        await self._hold_assignee(member, wanted.assignee_id)
        todo = NewTodo(
            title=wanted.title,
            owner_id=member.user_id,
            workspace_id=member.workspace_id,
            board_column=wanted.column,
            avatar_id=avatar_id,
            piece_id=wanted.piece_id,
            assignee_id=wanted.assignee_id,
            due_at=wanted.due_at,
        )
        card_id = await TodoRepository(self._connection).add(todo)
        await self._audit.add(member, "todo.created", ("todo", card_id))
        return await self._board.read(card_id)

    async def change(
        self, caller: Caller, card_id: int, wanted: CardUpdate
    ) -> CardRead:
        """Change what a card says; where it hangs, ``move`` does.

        Raises:
            CardNotFoundError: the workspace has none of that id.
            AvatarNotFoundError: the workspace has no such avatar.
            PieceNotFoundError: the workspace has no such piece.
            MemberNotFoundError: whoever is to do it is no member.
            ValidationError: the piece is not the avatar's.
        """
        member = await access.member(self._connection, caller)
        changes = wanted.model_dump(exclude_unset=True)
        await self._hold_assignee(member, wanted.assignee_id)
        card = await self._board.lock(member, card_id)
        if changes.keys() & {"piece_id", "avatar_id"}:
            changes["avatar_id"] = await self._new_avatar(member, card, changes)
        await self._board.set(card_id, changes)
        await self._audit.add(member, "todo.changed", ("todo", card_id))
        return await self._board.read(card_id)

    async def _hold_assignee(self, member: Member, user_id: int | None) -> None:
        """Let whoever is to do it stay a member; before any card is locked.

        Whoever takes a member out goes the same way: first the member, then the cards.
        """
        if user_id is not None:
            await self._board.hold_member(member, user_id)

    async def _new_avatar(
        self, member: Member, card: LockedCard, changes: dict[str, UUID | None]
    ) -> UUID | None:
        """Return which avatar a card will be about; a new piece brings its own."""
        piece_id = changes.get("piece_id", card.piece_id)
        kept = None if changes.get("piece_id") else card.avatar_id
        return await self._avatar(member, piece_id, changes.get("avatar_id", kept))

    async def _avatar(
        self, member: Member, piece_id: UUID | None, avatar_id: UUID | None
    ) -> UUID | None:
        if piece_id is None:
            if avatar_id:
                pieces = PieceRepository(self._connection)
                await pieces.require_avatar(member, avatar_id)
            return avatar_id
        of_piece = await self._board.avatar_of(member, piece_id)
        if avatar_id not in {None, of_piece}:
            message = "The piece is another avatar's."
            raise ValidationError(message, field="avatar_id")
        return of_piece

    async def move(self, caller: Caller, card_id: int, wanted: CardMove) -> CardRead:
        """Hang a card right after another one, or first in a column.

        Moves of one board take turns, so each finds its neighbours as they are.

        Raises:
            CardNotFoundError: the workspace has none of that id.
            ConflictError: the card to hang after is not, or no more, in the column.
        """
        member = await access.member(self._connection, caller)
        await self._board.hold(member)
        card = await self._board.lock(member, card_id)
        position = await self._place(member, card, wanted)
        await self._board.hang(card.id, wanted.column, position)
        await self._audit.add(
            member, "todo.moved", ("todo", card_id), column=wanted.column
        )
        return await self._board.read(card_id)

    async def _place(
        self, member: Member, card: LockedCard, wanted: CardMove
    ) -> Decimal:
        gap = await self._gap(member, card, wanted)
        if is_too_narrow(gap):
            await self._board.renumber(member, wanted.column)
            gap = await self._gap(member, card, wanted)
        return middle_of(gap)

    async def _gap(self, member: Member, card: LockedCard, wanted: CardMove) -> Gap:
        gap = await self._board.gap(member, card.id, wanted.column, wanted.after_id)
        if gap is None:
            message = f"Card {wanted.after_id} does not hang in {wanted.column}."
            raise ConflictError(message)
        return gap


def is_too_narrow(gap: Gap) -> bool:
    """Tell whether there may be no position left between two neighbours."""
    if gap.above is None or gap.below is None:
        return False
    return gap.below - gap.above < TOO_CLOSE


def middle_of(gap: Gap) -> Decimal:
    """Return a position inside a gap that is wide enough for one."""
    if gap.above is None:
        return STEP if gap.below is None else gap.below - STEP
    if gap.below is None:
        return gap.above + STEP
    return (gap.above + gap.below) / 2
