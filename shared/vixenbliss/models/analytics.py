"""What posts were looked at, and what each avatar did, earned and cost by the day."""

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    Date,
    ForeignKey,
    Identity,
    Index,
    String,
    UniqueConstraint,
    Uuid,
    text,
)

from vixenbliss.models.base import (
    Base,
    Born,
    CurrencyCode,
    Id,
    Mapped,
    Micros,
    in_currency,
    mapped_column,
    one_of,
)


@dataclass(frozen=True, slots=True)
class Numbers:
    """How often a post was seen and answered up to now; None for what is not told."""

    views: int
    likes: int | None = None
    comments: int | None = None
    shares: int | None = None


class PostMetric(Base):
    """What a platform counted of a post until the end of a day, or until now."""

    __tablename__ = "post_metrics"
    __table_args__ = (
        CheckConstraint(
            "least(views, likes, comments, shares) >= 0", name="none_negative"
        ),
        Index("ix_post_metrics_day", "day"),
    )

    post_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    views: Mapped[int] = mapped_column(BigInteger)
    likes: Mapped[int | None] = mapped_column(BigInteger)
    """None where the platform does not say, as for stories."""
    comments: Mapped[int | None] = mapped_column(BigInteger)
    shares: Mapped[int | None] = mapped_column(BigInteger)
    measured_at: Mapped[datetime]


class PostReading(Base):
    """When a post's numbers are to be read next; None when they are not any more."""

    __tablename__ = "post_readings"
    __table_args__ = (
        Index(
            "ix_post_readings_account_id",
            "account_id",
            "due_at",
            postgresql_where=text("due_at IS NOT NULL"),
        ),
    )

    post_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("posts.id", ondelete="CASCADE"), primary_key=True
    )
    account_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("social_accounts.id", ondelete="CASCADE")
    )
    due_at: Mapped[datetime | None]


class Measurement(Base):
    """The reading of an account's numbers: who is at it, and what it cannot bring."""

    __tablename__ = "measurements"
    __table_args__ = (
        Index(
            "ix_measurements_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )

    account_id: Mapped[UUID] = mapped_column(
        Uuid(),
        ForeignKey("social_accounts.id", ondelete="CASCADE"),
        primary_key=True,
    )
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often in a row it came to nothing; being told to wait does not count."""
    gap_code: Mapped[str | None] = mapped_column(String(60))
    """Why numbers were missing the last time; ours, or the platform's own."""
    measured_at: Mapped[datetime | None]
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    """When somebody is to look whether it still moves; None when nothing is open."""


class DailyRollup(Base):
    """An avatar's day (UTC): what was published, and by how much views have grown."""

    __tablename__ = "daily_rollups"

    avatar_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), primary_key=True
    )
    day: Mapped[date] = mapped_column(Date(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    posts: Mapped[int]
    views: Mapped[int] = mapped_column(BigInteger)
    likes: Mapped[int] = mapped_column(BigInteger)
    comments: Mapped[int] = mapped_column(BigInteger)
    shares: Mapped[int] = mapped_column(BigInteger)
    computed_at: Mapped[datetime]

    __table_args__ = (
        Index("ix_daily_rollups_workspace_id", "workspace_id", "day"),
        Index("ix_daily_rollups_day", "day"),
    )


class DailyMoney(Base):
    """What a day brought and cost in one currency, by the ledger.

    Of an avatar, or of the workspace where the books name none.
    """

    __tablename__ = "daily_money"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("avatars.id"), index=True
    )
    day: Mapped[date] = mapped_column(Date())
    currency: Mapped[CurrencyCode]
    income_micros: Mapped[Micros]
    """Revenue less refunds, fees and disputes."""
    cost_micros: Mapped[Micros]

    __table_args__ = (
        in_currency(),
        UniqueConstraint(
            "workspace_id",
            "day",
            "currency",
            "avatar_id",
            postgresql_nulls_not_distinct=True,
        ),
        Index("ix_daily_money_day", "day"),
    )


class RollupStatus(StrEnum):
    """How far a day's rollup has come."""

    REQUESTED = "requested"
    DONE = "done"
    FAILED = "failed"


class RollupRun(Base):
    """The order to roll up a day; done again, it says what is so then."""

    __tablename__ = "rollup_runs"

    id: Mapped[Id]
    day: Mapped[date] = mapped_column(Date(), unique=True)
    status: Mapped[RollupStatus] = mapped_column(server_default=RollupStatus.REQUESTED)
    lease_token: Mapped[UUID | None]
    lease_until: Mapped[datetime | None]
    check_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    done_at: Mapped[datetime | None]

    __table_args__ = (
        one_of("status", RollupStatus),
        Index(
            "ix_rollup_runs_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )
