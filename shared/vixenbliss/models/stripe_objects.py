"""The stripe_objects table: who is just looking at an object of Stripe's."""

from datetime import datetime

from sqlalchemy import BigInteger

from vixenbliss.models.base import Base, Mapped, StripeId, Touched, mapped_column


class StripeObject(Base):
    """An object that Stripe has told us of.

    A worker that holds the lease looks at the object; what it saw is written only under
    the fence that it was given, so an older look never replaces a newer one.
    """

    __tablename__ = "stripe_objects"

    object_id: Mapped[StripeId] = mapped_column(primary_key=True)
    fence: Mapped[int] = mapped_column(BigInteger, server_default="0")
    lease_until: Mapped[datetime | None]
    told_at: Mapped[datetime | None]
    """``created`` of the newest event that the last look has answered."""
    updated_at: Mapped[Touched]
