"""What travels through the queues: an id, and the reason it was sent."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum
from uuid import UUID

from pydantic import BaseModel, ConfigDict


class Queue(StrEnum):
    """The queues; each id means a row that holds all the rest."""

    GENERATE = "generate"
    """A content job to be sent to its provider."""
    FINISH = "finish"
    """A content job whose provider may have an outcome."""
    MODERATE = "moderate"
    """A policy decision to be made."""
    PUBLISH = "publish"
    """A post that is due, or is to be taken back."""
    CONFIRM = "confirm"
    """A post of which the platform is to be asked what became of it."""
    EVENTS = "events"
    """A webhook event of Stripe's that is to be applied."""
    REFUND = "refund"
    """A refund that Stripe is to be asked for, again."""
    RECONCILE = "reconcile"
    """A reconciliation that is to begin, or to go on."""
    MAIL = "mail"
    """A letter that is to be sent."""
    PRIVACY = "privacy"
    """A user's wish about their own data."""
    MEASURE = "measure"
    """A social account whose posts' numbers are to be read."""
    ROLLUP = "rollup"
    """A day that is to be rolled up."""


class Task(BaseModel):
    """The body of every message."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    id: UUID


@dataclass(frozen=True, slots=True)
class Message:
    """A task on its way to a queue."""

    queue: Queue
    subject_id: UUID
    reason: str
    """Unlike for unlike reasons: one reason sends one message, even written twice."""
    delay: timedelta = timedelta(0)

    @property
    def dedupe_key(self) -> str:
        """What makes the message the same message."""
        return f"{self.subject_id}:{self.reason}"


def generate(job_id: UUID, reason: str = "asked") -> Message:
    """Return the message that a job waits for its provider call."""
    return Message(Queue.GENERATE, job_id, reason)


def finish(job_id: UUID, reason: str) -> Message:
    """Return the message that a provider may be done with a job."""
    return Message(Queue.FINISH, job_id, reason)


def moderate(decision_id: UUID, reason: str = "asked") -> Message:
    """Return the message that a decision waits for the policy gate."""
    return Message(Queue.MODERATE, decision_id, reason)


def publish(post_id: UUID, reason: str, delay: timedelta = timedelta(0)) -> Message:
    """Return the message that a post is due, or is to be taken back."""
    return Message(Queue.PUBLISH, post_id, reason, delay)


def confirm(post_id: UUID, reason: str, delay: timedelta = timedelta(0)) -> Message:
    """Return the message that a platform may know what became of a post."""
    return Message(Queue.CONFIRM, post_id, reason, delay)


def apply(event_id: UUID, reason: str, delay: timedelta = timedelta(0)) -> Message:
    """Return the message that an event of Stripe's is to be applied."""
    return Message(Queue.EVENTS, event_id, reason, delay)


def refund(refund_id: UUID, reason: str, delay: timedelta = timedelta(0)) -> Message:
    """Return the message that Stripe is to be asked for a refund."""
    return Message(Queue.REFUND, refund_id, reason, delay)


def reconcile(run_id: UUID, reason: str, delay: timedelta = timedelta(0)) -> Message:
    """Return the message that a reconciliation is to begin, or to go on."""
    return Message(Queue.RECONCILE, run_id, reason, delay)


def mail(letter_id: UUID, reason: str = "asked") -> Message:
    """Return the message that a letter is to be sent."""
    return Message(Queue.MAIL, letter_id, reason)


def privacy(request_id: UUID, reason: str = "asked") -> Message:
    """Return the message that a user's wish about their data is to be fulfilled."""
    return Message(Queue.PRIVACY, request_id, reason)


def measure(account_id: UUID, reason: str) -> Message:
    """Return the message that the numbers of an account's posts are to be read."""
    return Message(Queue.MEASURE, account_id, reason)


def roll_up(run_id: UUID, reason: str) -> Message:
    """Return the message that a day is to be rolled up."""
    return Message(Queue.ROLLUP, run_id, reason)
