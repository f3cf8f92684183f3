"""The content pieces: a caption and its assets, what is reviewed and posted."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    UniqueConstraint,
    Uuid,
)
from sqlalchemy.dialects.postgresql import ARRAY

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
    within,
)

MAX_ASSETS = 10  # Instagram's carousel; TikTok takes more


class ReviewStatus(StrEnum):
    """Where a piece is between idea and approval."""

    DRAFT = "draft"
    IN_REVIEW = "in_review"
    CHANGES_REQUESTED = "changes_requested"
    APPROVED = "approved"
    REJECTED = "rejected"


REVIEW_MOVES = {
    ReviewStatus.DRAFT: frozenset(ReviewStatus),
    ReviewStatus.IN_REVIEW: frozenset({ReviewStatus.DRAFT}),
    ReviewStatus.APPROVED: frozenset({ReviewStatus.IN_REVIEW}),
    ReviewStatus.CHANGES_REQUESTED: frozenset({ReviewStatus.IN_REVIEW}),
    ReviewStatus.REJECTED: frozenset({ReviewStatus.IN_REVIEW}),
}
"""A review state to the states from which it is reached; editing makes a draft."""


class PieceAccess(StrEnum):
    """Who may open a piece."""

    PUBLIC = "public"
    MEMBERS = "members"
    TIER = "tier"
    PURCHASE = "purchase"


OPENED_BY_A_BENEFIT = frozenset({PieceAccess.TIER, PieceAccess.PURCHASE})
"""What is opened by one benefit, which the piece names."""


class ContentPiece(Base):
    """What a reviewer approves: exactly these words and files, named by their hash."""

    __tablename__ = "content_pieces"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    title: Mapped[str | None]
    caption: Mapped[str]
    hashtags: Mapped[list[str]] = mapped_column(server_default="{}")
    access: Mapped[PieceAccess] = mapped_column(server_default=PieceAccess.PUBLIC)
    required_benefit_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("benefits.id"), index=True
    )
    """What opens it, where a tier or a purchase does."""
    content_hash: Mapped[bytes]
    text_sha256: Mapped[bytes]
    """Hash of the words alone, to which the policy gate's verdict is bound."""
    review_status: Mapped[ReviewStatus] = mapped_column(
        server_default=ReviewStatus.DRAFT
    )
    approved_hash: Mapped[bytes | None]
    approved_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    approved_at: Mapped[datetime | None]
    self_approved: Mapped[bool] = mapped_column(server_default="false")
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    authors: Mapped[list[int]] = mapped_column(ARRAY(Integer()))
    """Who has written or changed what it says and shows."""
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    deleted_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("review_status", ReviewStatus),
        one_of("access", PieceAccess),
        within("title", at_least=1, at_most=200),
        within("caption", at_most=2_200),
        CheckConstraint(
            "review_status <> 'approved' OR (approved_hash = content_hash"
            " AND approved_by IS NOT NULL AND approved_at IS NOT NULL"
            " AND self_approved = (approved_by = ANY (authors)))",
            name="approval_is_of_this_content",
        ),
        CheckConstraint(
            "required_benefit_id IS NULL OR access IN ('tier', 'purchase')",
            name="benefit_opens_what_is_closed",
        ),
        Index("ix_content_pieces_workspace_id", "workspace_id", "created_at", "id"),
        Index("ix_content_pieces_avatar_id", "avatar_id"),
    )


class ContentPieceAsset(Base):
    """An asset in its place in a piece."""

    __tablename__ = "content_piece_assets"

    piece_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("content_pieces.id", ondelete="CASCADE"), primary_key=True
    )
    position: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    asset_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("assets.id"), index=True)
    alt_text: Mapped[str | None]

    __table_args__ = (
        UniqueConstraint("piece_id", "asset_id"),
        within("alt_text", at_most=1_000),
        CheckConstraint(
            f"position BETWEEN 0 AND {MAX_ASSETS - 1}", name="position_in_carousel"
        ),
    )


class ReviewDecision(StrEnum):
    """What a reviewer said."""

    APPROVE = "approve"
    CHANGES = "changes"
    REJECT = "reject"


class Review(Base):
    """One look of one reviewer at one content."""

    __tablename__ = "reviews"

    id: Mapped[Id]
    piece_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("content_pieces.id"), index=True
    )
    reviewer_id: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    decision: Mapped[ReviewDecision]
    comment: Mapped[str | None]
    content_hash: Mapped[bytes]
    created_at: Mapped[Born]

    __table_args__ = (
        one_of("decision", ReviewDecision),
        within("comment", at_least=1, at_most=2_000),
    )
