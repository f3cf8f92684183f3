"""The avatars, their identity sheets and the attestations of their likeness."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Index,
    Integer,
    String,
    Uuid,
    func,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.models.base import (
    Base,
    Born,
    Id,
    Json,
    Mapped,
    Touched,
    Version,
    mapped_column,
    one_of,
    within,
)


class AvatarStatus(StrEnum):
    """Where an avatar stands."""

    CREATED = "created"
    REVIEW = "review"
    ACTIVE = "active"
    PAUSED = "paused"
    ARCHIVED = "archived"


AVATAR_MOVES = {
    AvatarStatus.REVIEW: frozenset({AvatarStatus.CREATED, AvatarStatus.REVIEW}),
    AvatarStatus.ACTIVE: frozenset({AvatarStatus.REVIEW, AvatarStatus.PAUSED}),
    AvatarStatus.PAUSED: frozenset({AvatarStatus.ACTIVE}),
    AvatarStatus.ARCHIVED: frozenset(AvatarStatus) - {AvatarStatus.ARCHIVED},
}
"""An avatar's state to the states from which it is reached."""


class Avatar(Base):
    """A synthetic persona of a workspace; its live names differ in more than case."""

    __tablename__ = "avatars"

    id: Mapped[Id]
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    avatar_name: Mapped[str] = mapped_column()
    nicho: Mapped[str]
    aesthetic_style: Mapped[str]
    bio: Mapped[str | None]
    status: Mapped[AvatarStatus] = mapped_column(server_default=AvatarStatus.CREATED)
    current_sheet_version: Mapped[int] = mapped_column(server_default="0")
    profile_sha256: Mapped[bytes | None]
    """Hash of the words that describe the avatar now, which the policy gate judges."""
    monthly_budget_minor: Mapped[int | None] = mapped_column(BigInteger)
    budget_currency: Mapped[str] = mapped_column(String(3), server_default="usd")
    version: Mapped[Version]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]
    archived_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", AvatarStatus),
        within("avatar_name", at_least=3, at_most=50),
        within("nicho", at_least=3, at_most=80),
        within("aesthetic_style", at_least=1, at_most=120),
        within("bio", at_most=500),
        CheckConstraint("monthly_budget_minor >= 0", name="budget_not_negative"),
        CheckConstraint(
            "(status = 'archived') = (archived_at IS NOT NULL)", name="archived_at_set"
        ),
        Index(
            "uq_avatars_name_live",
            "workspace_id",
            func.lower(avatar_name),
            unique=True,
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index("ix_avatars_workspace_id", "workspace_id", "created_at", "id"),
    )


class AvatarSheet(Base):
    """A version of who an avatar is. Rows are written once and never changed."""

    __tablename__ = "avatar_sheets"
    __table_args__ = (
        CheckConstraint("version >= 1", name="version_counts"),
        CheckConstraint("(sheet->>'fictional_age')::int >= 18", name="adult"),
    )

    avatar_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), primary_key=True
    )
    version: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sheet: Mapped[Json]
    field_origins: Mapped[dict[str, int]] = mapped_column(JSONB)
    """Each field's dotted path to the version in which it got its value."""
    created_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    created_at: Mapped[Born]


class AttestationBasis(StrEnum):
    """Why we may show this face."""

    FICTIONAL = "fictional"
    SELF = "self"
    WRITTEN_CONSENT = "written_consent"


class LikenessAttestation(Base):
    """Somebody's word that the likeness may be used; at most one lives per avatar."""

    __tablename__ = "likeness_attestations"

    id: Mapped[Id]
    avatar_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    basis: Mapped[AttestationBasis]
    evidence_asset_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("assets.id")
    )
    attested_by: Mapped[int] = mapped_column(Integer(), ForeignKey("users.id"))
    created_at: Mapped[Born]
    expires_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]
    revoke_reason: Mapped[str | None]

    __table_args__ = (
        one_of("basis", AttestationBasis),
        within("revoke_reason", at_least=1, at_most=500),
        CheckConstraint(
            "basis <> 'written_consent' OR evidence_asset_id IS NOT NULL",
            name="consent_needs_evidence",
        ),
        CheckConstraint("expires_at > created_at", name="expires_later"),
        Index(
            "uq_likeness_attestations_live",
            "avatar_id",
            unique=True,
            postgresql_where=text("revoked_at IS NULL"),
        ),
    )


class BudgetMonth(Base):
    """What an avatar has spent in a calendar month (UTC), and what is held for jobs.

    Both are sums over the month's jobs, kept here so that a reservation is one
    conditional update of one row, whoever else reserves at the same time.
    """

    __tablename__ = "budget_months"
    __table_args__ = (
        CheckConstraint("held_micros >= 0", name="held_not_negative"),
        CheckConstraint("spent_micros >= 0", name="spent_not_negative"),
        Index("ix_budget_months_month", "month"),
    )

    avatar_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), primary_key=True
    )
    month: Mapped[str] = mapped_column(String(7), primary_key=True)
    """As ``2026-11``."""
    held_micros: Mapped[int] = mapped_column(BigInteger, server_default="0")
    spent_micros: Mapped[int] = mapped_column(BigInteger, server_default="0")
