"""The trail of who did what, and whether it is whole."""

from typing import Any

import pytest

from tests.support.database import Sql, count
from tests.support.material import approve, piece, ready_asset, submitted
from tests.support.people import Person, active_avatar, avatar, join, sign_up
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World

UNGUARDED = "alter table audit_log disable trigger user"
GUARDED = "alter table audit_log enable trigger user"


def trail(person: Person) -> list[dict[str, Any]]:
    """Return the deeds in a workspace, oldest first."""
    listed = person.api("GET", "/api/v1/ops/audit?per_page=100").ok()
    return list(reversed(listed["items"]))


def actions(person: Person, *, since: int = 0) -> list[str]:
    return [deed["action"] for deed in trail(person)[since:]]


def verified(person: Person) -> dict[str, Any]:
    return dict(person.api("GET", "/api/v1/ops/audit/verify").ok())


def tamper(sql: Sql, statement: str) -> None:
    """Change the trail as somebody who owns the database could."""
    sql.execute(UNGUARDED)
    sql.execute(statement.encode())
    sql.execute(GUARDED)


def test_signing_up_begins_a_trail(luna: Person) -> None:
    (deed,) = trail(luna)

    assert deed["action"] == "workspace.created"
    assert deed["position"] == 1
    assert (deed["actor_kind"], deed["actor_user_id"]) == ("user", luna.id)
    assert (deed["target_type"], deed["target_id"]) == ("workspace", luna.workspace_id)


def test_an_avatars_life_is_in_the_trail(
    luna: Person, workers: Workers, world: World
) -> None:
    path = f"/api/v1/avatars/{active_avatar(luna, workers)}"
    api = luna.api
    tag = api("GET", path).headers["etag"]
    api("PATCH", path, {"bio": "New."}, headers={"if-match": tag}).ok()
    api("PUT", f"{path}/budget", {"monthly_budget_minor": 5}).ok()
    api("POST", f"{path}/pause").ok()
    api("POST", f"{path}/archive").ok()

    deeds = actions(luna, since=1)
    assert deeds[:4] == [
        "avatar.created",
        "sheet.written",
        "attestation.given",
        "avatar.active",
    ]
    assert deeds[4] == "avatar.changed"
    assert "budget" in deeds[5]
    assert deeds[6:] == ["avatar.paused", "avatar.archived"]


def test_a_word_that_is_taken_back_is_in_the_trail(
    luna: Person, workers: Workers, world: World
) -> None:
    path = f"/api/v1/avatars/{active_avatar(luna, workers)}/attestations"
    given = luna.api("GET", path).ok()["items"][0]["id"]

    luna.api("DELETE", f"{path}/{given}", {"reason": "no more"}).ok(202)

    assert "attestation.revoked" in actions(luna)


def test_who_comes_and_goes_is_in_the_trail(luna: Person) -> None:
    seats = f"/api/v1/workspaces/{luna.workspace_id}/members"
    guest = join(luna, "editor")
    luna.api("PATCH", f"{seats}/{guest.id}", {"role": "analyst"}).ok()
    luna.api("DELETE", f"{seats}/{guest.id}").ok(204)

    assert actions(luna, since=1) == [
        "member.invited",
        "member.joined",
        "member.role_changed",
        "member.removed",
    ]


def test_a_deed_is_its_doers(luna: Person) -> None:
    guest = join(luna, "editor")

    avatar(guest)

    assert trail(luna)[-1]["actor_user_id"] == guest.id


def test_a_job_is_in_the_trail_from_wish_to_end(
    studio: Studio, aws: dict[str, str]
) -> None:
    before = len(trail(studio.owner))
    done, called_off = studio.wish(2)
    studio.owner.api("POST", f"/api/v1/content/jobs/{called_off}/cancel").ok()
    studio.bring_home(done)

    deeds = trail(studio.owner)[before:]
    assert [deed["action"] for deed in deeds] == [
        "content.requested",
        "content.cancelled",
        "content.succeeded",
    ]
    assert deeds[-1]["actor_kind"] == "system"


def test_a_pieces_way_to_approval_is_in_the_trail(
    studio: Studio, aws: dict[str, str]
) -> None:
    owner, workers = studio.owner, studio.workers
    before = len(trail(owner))
    asset_id = ready_asset(owner, workers)
    approve(owner, submitted(owner, workers, studio.avatar_id, asset_id))
    second = piece(owner, studio.avatar_id, asset_id)["id"]
    owner.api("DELETE", f"/api/v1/pieces/{second}").ok(204)

    deeds = [deed for deed in actions(owner, since=before) if "piece" in deed]
    assert deeds == [
        "piece.created",
        "piece.in_review",
        "piece.approved",
        "piece.created",
        "piece.deleted",
    ]


def test_rules_that_are_replaced_are_in_the_trail(luna: Person) -> None:
    luna.api("PUT", "/api/v1/policy", {"rules": {"blocked_terms": ["acme"]}}).ok(201)

    assert actions(luna)[-1] == "policy.replaced"


def test_what_is_refused_leaves_no_trace(luna: Person, sql: Sql) -> None:
    avatar(luna)
    before = count(sql, "audit_log")

    wanted = {"avatar_name": "Luna", "nicho": "travel", "aesthetic": "warm film"}
    assert luna.api("POST", "/api/v1/avatars/create", wanted).status == 409

    assert count(sql, "audit_log") == before


def test_no_address_and_no_secret_is_in_the_trail(luna: Person) -> None:
    guest = join(luna, "editor")
    avatar(luna, nicho="canary niche")

    told = str(trail(luna))
    assert guest.email not in told
    assert "canary" not in told


def test_a_trail_that_nobody_touched_is_whole(luna: Person) -> None:
    for number in range(5):
        avatar(luna, avatar_name=f"Luna {number}")

    assert verified(luna) == {"intact": True, "first_broken": None, "rows": 6}


@pytest.mark.parametrize(
    ("statement", "broken"),
    [
        ("update audit_log set action = 'x' where position = 3", 3),
        ("update audit_log set actor_user_id = null where position = 2", 2),
        ("update audit_log set detail = '{\"a\": 1}' where position = 4", 4),
        ("update audit_log set created_at = now() where position = 3", 3),
        ("update audit_log set target_id = 'x' where position = 1", 1),
        ("update audit_log set row_hash = sha256('x') where position = 2", 2),
        ("update audit_log set prev_hash = sha256('x') where position = 5", 5),
        ("update audit_log set position = 99 where position = 3", 4),
        ("delete from audit_log where position = 2", 3),
        ("delete from audit_log where position = 1", 2),
    ],
)
def test_a_trail_that_was_tampered_with_is_broken_where_it_was(
    luna: Person, sql: Sql, statement: str, broken: int
) -> None:
    for number in range(5):
        avatar(luna, avatar_name=f"Luna {number}")

    tamper(sql, statement)

    seen = verified(luna)
    assert (seen["intact"], seen["first_broken"]) == (False, broken)


def test_a_forged_row_with_a_hash_of_its_own_breaks_the_next(
    luna: Person, sql: Sql
) -> None:
    for number in range(3):
        avatar(luna, avatar_name=f"Luna {number}")

    tamper(
        sql,
        "update audit_log set action = 'x' where position = 2;"
        " update audit_log set row_hash = audit_row_hash(audit_log) where position = 2",
    )

    assert verified(luna)["first_broken"] == 3


def test_another_workspaces_broken_trail_is_not_ours(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    tamper(
        sql,
        f"update audit_log set action = 'x' where workspace_id = '{luna.workspace_id}'",  # noqa: S608 - an id of ours
    )

    assert verified(stranger)["intact"]
    assert not verified(luna)["intact"]


def test_a_strangers_trail_is_not_to_be_seen(luna: Person) -> None:
    stranger = sign_up()
    avatar(luna)

    assert actions(stranger) == ["workspace.created"]
    elsewhere = stranger.api.working_in(luna.workspace_id)
    assert elsewhere("GET", "/api/v1/ops/audit").status == 404
