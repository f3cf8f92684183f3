"""/api/v1/content: wishes, what they hold of a budget, and calling them off."""

from typing import Any

import pytest

from tests.support.api import Api
from tests.support.database import Sql, content, count, held_micros
from tests.support.material import NOBODYS, generate, wish
from tests.support.people import Person, active_avatar, avatar, join
from tests.support.workers import Workers
from tests.support.world import World

GENERATE = "/api/v1/content/generate"
ESTIMATE = "/api/v1/content/estimate"
JOBS = "/api/v1/content/jobs"
IMAGE_MICROS = 3_000
DOORS = [
    ("POST", GENERATE),
    ("POST", ESTIMATE),
    ("GET", JOBS),
    ("GET", f"{JOBS}/{NOBODYS}"),
    ("POST", f"{JOBS}/{NOBODYS}/cancel"),
    ("POST", f"{JOBS}/{NOBODYS}/retry"),
]


@pytest.fixture
def star(luna: Person, workers: Workers, world: World) -> str:
    """An avatar of Luna's that content may be made of."""
    return active_avatar(luna, workers)


def budget(person: Person, avatar_id: str, cents: int) -> None:
    path = f"/api/v1/avatars/{avatar_id}/budget"
    person.api("PUT", path, {"monthly_budget_minor": cents}).ok()


def cancel(person: Person, job_id: str) -> Any:
    return person.api("POST", f"{JOBS}/{job_id}/cancel")


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_nobody_asks_without_a_token(database: str, method: str, path: str) -> None:
    answer = Api()(method, path)

    assert answer.status == 401
    assert answer.code == "UNAUTHORIZED"
    assert answer.headers["www-authenticate"] == "Bearer"


@pytest.mark.parametrize(("method", "path"), DOORS)
def test_a_workspace_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, method: str, path: str
) -> None:
    intruder = stranger.api.working_in(luna.workspace_id)
    body = wish(NOBODYS) if path in (GENERATE, ESTIMATE) else None

    answer = intruder(method, path, body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("path", [GENERATE, ESTIMATE])
def test_a_strangers_wish_for_an_avatar_finds_none(
    star: str, stranger: Person, sql: Sql, path: str
) -> None:
    answer = stranger.api("POST", path, wish(star))

    assert answer.status == 404
    assert answer.json["detail"] == "Avatar not found"
    assert count(sql, "content_jobs") == 0


@pytest.mark.parametrize(
    ("method", "end"), [("GET", ""), ("POST", "/cancel"), ("POST", "/retry")]
)
def test_a_job_is_not_there_for_a_stranger(
    luna: Person, stranger: Person, star: str, method: str, end: str
) -> None:
    job_id = generate(luna, star)["job_id"]

    answer = stranger.api(method, f"{JOBS}/{job_id}{end}")

    assert answer.status == 404
    assert answer.json["detail"] == "Job not found"
    assert luna.api("GET", f"{JOBS}/{job_id}").ok()["status"] == "queued"


def test_a_stranger_lists_only_what_is_theirs(
    luna: Person, stranger: Person, star: str
) -> None:
    generate(luna, star)

    listed = stranger.api("GET", f"{JOBS}?avatar_id={star}").ok()

    assert listed["items"] == []
    assert listed["pagination"]["total"] == 0


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
@pytest.mark.parametrize("end", ["generate", "jobs/{}/cancel", "jobs/{}/retry"])
def test_only_owners_and_editors_ask_for_content(
    luna: Person, star: str, role: str, end: str, sql: Sql
) -> None:
    job_id = generate(luna, star)["job_id"]
    guest = join(luna, role)
    body = wish(star) if end == "generate" else None

    answer = guest.api("POST", f"/api/v1/content/{end.format(job_id)}", body)

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "content_jobs") == 1


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_every_member_follows_a_job(luna: Person, star: str, role: str) -> None:
    job_id = generate(luna, star)["job_id"]

    job = join(luna, role).api("GET", f"{JOBS}/{job_id}").ok()

    assert (job["id"], job["status"]) == (job_id, "queued")


@pytest.mark.parametrize(
    ("field", "changes"),
    [
        ("prompt", {"prompt": "no"}),
        ("prompt", {"prompt": "x" * 2_001}),
        ("prompt", {"prompt": "   "}),
        ("prompt", {"prompt": "tab\x00led"}),
        ("prompt", {"prompt": None}),
        ("count", {"count": 0}),
        ("count", {"count": 51}),
        ("count", {"count": 1.5}),
        ("avatar_id", {"avatar_id": "luna"}),
        ("kind", {"kind": "video"}),
        ("kind", {"kind": None}),
        ("kind", {"kind": ["image"]}),
        ("negative_prompt", {"negative_prompt": "x" * 1_001}),
        ("params.aspect_ratio", {"params": {"aspect_ratio": "2:1"}}),
        ("params.seed", {"params": {"seed": -1}}),
        ("params.seed", {"params": {"seed": 2**31}}),
        ("params.seed", {"params": {"seed": 7}, "count": 2}),
        ("params.language", {"kind": "caption", "params": {"language": "English"}}),
        ("negative_prompt", {"kind": "caption", "negative_prompt": "blur"}),
        ("surprise", {"surprise": True}),
    ],
)
def test_a_wish_that_makes_no_sense_is_refused(
    luna: Person, field: str, changes: dict[str, Any], sql: Sql
) -> None:
    answer = luna.api("POST", GENERATE, wish(NOBODYS) | changes)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [wrong["field"] for wrong in answer.json["errors"]] == [field]
    assert count(sql, "content_jobs") == 0


def test_a_wish_becomes_as_many_jobs_as_it_counts(luna: Person, star: str) -> None:
    made = generate(luna, star, count=4)

    assert made["status"] == "queued"
    assert made["job_id"] == made["job_ids"][0]
    assert len(set(made["job_ids"])) == 4
    cost = {"amount_micros": 4 * IMAGE_MICROS, "currency": "usd"}
    assert made["estimated_cost"] == cost


def test_a_wish_holds_what_it_may_cost(luna: Person, star: str, sql: Sql) -> None:
    generate(luna, star, count=4)

    assert held_micros(sql, star) == 4 * IMAGE_MICROS


def test_a_fresh_job_has_no_tries_and_its_own_seed(luna: Person, star: str) -> None:
    made = generate(luna, star, params={"seed": 7, "aspect_ratio": "1:1"})

    job = luna.api("GET", f"{JOBS}/{made['job_id']}").ok()

    assert job["seed"] == 7
    assert job["attempt_log"] == []
    assert job["cost_reserved_micros"] == IMAGE_MICROS
    assert job["cost_actual_micros"] == 0


@pytest.mark.parametrize("end", ["pause", "archive"])
def test_no_content_is_made_for_an_avatar_at_rest(
    luna: Person, star: str, end: str, sql: Sql
) -> None:
    luna.api("POST", f"/api/v1/avatars/{star}/{end}").ok()

    answer = luna.api("POST", GENERATE, wish(star))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "content_jobs") == 0


def test_no_content_is_made_for_a_draft(luna: Person, sql: Sql) -> None:
    answer = luna.api("POST", GENERATE, wish(avatar(luna)))

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "content_jobs") == 0


# What the policy floor refuses never costs anything.


@pytest.mark.parametrize("kind", ["image", "caption"])
@pytest.mark.parametrize(
    "prompt", ["a nude at the window", "dressed as a schoolgirl", "she is 15 and happy"]
)
def test_a_prompt_that_the_floor_refuses_leaves_no_trace(
    luna: Person, star: str, sql: Sql, kind: str, prompt: str
) -> None:
    before = content(sql)

    answer = luna.api("POST", GENERATE, wish(star, kind=kind, prompt=prompt))

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert prompt not in answer.json["detail"]
    assert content(sql) == before


def test_a_tone_that_the_floor_refuses_leaves_no_trace(
    luna: Person, star: str, sql: Sql
) -> None:
    before = content(sql)
    asked = wish(star, kind="caption", params={"tone": "explicit and sexual"})

    answer = luna.api("POST", GENERATE, asked)

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert content(sql) == before


# The month's budget.


def test_a_wish_beyond_the_budget_reserves_nothing(
    luna: Person, star: str, sql: Sql
) -> None:
    budget(luna, star, cents=1)
    before = content(sql)

    answer = luna.api("POST", GENERATE, wish(star, count=4))

    assert (answer.status, answer.code) == (409, "BUDGET_EXCEEDED")
    assert content(sql) == before


def test_the_budget_is_borne_to_its_last_image(
    luna: Person, star: str, sql: Sql
) -> None:
    budget(luna, star, cents=3)

    statuses = [
        luna.api("POST", GENERATE, wish(star, count=5)).status for _ in range(3)
    ]

    assert statuses == [202, 202, 409]
    assert held_micros(sql, star) == 10 * IMAGE_MICROS


def test_a_budget_of_nothing_bears_nothing(luna: Person, star: str) -> None:
    budget(luna, star, cents=0)

    answer = luna.api("POST", GENERATE, wish(star))

    assert (answer.status, answer.code) == (409, "BUDGET_EXCEEDED")


def test_a_lowered_budget_says_that_nothing_is_left(luna: Person, star: str) -> None:
    generate(luna, star, count=10)
    budget(luna, star, cents=1)

    estimated = luna.api("POST", ESTIMATE, wish(star)).ok()

    assert estimated["budget_left"] == {"amount_micros": 0, "currency": "usd"}


def test_an_estimate_tells_cost_and_rest_and_writes_nothing(
    luna: Person, star: str, sql: Sql
) -> None:
    budget(luna, star, cents=2)
    generate(luna, star)
    before = content(sql)

    estimated = luna.api("POST", ESTIMATE, wish(star, count=9)).ok()

    assert estimated["estimate"]["amount_micros"] == 9 * IMAGE_MICROS
    assert estimated["budget_left"]["amount_micros"] == 20_000 - IMAGE_MICROS
    assert content(sql) == before


def test_without_a_budget_there_is_no_rest_to_tell(luna: Person, star: str) -> None:
    estimated = luna.api("POST", ESTIMATE, wish(star)).ok()

    assert estimated["budget_left"] is None


# Calling off, and asking again.


def test_cancelling_gives_the_hold_back(luna: Person, star: str, sql: Sql) -> None:
    job_id = generate(luna, star, count=2)["job_id"]

    job = cancel(luna, job_id).ok()

    assert job["status"] == "cancelled"
    assert job["finished_at"]
    assert held_micros(sql, star) == IMAGE_MICROS


def test_cancelling_makes_room_for_another_wish(luna: Person, star: str) -> None:
    budget(luna, star, cents=1)
    job_id = generate(luna, star, count=3)["job_id"]
    cancel(luna, job_id).ok()

    answer = luna.api("POST", GENERATE, wish(star))

    assert answer.status == 202


def test_a_job_is_cancelled_once(luna: Person, star: str, sql: Sql) -> None:
    job_id = generate(luna, star, count=2)["job_id"]
    cancel(luna, job_id).ok()

    answer = cancel(luna, job_id)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert held_micros(sql, star) == IMAGE_MICROS


def test_a_cancelled_job_is_never_sent_to_its_provider(
    luna: Person, star: str, workers: Workers, world: World
) -> None:
    job_id = generate(luna, star)["job_id"]
    cancel(luna, job_id).ok()

    workers.deliver("generate")

    assert world.predictions(job_id) == []
    assert luna.api("GET", f"{JOBS}/{job_id}").ok()["status"] == "cancelled"


def test_a_finished_job_cannot_be_cancelled(
    luna: Person, star: str, workers: Workers
) -> None:
    job_id = generate(luna, star, kind="caption")["job_id"]
    workers.deliver("generate")

    answer = cancel(luna, job_id)

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert luna.api("GET", f"{JOBS}/{job_id}").ok()["status"] == "succeeded"


def test_a_cancelled_job_is_asked_for_again_as_a_new_one(
    luna: Person, star: str, sql: Sql
) -> None:
    job_id = generate(luna, star)["job_id"]
    cancel(luna, job_id).ok()

    again = luna.api("POST", f"{JOBS}/{job_id}/retry").ok(202)

    assert again["job_id"] != job_id
    assert count(sql, "content_jobs", retry_of=job_id, status="queued") == 1
    assert luna.api("GET", f"{JOBS}/{job_id}").ok()["status"] == "cancelled"
    assert held_micros(sql, star) == IMAGE_MICROS


@pytest.mark.parametrize(
    "avoided",
    [
        "clothes",
        "swimwear, logos",
        "blur\nany clothing",
        "(clothes:1.3), blur",
        "woman's clothes",
        "cl0thes",
        "adult woman",
        "MATURE",
        "mature woman",
        "grown-up",
        "ropa",
        "naked",
    ],
)
def test_no_picture_is_to_do_without_adulthood_or_clothes(
    luna: Person, star: str, sql: Sql, avoided: str
) -> None:
    wanted = wish(star, negative_prompt=avoided)

    answer = luna.api("POST", "/api/v1/content/generate", wanted)

    assert (answer.status, answer.code) == (403, "POLICY_BLOCKED")
    assert count(sql, "content_jobs") == 0


@pytest.mark.parametrize(
    "avoided",
    [
        "extra men in the background",
        "clothes rack, blur",
        "wedding dress",
        "mature trees",
        "man-made clutter",
    ],
)
def test_a_picture_may_do_without_what_only_sounds_like_clothes_or_adults(
    luna: Person, star: str, sql: Sql, avoided: str
) -> None:
    wanted = wish(star, negative_prompt=avoided)

    luna.api("POST", "/api/v1/content/generate", wanted).ok(202)

    assert count(sql, "content_jobs", negative_prompt=avoided) == 1


def test_an_avatar_writes_in_the_languages_it_speaks(
    luna: Person, star: str, sql: Sql
) -> None:
    wanted = wish(star, kind="caption", params={"language": "fi"})

    answer = luna.api("POST", "/api/v1/content/generate", wanted)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == "params.language"
    assert count(sql, "content_jobs") == 0


def test_a_job_is_asked_for_again_once(luna: Person, star: str, sql: Sql) -> None:
    job_id = generate(luna, star)["job_id"]
    cancel(luna, job_id).ok()
    luna.api("POST", f"{JOBS}/{job_id}/retry").ok(202)

    answer = luna.api("POST", f"{JOBS}/{job_id}/retry")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "content_jobs") == 2
    assert held_micros(sql, star) == IMAGE_MICROS


def test_asking_again_needs_a_budget_too(luna: Person, star: str, sql: Sql) -> None:
    job_id = generate(luna, star)["job_id"]
    cancel(luna, job_id).ok()
    budget(luna, star, cents=0)

    answer = luna.api("POST", f"{JOBS}/{job_id}/retry")

    assert (answer.status, answer.code) == (409, "BUDGET_EXCEEDED")
    assert count(sql, "content_jobs") == 1


@pytest.mark.parametrize("status", ["queued", "succeeded"])
def test_a_job_that_did_not_fail_is_not_asked_for_again(
    luna: Person, star: str, workers: Workers, sql: Sql, status: str
) -> None:
    job_id = generate(luna, star, kind="caption")["job_id"]
    if status == "succeeded":
        workers.deliver("generate")

    answer = luna.api("POST", f"{JOBS}/{job_id}/retry")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "content_jobs") == 1


@pytest.mark.parametrize("state", ["pause", "archive"])
def test_nothing_is_asked_again_for_an_avatar_at_rest(
    luna: Person, star: str, sql: Sql, state: str
) -> None:
    job_id = generate(luna, star)["job_id"]
    cancel(luna, job_id).ok()
    luna.api("POST", f"/api/v1/avatars/{star}/{state}").ok()

    answer = luna.api("POST", f"{JOBS}/{job_id}/retry")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert count(sql, "content_jobs") == 1


# One request, sent twice.

KEY = {"Idempotency-Key": "batch-2026-001"}


def test_the_same_request_under_one_key_has_one_effect(
    luna: Person, star: str, sql: Sql
) -> None:
    first = luna.api("POST", GENERATE, wish(star, count=2), headers=KEY)

    second = luna.api("POST", GENERATE, wish(star, count=2), headers=KEY)

    assert second.ok(202) == first.ok(202)
    assert count(sql, "content_jobs") == 2
    assert held_micros(sql, star) == 2 * IMAGE_MICROS
    assert count(sql, "outbox", queue="generate") == 2


def test_another_request_under_the_key_is_a_mismatch(
    luna: Person, star: str, sql: Sql
) -> None:
    luna.api("POST", GENERATE, wish(star), headers=KEY).ok(202)

    answer = luna.api("POST", GENERATE, wish(star, count=2), headers=KEY)

    assert (answer.status, answer.code) == (409, "IDEMPOTENCY_MISMATCH")
    assert count(sql, "content_jobs") == 1


def test_without_a_key_each_request_counts(luna: Person, star: str, sql: Sql) -> None:
    luna.api("POST", GENERATE, wish(star)).ok(202)

    luna.api("POST", GENERATE, wish(star)).ok(202)

    assert count(sql, "content_jobs") == 2


def test_a_refusal_is_not_kept_under_the_key(luna: Person, star: str) -> None:
    budget(luna, star, cents=0)
    refused = luna.api("POST", GENERATE, wish(star), headers=KEY)
    budget(luna, star, cents=100)

    answer = luna.api("POST", GENERATE, wish(star), headers=KEY)

    assert (refused.status, answer.status) == (409, 202)


def test_a_key_belongs_to_whoever_sent_it(
    luna: Person, star: str, stranger: Person
) -> None:
    luna.api("POST", GENERATE, wish(star), headers=KEY).ok(202)

    answer = stranger.api("POST", GENERATE, wish(star), headers=KEY)

    assert answer.status == 404


def test_an_ended_session_is_given_no_kept_answer(luna: Person, star: str) -> None:
    luna.api("POST", GENERATE, wish(star), headers=KEY).ok(202)
    luna.api("POST", "/api/auth/logout").ok()

    answer = luna.api("POST", GENERATE, wish(star), headers=KEY)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


def test_whoever_has_left_is_given_no_kept_answer(luna: Person, star: str) -> None:
    guest = join(luna, "editor")
    guest.api("POST", GENERATE, wish(star), headers=KEY).ok(202)
    members = f"/api/v1/workspaces/{luna.workspace_id}/members"
    luna.api("DELETE", f"{members}/{guest.id}").ok(204)

    answer = guest.api("POST", GENERATE, wish(star), headers=KEY)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")


@pytest.mark.parametrize("key", ["short-7", "k" * 256, "with a space", "clé-unique-1"])
def test_a_key_has_its_form(luna: Person, star: str, sql: Sql, key: str) -> None:
    answer = luna.api("POST", GENERATE, wish(star), headers={"Idempotency-Key": key})

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert count(sql, "content_jobs") == 0


@pytest.mark.parametrize("key", ["eight-ch", "k" * 255])
def test_a_key_may_have_8_to_255_characters(luna: Person, star: str, key: str) -> None:
    answer = luna.api("POST", GENERATE, wish(star), headers={"Idempotency-Key": key})

    assert answer.status == 202


# Lists.


def test_jobs_are_listed_newest_first_and_in_pages(luna: Person, star: str) -> None:
    older, newer = (generate(luna, star, count=2) for _ in range(2))

    page = luna.api("GET", f"{JOBS}?page=2&per_page=3").ok()

    assert page["pagination"] == {"page": 2, "per_page": 3, "total": 4}
    assert {job["batch_id"] for job in page["items"]} == {older["batch_id"]}
    first = luna.api("GET", f"{JOBS}?per_page=2").ok()["items"]
    assert {job["batch_id"] for job in first} == {newer["batch_id"]}


def test_jobs_are_found_by_batch_state_and_avatar(luna: Person, star: str) -> None:
    generate(luna, star)
    made = generate(luna, star, count=2)
    cancel(luna, made["job_id"]).ok()

    query = f"batch_id={made['batch_id']}&status=cancelled&avatar_id={star}"
    listed = luna.api("GET", f"{JOBS}?{query}").ok()

    assert [job["id"] for job in listed["items"]] == [made["job_id"]]


@pytest.mark.parametrize("query", ["status=lost", "avatar_id=luna", "batch_id=1"])
def test_a_filter_that_makes_no_sense_is_refused(luna: Person, query: str) -> None:
    answer = luna.api("GET", f"{JOBS}?{query}")

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert answer.json["errors"][0]["field"] == query.partition("=")[0]
