"""What goes wrong, by script: rules that strike counted calls, in their order.

A call is struck by the first rule that fits it, is past its ``skip`` and has ``times``
left. Rules come from a file, which is read again whenever it changes, and from the
control door; whichever came last holds alone.
"""

import json
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter, model_validator

type Provider = Literal["replicate", "openai", "instagram", "stripe", "tiktok"]

CALLS: dict[str, frozenset[str]] = {
    "replicate": frozenset(
        {
            "account.get",
            "files.get",
            "predictions.cancel",
            "predictions.create",
            "predictions.get",
            "predictions.list",
            "webhooks.secret",
        }
    ),
    "openai": frozenset(
        {
            "conversations.create",
            "conversations.delete",
            "conversations.get",
            "conversations.items.create",
            "conversations.items.list",
            "conversations.update",
            "models.list",
            "moderations.create",
            "responses.create",
            "responses.delete",
            "responses.get",
        }
    ),
    "instagram": frozenset(
        {
            "accounts.get",
            "accounts.limit",
            "comments.create",
            "comments.delete",
            "comments.get",
            "comments.hide",
            "comments.list",
            "comments.replies",
            "comments.reply",
            "media.create",
            "media.delete",
            "media.get",
            "media.insights",
            "media.list",
            "media.status",
            "media_publish",
            "oauth.access_token",
            "oauth.authorize",
            "subscriptions.create",
            "subscriptions.delete",
            "subscriptions.get",
            "tokens.exchange",
            "tokens.refresh",
        }
    ),
    "stripe": frozenset(
        {
            "balance.get",
            "balance_transactions.get",
            "balance_transactions.list",
            "billing_portal.sessions.create",
            "charges.get",
            "charges.list",
            "checkout.sessions.create",
            "checkout.sessions.expire",
            "checkout.sessions.get",
            "checkout.sessions.line_items",
            "checkout.sessions.list",
            "customers.create",
            "customers.delete",
            "customers.get",
            "customers.list",
            "customers.update",
            "disputes.close",
            "disputes.get",
            "disputes.list",
            "disputes.update",
            "early_fraud_warnings.get",
            "events.get",
            "events.list",
            "invoice_payments.get",
            "invoice_payments.list",
            "invoices.create_preview",
            "invoices.get",
            "invoices.list",
            "payment_intents.get",
            "payment_intents.list",
            "payouts.create",
            "payouts.get",
            "payouts.list",
            "prices.create",
            "prices.get",
            "prices.list",
            "prices.update",
            "products.create",
            "products.get",
            "products.update",
            "refunds.create",
            "refunds.get",
            "refunds.list",
            "subscriptions.cancel",
            "subscriptions.get",
            "subscriptions.list",
            "subscriptions.resume",
            "subscriptions.update",
        }
    ),
    "tiktok": frozenset(
        {
            "content.init",
            "creator_info.query",
            "inbox.video.init",
            "oauth.authorize",
            "oauth.revoke",
            "oauth.token",
            "publish.cancel",
            "status.fetch",
            "user.info",
            "video.init",
            "video.list",
            "video.query",
            "video.upload",
        }
    ),
}
ANY_CALL = "*"


class Action(StrEnum):
    """The ways in which a call goes wrong."""

    BEFORE = "before"  # the connection drops, nothing has happened
    AFTER = "after"  # it has happened, the connection drops without an answer
    SLOW = "slow"  # `seconds` pass, then all goes well
    SLOW_AFTER = "slow_after"  # it happens at once, the answer takes `seconds`
    HANG = "hang"  # no answer for `seconds`, or ever; nothing has happened
    HANG_AFTER = "hang_after"  # likewise, but it has happened
    STATUS = "status"  # an error answer, nothing has happened
    STATUS_AFTER = "status_after"  # an error answer, yet it has happened
    RUBBISH = "rubbish"  # it has happened, the answer is a broken 200
    RUBBISH_BEFORE = "rubbish_before"  # likewise, but nothing has happened
    REPLY = "reply"  # `body` is answered with `status` (200), nothing has happened
    FAIL = "fail"  # the prediction, response or container ends failed, with `error`
    STUCK = (
        "stuck"  # the prediction or container stays under way (or `reason`) for good
    )
    OUTPUT = "output"  # the prediction succeeds with `body` for its output
    CREDENTIALS = "credentials"  # the pictures carry content credentials
    SCORES = "scores"  # the moderation scores are at least `scores`
    REFUSAL = "refusal"  # the model refuses, with `error` for its words
    INCOMPLETE = "incomplete"  # the response breaks off for `reason`


_ONLY_FOR: dict[Action, frozenset[str]] = {
    Action.FAIL: frozenset({"predictions.create", "responses.create", "media.create"}),
    Action.STUCK: frozenset({"predictions.create", "media.create"}),
    Action.OUTPUT: frozenset({"predictions.create"}),
    Action.CREDENTIALS: frozenset({"predictions.create"}),
    Action.SCORES: frozenset({"moderations.create"}),
    Action.REFUSAL: frozenset({"responses.create"}),
    Action.INCOMPLETE: frozenset({"responses.create"}),
}
_NEEDS: dict[Action, str] = {
    Action.SLOW: "seconds",
    Action.SLOW_AFTER: "seconds",
    Action.STATUS: "status",
    Action.REPLY: "body",
    Action.OUTPUT: "body",
    Action.SCORES: "scores",
}


class Rule(BaseModel):
    """One thing that goes wrong, and when."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    provider: Provider
    call: str
    action: Action
    times: int | None = Field(default=1, ge=1)
    """How often it strikes; null for always."""
    skip: int = Field(default=0, ge=0)
    """How many fitting calls pass first."""
    match: str | None = None
    """What must occur in the path, a ``name: value`` header, or the body."""
    seconds: float | None = Field(default=None, ge=0)
    status: int | None = Field(default=None, ge=200, le=599)
    retry_after: int | None = Field(default=None, ge=0)
    headers: dict[str, str] = Field(default_factory=dict)
    body: object = None
    error: str | None = None
    reason: str | None = None
    scores: dict[str, float] | None = None

    @model_validator(mode="after")
    def _is_possible(self) -> Self:
        if self.call not in CALLS[self.provider] | {ANY_CALL}:
            raise UnknownCallError(self.provider, self.call)
        if self.call not in _ONLY_FOR.get(self.action, {self.call}):
            raise ImpossibleActionError(self.action, self.call)
        needed = _NEEDS.get(self.action)
        if needed is not None and needed not in self.model_fields_set:
            raise MissingFieldError(self.action, needed)
        return self


class UnknownCallError(ValueError):
    """A rule names a call the provider does not have."""

    def __init__(self, provider: str, call: str) -> None:
        known = ", ".join(sorted(CALLS[provider]))
        super().__init__(f"{provider} has no call {call!r}; it has {known}, or *")


class ImpossibleActionError(ValueError):
    """A rule asks of a call what only another can do."""

    def __init__(self, action: Action, call: str) -> None:
        fitting = ", ".join(sorted(_ONLY_FOR[action]))
        super().__init__(f"{action.value!r} cannot strike {call!r}, only {fitting}")


class MissingFieldError(ValueError):
    """A rule leaves open what its action needs."""

    def __init__(self, action: Action, field: str) -> None:
        super().__init__(f"{action.value!r} needs {field!r}")


@dataclass
class _Armed:
    rule: Rule
    seen: int = 0
    struck: int = 0

    def strikes(self) -> bool:
        """Count a fitting call, and return whether this rule takes it."""
        spent = self.rule.times is not None and self.struck >= self.rule.times
        if spent:
            return False
        self.seen += 1
        if self.seen <= self.rule.skip:
            return False
        self.struck += 1
        return True


_RULES = TypeAdapter(list[Rule])


class Faults:
    """The rules in force and how far each has counted; safe among threads."""

    def __init__(self, file: Path | None = None) -> None:
        self._lock = threading.Lock()
        self._armed: list[_Armed] = []
        self._file = file
        self._stamp: tuple[int, int, int] | None = None
        self._complaint: str | None = None
        if file is not None and file.exists():
            _RULES.validate_json(file.read_bytes())  # a wrong script stops the start

    def replace(self, rules: Sequence[object]) -> None:
        """Put these rules in force, and no others, all counters at nought.

        Raises:
            pydantic.ValidationError: A rule is not one; the old ones stay in force.
        """
        armed = [_Armed(rule) for rule in _RULES.validate_python(rules)]
        with self._lock:
            self._armed = armed

    def add(self, rule: object) -> None:
        """Put one more rule behind the others."""
        armed = _Armed(Rule.model_validate(rule))
        with self._lock:
            self._armed.append(armed)

    def clear(self) -> None:
        """Let everything go well."""
        self.replace([])

    def take(self, provider: Provider, call: str, seen: str) -> Rule | None:
        """Return the rule that strikes this call, counted; none if all goes well."""
        with self._lock:
            self._read_again()
            fitting = (a for a in self._armed if _fits(a.rule, provider, call, seen))
            return next((a.rule for a in fitting if a.strikes()), None)

    def report(self) -> dict[str, object]:
        """Return the rules in force with their counters, in order."""
        with self._lock:
            self._read_again()
            rules = [
                a.rule.model_dump(mode="json", exclude_unset=True)
                | {"seen": a.seen, "struck": a.struck}
                for a in self._armed
            ]
        return {"rules": rules, "file_error": self._complaint}

    def _read_again(self) -> None:
        """Take the file's rules if it changed; keep the old ones if it is broken.

        A file being written may be caught half done: its stamp is remembered only
        once it could be read.
        """
        if self._file is None or not self._file.exists():
            return
        state = self._file.stat()
        stamp = (state.st_mtime_ns, state.st_size, state.st_ino)
        if stamp == self._stamp:
            return
        try:
            rules = _RULES.validate_python(json.loads(self._file.read_bytes()))
        except ValueError as error:
            self._complaint = str(error)
            return
        self._armed = [_Armed(rule) for rule in rules]
        self._stamp, self._complaint = stamp, None


def _fits(rule: Rule, provider: Provider, call: str, seen: str) -> bool:
    if rule.provider != provider or rule.call not in {call, ANY_CALL}:
        return False
    return rule.match is None or rule.match in seen
