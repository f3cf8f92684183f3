"""What is gathered for the rules: each fact is seen as it is, and in one statement."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from uuid import UUID

import pytest
from sqlalchemy import select

from tests.support.material import NOBODYS, ready_asset
from tests.support.people import Person
from tests.support.plans import crowd, plan_of
from tests.support.posting import Press, press
from tests.support.studio import Studio
from vixenbliss.callers import Member, Role
from vixenbliss.clock import now
from vixenbliss.database import reading
from vixenbliss.errors import PieceNotFoundError, SocialAccountNotFoundError
from vixenbliss.ids import new_id
from vixenbliss.loop import run
from vixenbliss.models.posts import PostFormat
from vixenbliss.models.social_accounts import SocialAccount
from vixenbliss.providers.oauth import Quota
from vixenbliss.providers.publishing import Facts
from vixenbliss.repositories.post_facts import planned
from vixenbliss.schemas.posts import PostTarget
from vixenbliss.services.post_facts import PostFacts
from vixenbliss.services.publishing_rules import Candidate, findings

SOON = datetime.now(UTC) + timedelta(days=2)
FACTS = Facts(quota=Quota(100, 0, timedelta(days=1)))


@pytest.fixture
def ours(studio: Studio, aws: dict[str, str]) -> Press:
    return press(studio)


def member(person: Person) -> Member:
    return Member(person.id, UUID(person.workspace_id), Role.OWNER)


def targets(*account_ids: str) -> list[PostTarget]:
    return [
        PostTarget(account_id=UUID(one), format=PostFormat.FEED) for one in account_ids
    ]


async def _of_targets(
    who: Member, piece_id: str, wanted: list[PostTarget]
) -> list[Candidate]:
    async with reading() as connection:
        return await PostFacts(connection).of_targets(
            who,
            UUID(piece_id),
            wanted,
            scheduled_at=SOON,
            facts={target.account_id: FACTS for target in wanted},
        )


def test_what_is_planned_is_found_without_reading_all_posts(ours: Press) -> None:
    ours.post()
    crowd(ours.sql, "posts", id="gen_random_uuid()", account_id="gen_random_uuid()")

    plan = plan_of(ours.sql, select(planned()).select_from(SocialAccount))

    assert any("ix_posts_appears_at" in line for line in plan), plan
    (cond,) = [one for one in plan if "Index Cond" in one and "COALESCE" in one]
    assert "account_id" in cond


async def _of_posts(*post_ids: str) -> dict[UUID, Candidate]:
    async with reading() as connection:
        facts = PostFacts(connection)
        return await facts.of_posts([UUID(one) for one in post_ids], {})


def look(ours: Press) -> Candidate:
    (one,) = run(
        _of_targets(member(ours.owner), ours.piece["id"], targets(ours.account_id))
    )
    return one


def put_post(ours: Press, **columns: object) -> str:
    """Store a post of the piece as it is, and return its id."""
    row = ours.sql.execute("select * from content_pieces").fetchone() or {}
    values = {
        "id": new_id(),
        "workspace_id": row["workspace_id"],
        "group_id": new_id(),
        "avatar_id": row["avatar_id"],
        "piece_id": row["id"],
        "account_id": ours.account_id,
        "format": "feed",
        "caption": "as it was sent",
        "content_hash": row["content_hash"],
        "is_ai": True,
        "scheduled_at": SOON,
        "due_at": SOON,
        "created_by": ours.owner.id,
    } | columns
    names, places = ", ".join(values), ", ".join(f"%({name})s" for name in values)
    ours.sql.execute(f"insert into posts ({names}) values ({places})".encode(), values)  # noqa: S608 - names of ours
    return str(values["id"])


def test_what_may_be_posted_keeps_every_rule(ours: Press) -> None:
    one = look(ours)

    assert findings(one) == []
    assert one.caption == "A slow morning by the sea\n\n#sea"
    assert (one.scheduled_at, one.is_ai, one.facts) == (SOON, True, FACTS)
    (shown,) = one.pictures
    assert (shown.width, shown.height, shown.alt_text) == (16, 12, "waves at dawn")
    assert shown.size_bytes > 0


@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ("update workspaces set publishing_paused_at = now()", "paused"),
        (
            (
                "update content_pieces set review_status = 'in_review',"
                " approved_hash = null, approved_by = null, approved_at = null"
            ),
            "approval",
        ),
        (
            (
                "update policy_decisions set verdict = 'review'"
                " where subject_type = 'caption'"
            ),
            "policy",
        ),
        (
            (
                "update policy_decisions set verdict = 'review'"
                " where subject_type = 'image'"
            ),
            "policy",
        ),
        (
            (
                "update policy_decisions set verdict = 'review'"
                " where subject_type = 'profile'"
            ),
            "avatar",
        ),
        (
            "update likeness_attestations set revoked_at = now(), revoke_reason = 'x'",
            "avatar",
        ),
        ("update avatars set status = 'paused'", "avatar"),
        ("update assets set status = 'quarantined'", "pictures"),
        ("update assets set width = null", "pictures"),
        ("update social_accounts set status = 'disabled'", "account"),
        (
            "update social_accounts set token_expires_at = now(), refresh_at = null",
            "token",
        ),
    ],
)
def test_whatever_has_changed_is_seen(ours: Press, change: str, rule: str) -> None:
    ours.sql.execute(change.encode())

    one = look(ours)

    assert rule in {finding.rule for finding in findings(one)}


def test_a_token_that_can_be_refreshed_may_end(ours: Press) -> None:
    ours.sql.execute("update social_accounts set token_expires_at = now()")

    one = look(ours)

    assert one.can_refresh
    assert findings(one) == []


@pytest.mark.parametrize(
    ("status", "twins"),
    [("scheduled", 1), ("draft", 0), ("failed", 0), ("cancelled", 0)],
)
def test_the_same_content_on_its_way_is_a_twin(
    ours: Press, status: str, twins: int
) -> None:
    put_post(ours, status=status, error_code="x")

    one = look(ours)

    assert one.is_duplicate is bool(twins)
    assert list(one.planned) == [SOON] * twins


def test_the_second_target_for_an_account_is_a_twin_of_the_first(ours: Press) -> None:
    wanted = targets(ours.account_id, ours.account_id)

    found = run(_of_targets(member(ours.owner), ours.piece["id"], wanted))

    assert [one.is_duplicate for one in found] == [False, True]


def test_what_appeared_before_the_last_day_is_not_planned(ours: Press) -> None:
    long_ago = now() - timedelta(hours=25)
    put_post(
        ours, status="published", publish_intent_at=long_ago, published_at=long_ago
    )

    one = look(ours)

    assert list(one.planned) == []


def test_a_piece_of_nobodys_is_not_found(ours: Press) -> None:
    with pytest.raises(PieceNotFoundError):
        run(_of_targets(member(ours.owner), NOBODYS, targets(ours.account_id)))


def test_a_piece_is_not_found_by_strangers(ours: Press, stranger: Person) -> None:
    wanted = targets(ours.account_id)

    with pytest.raises(PieceNotFoundError):
        run(_of_targets(member(stranger), ours.piece["id"], wanted))


def test_an_account_of_nobodys_is_not_found(ours: Press) -> None:
    wanted = targets(ours.account_id, NOBODYS)

    with pytest.raises(SocialAccountNotFoundError):
        run(_of_targets(member(ours.owner), ours.piece["id"], wanted))


def test_a_post_is_no_twin_of_itself_nor_in_its_own_way(ours: Press) -> None:
    post_id = put_post(ours, settings='{"share_to_feed": false}')

    (one,) = run(_of_posts(post_id)).values()

    assert (one.is_duplicate, list(one.planned)) == (False, [])
    assert (one.caption, one.is_approved) == ("as it was sent", True)
    assert one.wishes.share_to_feed is False


def test_a_post_that_was_meant_twice_is_no_twin(ours: Press) -> None:
    first = put_post(ours)
    second = put_post(ours, allow_duplicate=True)

    found = run(_of_posts(first, second))

    assert [one.is_duplicate for one in found.values()] == [False, False]


def test_a_post_is_approved_only_as_it_was_taken_along(ours: Press) -> None:
    post_id = put_post(ours, content_hash=b"\0" * 32)

    (one,) = run(_of_posts(post_id)).values()

    assert not one.is_approved
    assert replace(one, is_approved=True).is_publishable


def test_the_pictures_come_in_their_order(ours: Press) -> None:
    second = ready_asset(ours.owner, ours.studio.workers)
    ours.sql.execute("update content_piece_assets set position = 1")
    ours.sql.execute(
        "insert into content_piece_assets (piece_id, position, asset_id, alt_text)"
        " values (%s, 0, %s, 'first now')",
        (ours.piece["id"], second),
    )

    one = look(ours)

    assert [shown.alt_text for shown in one.pictures] == ["first now", "waves at dawn"]
