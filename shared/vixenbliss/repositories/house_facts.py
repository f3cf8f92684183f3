"""How the house is, in one statement: what is late, stuck, refused, or does not add up.

It runs every minute, so each fact is read off an index of what is open, or off the
rows of a bounded stretch. All of it is global.
"""

from collections.abc import Mapping
from datetime import timedelta
from enum import StrEnum
from typing import Any

from sqlalchemy import (
    BigInteger,
    ColumnElement,
    Float,
    Interval,
    Select,
    Uuid,
    and_,
    bindparam,
    cast,
    exists,
    func,
    literal,
    literal_column,
    or_,
    select,
    union,
)

from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.ids import first_id
from vixenbliss.jobs.messages import Queue
from vixenbliss.models.avatars import Avatar, BudgetMonth
from vixenbliss.models.content_jobs import ContentJob
from vixenbliss.models.dead_letters import DeadLetter
from vixenbliss.models.ledger import LedgerEntry, LedgerTransaction
from vixenbliss.models.letters import Letter, LetterStatus
from vixenbliss.models.orders import Order, Refund, RefundStatus
from vixenbliss.models.outbox import OutboxMessage
from vixenbliss.models.policy import PolicyDecision, Verdict
from vixenbliss.models.posts import Post, PostStatus
from vixenbliss.models.reconciliations import Reconciliation, ReconciliationStatus
from vixenbliss.models.social_accounts import AccountStatus, SocialAccount
from vixenbliss.models.webhook_events import WebhookEvent, WebhookSource, WebhookStatus
from vixenbliss.models.workspaces import Workspace
from vixenbliss.money import MICROS_PER_MINOR
from vixenbliss.repositories.post_claims import MAY_SET_OUT


class Fact(StrEnum):
    """What is measured, by the name of its metric; nought means that all is well."""

    OUTBOX_AGE = "OutboxAge"
    """For how many seconds the oldest message has been due that has not left."""
    OPEN_EVENT_AGE = "OpenEventAge"
    """For how many seconds the oldest report has been here that nobody has used.

    Of Stripe's, and of Replicate's on jobs that have not ended. TikTok's wait without
    harm for a post that may never be ours.
    """
    DEFERRED_EVENT_AGE = "DeferredEventAge"
    """For how many seconds the oldest event of Stripe's has waited for a row."""
    FAILED_EVENTS = "FailedEvents"
    """Events that three tries came to nothing of, and nobody has had replayed."""
    LATE_POSTS = "LatePosts"
    """Posts that might have set out two minutes ago, and that no worker has."""
    UNCONFIRMED_POSTS = "UnconfirmedPosts"
    """Posts of which nobody knows if they are there, an hour after the one call."""
    UNBALANCED_TRANSACTIONS = "UnbalancedTransactions"
    """Transactions of the ledger that do not add up to nothing, of those looked at.

    That is the newest five hundred, and as many others each minute: all books in turn.
    """
    HOLD_DRIFTS = "HoldDrifts"
    """Budgets, of this month and the last, that hold other than their open jobs do."""
    REFUND_DRIFTS = "RefundDrifts"
    """Orders that say otherwise than their refunds, of refunds of the last week."""
    RECONCILIATION_DIFFERENCES = "ReconciliationDifferences"
    """Rows on which Stripe and the books differed, the last time they were compared."""
    RECONCILIATION_AGE = "ReconciliationAge"
    """Seconds since they were; nought where they never were."""
    REFRESH_FAILURES = "RefreshFailures"
    """Accounts whose token ends or has ended, for a refresh failed in the last day."""
    MODERATION_ERROR_SHARE = "ModerationErrorShare"
    """Of the decisions asked for in the last hour and made, how many are an error."""
    BUDGETS_NEARLY_SPENT = "BudgetsNearlySpent"
    """Avatars that have spent, or promised, four fifths of their month."""
    FAILED_LETTERS = "FailedLetters"
    """Letters that could not be sent, and nobody has tried again."""
    OPEN_DEAD_LETTERS = "OpenDeadLetters"
    """Dead letters, of whatever queue, that nobody has sent again."""


LATE = timedelta(minutes=2)
UNCERTAIN = timedelta(hours=1)
RECENT_FAILURE = timedelta(days=1)
REFRESHED_AGAIN_WITHIN = timedelta(hours=1)
"""How far ahead a failed refresh is put off at most (``services.token_keeping``)."""
JUDGED_WITHIN = timedelta(hours=1)
REFUNDED_WITHIN = timedelta(days=7)
SLICE = 500
"""How many transactions of the ledger are added up at the end, and elsewhere."""
NEARLY_SPENT = 80
"""Percent."""


def _word(value: StrEnum) -> ColumnElement[str]:
    """Return a word spelled out, as the partial indices have it."""
    return literal_column(f"'{value}'")


def _ago(span: timedelta) -> ColumnElement[Any]:
    return func.now() - literal(span, Interval())


def _made_within(bind: str) -> ColumnElement[Any]:
    """Return the first id of a stretch, which the statement is told when it is run."""
    return bindparam(bind, type_=Uuid())


def _count(*conditions: ColumnElement[bool]) -> Select[Any]:
    return select(func.count()).where(*conditions)


def _age(since: Any, *conditions: ColumnElement[bool]) -> Select[Any]:  # noqa: ANN401 - a column
    """Return for how many seconds the oldest has waited; nought if there is none."""
    return _seconds_since(func.min(since)).where(*conditions)


def _seconds_since(moment: Any) -> Select[Any]:  # noqa: ANN401 - a column or a function
    age = cast(func.extract("epoch", func.now() - moment), Float())
    return select(func.greatest(age, 0.0))


_is_received = WebhookEvent.status == _word(WebhookStatus.RECEIVED)
_is_open = WebhookEvent.status.in_(
    (_word(WebhookStatus.RECEIVED), _word(WebhookStatus.DEFERRED))
)
_is_due_with_us = or_(
    WebhookEvent.source == WebhookSource.STRIPE,
    and_(
        WebhookEvent.source == WebhookSource.REPLICATE,
        exists().where(
            ContentJob.id == WebhookEvent.subject_id, ContentJob.finished_at.is_(None)
        ),
    ),
)
_is_undead = DeadLetter.redriven_at.is_(None)


def _open_letters(queue: Queue) -> Select[Any]:
    return _count(_is_undead, DeadLetter.queue == queue)


_FAILED_EVENTS = _open_letters(Queue.EVENTS).where(
    WebhookEvent.id == DeadLetter.subject_id,
    WebhookEvent.status == WebhookStatus.FAILED,
)
_FAILED_LETTERS = _open_letters(Queue.MAIL).where(
    Letter.id == DeadLetter.subject_id, Letter.status == LetterStatus.FAILED
)

_LATE_POSTS = (
    select(func.count())
    .select_from(Post)
    .join(Workspace, Workspace.id == Post.workspace_id)
    .join(SocialAccount, SocialAccount.id == Post.account_id)
    .where(
        Post.due_at < _ago(LATE),
        or_(
            and_(Post.status == _word(PostStatus.SCHEDULED), *MAY_SET_OUT),
            and_(
                Post.status == _word(PostStatus.QUEUED),
                Post.check_at.is_not(None),
            ),
        ),
    )
)
_UNCONFIRMED_POSTS = _count(
    Post.status == _word(PostStatus.UNCONFIRMED),
    Post.publish_intent_at < _ago(UNCERTAIN),
)

# Two stretches of the primary key: the newest, and the one whose turn this minute is.
# Each is cut off at its length, or the planner would expect a third of all rows.
_newest = select(func.coalesce(func.max(LedgerTransaction.id), 0)).scalar_subquery()
_begins = bindparam("minute", type_=BigInteger()) % (_newest // SLICE + 1) * SLICE


def _stretch(since: ColumnElement[int]) -> Select[Any]:
    named = (
        select(LedgerTransaction.id)
        .where(LedgerTransaction.id.between(since, since + SLICE))
        .order_by(LedgerTransaction.id)
        .limit(SLICE + 1)
    )
    return select(named.subquery().c.id)


_looked_at = union(_stretch(_newest - SLICE), _stretch(_begins)).subquery()
_is_of_it = LedgerEntry.transaction_id == _looked_at.c.id
_entries = select(func.count()).where(_is_of_it).scalar_subquery()
_rests = (
    select(LedgerEntry.currency)
    .where(_is_of_it)
    .group_by(LedgerEntry.currency)
    .having(func.sum(LedgerEntry.amount_micros) != 0)
)
_UNBALANCED = (
    select(func.count())
    .select_from(_looked_at)
    .where(or_(_entries == 0, _rests.exists()))
)

# Bound, not said as THIS_MONTH: that would be spelled anew for every row.
_this_month = bindparam("this_month", type_=BudgetMonth.month.type)
_last_month = bindparam("last_month", type_=BudgetMonth.month.type)
_promised = (
    select(
        ContentJob.avatar_id,
        ContentJob.budget_month.label("month"),
        func.sum(ContentJob.cost_reserved_micros).label("micros"),
    )
    .where(ContentJob.finished_at.is_(None), ContentJob.cost_settled_at.is_(None))
    .group_by(ContentJob.avatar_id, ContentJob.budget_month)
    .subquery()
)
_HOLD_DRIFTS = (
    select(func.count())
    .select_from(BudgetMonth)
    .outerjoin(
        _promised,
        and_(
            _promised.c.avatar_id == BudgetMonth.avatar_id,
            _promised.c.month == BudgetMonth.month,
        ),
    )
    .where(
        or_(BudgetMonth.month == _this_month, BudgetMonth.month == _last_month),
        BudgetMonth.held_micros != func.coalesce(_promised.c.micros, 0),
    )
)
_NEARLY_SPENT = (
    select(func.count())
    .select_from(BudgetMonth)
    .join(Avatar, Avatar.id == BudgetMonth.avatar_id)
    .where(
        BudgetMonth.month == _this_month,
        Avatar.monthly_budget_minor > 0,
        (BudgetMonth.held_micros + BudgetMonth.spent_micros) * 100
        >= Avatar.monthly_budget_minor * MICROS_PER_MINOR * NEARLY_SPENT,
    )
)

_given_back = (
    select(func.coalesce(func.sum(Refund.amount_minor), 0))
    .where(Refund.order_id == Order.id, Refund.status == RefundStatus.SUCCEEDED)
    .correlate(Order)
    .scalar_subquery()
)
_lately_refunded = select(Refund.order_id).where(
    Refund.id >= _made_within("refunded_since")
)
_REFUND_DRIFTS = _count(
    Order.id.in_(_lately_refunded),
    Order.refunded_minor != func.least(_given_back, Order.total_minor),
)

_last = (
    select(
        Reconciliation.differences,
        func.coalesce(Reconciliation.finished_at, Reconciliation.created_at).label(
            "at"
        ),
    )
    .where(Reconciliation.status == ReconciliationStatus.DONE)
    .order_by(Reconciliation.created_at.desc(), Reconciliation.id.desc())
    .limit(1)
    .subquery()
)

_REFRESH_FAILURES = _count(
    SocialAccount.last_error.is_not(None),
    SocialAccount.updated_at > _ago(RECENT_FAILURE),
    or_(
        and_(
            SocialAccount.refresh_at.is_(None),
            SocialAccount.status == AccountStatus.NEEDS_REAUTH,
        ),
        SocialAccount.refresh_at <= func.now() + REFRESHED_AGAIN_WITHIN,
    ),
)
_errors = func.count().filter(PolicyDecision.verdict == Verdict.ERROR)
_ERROR_SHARE = select(
    cast(func.coalesce(100.0 * _errors / func.nullif(func.count(), 0), 0), Float())
).where(
    PolicyDecision.id >= _made_within("judged_since"),
    PolicyDecision.verdict != Verdict.PENDING,
)

_FACTS: Mapping[Fact, Select[Any]] = {
    Fact.OUTBOX_AGE: _age(
        OutboxMessage.available_at,
        OutboxMessage.sent_at.is_(None),
        OutboxMessage.available_at <= func.now(),
    ),
    Fact.OPEN_EVENT_AGE: _age(
        WebhookEvent.received_at, _is_open, _is_received, _is_due_with_us
    ),
    Fact.DEFERRED_EVENT_AGE: _age(
        WebhookEvent.received_at,
        WebhookEvent.status == _word(WebhookStatus.DEFERRED),
    ),
    Fact.FAILED_EVENTS: _FAILED_EVENTS,
    Fact.LATE_POSTS: _LATE_POSTS,
    Fact.UNCONFIRMED_POSTS: _UNCONFIRMED_POSTS,
    Fact.UNBALANCED_TRANSACTIONS: _UNBALANCED,
    Fact.HOLD_DRIFTS: _HOLD_DRIFTS,
    Fact.REFUND_DRIFTS: _REFUND_DRIFTS,
    Fact.RECONCILIATION_DIFFERENCES: select(
        func.coalesce(func.max(_last.c.differences), 0)
    ),
    Fact.RECONCILIATION_AGE: _seconds_since(func.max(_last.c.at)),
    Fact.REFRESH_FAILURES: _REFRESH_FAILURES,
    Fact.MODERATION_ERROR_SHARE: _ERROR_SHARE,
    Fact.BUDGETS_NEARLY_SPENT: _NEARLY_SPENT,
    Fact.FAILED_LETTERS: _FAILED_LETTERS,
    Fact.OPEN_DEAD_LETTERS: _count(_is_undead),
}
_LOOK = select(*(asked.scalar_subquery().label(fact) for fact, asked in _FACTS.items()))


class HouseFacts:
    """How the house is; global."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def look(self) -> dict[Fact, float]:
        """Return every fact, in one round trip and of one moment."""
        moment = now()
        row = await self._connection.one(
            _LOOK,
            this_month=f"{moment:%Y-%m}",
            last_month=f"{moment.replace(day=1) - timedelta(days=1):%Y-%m}",
            minute=int(moment.timestamp()) // 60,
            refunded_since=first_id(moment - REFUNDED_WITHIN),
            judged_since=first_id(moment - JUDGED_WITHIN),
        )
        return {fact: float(dict(row or {})[fact]) for fact in Fact}
