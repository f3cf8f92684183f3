"""Money under bad luck: everything twice, in no order, and whoever works on it dies.

`make reliability` lets 200 fans make 10,000 events, for three seeds; without ROUNDS it
is a small market.
"""

import os
import random
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from typing import Self

import pytest

from tests.reliability.mail import Mail
from tests.reliability.market import Market
from tests.reliability.plant import Plant
from tests.reliability.tables import Table
from tests.stack.errors import InvocationError

pytestmark = pytest.mark.stack
IS_QUICK = "ROUNDS" not in os.environ
FANS, ACTS, SEEDS = (9, 40, 1) if IS_QUICK else (200, 1_150, 3)
EVENTS = 200 if IS_QUICK else 10_000
BURST_FANS, BURSTS = (2, 20) if IS_QUICK else (25, 500)
SUBSCRIPTIONS, UPDATES = (6, 10) if IS_QUICK else (300, 10)
RESTARTS = 1 if IS_QUICK else 3
DOUBLED = 0.35
PAUSE_S = 3 if IS_QUICK else 30
LULL_S = (0.5, 3) if IS_QUICK else (4, 12)
"""Between two kills: who has to start anew gets something done before the next one."""
MINUTE_S = 3
"""How long a schedule's minute is, as leases and queues are impatient, too."""
PATIENCE_S = 90 if IS_QUICK else 900
VICTIMS = ("ApplyEventsFunction", "StripeWebhookFunction")
TABLE = Table("What storms of events left behind")
OPEN = (
    "select count(*) from webhook_events where source = 'stripe'"
    " and status in ('received', 'deferred', 'failed')"
)


type Makes = Callable[[int], Market]


@pytest.fixture
def market_of(plant: Plant) -> Iterator[Makes]:
    """Make markets, each by its seed, that are closed in the end."""
    with ExitStack() as exits:
        yield lambda seed: exits.enter_context(Market(plant, seed))


@pytest.fixture(autouse=True)
def _no_post_but_ours(plant: Plant) -> Iterator[None]:
    plant.webhooks(drop=True)
    yield
    plant.webhooks()


class Restless(threading.Thread):
    """Does something again and again, until the block that it is around has ended."""

    def __init__(self) -> None:
        super().__init__(name=type(self).__name__)
        self._enough = threading.Event()

    def __enter__(self) -> Self:
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._enough.set()
        self.join()


class Saboteur(Restless):
    """Kills workers and doors at random moments: one sandbox, or all of a function."""

    def __init__(self, plant: Plant, seed: int) -> None:
        super().__init__()
        self._plant = plant
        self._luck = random.Random(seed)
        self.killed = 0

    def run(self) -> None:
        while not self._enough.wait(self._luck.uniform(*LULL_S)):
            victim = self._luck.choice(VICTIMS)
            most = self._luck.choice((1, 1, 1, None))
            self.killed += self._plant.stack.kill_workers(victim, most=most)


class Clock(Restless):
    """Fires what runs every minute."""

    def __init__(self, plant: Plant) -> None:
        super().__init__()
        self._plant = plant

    def run(self) -> None:
        while not self._enough.wait(MINUTE_S):
            sweep(self._plant)


def sweep(plant: Plant) -> None:
    """Look after what is left lying; moto may be slow in a storm."""
    for function in ("SweepFunction", "PushOutboxFunction"):
        with suppress(InvocationError):
            plant.stack.fire(function)


def drain(plant: Plant, within_s: float) -> None:
    """Wait until no event is left to be applied, with a sweep now and then."""
    end = time.monotonic() + within_s
    while left := plant.number(OPEN):
        assert time.monotonic() < end, f"{left} events are left"
        plant.ask(
            "update webhook_events set check_at = now() where status = 'deferred'"
            " returning id"
        )
        sweep(plant)
        time.sleep(MINUTE_S)


def storm(plant: Plant, market: Market, seed: int) -> tuple[Mail, int]:
    """Let a market make mail, and deliver that while everything breaks."""
    market.open()
    market.trade(FANS, acts=ACTS)
    with (
        Clock(plant),
        Saboteur(plant, seed) as saboteur,
        ThreadPoolExecutor(1) as post,
    ):
        delivering = post.submit(market.deliver, doubled=DOUBLED)
        for _ in range(RESTARTS):
            time.sleep(PAUSE_S)
            plant.restart_database()
        mail = delivering.result()
    drain(plant, within_s=PATIENCE_S)
    return mail, saboteur.killed


@pytest.mark.parametrize("seed", range(1, SEEDS + 1))
def test_the_books_are_right_whatever_breaks(
    plant: Plant, market_of: Makes, seed: int
) -> None:
    market = market_of(seed)

    mail, killed = storm(plant, market, seed)

    assert len(mail.events) >= EVENTS
    assert mail.sent >= len(mail.events) * 1.3
    assert killed > 0
    assert market.kept() == market.wanted()
    charged = "select count(*) from v_ledger where kind = 'charge' and account = %s"
    assert plant.number(charged, "stripe_clearing") == market.charges()
    assert plant.number("select count(*) from payments where status = 'succeeded'") == (
        market.charges()
    )
    assert market.entitled() == market.members() < market.subscribed()
    TABLE.add(
        f"seed {seed}", f"{len(mail.events)} events", f"{mail.sent} deliveries",
        f"{killed} killed", dict(mail.answers),
    )  # fmt: skip


def test_the_same_event_sixteen_times_at_once_has_one_effect(
    plant: Plant, market_of: Makes
) -> None:
    market = market_of(16)
    market.open()
    market.trade(BURST_FANS, acts=0)

    answers = market.burst(BURSTS, copies=16)
    market.deliver(doubled=0)
    drain(plant, within_s=PATIENCE_S)

    assert set(answers) == {202}
    assert sum(answers.values()) == 16 * BURSTS
    assert market.kept() == market.wanted()


def test_a_subscription_ends_as_stripe_has_it_whatever_comes_first(
    plant: Plant, market_of: Makes
) -> None:
    market = market_of(300)
    market.open()
    market.trade(SUBSCRIPTIONS, acts=0, tips=False)
    market.change_subscriptions(UPDATES)

    market.deliver(doubled=0.3)
    drain(plant, within_s=PATIENCE_S)

    assert market.statuses_kept() == market.statuses()
    assert "canceled" in market.statuses().values()
    assert market.entitled() == market.members()
