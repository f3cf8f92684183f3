"""The orders, what was paid for them, and what was given back."""

from datetime import datetime
from enum import StrEnum
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    ForeignKey,
    Identity,
    Index,
    Integer,
    Sequence,
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
    Minor,
    StripeId,
    Touched,
    in_currency,
    mapped_column,
    one_of,
    within,
)


class OrderReason(StrEnum):
    """Why somebody owed us something."""

    PURCHASE = "purchase"
    TIP = "tip"
    SUBSCRIPTION_CREATE = "subscription_create"
    SUBSCRIPTION_CYCLE = "subscription_cycle"
    SUBSCRIPTION_UPDATE = "subscription_update"


class OrderStatus(StrEnum):
    """What has become of an order; derived from its payments, refunds and disputes."""

    PENDING = "pending"
    PAID = "paid"
    PARTIALLY_REFUNDED = "partially_refunded"
    REFUNDED = "refunded"
    DISPUTED = "disputed"
    CHARGED_BACK = "charged_back"
    """Its dispute is lost; the bank has given the money back."""
    VOID = "void"


ORDER_NUMBERS = Sequence("order_numbers", start=100_001)


class Order(Base):
    """A sale: of a checkout that is paid once, or of one invoice of a subscription."""

    __tablename__ = "orders"

    id: Mapped[Id]
    number: Mapped[int] = mapped_column(
        BigInteger,
        ORDER_NUMBERS,
        server_default=ORDER_NUMBERS.next_value(),
        unique=True,
    )
    workspace_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("workspaces.id"))
    avatar_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("avatars.id"))
    customer_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("customers.id"))
    checkout_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("checkouts.id"), unique=True
    )
    """Of a sale that is paid once."""
    subscription_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("subscriptions.id"), index=True
    )
    stripe_invoice_id: Mapped[StripeId | None] = mapped_column(unique=True)
    reason: Mapped[OrderReason]
    status: Mapped[OrderStatus] = mapped_column(server_default=OrderStatus.PENDING)
    subtotal_minor: Mapped[Minor]
    discount_minor: Mapped[Minor] = mapped_column(server_default="0")
    tax_minor: Mapped[Minor] = mapped_column(server_default="0")
    total_minor: Mapped[Minor]
    refunded_minor: Mapped[Minor] = mapped_column(server_default="0")
    """Of refunds that have succeeded."""
    currency: Mapped[CurrencyCode]
    paid_at: Mapped[datetime | None]
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("reason", OrderReason),
        one_of("status", OrderStatus),
        in_currency(),
        CheckConstraint(
            "total_minor = subtotal_minor - discount_minor + tax_minor",
            name="total_adds_up",
        ),
        CheckConstraint(
            "refunded_minor BETWEEN 0 AND total_minor", name="refunded_within_total"
        ),
        CheckConstraint(
            "status IN ('pending', 'void') OR paid_at IS NOT NULL",
            name="paid_has_a_time",
        ),
        CheckConstraint(
            "num_nonnulls(checkout_id, stripe_invoice_id) = 1", name="has_one_source"
        ),
        CheckConstraint(
            "(stripe_invoice_id IS NULL) = (subscription_id IS NULL)",
            name="invoices_are_of_subscriptions",
        ),
        Index("ix_orders_workspace_id", "workspace_id", "created_at", "id"),
        Index("ix_orders_customer_id", "customer_id", "created_at", "id"),
        Index("ix_orders_avatar_id", "avatar_id"),
    )


class OrderLine(Base):
    """What was sold, as it was called and priced then."""

    __tablename__ = "order_lines"

    id: Mapped[int] = mapped_column(BigInteger, Identity(), primary_key=True)
    order_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("orders.id", ondelete="CASCADE"), index=True
    )
    product_id: Mapped[UUID | None] = mapped_column(
        Uuid(), ForeignKey("products.id"), index=True
    )
    price_id: Mapped[UUID | None] = mapped_column(Uuid(), ForeignKey("prices.id"))
    label: Mapped[str]
    quantity: Mapped[int] = mapped_column(server_default="1")
    total_minor: Mapped[Minor]
    """Of the whole line; less than nothing where a proration gives back."""

    __table_args__ = (
        within("label", at_least=1, at_most=255),
        CheckConstraint("quantity > 0", name="quantity_is_positive"),
    )


class PaymentStatus(StrEnum):
    """What has become of a payment; what has succeeded stays so."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"


class Payment(Base):
    """A payment intent of Stripe's, once, by whatever event it was heard of."""

    __tablename__ = "payments"

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("orders.id"), index=True)
    provider: Mapped[str] = mapped_column(String(20), server_default="stripe")
    transaction_id: Mapped[StripeId]
    """The payment intent's id."""
    charge_id: Mapped[StripeId | None] = mapped_column(unique=True)
    status: Mapped[PaymentStatus]
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    fee_minor: Mapped[Minor | None]
    """What Stripe kept, in the currency that it settles in."""
    balance_transaction_id: Mapped[StripeId | None] = mapped_column(unique=True)
    decline_code: Mapped[str | None] = mapped_column(String(60))
    receipt_url: Mapped[str | None] = mapped_column(String(2048))
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("status", PaymentStatus),
        in_currency(),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        UniqueConstraint("provider", "transaction_id"),
    )


class RefundReason(StrEnum):
    """Why money is given back."""

    CUSTOMER_REQUEST = "customer_request"
    DUPLICATE = "duplicate"
    FRAUDULENT = "fraudulent"
    SERVICE_DISRUPTION = "service_disruption"
    DISPUTE_PREVENTION = "dispute_prevention"
    OTHER = "other"


class RefundStatus(StrEnum):
    """What has become of a refund; only what has succeeded moves its order."""

    PENDING = "pending"
    SUCCEEDED = "succeeded"
    FAILED = "failed"
    CANCELED = "canceled"


class Refund(Base):
    """Money given back, committed before Stripe is asked for it.

    ``id`` is the key under which Stripe is asked, and ``metadata.refund_id``.
    """

    __tablename__ = "refunds"

    id: Mapped[Id]
    order_id: Mapped[UUID] = mapped_column(Uuid(), ForeignKey("orders.id"))
    payment_id: Mapped[UUID] = mapped_column(
        Uuid(), ForeignKey("payments.id"), index=True
    )
    stripe_refund_id: Mapped[StripeId | None] = mapped_column(unique=True)
    amount_minor: Mapped[Minor]
    currency: Mapped[CurrencyCode]
    reason: Mapped[RefundReason]
    revoke_access: Mapped[bool] = mapped_column(server_default="true")
    status: Mapped[RefundStatus] = mapped_column(server_default=RefundStatus.PENDING)
    error_code: Mapped[str | None] = mapped_column(String(60))
    requested_by: Mapped[int | None] = mapped_column(Integer(), ForeignKey("users.id"))
    """None where it was made in Stripe's dashboard."""
    client_key: Mapped[str | None] = mapped_column(String(255))
    request_sha256: Mapped[bytes | None]
    """Of what was asked for under that key."""
    balance_transaction_id: Mapped[StripeId | None] = mapped_column(unique=True)
    """By which the money went; it is in the ledger."""
    failure_balance_transaction_id: Mapped[StripeId | None] = mapped_column(unique=True)
    """By which it came back; it is in the ledger, too."""
    attempts: Mapped[int] = mapped_column(server_default="0")
    """How often Stripe was asked without an answer."""
    check_at: Mapped[datetime | None]
    """When it is to be asked again; None where it has answered."""
    created_at: Mapped[Born]
    updated_at: Mapped[Touched]

    __table_args__ = (
        one_of("reason", RefundReason),
        one_of("status", RefundStatus),
        in_currency(),
        CheckConstraint("amount_minor > 0", name="amount_is_positive"),
        UniqueConstraint("order_id", "client_key"),
        CheckConstraint(
            "failure_balance_transaction_id IS NULL"
            " OR balance_transaction_id IS NOT NULL",
            name="comes_back_after_it_went",
        ),
        Index(
            "ix_refunds_check_at",
            "check_at",
            postgresql_where=text("check_at IS NOT NULL"),
        ),
    )
