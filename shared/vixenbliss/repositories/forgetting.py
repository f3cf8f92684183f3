"""Every statement that takes from a closed account who it was; each may run again."""

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import (
    ColumnElement,
    Integer,
    String,
    and_,
    bindparam,
    case,
    delete,
    func,
    literal,
    or_,
    select,
    update,
)
from sqlalchemy.dialects.postgresql import JSONB

from vixenbliss.database import Connection
from vixenbliss.models.checkouts import Checkout, CheckoutStatus
from vixenbliss.models.customers import Customer
from vixenbliss.models.data_requests import (
    DataRequest,
    DataRequestKind,
    DataRequestStatus,
)
from vixenbliss.models.disputes import Dispute, DisputeStatus
from vixenbliss.models.letters import Letter, LetterKind, LetterStatus
from vixenbliss.models.notices import Notice
from vixenbliss.models.one_time_tokens import OneTimeToken
from vixenbliss.models.orders import Order, Refund, RefundStatus
from vixenbliss.models.sessions import UserSession
from vixenbliss.models.social_accounts import OauthState
from vixenbliss.models.subscriptions import OVER, Subscription, SubscriptionChange
from vixenbliss.models.todos import Todo
from vixenbliss.models.users import PlatformRole, User
from vixenbliss.models.webhook_events import (
    WebhookEvent,
    WebhookSource,
    WebhookStatus,
)
from vixenbliss.models.workspaces import WorkspaceInvitation, WorkspaceMember

NO_PASSWORD = "!"  # noqa: S105 - no hash, so nothing fits it
NO_TITLE = "erased"
NO_LETTER = "erased"
"""The code of a letter that will not be sent, as nobody is there to read it."""
EVENTS_AT_ONCE = 200

_me = bindparam("me", type_=Integer())
_before = func.lower(bindparam("email_before", type_=String()))
_nobody = bindparam("nobody", type_=String())
_LOCK = (
    select(User.email, User.erased_at.is_not(None).label("is_erased"))
    .where(User.id == _me)
    .with_for_update(key_share=True)
)
_is_theirs = or_(Letter.user_id == _me, func.lower(Letter.email) == _before)
_is_queued = Letter.status == LetterStatus.QUEUED
_is_farewell = and_(Letter.user_id == _me, Letter.kind == LetterKind.ERASED)
_somebody_else_is_there = (
    select(literal(1)).where(WorkspaceMember.workspace_id == Todo.workspace_id).exists()
)
_is_customer_s = select(Customer.id).where(Customer.user_id == _me).scalar_subquery()

_NO_TOKENS = delete(OneTimeToken).where(OneTimeToken.user_id == _me)
_NO_CONSENTS = delete(OauthState).where(OauthState.user_id == _me)
_NO_NOTICES = delete(Notice).where(Notice.user_id == _me)
_NO_ORIGINS = (
    update(UserSession)
    .where(UserSession.user_id == _me)
    .values(
        ip=None,
        user_agent=None,
        revoked_at=func.coalesce(UserSession.revoked_at, func.now()),
    )
)
_NO_TITLES = (
    update(Todo)
    .where(Todo.owner_id == _me, ~_somebody_else_is_there)
    .values(title=NO_TITLE)
)
_NO_DUTIES = update(Todo).where(Todo.assignee_id == _me).values(assignee_id=None)
_NO_MESSAGES = (
    update(Checkout).where(Checkout.customer_id == _is_customer_s).values(message=None)
)
_NO_COMMENTS = (
    update(SubscriptionChange)
    .where(SubscriptionChange.asked_by == _me)
    .values(comment=None)
)
_NO_EXPORTS = (
    update(DataRequest)
    .where(
        DataRequest.user_id == _me,
        DataRequest.kind == DataRequestKind.EXPORT,
        DataRequest.status == DataRequestStatus.RECEIVED,
    )
    .values(
        status=DataRequestStatus.FAILED,
        lease_token=None,
        lease_until=None,
        check_at=None,
    )
)
_BY_ID = (
    _NO_TOKENS,
    _NO_CONSENTS,
    _NO_NOTICES,
    _NO_ORIGINS,
    _NO_TITLES,
    _NO_DUTIES,
    _NO_MESSAGES,
    _NO_COMMENTS,
    _NO_EXPORTS,
)
_NO_INVITATIONS = delete(WorkspaceInvitation).where(
    func.lower(WorkspaceInvitation.email) == _before
)
_NO_LETTERS = (
    update(Letter)
    .where(_is_theirs, ~_is_farewell)
    .values(
        email=_nobody,
        status=case((_is_queued, LetterStatus.FAILED), else_=Letter.status),
        error_code=case((_is_queued, NO_LETTER), else_=Letter.error_code),
        lease_token=None,
        lease_until=None,
        check_at=None,
    )
)
_NAMELESS = (
    update(User)
    .where(User.id == _me)
    .values(
        email=_nobody,
        hashed_password=NO_PASSWORD,
        is_active=False,
        platform_role=PlatformRole.MEMBER,
        email_verified_at=None,
        erased_at=func.now(),
    )
)
_FILES = select(DataRequest.s3_key).where(
    DataRequest.user_id == _me, DataRequest.s3_key.is_not(None)
)
_NO_FILES = (
    update(DataRequest)
    .where(DataRequest.user_id == _me, DataRequest.s3_key.is_not(None))
    .values(s3_key=None, expires_at=None)
)


def _some(*where: ColumnElement[bool]) -> ColumnElement[bool]:
    return select(literal(1)).where(*where).exists()


_has_open_money = or_(
    _some(Checkout.customer_id == Customer.id, Checkout.status == CheckoutStatus.OPEN),
    _some(
        Subscription.customer_id == Customer.id,
        Subscription.status.not_in(OVER),
    ),
    _some(
        Order.customer_id == Customer.id,
        Refund.order_id == Order.id,
        Refund.status == RefundStatus.PENDING,
    ),
    _some(
        Order.customer_id == Customer.id,
        Dispute.order_id == Order.id,
        Dispute.status.in_(
            (
                DisputeStatus.EARLY_WARNING,
                DisputeStatus.NEEDS_RESPONSE,
                DisputeStatus.UNDER_REVIEW,
            )
        ),
    ),
)
_CUSTOMER = select(
    Customer.id,
    Customer.stripe_customer_id,
    Customer.deleted_at.is_not(None).label("is_deleted"),
    _has_open_money.label("has_open_money"),
).where(Customer.user_id == _me)
_told = WebhookEvent.payload["data"]["object"]
_customer = bindparam("customer", type_=String())
_some_events = (
    select(WebhookEvent.id)
    .where(
        WebhookEvent.source == WebhookSource.STRIPE,
        WebhookEvent.status.not_in((WebhookStatus.RECEIVED, WebhookStatus.DEFERRED)),
        or_(
            _told["customer"].as_string() == _customer,
            _told["id"].as_string() == _customer,
        ),
    )
    .limit(EVENTS_AT_ONCE)
)
_EMPTY_EVENTS = (
    update(WebhookEvent)
    .where(WebhookEvent.id.in_(_some_events))
    .values(
        payload=func.jsonb_build_object(
            "livemode", WebhookEvent.payload["livemode"], type_=JSONB
        )
    )
)
_FAREWELL = update(Letter).where(_is_farewell, ~_is_queued).values(email=_nobody)
_IS_TO_BE_TOLD = select(literal(1)).where(_is_farewell, _is_queued)


@dataclass(frozen=True, slots=True)
class Payer:
    """A user in their role of paying."""

    id: UUID
    stripe_customer_id: str | None
    is_deleted: bool
    """Stripe has them no more."""
    has_open_money: bool
    """Something is being paid, given back or disputed."""


class ForgettingRepository:
    """Accounts that are closed, and lose their names."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def lock(self, user_id: int) -> str | None:
        """Return the address of whoever is not forgotten yet, and hold their row."""
        row = await self._connection.one(_LOCK, me=user_id)
        return row["email"] if row and not row["is_erased"] else None

    async def forget(self, user_id: int, email: str) -> None:
        """Take away who somebody was. What they have paid stays, of nobody's."""
        for statement in _BY_ID:
            await self._connection.run(statement, me=user_id)
        await self._connection.run(_NO_INVITATIONS, email_before=email)
        nobodys = {"me": user_id, "nobody": nobody(user_id)}
        await self._connection.run(_NO_LETTERS, email_before=email, **nobodys)
        await self._connection.run(_NAMELESS, **nobodys)

    async def files(self, user_id: int) -> list[str]:
        """Return where copies of their data lie."""
        rows = await self._connection.all(_FILES, me=user_id)
        return [row["s3_key"] for row in rows]

    async def forget_files(self, user_id: int) -> None:
        """Record that there are no copies any more."""
        await self._connection.run(_NO_FILES, me=user_id)

    async def payer(self, user_id: int) -> Payer | None:
        """Return them as whom Stripe knows, if they have ever bought anything."""
        row = await self._connection.one(_CUSTOMER, me=user_id)
        return Payer(**row) if row else None

    async def empty_events(self, stripe_customer_id: str) -> int:
        """Empty some of Stripe's reports about a customer; return how many."""
        return await self._connection.run(_EMPTY_EVENTS, customer=stripe_customer_id)

    async def is_told(self, user_id: int) -> bool:
        """Tell whether the last letter has left, and take its address away then."""
        await self._connection.run(_FAREWELL, me=user_id, nobody=nobody(user_id))
        return await self._connection.one(_IS_TO_BE_TOLD, me=user_id) is None


def nobody(user_id: int) -> str:
    """Return the address of somebody forgotten, which no one else can have taken.

    .invalid is nobody's (RFC 2606); without a dot, nobody can sign up with it either.
    """
    return f"erased-{user_id}@invalid"
