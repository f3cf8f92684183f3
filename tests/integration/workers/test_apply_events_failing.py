"""Queue events when something goes wrong: nothing is lost, and nothing done twice."""

import json
from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest

from tests.conftest import Set
from tests.support.api import handler_of
from tests.support.billing import Billing
from tests.support.people import Person
from tests.support.workers import record
from vixenbliss.database import Connection
from vixenbliss.errors import (
    InvalidStateError,
    LeaseLostError,
    ProviderUnavailableError,
)
from vixenbliss.loop import run
from vixenbliss.providers.stripe import Stripe
from vixenbliss.repositories.stripe_objects import Claim
from vixenbliss.services.all_mirrors import all_mirrors
from vixenbliss.services.applying import Applying
from vixenbliss.services.event_settling import Look, settlement_of
from vixenbliss.services.mirrors import PROCESSED, Verdict
from vixenbliss.settings import settings

EVENTS = "/api/v1/ops/webhook-events"
CALL = "subscriptions.get"
REFUSES = "alter table subscriptions add constraint never check (false) not valid"
RELENTS = "alter table subscriptions drop constraint never"


@pytest.fixture(autouse=True)
def _at_once(surroundings: Set) -> None:
    """Let a try follow the other at once."""
    surroundings(RETRY_DELAYS_S="0,0")


@pytest.fixture
def told(shopping: Billing) -> Billing:
    """A shop where somebody has subscribed, which we have been told and no more."""
    shopping.buy(shopping.membership())
    shopping.deliver(*shopping.news("customer.subscription.created"))
    return shopping


def event(shopping: Billing) -> dict[str, Any]:
    return dict(shopping.one("webhook_events"))


def try_it(shopping: Billing, times: int = 1) -> None:
    for _ in range(times):
        shopping.workers.run("events", event(shopping)["id"])


def waiting(shopping: Billing) -> float:
    """Return for how many seconds the newest message is to wait."""
    row = shopping.sql.execute(
        "select extract(epoch from available_at - created_at)::float as s"
        " from outbox where queue = 'events' order by id desc limit 1"
    ).fetchone()
    return float(dict(row or {})["s"])


# Stripe does not answer, or says no.


@pytest.mark.parametrize(
    "fault",
    [
        {"action": "status", "status": 503},
        {"action": "status", "status": 429},
        {"action": "status", "status": 401},
        {"action": "before"},
        {"action": "rubbish"},
    ],
    ids=lambda fault: "-".join(map(str, fault.values())),
)
def test_no_answer_is_no_try(told: Billing, fault: dict[str, Any]) -> None:
    told.world.fault("stripe", CALL, times=None, **fault)
    try_it(told, 4)
    before = event(told)

    told.world.heal()
    told.work()

    assert (before["status"], before["attempts"]) == ("received", 0)
    assert before["note"].startswith("Stripe: ")
    assert before["check_at"] is not None
    assert event(told)["status"] == "processed"


@pytest.mark.parametrize(
    ("age", "pause"), [("0", 10), ("1 minute", 60), ("1 day", 900)]
)
def test_patience_grows_with_the_time_without_an_answer(
    told: Billing, age: str, pause: int
) -> None:
    told.world.fault("stripe", CALL, "status", status=503, times=None)
    told.sql.execute(
        "update webhook_events set received_at = now() - %s::interval", (age,)
    )

    try_it(told)

    assert waiting(told) == pytest.approx(pause, abs=5)


def test_three_refusals_are_the_end_until_somebody_has_it_replayed(
    told: Billing, stranger: Person
) -> None:
    told.world.fault("stripe", CALL, "status", status=404, times=None)
    try_it(told, 3)
    failed = event(told)
    told.world.heal()

    replayed = replay(told, stranger)
    told.work()

    assert (failed["status"], failed["check_at"]) == ("failed", None)
    assert replayed == (202, "received")
    assert told.one("dead_letters")["redriven_at"] is not None
    assert event(told)["status"] == "processed"
    assert told.held() == ["gold"]


def replay(shopping: Billing, person: Person) -> tuple[int, str]:
    shopping.sql.execute(
        "update users set platform_role = 'admin' where id = %s", (person.id,)
    )
    path = f"{EVENTS}/{event(shopping)['id']}/replay"
    answer = person.api("POST", path, {"reason": "Stripe is well again."})
    return answer.status, answer.json["status"]


def test_two_refusals_are_not_the_end(told: Billing) -> None:
    told.world.fault("stripe", CALL, "status", status=404, times=2)

    try_it(told, 3)

    row = event(told)
    assert (row["status"], row["attempts"], row["note"]) == ("processed", 2, None)
    assert told.count("dead_letters") == 0


def test_a_refusal_keeps_others_from_looking_for_a_while(
    told: Billing, surroundings: Set
) -> None:
    surroundings(RETRY_DELAYS_S="30,120")
    told.world.fault("stripe", CALL, "status", status=404, times=1)

    try_it(told, 3)

    row = event(told)
    assert (row["status"], row["attempts"]) == ("received", 1)
    assert waiting(told) == pytest.approx(30, abs=1)
    assert len(told.world.calls("stripe", CALL)) == 1


# Our own crashes.


def test_three_crashes_are_the_end_until_somebody_has_it_replayed(
    told: Billing, stranger: Person
) -> None:
    told.sql.execute(REFUSES.encode())
    try_it(told, 3)
    failed, letter = event(told), told.one("dead_letters")
    told.sql.execute(RELENTS.encode())

    replay(told, stranger)
    told.work()

    assert failed["status"] == "failed"
    assert letter["subject_id"] == failed["id"]
    assert "never" in letter["reason"]
    assert event(told)["status"] == "processed"
    assert told.held() == ["gold"]


def test_who_crashes_takes_no_others_down(shopping: Billing) -> None:
    shopping.buy(shopping.membership())
    shopping.sql.execute(REFUSES.encode())

    shopping.deliver(
        *shopping.news("customer.subscription.created", "checkout.session.completed")
    )
    shopping.workers.deliver("events")

    assert shopping.one("checkouts")["status"] == "completed"
    assert shopping.count("webhook_events", status="processed") == 1


def test_a_letter_can_be_sent_on_its_way_again(told: Billing, stranger: Person) -> None:
    told.sql.execute(REFUSES.encode())
    try_it(told, 3)
    told.sql.execute(RELENTS.encode())
    told.sql.execute(
        "update users set platform_role = 'admin' where id = %s", (stranger.id,)
    )

    answer = stranger.api("POST", "/api/v1/ops/queues/events/redrive")
    told.work()

    assert answer.ok(202) == {"redriven": 1}
    assert event(told)["status"] == "processed"


# Workers that die, and wake up late.


def test_a_worker_that_died_between_look_and_write_is_taken_over_from(
    told: Billing,
) -> None:
    (subscription,) = told.see("subscription")
    told.sql.execute(
        "insert into stripe_objects (object_id, fence, lease_until)"
        " values (%s, 1, now() + interval '1 minute')",
        (subscription["id"],),
    )
    try_it(told)
    before = told.count("subscriptions")

    told.sql.execute("update stripe_objects set lease_until = now() - interval '1 s'")
    told.sql.execute("update webhook_events set check_at = now()")
    told.sweep()
    told.work()

    assert before == 0
    assert told.one("stripe_objects")["fence"] == 2
    assert told.held() == ["gold"]


def test_a_worker_that_died_before_its_message_was_gone_does_nothing_again(
    told: Billing,
) -> None:
    told.work()
    before = len(told.world.calls("stripe", CALL))

    again = told.workers.run("events", event(told)["id"])

    assert again == []
    assert len(told.world.calls("stripe", CALL)) == before


def test_who_lost_the_lease_writes_nothing(told: Billing) -> None:
    told.work()

    async def write_late() -> None:
        stale = Look(Claim(told.one("stripe_objects")["object_id"], 0), ())
        async with settlement_of(stale) as settlement:
            await settlement.answer(PROCESSED)

    with pytest.raises(LeaseLostError):
        run(write_late())


def test_what_comes_during_a_look_is_looked_at_afterwards(told: Billing) -> None:
    (subscription,) = told.see("subscription")
    engine = applying()

    async def act() -> Any:
        await engine.apply([event(told)["id"]])  # somebody else, meanwhile
        return await engine_look(engine, subscription["id"])

    run(engine.during(subscription["id"], act))
    before = event(told)["status"]
    told.work()

    assert before == "received"
    assert event(told)["status"] == "processed"


def test_what_a_call_has_made_of_an_object_is_written_at_once(told: Billing) -> None:
    (subscription,) = told.see("subscription")
    engine = applying()

    run(
        engine.during(
            subscription["id"], lambda: engine_look(engine, subscription["id"])
        )
    )

    assert told.one("subscriptions")["status"] == "active"
    assert told.one("stripe_objects")["lease_until"] is None


def test_an_object_is_changed_by_one_at_a_time(told: Billing) -> None:
    (subscription,) = told.see("subscription")
    engine = applying()

    async def act() -> Any:
        return await engine.during(subscription["id"], act)

    with pytest.raises(InvalidStateError):
        run(engine.during(subscription["id"], act))
    assert told.one("stripe_objects")["lease_until"] is None


def test_a_call_without_an_answer_gives_the_object_back(told: Billing) -> None:
    (subscription,) = told.see("subscription")

    async def act() -> Any:
        raise ProviderUnavailableError("Stripe", "no answer")

    with pytest.raises(ProviderUnavailableError):
        run(applying().during(subscription["id"], act))
    told.work()

    assert told.held() == ["gold"]


def applying() -> Applying:
    stripe = Stripe(settings())
    return Applying(settings(), stripe, all_mirrors(settings(), stripe))


async def engine_look(engine: Applying, object_id: str) -> Any:
    return await engine._mirrors["sub_"].look(object_id)  # noqa: SLF001 - the call of whoever changes it


# What waits, and for how long.


def test_what_waits_is_looked_at_ever_more_rarely(told: Billing) -> None:
    told.sql.execute("update webhook_events set received_at = now() - interval '1 h'")
    told.sql.execute("delete from checkouts")

    told.work()

    row = event(told)
    assert row["status"] == "deferred"
    due = row["check_at"] - row["received_at"]
    assert timedelta(hours=2) <= due < timedelta(hours=2, minutes=2)


def test_what_has_waited_for_three_days_has_failed(told: Billing) -> None:
    told.sql.execute("delete from checkouts")
    told.sql.execute(
        "update webhook_events set received_at = now() - interval '3 days 1 s'"
    )

    told.work()

    assert event(told)["status"] == "failed"
    assert told.one("dead_letters")["code"] == "DEFERRED"


def test_what_is_news_of_what_has_waited_waits_on_its_own(told: Billing) -> None:
    told.sql.execute("delete from checkouts")
    told.sql.execute(
        "update webhook_events set received_at = now() - interval '3 days 1 s'"
    )
    news = told.one("webhook_events")["payload"]
    told.deliver(news | {"id": "evt_news", "created": news["created"] + 1})

    told.work()

    assert told.verdicts() == {"superseded": 1, "deferred": 1}
    assert told.count("dead_letters") == 0


def test_a_silent_event_is_put_on_its_way_again(told: Billing) -> None:
    told.workers.waiting("events")  # and lost
    told.sql.execute("update webhook_events set check_at = now()")

    told.sweep()
    told.work()

    assert event(told)["status"] == "processed"


# What no worker could digest.


def bury(body: str) -> None:
    letter = record(body, "stack-EventsDeadLetters-1A2B")
    handler_of("BuryDeadLettersFunction")({"Records": [letter]}, None)


def test_an_event_whose_message_died_is_sent_once_more(told: Billing) -> None:
    told.workers.waiting("events")

    bury(json.dumps({"id": str(event(told)["id"])}))
    told.sweep()
    told.work()

    assert event(told)["status"] == "processed"


def test_an_event_whose_messages_die_twice_has_failed(told: Billing) -> None:
    for _ in range(2):
        bury(json.dumps({"id": str(event(told)["id"])}))
        told.sql.execute(
            "update dead_letters set created_at = created_at - interval '1 hour'"
        )

    assert event(told)["status"] == "failed"
    assert told.count("dead_letters", redriven_at=None) == 1


def test_a_message_about_nothing_comes_again(shopping: Billing) -> None:
    unknown = UUID("0190f000-0000-7000-8000-000000000000")

    again = shopping.workers.run("events", unknown)

    assert len(again) == 1


class Broken:
    """A mirror that cannot write."""

    async def look(self, object_id: str) -> str:
        return object_id

    async def write(self, connection: Connection, seen: str) -> Verdict:  # noqa: ARG002 - a mirror's method
        raise ZeroDivisionError(seen)


def test_of_a_bug_only_its_kind_is_kept(told: Billing) -> None:
    engine = Applying(settings(), Stripe(settings()), {"sub_": Broken()})

    for _ in range(3):
        with pytest.raises(ZeroDivisionError):
            run(engine.apply([event(told)["id"]]))

    letter = told.one("dead_letters")
    assert (letter["code"], letter["reason"]) == ("CRASHED", "ZeroDivisionError")
