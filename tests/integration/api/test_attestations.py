"""/api/v1/avatars/{id}/attestations: on whose word a likeness is shown."""

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS, announce, picture, wish
from tests.support.people import Person, avatar, join
from tests.support.studio import Studio

FICTIONAL = {"basis": "fictional"}
REASON = {"reason": "The consent was withdrawn."}
KEYS = {
    "id",
    "basis",
    "evidence_asset_id",
    "attested_by",
    "created_at",
    "expires_at",
    "revoked_at",
    "revoke_reason",
}
ROUTES = [
    ("GET", "", None),
    ("POST", "", FICTIONAL),
    ("DELETE", f"/{NOBODYS}", REASON),
]


def _path(avatar_id: object) -> str:
    return f"/api/v1/avatars/{avatar_id}/attestations"


def _attest(person: Person, avatar_id: str, **body: Any) -> Answer:
    return person.api("POST", _path(avatar_id), FICTIONAL | body)


def _revoke(person: Person, avatar_id: str, attestation_id: str) -> Answer:
    return person.api("DELETE", f"{_path(avatar_id)}/{attestation_id}", REASON)


def _listed(person: Person, avatar_id: str) -> list[dict[str, Any]]:
    return list(person.api("GET", _path(avatar_id)).ok()["items"])


def _from_now(**difference: float) -> str:
    return (datetime.now(UTC) + timedelta(**difference)).isoformat()


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_nobody_gets_in_without_a_token(method: str, below: str, body: Any) -> None:
    answer = Api()(method, _path(uuid4()) + below, body)

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(("method", "below", "body"), ROUTES)
def test_another_s_avatar_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, below: str, body: Any
) -> None:
    avatar_id = avatar(luna)

    theirs = stranger.api(method, _path(avatar_id) + below, body)
    none = stranger.api(method, _path(uuid4()) + below, body)

    assert (theirs.status, theirs.code) == (404, "NOT_FOUND")
    assert theirs.json == none.json
    assert _listed(luna, avatar_id) == []


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_attest(luna: Person, sql: Sql, role: str) -> None:
    answer = _attest(join(luna, role), avatar(luna))

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert count(sql, "likeness_attestations") == 0


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_take_a_word_back(luna: Person, role: str) -> None:
    avatar_id = avatar(luna)
    given = _attest(luna, avatar_id).ok(201)

    answer = _revoke(join(luna, role), avatar_id, given["id"])

    assert (answer.status, answer.code) == (403, "FORBIDDEN")
    assert _listed(luna, avatar_id) == [given]


@pytest.mark.parametrize("basis", ["fictional", "self"])
def test_an_owner_gives_their_word(luna: Person, basis: str) -> None:
    avatar_id = avatar(luna)

    answer = _attest(luna, avatar_id, basis=basis)

    given = answer.ok(201)
    assert given.keys() == KEYS
    assert (given["basis"], given["attested_by"]) == (basis, luna.id)
    assert answer.headers["location"] == _path(avatar_id)
    assert _listed(join(luna, "analyst"), avatar_id) == [given]


def test_one_word_stands_at_a_time(luna: Person, sql: Sql) -> None:
    avatar_id = avatar(luna)
    _attest(luna, avatar_id).ok(201)

    answer = _attest(luna, avatar_id, basis="self")

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "likeness_attestations") == 1


def test_of_two_words_at_once_one_is_taken(luna: Person, sql: Sql) -> None:
    wish = Wish(luna.api, "POST", _path(avatar(luna)), FICTIONAL)

    answers = at_once(wish, wish)

    assert sorted(a.status for a in answers) == [201, 409]
    assert count(sql, "likeness_attestations") == 1


def test_a_word_that_has_ended_makes_room(luna: Person, sql: Sql) -> None:
    avatar_id = avatar(luna)
    _attest(luna, avatar_id, expires_at=_from_now(days=1)).ok(201)
    sql.execute(
        "update likeness_attestations set created_at = created_at - interval '2 days',"
        " expires_at = expires_at - interval '2 days'"
    )

    answer = _attest(luna, avatar_id)

    assert answer.status == 201
    ended = _listed(luna, avatar_id)[1]
    assert ended["revoke_reason"] == "expired"
    assert ended["revoked_at"] == ended["expires_at"]


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"basis": "hearsay"}, "basis"),
        ({"basis": None}, "basis"),
        ({"basis": "written_consent"}, "evidence_asset_id"),
        ({"evidence_asset_id": "no id"}, "evidence_asset_id"),
        ({"expires_at": "tomorrow"}, "expires_at"),
        ({"expires_at": _from_now(days=1).removesuffix("+00:00")}, "expires_at"),
        ({"expires_at": _from_now(minutes=-1)}, "expires_at"),
        ({"attested_by": 1}, "attested_by"),
    ],
)
def test_wrong_input_is_named(
    luna: Person, sql: Sql, body: dict[str, Any], field: str
) -> None:
    answer = _attest(luna, avatar(luna), **body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]
    assert count(sql, "likeness_attestations") == 0


def test_consent_shows_its_evidence(studio: Studio, aws: dict[str, str]) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    asset_id = studio.asset(job_id)["id"]
    another = avatar(studio.owner, avatar_name="Stella")
    consent = {"basis": "written_consent", "evidence_asset_id": asset_id}

    given = _attest(studio.owner, another, **consent).ok(201)

    assert given["evidence_asset_id"] == asset_id


def test_evidence_is_a_file_that_is_here(luna: Person, aws: dict[str, str]) -> None:
    asset_id = announce(luna, picture())["asset_id"]
    consent = {"basis": "written_consent", "evidence_asset_id": asset_id}

    answer = _attest(luna, avatar(luna), **consent)

    assert (answer.status, answer.json["detail"]) == (404, "Asset not found")


def test_evidence_is_not_deleted(studio: Studio, aws: dict[str, str]) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    asset_id = studio.asset(job_id)["id"]
    consent = {"basis": "written_consent", "evidence_asset_id": asset_id}
    _attest(studio.owner, avatar(studio.owner, avatar_name="Stella"), **consent).ok(201)

    answer = studio.owner.api("DELETE", f"/api/v1/assets/{asset_id}")

    assert (answer.status, answer.code) == (409, "INVALID_STATE")


def test_another_s_evidence_is_as_if_there_were_none(
    studio: Studio, stranger: Person, aws: dict[str, str]
) -> None:
    (job_id,) = studio.wish()
    studio.bring_home(job_id)
    asset_id = studio.asset(job_id)["id"]
    consent = {"basis": "written_consent", "evidence_asset_id": asset_id}

    answer = _attest(stranger, avatar(stranger), **consent)

    assert (answer.status, answer.json["detail"]) == (404, "Asset not found")


def test_a_word_taken_back_pauses_its_avatar_at_once(studio: Studio) -> None:
    (given,) = _listed(studio.owner, studio.avatar_id)

    told = _revoke(studio.owner, studio.avatar_id, given["id"]).ok(202)

    assert told == {"recall_id": None, "posts": []}
    shown = studio.owner.api("GET", f"/api/v1/avatars/{studio.avatar_id}").ok()
    assert (shown["status"], shown["is_attested"]) == ("paused", False)
    (kept,) = _listed(studio.owner, studio.avatar_id)
    assert kept["revoke_reason"] == REASON["reason"]


@pytest.mark.parametrize("how", ["revoked", "expired"])
def test_without_a_word_an_avatar_leaves_the_stage_and_its_jobs_end(
    studio: Studio, how: str
) -> None:
    job_ids = studio.wish(3)
    if how == "revoked":
        (given,) = _listed(studio.owner, studio.avatar_id)
        _revoke(studio.owner, studio.avatar_id, given["id"]).ok(202)
    else:
        _let_words_end(studio.sql)
        assert studio.fire("SweepFunction")["avatars"] == 1

    shown = studio.owner.api("GET", f"/api/v1/avatars/{studio.avatar_id}").ok()
    assert shown["status"] == "paused"
    assert {studio.standing(job_id)[0] for job_id in job_ids} == {"cancelled"}
    assert studio.budget() == (0, 0)


def test_nothing_is_made_once_a_word_has_ended_though_nobody_has_swept(
    studio: Studio,
) -> None:
    _let_words_end(studio.sql)

    answer = studio.owner.api(
        "POST", "/api/v1/content/generate", wish(studio.avatar_id)
    )

    assert (answer.status, answer.code) == (409, "INVALID_STATE")
    assert answer.json["missing"] == ["a live attestation"]


def _let_words_end(sql: Sql) -> None:
    sql.execute(
        "update likeness_attestations set created_at = now() - interval '2 days',"
        " expires_at = now() - interval '1 day'"
    )


def test_a_word_taken_back_before_activation_moves_nothing(luna: Person) -> None:
    avatar_id = avatar(luna)
    given = _attest(luna, avatar_id).ok(201)

    _revoke(luna, avatar_id, given["id"]).ok(202)

    shown = luna.api("GET", f"/api/v1/avatars/{avatar_id}").ok()
    assert shown["status"] == "created"


def test_a_word_is_taken_back_once(luna: Person) -> None:
    avatar_id = avatar(luna)
    given = _attest(luna, avatar_id).ok(201)
    _revoke(luna, avatar_id, given["id"]).ok(202)

    again = _revoke(luna, avatar_id, given["id"])

    assert (again.status, again.code) == (404, "NOT_FOUND")


def test_a_word_is_taken_back_of_its_own_avatar(luna: Person) -> None:
    avatar_id = avatar(luna)
    given = _attest(luna, avatar_id).ok(201)
    another = avatar(luna, avatar_name="Stella")

    answer = _revoke(luna, another, given["id"])

    assert (answer.status, answer.json["detail"]) == (404, "Attestation not found")
    assert _listed(luna, avatar_id) == [given]


def test_words_are_listed_newest_first(luna: Person) -> None:
    avatar_id = avatar(luna)
    first = _attest(luna, avatar_id).ok(201)
    _revoke(luna, avatar_id, first["id"]).ok(202)
    second = _attest(luna, avatar_id, basis="self").ok(201)

    listed = _listed(luna, avatar_id)

    assert [a["id"] for a in listed] == [second["id"], first["id"]]


@pytest.mark.parametrize("body", [{}, {"reason": ""}, {"reason": "x" * 501}])
def test_a_word_is_taken_back_for_a_reason(luna: Person, body: Any) -> None:
    avatar_id = avatar(luna)
    given = _attest(luna, avatar_id).ok(201)

    answer = luna.api("DELETE", f"{_path(avatar_id)}/{given['id']}", body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["reason"]
    assert _listed(luna, avatar_id) == [given]
