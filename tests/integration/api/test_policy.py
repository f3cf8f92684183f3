"""/api/v1/policy: the floor that nobody lowers, what a workspace adds, verdicts."""

import hashlib
from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, content, count
from tests.support.material import (
    NOBODYS,
    picture,
    piece,
    ready_asset,
    upload,
)
from tests.support.people import Person, avatar, join
from tests.support.workers import Workers
from tests.support.world import World

POLICY = "/api/v1/policy"
CHECK = f"{POLICY}/check"
DECISIONS = f"{POLICY}/decisions"
DOORS: list[tuple[str, str, Any]] = [
    ("GET", POLICY, None),
    ("PUT", POLICY, {"rules": {}}),
    ("POST", CHECK, {"text": "a quiet beach"}),
    ("GET", DECISIONS, None),
    ("GET", f"{DECISIONS}/{NOBODYS}", None),
    ("POST", f"{DECISIONS}/{NOBODYS}/override", {"reason": "seen"}),
]
DUBIOUS = "This cures every headache"  # the word list wants a person to look at it
BAD = "Only a loser stays at home"  # the moderation service says no

pytestmark = pytest.mark.usefixtures("aws", "world")


def judged(person: Person, workers: Workers, **subject: str) -> Any:
    """Have something judged and return the verdict."""
    decision_id = person.api("POST", CHECK, subject).ok(202)["decision_id"]
    workers.deliver("moderate")
    return person.api("GET", f"{DECISIONS}/{decision_id}").ok()


def override(person: Person, decision: Any, reason: str = "seen by our doctor") -> Any:
    path = f"{DECISIONS}/{decision['id']}/override"
    return person.api("POST", path, {"reason": reason})


def put_rules(person: Person, **rules: Any) -> Any:
    return person.api("PUT", POLICY, {"rules": rules})


@pytest.mark.parametrize(("method", "path", "body"), DOORS)
def test_nobody_asks_without_a_token(
    database: str, method: str, path: str, body: Any
) -> None:
    answer = Api()(method, path, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("door", DOORS)
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, door: tuple[str, str, Any], sql: Sql
) -> None:
    before = content(sql)

    answer = stranger.api.working_in(luna.workspace_id)(*door)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert content(sql) == before


@pytest.mark.parametrize(
    ("role", "door"),
    [
        *((role, 1) for role in ("editor", "reviewer", "analyst")),
        *((role, 2) for role in ("reviewer", "analyst")),
        *((role, 5) for role in ("editor", "analyst")),
    ],
)
def test_each_deed_is_for_its_roles(
    luna: Person, role: str, door: int, sql: Sql
) -> None:
    method, path, body = DOORS[door]
    guest = join(luna, role)
    before = content(sql)

    answer = guest.api(method, path, body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert content(sql) == before


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_every_member_reads_rules_and_verdicts(
    luna: Person, role: str, workers: Workers
) -> None:
    decision = judged(luna, workers, text="a quiet beach")
    guest = join(luna, role)

    read = guest.api("GET", f"{DECISIONS}/{decision['id']}").ok()

    assert read == decision
    assert guest.api("GET", POLICY).ok() == luna.api("GET", POLICY).ok()


# Rules.


def test_without_rules_of_its_own_a_workspace_has_the_floor(luna: Person) -> None:
    policy = luna.api("GET", POLICY).ok()

    assert policy["version"] == 0
    assert policy["rules"] == {
        "block_above": {},
        "blocked_terms": [],
        "reviewed_terms": [],
    }
    assert policy["floor"]["sexual/minors"] == 0.01


def test_new_rules_are_a_new_version(luna: Person) -> None:
    first = put_rules(luna, blocked_terms=["casino"]).ok(201)

    second = put_rules(luna, reviewed_terms=["casino"]).ok(201)

    assert (first["version"], second["version"]) == (1, 2)
    assert first["sha256"] != second["sha256"]
    assert luna.api("GET", POLICY).ok() == second


@pytest.mark.parametrize(
    ("rules", "field"),
    [
        ({"block_above": {"sexual": 0.21}}, "rules.block_above.sexual"),
        ({"block_above": {"sexual/minors": 1}}, "rules.block_above.sexual/minors"),
        ({"block_above": {"boredom": 0.1}}, "rules.block_above.boredom"),
        ({"block_above": {"hate": -0.1}}, "rules.block_above.hate"),
        ({"block_above": {"hate": "low"}}, "rules.block_above.hate"),
        ({"block_above": []}, "rules.block_above"),
        ({"blocked_terms": ["x"]}, "rules.blocked_terms.0"),
        ({"blocked_terms": ["x" * 81]}, "rules.blocked_terms.0"),
        ({"blocked_terms": ["term"] * 201}, "rules.blocked_terms"),
        ({"reviewed_terms": ["nul\x00"]}, "rules.reviewed_terms.0"),
        ({"floor": {"hate": 1}}, "rules.floor"),
    ],
)
def test_rules_below_the_floor_or_without_sense_are_refused(
    luna: Person, rules: Any, field: str, sql: Sql
) -> None:
    answer = put_rules(luna, **rules)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == field
    assert count(sql, "policy_versions") == 0


@pytest.mark.parametrize("number", ["NaN", "Infinity", "-Infinity", "1e999"])
def test_a_limit_is_a_number(luna: Person, number: str, sql: Sql) -> None:
    raw = f'{{"rules": {{"block_above": {{"hate": {number}}}}}}}'

    answer = luna.api("PUT", POLICY, content=raw.encode())

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "policy_versions") == 0


def test_rules_are_a_workspaces_own(luna: Person, stranger: Person) -> None:
    put_rules(luna, blocked_terms=["casino"]).ok(201)

    policy = stranger.api("GET", POLICY).ok()

    assert policy["version"] == 0


@pytest.mark.parametrize(
    ("rules", "verdict"),
    [
        ({}, "allow"),
        ({"reviewed_terms": ["casino"]}, "review"),
        ({"blocked_terms": ["casino"]}, "block"),
        ({"blocked_terms": ["CASINO"]}, "block"),
        ({"blocked_terms": ["casi"]}, "allow"),
    ],
)
def test_a_workspaces_own_terms_decide(
    luna: Person, workers: Workers, rules: Any, verdict: str
) -> None:
    put_rules(luna, **rules).ok(201)

    decision = judged(luna, workers, text="a night at the casino")

    assert decision["verdict"] == verdict
    assert decision["policy_version"] == 1


def test_a_verdict_names_the_rules_it_was_given_under(
    luna: Person, workers: Workers
) -> None:
    first = put_rules(luna, blocked_terms=["casino"]).ok(201)
    decision = judged(luna, workers, text="a night at the casino")

    put_rules(luna).ok(201)

    read = luna.api("GET", f"{DECISIONS}/{decision['id']}").ok()
    assert read == decision
    assert (read["policy_version"], read["policy_sha256"]) == (1, first["sha256"])


# Verdicts.


@pytest.mark.parametrize(
    ("text", "verdict"),
    [
        ("a quiet beach", "allow"),
        (DUBIOUS, "review"),
        (BAD, "block"),
        ("explicit nudity", "block"),
    ],
)
def test_a_text_is_judged(
    luna: Person, workers: Workers, text: str, verdict: str
) -> None:
    decision = judged(luna, workers, text=text)

    assert decision["verdict"] == verdict
    assert decision["publishable"] is (verdict == "allow")
    assert decision["subject_sha256"] == hashlib.sha256(text.encode()).hexdigest()
    assert bool(decision["reasons"]) is (verdict != "allow")


def test_an_asset_is_judged(luna: Person, workers: Workers) -> None:
    asset_id = ready_asset(luna, workers)

    decision = judged(luna, workers, asset_id=asset_id)

    assert (decision["verdict"], decision["subject_type"]) == ("allow", "image")
    assert decision["subject_id"] == asset_id


def test_a_question_is_answered_later_and_says_where(luna: Person) -> None:
    answer = luna.api("POST", CHECK, {"text": "a quiet beach"})

    decision_id = answer.ok(202)["decision_id"]
    assert answer.headers["location"] == f"{DECISIONS}/{decision_id}"
    decision = luna.api("GET", answer.headers["location"]).ok()
    assert (decision["verdict"], decision["publishable"]) == ("pending", False)


def test_silence_of_the_judge_is_never_a_yes(
    luna: Person, workers: Workers, world: World
) -> None:
    world.fault("openai", "moderations.create", "status", status=500, times=None)

    decision = judged(luna, workers, text="a quiet beach")
    while workers.deliver("moderate"):
        pass

    read = luna.api("GET", f"{DECISIONS}/{decision['id']}").ok()
    assert (read["verdict"], read["publishable"]) == ("error", False)


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"text": "a", "asset_id": NOBODYS},
        {"text": ""},
        {"text": "x" * 10_001},
        {"text": "nul\x00"},
        {"asset_id": "photo"},
        {"texts": ["a"]},
        {"text": None, "asset_id": None},
    ],
    ids=str,
)
def test_a_question_that_makes_no_sense_is_refused(
    luna: Person, body: Any, sql: Sql
) -> None:
    answer = luna.api("POST", CHECK, body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "policy_decisions") == 0


def test_a_strangers_asset_is_not_judged(
    luna: Person, stranger: Person, workers: Workers
) -> None:
    asset_id = ready_asset(luna, workers)

    answer = stranger.api("POST", CHECK, {"asset_id": asset_id})

    assert answer.status == 404
    assert answer.json["detail"] == "Asset not found"


def test_what_is_in_quarantine_is_not_judged_again(
    luna: Person, workers: Workers
) -> None:
    asset_id = upload(luna, b"no picture")
    workers.deliver("moderate")

    answer = luna.api("POST", CHECK, {"asset_id": asset_id})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize("end", ["", "/override"])
def test_a_verdict_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, workers: Workers, end: str
) -> None:
    decision = judged(luna, workers, text=DUBIOUS)
    method, body = ("POST", {"reason": "mine"}) if end else ("GET", None)

    answer = stranger.api(method, f"{DECISIONS}/{decision['id']}{end}", body)

    assert answer.status == 404
    assert answer.json["detail"] == "Policy decision not found"
    assert luna.api("GET", f"{DECISIONS}/{decision['id']}").ok() == decision


def test_verdicts_are_found_by_subject_and_verdict(
    luna: Person, stranger: Person, workers: Workers
) -> None:
    made = piece(luna, avatar(luna), ready_asset(luna, workers), caption=DUBIOUS)
    judged(luna, workers, text=DUBIOUS)

    query = f"subject={made['id']}&verdict=review"
    listed = luna.api("GET", f"{DECISIONS}?{query}").ok()

    assert [found["subject_id"] for found in listed["items"]] == [made["id"]]
    assert stranger.api("GET", DECISIONS).ok()["items"] == []


@pytest.mark.parametrize("query", ["verdict=maybe", "subject=luna"])
def test_a_filter_that_makes_no_sense_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{DECISIONS}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


# Setting a verdict aside.


def test_a_reviewer_sets_a_verdict_of_review_aside(
    luna: Person, workers: Workers, sql: Sql
) -> None:
    decision = judged(luna, workers, text=DUBIOUS)
    reviewer = join(luna, "reviewer")

    overridden = override(reviewer, decision).ok()

    assert (overridden["verdict"], overridden["publishable"]) == ("review", True)
    assert overridden["overridden_by"] == reviewer.id
    assert overridden["override_reason"] == "seen by our doctor"
    assert count(sql, "audit_log", action="decision.overridden") == 1


def test_a_block_stays_a_block(luna: Person, workers: Workers, sql: Sql) -> None:
    decision = judged(luna, workers, text=BAD)
    before = content(sql)

    answer = override(luna, decision)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert content(sql) == before


@pytest.mark.parametrize("text", ["a quiet beach", DUBIOUS])
def test_a_verdict_is_set_aside_once_and_only_where_there_is_need(
    luna: Person, workers: Workers, text: str
) -> None:
    decision = judged(luna, workers, text=text)
    if decision["verdict"] == "review":
        override(luna, decision).ok()

    answer = override(luna, decision, "again")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_what_nobody_has_judged_cannot_be_set_aside(luna: Person) -> None:
    pending = luna.api("POST", CHECK, {"text": DUBIOUS}).ok(202)

    answer = override(luna, {"id": pending["decision_id"]})

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


@pytest.mark.parametrize("reason", ["", "   ", "x" * 501, "nul\x00", None, 7])
def test_an_override_has_its_reason(luna: Person, reason: Any) -> None:
    answer = override(luna, {"id": NOBODYS}, reason)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


@pytest.mark.parametrize("scores", [{"sexual": 0.11}, {"sexual": 0.21}], ids=str)
def test_asking_again_does_not_soften_a_verdict(
    luna: Person, workers: Workers, world: World, scores: dict[str, float]
) -> None:
    world.fault("openai", "moderations.create", "scores", scores=scores)
    first = judged(luna, workers, text="a quiet beach")

    second = judged(luna, workers, text="a quiet beach")
    other = judged(luna, workers, text="a quiet harbour")

    assert first["verdict"] in ("review", "block")
    assert (second["verdict"], second["publishable"]) == (first["verdict"], False)
    assert other["verdict"] == "allow"


def test_a_picture_that_was_blocked_is_blocked_when_it_is_brought_again(
    luna: Person, workers: Workers, world: World
) -> None:
    body = picture()
    world.fault("openai", "moderations.create", "scores", scores={"sexual": 0.21})
    first = upload(luna, body)
    workers.deliver("moderate")
    luna.api("DELETE", f"/api/v1/assets/{first}").ok(204)

    second = upload(luna, body)
    workers.deliver("moderate")

    shown = luna.api("GET", f"/api/v1/assets/{second}").ok()
    assert shown["status"] == "quarantined"


def test_new_rules_are_a_new_question(
    luna: Person, workers: Workers, world: World
) -> None:
    world.fault("openai", "moderations.create", "scores", scores={"sexual": 0.11})
    judged(luna, workers, text="a quiet beach")
    put_rules(luna, blocked_terms=["harbour"])

    again = judged(luna, workers, text="a quiet beach")

    assert again["verdict"] == "allow"


def test_a_blocked_picture_is_put_in_quarantine(
    luna: Person, workers: Workers, world: World
) -> None:
    body = picture()
    asset_id = upload(luna, body)
    world.fault(
        "openai",
        "moderations.create",
        "scores",
        scores={"sexual": 0.99},
    )

    workers.deliver("moderate")

    asset = luna.api("GET", f"/api/v1/assets/{asset_id}").ok()
    assert asset["status"] == "quarantined"
