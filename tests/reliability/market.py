"""A market at Stripe: fans who subscribe, tip, are refunded and dispute, and its mail.

What happens there is decided by a seed; ``expected`` says what we must make of it.
"""

import asyncio
import random
from collections import Counter
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Self

import httpx

from tests.reliability import expected
from tests.reliability.expected import Books, Json
from tests.reliability.mail import PATIENCE_S, Mail, burst, insist
from tests.reliability.plant import Plant
from tests.support.api import Api
from tests.support.people import Person, sign_up

SENDERS = 8
BUYERS = 4
MEMBERS_LEFT = 3
STATUSES = ("active", "active", "past_due", "unpaid", "paused", "canceled")
BACK = {"success_url": "http://127.0.0.1/", "cancel_url": "http://127.0.0.1/"}
PRICES = {"eur": 900, "usd": 1_200, "jpy": 1_500}


class Market:
    """Fans of one avatar, in three currencies."""

    def __init__(self, plant: Plant, seed: int) -> None:
        self._plant = plant
        self._luck = random.Random(seed)
        self._stripe = httpx.Client(
            base_url=f"{self._control()}/stripe", timeout=PATIENCE_S
        )
        self._prices: dict[str, str] = {}
        self._living: list[str] = []
        self._whole: list[str] = []
        self._paid: dict[str, int] = {}
        self._rest: dict[str, int] = {}
        self.told_before = len(self.events())

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._stripe.close()

    def _control(self) -> str:
        stand_ins = self._plant.stack.stand_ins
        assert stand_ins is not None
        return stand_ins.control

    def open(self) -> None:
        """Offer a membership and tips, unless they are on offer."""
        owner = self._plant.owner.api
        prices = [
            {"amount_minor": minor, "currency": currency, "interval": "month"}
            for currency, minor in PRICES.items()
        ]
        tips = [
            {"min_amount_minor": 100, "max_amount_minor": 9_000, "currency": currency}
            for currency in PRICES
        ]
        common = {"avatar_id": self._plant.avatar_id}
        benefit = owner(
            "POST",
            "/api/v1/benefits",
            {"kind": "content_tier", "ref": f"gold-{self.told_before}", "name": "Gold"},
        ).ok(201)
        gold = {"kind": "membership", "name": "Gold", "benefit_ids": [benefit["id"]]}
        sold = owner("POST", "/api/v1/products", common | gold | {"prices": prices}).ok(
            201
        )
        self._prices = {price["currency"]: price["id"] for price in sold["prices"]}
        if not self.told_before:
            tip = {"kind": "tip", "name": "A tip", "prices": tips}
            owner("POST", "/api/v1/products", common | tip).ok(201)

    def trade(self, fans: int, *, acts: int, tips: bool = True) -> None:
        """Let so many fans come, subscribe and tip, and then so many things happen."""
        with ThreadPoolExecutor(BUYERS) as buyers:
            list(buyers.map(lambda number: self._come(number, tips=tips), range(fans)))
        self._look_around()
        if acts:
            self._take_months_back()
        for _ in range(acts):
            self._act()
        held = self._stripe.get("/balance").raise_for_status().json()["available"]
        for one in held:
            if one["amount"] > 0:
                self._do("payout", currency=one["currency"])

    def _come(self, number: int, *, tips: bool) -> None:
        currency = tuple(PRICES)[number % len(PRICES)]
        fan = sign_up(api=Api(base=self._plant.stack.api))
        line = {"price_id": self._prices[currency], "quantity": 1}
        self._buy(fan, "/api/v1/checkout", {"lines": [line]})
        for amount in (300 + number, 1_000 + number) if tips else ():
            wish = {"avatar_id": self._plant.avatar_id, "amount_minor": amount}
            self._buy(fan, "/api/v1/checkout/tips", wish | {"currency": currency})

    def _buy(self, fan: Person, path: str, wish: Json) -> None:
        made = fan.api("POST", path, wish | BACK).ok(201)
        (row,) = self._plant.ask(
            "select stripe_session_id as session from checkouts where id = %s",
            made["checkout_id"],
        )
        self._do("pay", **row)

    def _act(self) -> None:
        """Let one thing happen, more often the everyday ones."""
        acts: Sequence[Callable[[], object]] = (
            self._renew,
            self._renew,
            self._renew,
            self._renew,
            self._refund,
            self._dispute,
            self._lapse,
        )
        self._luck.choice(acts)()

    def _renew(self) -> None:
        if self._living:
            it = self._luck.choice(self._living)
            self._do("renew", subscription=it, outcome="paid")

    def _lapse(self) -> None:
        if len(self._living) > MEMBERS_LEFT:
            it = self._luck.choice(self._living)
            self._living.remove(it)
            self._do("subscription_status", subscription=it, status="canceled")

    def _refund(self) -> None:
        """Give some of a charge back, and perhaps another time some more."""
        if self._whole:
            it = self._luck.choice(self._whole)
            amount = self._luck.randint(1, self._rest[it])
            self._rest[it] -= amount
            if not self._rest[it]:
                self._whole.remove(it)
            self._do("refund", charge=it, amount=amount)

    def _dispute(self) -> None:
        if whole := self._untouched():
            it = self._luck.choice(whole)
            self._whole.remove(it)
            opened = self._do("dispute", charge=it)
            outcome = self._luck.choice(("won", "lost"))
            self._do("dispute_outcome", dispute=opened["id"], outcome=outcome)

    def _untouched(self) -> list[str]:
        """Return the charges of which nothing has gone back."""
        return [it for it in self._whole if self._rest[it] == self._paid[it]]

    def _take_months_back(self) -> None:
        """Let two members live on in a month whose money has gone back.

        One's bank has taken it, the other was given it in two parts.
        """
        charged = expected.charged_for(self._all)
        paid = [it for it in self._living if charged.get(it) in self._untouched()]
        members = self._luck.sample(paid, 2)
        for it in members:
            self._living.remove(it)
            self._whole.remove(charged[it])
        disputed, refunded = (charged[it] for it in members)
        opened = self._do("dispute", charge=disputed)
        self._do("dispute_outcome", dispute=opened["id"], outcome="lost")
        some = self._luck.randrange(1, self._paid[refunded])
        for amount in (some, self._paid[refunded] - some):
            self._do("refund", charge=refunded, amount=amount)

    def _look_around(self) -> None:
        """Remember which memberships live, and what was charged."""
        self._living = [
            it["id"] for it in self._all("subscription") if it["status"] == "active"
        ]
        charges = [it for it in self._all("charge") if it["paid"]]
        self._paid = {it["id"]: it["amount"] for it in charges}
        self._rest = {it["id"]: it["amount"] - it["amount_refunded"] for it in charges}
        self._whole = [
            it["id"] for it in charges if not it["disputed"] and self._rest[it["id"]]
        ]

    def change_subscriptions(self, times: int) -> None:
        """Have Stripe change each subscription so often, within as few seconds."""
        living = [s for s in self._all("subscription") if s["status"] != "canceled"]
        for it in living:
            for status in self._luck.choices(STATUSES, k=times):
                self._do("subscription_status", subscription=it["id"], status=status)
                if status == "canceled":
                    break

    def statuses(self) -> dict[str, str]:
        """Return how the subscriptions stand at Stripe."""
        return {it["id"]: it["status"] for it in self._all("subscription")}

    def statuses_kept(self) -> dict[str, str]:
        """Return how they stand with us."""
        rows = self._plant.ask(
            "select stripe_subscription_id, status from subscriptions"
        )
        return {row["stripe_subscription_id"]: row["status"] for row in rows}

    def burst(self, events: int, *, copies: int) -> Counter[int]:
        """Send each of so many events in several copies at one moment."""
        url = f"{self._plant.stack.api}/webhooks/stripe"
        mail = self.events()[self.told_before :][:events]
        return asyncio.run(burst(url, mail, copies))

    def events(self) -> list[Json]:
        """Return all that Stripe has told of, oldest first."""
        return list(self._stripe.get("/events").raise_for_status().json())

    def _all(self, kind: str) -> list[Json]:
        return list(self._stripe.get(f"/objects/{kind}").raise_for_status().json())

    def _do(self, act: str, **what: object) -> Json:
        answer = self._stripe.post(f"/{act}", json=what)
        assert answer.is_success, f"{act} {what}: {answer.text}"
        done: Json = answer.json()
        return done

    def deliver(self, *, doubled: float) -> Mail:
        """Send the mail, shuffled, part of it twice, until each has been taken."""
        events = self.events()[self.told_before :]
        again = self._luck.sample(events, int(len(events) * doubled))
        sent = [*events, *again]
        self._luck.shuffle(sent)
        mail = Mail(len(sent), {event["id"] for event in events})
        url = f"{self._plant.stack.api}/webhooks/stripe"
        with (
            httpx.Client(timeout=PATIENCE_S) as door,
            ThreadPoolExecutor(SENDERS) as senders,
        ):
            for answers in senders.map(lambda event: insist(door, url, event), sent):
                mail.answers.update(answers)
        return mail

    def wanted(self) -> Books:
        """Return what the books must say."""
        return expected.books(self._all)

    def charges(self) -> int:
        """Return how often money came in."""
        return sum(charge["paid"] for charge in self._all("charge"))

    def subscribed(self) -> set[str]:
        """Return who has a membership that is not over, paid for or not."""
        return expected.subscribed(self._all)

    def members(self) -> set[str]:
        """Return whose memberships are open."""
        return expected.members(self._all)

    def entitled(self) -> set[str]:
        """Return who may open what a membership opens."""
        rows = self._plant.ask(
            "select distinct stripe_customer_id from grants join customers"
            " on customers.id = customer_id where source_type = 'subscription'"
            " and revoked_at is null and coalesce(ends_at > now(), true)"
        )
        return {row["stripe_customer_id"] for row in rows}

    def kept(self) -> Books:
        """Return what the books say."""
        rows = self._plant.ask(
            "select account, currency, sum(amount_micros)::bigint as micros"
            " from v_ledger where source_type = 'balance_transaction'"
            " group by account, currency"
        )
        books = Counter({(r["account"], r["currency"]): r["micros"] for r in rows})
        return expected.without_zeros(books)
