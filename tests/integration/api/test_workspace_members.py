"""/api/v1/workspaces/{id}/members: who is in a workspace, and who is asked to join."""

from typing import Any

import pytest

from tests.support.api import Answer, Api
from tests.support.at_once import Wish, at_once
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join

ACCEPT = "/api/v1/workspaces/invitations/accept"
ADDRESS = "guest@example.com"


def _seats(person: Person) -> str:
    return f"/api/v1/workspaces/{person.workspace_id}/members"


def _seat(person: Person, member: Person) -> str:
    return f"{_seats(person)}/{member.id}"


def _invite(owner: Person, email: str = ADDRESS, role: str = "editor") -> Answer:
    return owner.api("POST", _seats(owner), {"email": email, "role": role})


def _accept(person: Person, token: str) -> Answer:
    return person.api("POST", ACCEPT, {"token": token})


def _roles(person: Person) -> dict[int, str]:
    listed = person.api("GET", _seats(person)).ok()["items"]
    return {member["user_id"]: member["role"] for member in listed}


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", f"/api/v1/workspaces/{NOBODYS}/members"),
        ("POST", f"/api/v1/workspaces/{NOBODYS}/members"),
        ("PATCH", f"/api/v1/workspaces/{NOBODYS}/members/1"),
        ("DELETE", f"/api/v1/workspaces/{NOBODYS}/members/1"),
        ("POST", ACCEPT),
    ],
)
def test_nobody_gets_in_without_a_token(method: str, path: str) -> None:
    answer = Api()(method, path, {})

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize(
    ("method", "body"),
    [("GET", None), ("POST", {"email": ADDRESS, "role": "owner"})],
)
def test_another_s_members_are_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, body: Any
) -> None:
    answer = stranger.api(method, _seats(luna), body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Workspace not found"


def test_an_owner_invites_no_crowd(luna: Person, sql: Sql) -> None:
    first = _invite(luna)
    sql.execute("update rate_limits set hits = 50 where bucket like 'invite:%'")

    refused = _invite(luna, "another@example.com")

    assert int(first.headers["ratelimit-remaining"]) == 49
    assert (refused.status, refused.code) == (429, "RATE_LIMITED")
    assert count(sql, "letters", kind="invitation") == 1


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"role": "owner"}), ("DELETE", None)]
)
def test_another_s_member_is_as_if_there_were_none(
    luna: Person, stranger: Person, method: str, body: Any
) -> None:
    editor = join(luna, "editor")

    answer = stranger.api(method, _seat(luna, editor), body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert _roles(luna)[editor.id] == "editor"


def test_members_are_listed_the_oldest_first(luna: Person) -> None:
    editor = join(luna, "editor")

    body = editor.api("GET", _seats(luna)).ok()

    told = [(m["user_id"], m["email"], m["role"]) for m in body["items"]]
    assert told == [
        (luna.id, luna.email, "owner"),
        (editor.id, editor.email, "editor"),
    ]
    assert body["pagination"] == {"page": 1, "per_page": 20, "total": 2}


def test_an_invitation_is_told_with_its_token(luna: Person) -> None:
    invitation = _invite(luna).ok(202)

    assert invitation.keys() == {"id", "email", "role", "expires_at", "token"}
    assert (invitation["email"], invitation["role"]) == (ADDRESS, "editor")


def test_only_the_hash_of_an_invitation_s_token_is_kept(luna: Person, sql: Sql) -> None:
    token = _invite(luna).ok(202)["token"]

    row = sql.execute("select i::text as told from workspace_invitations i").fetchone()
    assert row is not None
    assert token not in row["told"]


def test_an_address_is_invited_once(luna: Person, sql: Sql) -> None:
    _invite(luna).ok(202)

    answer = _invite(luna, ADDRESS.upper(), "analyst")

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "workspace_invitations") == 1


def test_a_member_is_not_invited(luna: Person, sql: Sql) -> None:
    answer = _invite(luna, luna.email.upper())

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert count(sql, "workspace_invitations") == 0


def test_an_address_is_invited_again_after_a_week(luna: Person, sql: Sql) -> None:
    _invite(luna).ok(202)
    sql.execute("update workspace_invitations set expires_at = now()")

    answer = _invite(luna)

    assert answer.status == 202


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"email": "nobody"}, "email"),
        ({"email": None}, "email"),
        ({"role": "king"}, "role"),
        ({"role": None}, "role"),
        ({"token": "of my choice"}, "token"),
    ],
)
def test_a_wrong_invitation_is_named(
    luna: Person, changes: dict[str, Any], field: str
) -> None:
    body = {"email": ADDRESS, "role": "editor"} | changes

    answer = luna.api("POST", _seats(luna), body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == [field]


def test_an_invitation_is_accepted_by_whom_it_is_for(
    luna: Person, stranger: Person
) -> None:
    token = _invite(luna, stranger.email.upper(), "reviewer").ok(202)["token"]

    membership = _accept(stranger, token).ok()

    assert membership == {"workspace_id": luna.workspace_id, "role": "reviewer"}
    assert _roles(luna)[stranger.id] == "reviewer"


def test_an_invitation_is_accepted_once(luna: Person, stranger: Person) -> None:
    token = _invite(luna, stranger.email).ok(202)["token"]
    _accept(stranger, token).ok()
    stranger.api("DELETE", _seat(luna, stranger)).ok(204)

    answer = _accept(stranger, token)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert stranger.id not in _roles(luna)


def test_an_invitation_is_not_accepted_by_another(
    luna: Person, stranger: Person
) -> None:
    token = _invite(luna).ok(202)["token"]

    answer = _accept(stranger, token)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert _roles(luna) == {luna.id: "owner"}


def test_an_invitation_lasts_for_a_week(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    token = _invite(luna, stranger.email).ok(202)["token"]
    sql.execute(
        "update workspace_invitations set created_at = created_at - interval '7 days',"
        " expires_at = expires_at - interval '7 days'"
    )

    answer = _accept(stranger, token)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")


@pytest.mark.parametrize("how", ["removed", "demoted"])
def test_who_may_not_invite_any_more_has_not_invited(
    luna: Person, stranger: Person, how: str
) -> None:
    second = join(luna, "owner")
    token = _invite(second, stranger.email, role="owner").ok(202)["token"]
    if how == "removed":
        luna.api("DELETE", _seat(luna, second)).ok(204)
    else:
        luna.api("PATCH", _seat(luna, second), {"role": "editor"}).ok()

    answer = _accept(stranger, token)

    assert (answer.status, answer.code) == (400, "INVALID_TOKEN")
    assert stranger.id not in _roles(luna)


@pytest.mark.parametrize("token", ["nonsense", "", None])
def test_a_token_that_is_none_of_ours_is_refused(
    luna: Person, token: str | None
) -> None:
    answer = luna.api("POST", ACCEPT, {"token": token})

    assert answer.status == 400
    assert [e["field"] for e in answer.json["errors"]] == ["token"]


@pytest.mark.parametrize("role", ["editor", "reviewer", "analyst"])
def test_only_owners_decide_on_members(luna: Person, role: str) -> None:
    member = join(luna, role)

    refusals = [
        member.api("POST", _seats(luna), {"email": ADDRESS, "role": "owner"}),
        member.api("PATCH", _seat(luna, member), {"role": "owner"}),
        member.api("DELETE", _seat(luna, luna)),
    ]

    assert [(r.status, r.code) for r in refusals] == [(403, "FORBIDDEN")] * 3
    assert _roles(luna) == {luna.id: "owner", member.id: role}


def test_an_owner_gives_a_member_another_role(luna: Person) -> None:
    editor = join(luna, "editor")

    told = luna.api("PATCH", _seat(luna, editor), {"role": "analyst"}).ok()

    assert (told["user_id"], told["role"]) == (editor.id, "analyst")
    wish = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "film"}
    assert editor.api("POST", "/api/v1/avatars/create", wish).status == 403


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"role": "editor"}), ("DELETE", None)]
)
def test_who_is_no_member_is_not_found(
    luna: Person, stranger: Person, method: str, body: Any
) -> None:
    answer = luna.api(method, _seat(luna, stranger), body)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.json["detail"] == "Member not found"


@pytest.mark.parametrize("body", [{}, {"role": "king"}, {"role": None}])
def test_a_wrong_role_is_named(luna: Person, body: dict[str, Any]) -> None:
    answer = luna.api("PATCH", _seat(luna, luna), body)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")
    assert [e["field"] for e in answer.json["errors"]] == ["role"]


def test_an_owner_takes_a_member_out_at_once(luna: Person) -> None:
    editor = join(luna, "editor")

    luna.api("DELETE", _seat(luna, editor)).ok(204)

    assert editor.api("GET", "/api/v1/avatars").status == 404
    assert luna.api("DELETE", _seat(luna, editor)).status == 404


@pytest.mark.parametrize("role", ["owner", "analyst"])
def test_everybody_may_leave(luna: Person, role: str) -> None:
    member = join(luna, role)

    member.api("DELETE", _seat(luna, member)).ok(204)

    assert _roles(luna) == {luna.id: "owner"}


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"role": "editor"}), ("DELETE", None)]
)
def test_the_last_owner_stays(luna: Person, method: str, body: Any) -> None:
    join(luna, "editor")

    answer = luna.api(method, _seat(luna, luna), body)

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert _roles(luna)[luna.id] == "owner"


def test_an_owner_beside_another_may_step_down(luna: Person) -> None:
    partner = join(luna, "owner")

    luna.api("PATCH", _seat(luna, luna), {"role": "editor"}).ok()

    assert _roles(luna) == {luna.id: "editor", partner.id: "owner"}


def test_nobody_loses_the_workspace_they_signed_up_with(luna: Person) -> None:
    partner = join(luna, "owner")

    answer = partner.api("DELETE", _seat(luna, luna))

    assert (answer.status, answer.code) == (409, "CONFLICT")
    assert luna.api("GET", "/api/v1/avatars").status == 200


@pytest.mark.parametrize(
    ("method", "body"), [("PATCH", {"role": "editor"}), ("DELETE", None)]
)
def test_of_two_owners_who_step_down_at_once_one_stays(
    luna: Person, method: str, body: Any
) -> None:
    """Neither owner's workspace is the one they signed up with."""
    made = luna.api("POST", "/api/v1/workspaces", {"name": "Atelier"}).ok(201)
    seats = f"/api/v1/workspaces/{made['id']}/members"
    guest = join(luna, "editor")
    seat = luna.api("POST", seats, {"email": guest.email, "role": "owner"}).ok(202)
    _accept(guest, seat["token"]).ok()

    answers = at_once(
        Wish(luna.api, method, f"{seats}/{luna.id}", body),
        Wish(guest.api, method, f"{seats}/{guest.id}", body),
    )

    assert sorted(a.status // 100 for a in answers) == [2, 4]
    assert {a.code for a in answers if a.status >= 400} == {"CONFLICT"}
