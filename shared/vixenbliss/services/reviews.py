"""Looking at pieces: handed in, approved, handed back. Approval is of exact content."""

from collections.abc import Sequence
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import ForbiddenError, InvalidStateError, NotApprovedError
from vixenbliss.models.assets import AssetStatus
from vixenbliss.models.avatars import AvatarStatus
from vixenbliss.models.pieces import REVIEW_MOVES, ReviewDecision, ReviewStatus
from vixenbliss.models.policy import SubjectType, Verdict
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.avatars import AvatarRepository
from vixenbliss.repositories.decisions import DecisionRepository
from vixenbliss.repositories.piece_assets import PieceAssetRepository, PlacedAsset
from vixenbliss.repositories.pieces import LockedPiece, PieceRepository
from vixenbliss.schemas.pieces import Approval, PieceDetail
from vixenbliss.services.stage import require_presentable

_AFTER = {
    ReviewDecision.CHANGES: ReviewStatus.CHANGES_REQUESTED,
    ReviewDecision.REJECT: ReviewStatus.REJECTED,
}
"""A reviewer's no to the state it leaves a piece in."""


class ReviewService:
    """The way of a piece from draft to approval."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._pieces = PieceRepository(connection)
        self._assets = PieceAssetRepository(connection)

    async def submit(self, caller: Caller, piece_id: UUID) -> PieceDetail:
        """Hand a draft to the reviewers.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            InvalidStateError: it is no draft, its avatar may not be shown, an asset is
                not ready, or the policy gate has not (yet) said yes or maybe.
        """
        member = await access.member(self._connection, caller)
        piece = await self._pieces.lock(member, piece_id)
        _require_move(piece, ReviewStatus.IN_REVIEW)
        await self._require_presentable(member, piece)
        assets = await self._ready_assets(piece)
        waiting = await self._unpublishable(
            member, piece, assets, besides=frozenset({Verdict.REVIEW})
        )
        if waiting:
            message = f"The policy gate has not let through: {', '.join(waiting)}."
            raise InvalidStateError(message, missing=waiting)
        return await self._move(member, piece, ReviewStatus.IN_REVIEW)

    async def approve(
        self, caller: Caller, piece_id: UUID, wanted: Approval
    ) -> PieceDetail:
        """Say yes to exactly the content that one has looked at.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            InvalidStateError: it is not in review, or its avatar may not be shown.
            NotApprovedError: the content is another by now, or a part of it is not
                publishable: allowed by the gate, or reviewed and overridden.
            ForbiddenError: the workspace wants a second pair of eyes.
        """
        member = await access.member(self._connection, caller)
        piece = await self._pieces.lock(member, piece_id)
        _require_move(piece, ReviewStatus.APPROVED)
        if piece.content_hash.hex() != wanted.content_hash:
            message = "The piece has changed since; look at it again."
            raise NotApprovedError(message)
        await self._require_presentable(member, piece)
        is_own = member.user_id in piece.authors
        if is_own and piece.require_second_reviewer:
            message = "Somebody else must review what you have made."
            raise ForbiddenError(message)
        assets = await self._ready_assets(piece)
        held = await self._unpublishable(member, piece, assets)
        if held:
            message = f"A reasoned override is needed for: {', '.join(held)}."
            raise NotApprovedError(message)
        await self._pieces.review(member, piece, ReviewDecision.APPROVE, wanted.comment)
        return await self._move(
            member,
            piece,
            ReviewStatus.APPROVED,
            approved_hash=piece.content_hash,
            approved_by=member.user_id,
            approved_at=now(),
            self_approved=is_own,
        )

    async def request_changes(
        self, caller: Caller, piece_id: UUID, comment: str
    ) -> PieceDetail:
        """Hand a piece back with what should change; editing makes it a draft.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            InvalidStateError: it is not in review.
        """
        return await self._object(
            caller, piece_id, ReviewDecision.CHANGES, comment=comment
        )

    async def reject(self, caller: Caller, piece_id: UUID, comment: str) -> PieceDetail:
        """Refuse a piece, with the reason.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            InvalidStateError: it is not in review.
        """
        return await self._object(
            caller, piece_id, ReviewDecision.REJECT, comment=comment
        )

    async def _object(
        self, caller: Caller, piece_id: UUID, no: ReviewDecision, *, comment: str
    ) -> PieceDetail:
        member = await access.member(self._connection, caller)
        piece = await self._pieces.lock(member, piece_id)
        _require_move(piece, _AFTER[no])
        await self._pieces.review(member, piece, no, comment)
        return await self._move(member, piece, _AFTER[no])

    async def _move(
        self, member: Member, piece: LockedPiece, to: ReviewStatus, **changes: object
    ) -> PieceDetail:
        await self._pieces.set(piece.id, review_status=to, **changes)
        await AuditRepository(self._connection).add(
            member,
            f"piece.{to}",
            ("piece", piece.id),
            content_hash=piece.content_hash.hex(),
        )
        return await self._pieces.read(piece.id)

    async def _require_presentable(self, member: Member, piece: LockedPiece) -> None:
        avatar = await AvatarRepository(self._connection).lock(member, piece.avatar_id)
        if avatar.status is AvatarStatus.ARCHIVED:
            message = "The avatar is archived."
            raise InvalidStateError(message)
        await require_presentable(self._connection, member.workspace_id, avatar)

    async def _ready_assets(self, piece: LockedPiece) -> Sequence[PlacedAsset]:
        assets = await self._assets.assets_of(piece.id)
        if any(asset.status is not AssetStatus.READY for asset in assets):
            message = "An asset of the piece is not ready."
            raise InvalidStateError(message)
        return assets

    async def _unpublishable(
        self,
        member: Member,
        piece: LockedPiece,
        assets: Sequence[PlacedAsset],
        *,
        besides: frozenset[Verdict] = frozenset(),
    ) -> list[str]:
        """Return what is not publishable by its newest verdict, nor has one besides."""
        subjects = {
            (SubjectType.CAPTION, piece.text_sha256): "the words",
            **{
                (SubjectType.IMAGE, asset.sha256): f"asset {asset.asset_id}"
                for asset in assets
            },
        }
        known = await DecisionRepository(self._connection).latest(
            member.workspace_id, [sha256 for _, sha256 in subjects]
        )
        return [
            name
            for subject, name in subjects.items()
            if not (
                (said := known.get(subject))
                and (said.is_publishable or said.verdict in besides)
            )
        ]


def _require_move(piece: LockedPiece, to: ReviewStatus) -> None:
    if piece.review_status not in REVIEW_MOVES[to]:
        message = f"A piece that is {piece.review_status} cannot become {to}."
        raise InvalidStateError(message)
