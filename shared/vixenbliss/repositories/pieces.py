"""Every query on content pieces and their reviews."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import bindparam, func, insert, select, update

from vixenbliss.callers import Caller, Member
from vixenbliss.database import Connection
from vixenbliss.errors import (
    AvatarNotFoundError,
    PieceNotFoundError,
)
from vixenbliss.ids import new_id
from vixenbliss.models.assets import Asset
from vixenbliss.models.avatars import Avatar
from vixenbliss.models.pieces import (
    ContentPiece,
    ContentPieceAsset,
    PieceAccess,
    Review,
    ReviewDecision,
    ReviewStatus,
)
from vixenbliss.models.policy import PolicyDecision, SubjectType
from vixenbliss.models.posts import LIVE, Post
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.access import MEMBER, read, seen_by_member
from vixenbliss.repositories.decisions import LATEST_FIRST
from vixenbliss.repositories.pages import page_seen_by_member, read_page
from vixenbliss.repositories.terms import wish
from vixenbliss.schemas.base import Listing, PageQuery
from vixenbliss.schemas.pieces import PieceAssetRead, PieceDetail, PieceRead

_verdict = (
    select(PolicyDecision.verdict)
    .where(
        PolicyDecision.workspace_id == ContentPiece.workspace_id,
        PolicyDecision.subject_type == SubjectType.CAPTION,
        PolicyDecision.subject_sha256 == ContentPiece.text_sha256,
    )
    .order_by(*LATEST_FIRST)
    .limit(1)
    .scalar_subquery()
    .label("verdict")
)
_COLUMNS = (
    ContentPiece.id,
    ContentPiece.avatar_id,
    ContentPiece.title,
    ContentPiece.caption,
    ContentPiece.hashtags,
    ContentPiece.access,
    ContentPiece.required_benefit_id,
    ContentPiece.review_status,
    ContentPiece.content_hash,
    _verdict,
    ContentPiece.approved_by,
    ContentPiece.approved_at,
    ContentPiece.self_approved,
    ContentPiece.created_by,
    ContentPiece.version,
    ContentPiece.created_at,
    ContentPiece.updated_at,
)
DRAFT = {
    "review_status": ReviewStatus.DRAFT,
    "approved_hash": None,
    "approved_by": None,
    "approved_at": None,
    "self_approved": False,
}
"""What a piece is when nobody has said yes to it."""
_is_live = ContentPiece.deleted_at.is_(None)
_mine = ContentPiece.workspace_id == MEMBER.c.workspace_id
_LIST = page_seen_by_member(
    _COLUMNS,
    _mine,
    _is_live,
    wish(ContentPiece.avatar_id, "avatar_id"),
    wish(ContentPiece.review_status, "review_status"),
    wish(ContentPiece.access, "access"),
    order_by=(ContentPiece.created_at.desc(), ContentPiece.id.desc()),
)
_assets = (
    select(
        func.jsonb_agg(
            func.jsonb_build_object(
                "position",
                ContentPieceAsset.position,
                "asset_id",
                ContentPieceAsset.asset_id,
                "sha256",
                func.encode(Asset.sha256, "hex"),
                "alt_text",
                ContentPieceAsset.alt_text,
            )
        )
    )
    .join(Asset, Asset.id == ContentPieceAsset.asset_id)
    .where(ContentPieceAsset.piece_id == ContentPiece.id)
    .scalar_subquery()
    .label("assets")
)
_DETAIL = seen_by_member(
    select(*_COLUMNS, _assets)
    .where(_mine, _is_live, ContentPiece.id == bindparam("id"))
    .correlate(MEMBER)
)
_READ = select(*_COLUMNS, _assets).where(ContentPiece.id == bindparam("id"))
_LOCK = (
    select(
        ContentPiece.id,
        ContentPiece.avatar_id,
        ContentPiece.title,
        ContentPiece.caption,
        ContentPiece.hashtags,
        ContentPiece.access,
        ContentPiece.required_benefit_id,
        ContentPiece.review_status,
        ContentPiece.content_hash,
        ContentPiece.text_sha256,
        ContentPiece.authors,
        ContentPiece.version,
        select(Workspace.require_second_reviewer)
        .where(Workspace.id == ContentPiece.workspace_id)
        .scalar_subquery()
        .label("require_second_reviewer"),
    )
    .where(
        ContentPiece.id == bindparam("id"),
        ContentPiece.workspace_id == bindparam("workspace_id"),
        _is_live,
    )
    .with_for_update()
)
_AVATAR = select(Avatar.id).where(
    Avatar.id == bindparam("avatar_id"),
    Avatar.workspace_id == bindparam("workspace_id"),
    Avatar.archived_at.is_(None),
)
_IS_THERE = select(ContentPiece.id).where(
    ContentPiece.id == bindparam("id"),
    ContentPiece.workspace_id == bindparam("workspace_id"),
    _is_live,
)
_ADD = insert(ContentPiece).values(
    id=bindparam("id"),
    workspace_id=bindparam("workspace_id"),
    avatar_id=bindparam("avatar_id"),
    title=bindparam("title"),
    caption=bindparam("caption"),
    hashtags=bindparam("hashtags"),
    access=bindparam("access"),
    required_benefit_id=bindparam("required_benefit_id"),
    content_hash=bindparam("content_hash"),
    text_sha256=bindparam("text_sha256"),
    created_by=bindparam("created_by"),
    authors=bindparam("authors"),
)
_WITHDRAW = (
    update(ContentPiece)
    .where(
        ContentPiece.review_status.in_((ReviewStatus.IN_REVIEW, ReviewStatus.APPROVED)),
        _is_live,
    )
    .values(**DRAFT, version=ContentPiece.version + 1)
    .returning(ContentPiece.id)
)
_WITHDRAW_SHOWING = _WITHDRAW.where(
    ContentPiece.id.in_(
        select(ContentPieceAsset.piece_id).where(
            ContentPieceAsset.asset_id == bindparam("shown")
        )
    )
)
_WITHDRAW_SAYING = _WITHDRAW.where(
    ContentPiece.workspace_id == bindparam("in_workspace"),
    ContentPiece.text_sha256 == bindparam("words"),
)
_POSTED = (
    select(Post.id)
    .where(Post.piece_id == bindparam("piece_id"), Post.status.in_(LIVE))
    .limit(1)
)
_ADD_REVIEW = insert(Review).values(
    id=bindparam("id"),
    piece_id=bindparam("piece_id"),
    reviewer_id=bindparam("reviewer_id"),
    decision=bindparam("decision"),
    comment=bindparam("comment"),
    content_hash=bindparam("content_hash"),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class LockedPiece:
    """A piece that nobody else changes until the transaction ends."""

    id: UUID
    avatar_id: UUID
    title: str | None
    caption: str
    hashtags: list[str]
    access: PieceAccess
    required_benefit_id: UUID | None
    review_status: ReviewStatus
    content_hash: bytes
    text_sha256: bytes
    authors: list[int]
    """Who has written or changed what it says and shows."""
    version: int
    require_second_reviewer: bool


class PieceRepository:
    """The content pieces of a workspace."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def list(
        self, caller: Caller, page: PageQuery, **filters: object
    ) -> Listing[PieceRead]:
        """Return the pieces that match, newest first."""
        return await read_page(
            self._connection, caller, _LIST, page, PieceRead, **filters
        )

    async def get(self, caller: Caller, piece_id: UUID) -> PieceDetail:
        """Return a piece with its assets.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
        """
        rows = await read(self._connection, caller, _DETAIL, id=piece_id)
        if not rows:
            raise PieceNotFoundError
        return _detail(dict(rows[0]))

    async def read(self, piece_id: UUID) -> PieceDetail:
        """Return a piece that this transaction has changed."""
        row = await self._connection.one(_READ, id=piece_id)
        return _detail(dict(row or {}))

    async def lock(self, member: Member, piece_id: UUID) -> LockedPiece:
        """Return a piece, held until the transaction ends.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
        """
        row = await self._connection.one(
            _LOCK, id=piece_id, workspace_id=member.workspace_id
        )
        if row is None:
            raise PieceNotFoundError
        return LockedPiece(**row)

    async def require_avatar(self, member: Member, avatar_id: UUID) -> None:
        """Make sure that a live avatar of the workspace has that id.

        Raises:
            AvatarNotFoundError: the workspace has none.
        """
        if not await self._connection.one(
            _AVATAR, avatar_id=avatar_id, workspace_id=member.workspace_id
        ):
            raise AvatarNotFoundError

    async def is_there(self, member: Member, piece_id: UUID) -> bool:
        """Tell whether the workspace has a live piece of that id."""
        row = await self._connection.one(
            _IS_THERE, id=piece_id, workspace_id=member.workspace_id
        )
        return row is not None

    async def add(
        self, member: Member, piece_id: UUID, columns: dict[str, Any]
    ) -> None:
        """Insert a piece."""
        await self._connection.run(
            _ADD,
            id=piece_id,
            workspace_id=member.workspace_id,
            created_by=member.user_id,
            authors=[member.user_id],
            **columns,
        )

    async def set(self, piece_id: UUID, **changes: object) -> None:
        """Change columns of a locked piece."""
        await self._connection.run(
            update(ContentPiece)
            .where(ContentPiece.id == piece_id)
            .values(**changes, version=ContentPiece.version + 1)
        )

    async def withdraw_showing(self, asset_id: UUID) -> Sequence[UUID]:
        """Make the pieces that show an asset drafts again; return which they were."""
        rows = await self._connection.all(_WITHDRAW_SHOWING, shown=asset_id)
        return [row["id"] for row in rows]

    async def withdraw_saying(
        self, workspace_id: UUID, text_sha256: bytes
    ) -> Sequence[UUID]:
        """Make a workspace's pieces with these words drafts again; return which."""
        rows = await self._connection.all(
            _WITHDRAW_SAYING, in_workspace=workspace_id, words=text_sha256
        )
        return [row["id"] for row in rows]

    async def is_posted(self, piece_id: UUID) -> bool:
        """Tell whether a piece is somewhere to be seen, or on its way."""
        return await self._connection.one(_POSTED, piece_id=piece_id) is not None

    async def delete(self, piece_id: UUID) -> None:
        """Delete a locked piece; it stays in the reviews that speak of it."""
        await self.set(piece_id, deleted_at=func.now())

    async def review(
        self,
        member: Member,
        piece: LockedPiece,
        decision: ReviewDecision,
        comment: str | None,
    ) -> None:
        """Record a reviewer's look at a piece."""
        await self._connection.run(
            _ADD_REVIEW,
            id=new_id(),
            piece_id=piece.id,
            reviewer_id=member.user_id,
            decision=decision,
            comment=comment,
            content_hash=piece.content_hash,
        )


def _detail(row: dict[str, Any]) -> PieceDetail:
    placed = sorted(row["assets"] or [], key=lambda asset: asset["position"])
    assets = [PieceAssetRead.model_validate(asset) for asset in placed]
    return PieceDetail.model_validate({**row, "assets": assets})
