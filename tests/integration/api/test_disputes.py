"""/api/v1/disputes: what payers take back, and what is said to their banks."""

from typing import Any

import psycopg
import pytest
from psycopg.rows import DictRow

from tests.support.api import Answer, Api
from tests.support.material import NOBODYS, ready_asset
from tests.support.people import SHEET, Person, join
from tests.support.sold import DISPUTES, Market, Sold, market
from tests.support.workers import Workers
from tests.support.world import World

EVIDENCE: dict[str, Any] = {"text": "They have opened it.", "submit": True}
DOORS = [("GET", ""), ("POST", "/evidence")]


@pytest.fixture
def ours(
    luna: Person, workers: Workers, world: World, sql: psycopg.Connection[DictRow]
) -> Market:
    return market(luna, workers, world, sql)


@pytest.fixture
def sale(ours: Market) -> Sold:
    """A sale that the payer's bank has taken back."""
    ours.owner.api(
        "PUT",
        f"/api/v1/avatars/{ours.avatar_id}/sheet",
        {"sheet": SHEET, "base_version": 0},
    ).ok(201)
    sold = ours.sell()
    sold.disputed()
    ours.tell()
    return sold


def path_of(sale: Sold) -> str:
    (dispute,) = sale.market.owner.api("GET", DISPUTES).ok()["items"]
    return f"{DISPUTES}/{dispute['id']}"


def say(sale: Sold, **changes: Any) -> Answer:
    return sale.market.owner.api(
        "POST", f"{path_of(sale)}/evidence", EVIDENCE | changes
    )


def at_stripe(sale: Sold) -> dict[str, Any]:
    """Return the dispute as Stripe has it."""
    return dict(sale.market.world.see("stripe", "objects/dispute")[-1])


@pytest.mark.parametrize(("method", "door"), [*DOORS, ("GET", None)])
def test_nobody_gets_in_without_a_token(
    database: str, method: str, door: str | None
) -> None:
    path = DISPUTES if door is None else f"{DISPUTES}/{NOBODYS}{door}"

    assert Api()(method, path, EVIDENCE).status == 401


@pytest.mark.parametrize(("method", "door"), DOORS)
def test_a_dispute_is_a_strangers_nothing(
    sale: Sold, stranger: Person, method: str, door: str
) -> None:
    answer = stranger.api(method, f"{path_of(sale)}{door}", EVIDENCE)

    assert (answer.status, answer.json["detail"]) == (404, "Dispute not found")
    assert stranger.api("GET", DISPUTES).ok()["items"] == []


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_an_owner_sees_disputes(sale: Sold, role: str) -> None:
    member = join(sale.market.owner, role)

    answers = [
        member.api("GET", DISPUTES),
        member.api("GET", path_of(sale)),
        member.api("POST", f"{path_of(sale)}/evidence", EVIDENCE),
    ]

    assert {answer.status for answer in answers} == {403}


def test_disputes_are_listed_with_the_time_until_which_to_answer(sale: Sold) -> None:
    told = sale.market.owner.api("GET", f"{DISPUTES}?status=needs_response").ok()
    won = sale.market.owner.api("GET", f"{DISPUTES}?status=won").ok()

    (dispute,) = told["items"]
    assert dispute["order_id"] == sale.id
    assert dispute["number"] == "VB-100001"
    assert dispute["evidence_due_at"] > dispute["opened_at"]
    assert won["items"] == []


def test_a_dispute_is_told_with_what_our_records_say(sale: Sold) -> None:
    told = sale.market.owner.api("GET", path_of(sale)).ok()["evidence"]

    assert told["order"]["id"] == sale.id
    assert told["order"]["receipt_url"] == "https://receipts.test/1"
    assert told["buyer"]["email"] == sale.market.fan.email
    assert [access["name"] for access in told["access_log"]] == ["Sunset"]
    assert told["disclosure"] == SHEET["disclosure"]
    assert "refund" in told["refund_policy"]
    assert told["sent"] == {}


def test_evidence_is_made_of_our_records_and_the_owners_words(sale: Sold) -> None:
    told = say(sale).ok(202)

    evidence = at_stripe(sale)["evidence"]
    assert evidence["customer_email_address"] == sale.market.fan.email
    assert evidence["product_description"] == "1 x Sunset"
    assert evidence["access_activity_log"].startswith("Sunset: open from")
    for words in ("They have opened it.", "VB-100001", SHEET["disclosure"]):
        assert words in evidence["uncategorized_text"]
    assert told["submitted_at"] is not None
    sent = sale.market.owner.api("GET", path_of(sale)).ok()["evidence"]["sent"]
    assert sent["product_description"] == "1 x Sunset"


def test_files_are_named_with_their_hashes(sale: Sold, aws: dict[str, str]) -> None:
    asset_id = ready_asset(sale.market.owner, sale.market.workers)
    (asset,) = sale.market.all("select encode(sha256, 'hex') as sha256 from assets")

    say(sale, asset_ids=[asset_id]).ok(202)

    assert asset["sha256"] in at_stripe(sale)["evidence"]["uncategorized_text"]


def test_a_strangers_file_is_no_evidence(sale: Sold) -> None:
    answer = say(sale, asset_ids=[NOBODYS])

    assert (answer.status, answer.json["detail"]) == (404, "Asset not found")
    assert sale.market.effects("disputes.update") == 0


def test_what_is_only_laid_down_can_be_replaced_until_it_is_sent(sale: Sold) -> None:
    say(sale, submit=False, text="First words.").ok(202)

    told = say(sale, text="Last words.").ok(202)

    assert told["submitted_at"] is not None
    assert "Last words." in at_stripe(sale)["evidence"]["uncategorized_text"]
    assert sale.market.effects("disputes.update") == 2


def test_a_bank_is_told_once(sale: Sold) -> None:
    say(sale).ok(202)

    answer = say(sale, text="And another thing.")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert sale.market.effects("disputes.update") == 1


def test_the_same_words_after_a_lost_answer_are_said_once(sale: Sold) -> None:
    sale.market.world.fault("stripe", "disputes.update", "after", times=2)
    lost = say(sale)

    told = say(sale).ok(202)

    assert (lost.status, lost.code) == (502, "UPSTREAM_ERROR")
    assert told["submitted_at"] is not None
    assert sale.market.effects("disputes.update") == 1


@pytest.mark.parametrize(
    "change",
    [
        "update disputes set evidence_due_at = now() - interval '1 minute'",
        "update disputes set status = 'won'",
        "update disputes set status = 'under_review'",
        "update disputes set stripe_dispute_id = 'issfr_1'",
    ],
)
def test_no_bank_listens_to_what_comes_too_late(sale: Sold, change: str) -> None:
    sale.market.sql.execute(change.encode())

    answer = say(sale)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert sale.market.effects("disputes.update") == 0


def test_what_stripe_does_not_take_is_a_conflict(sale: Sold) -> None:
    sale.market.world.tell(
        "stripe", "dispute_outcome", dispute=at_stripe(sale)["id"], outcome="lost"
    )

    answer = say(sale)

    assert (answer.status, answer.code) == (409, "CONFLICT")


@pytest.mark.parametrize(
    "changes",
    [
        {"submit": None},
        {"text": ""},
        {"text": "x" * 10_001},
        {"asset_ids": ["none"]},
        {"asset_ids": [NOBODYS] * 11},
        {"lies": True},
    ],
)
def test_evidence_is_given_in_form(sale: Sold, changes: dict[str, Any]) -> None:
    answer = say(sale, **changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
