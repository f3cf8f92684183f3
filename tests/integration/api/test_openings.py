"""/api/v1/pieces/{id}/view and /api/v1/assets/{id}/download: who opens what."""

from dataclasses import dataclass

import httpx
import pytest

from tests.support.api import Answer, Api
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person, join
from tests.support.posting import approved
from tests.support.rights import benefit, grant, price, product
from tests.support.rows import piece_that_may_be_seen
from tests.support.studio import Studio
from vixenbliss.ids import new_id

OUT_OF_SIGHT = {
    "draft": "update content_pieces set review_status = 'draft'",
    "deleted": "update content_pieces set deleted_at = now()",
    "words held": "update policy_decisions set verdict = 'review'"
    " where subject_type = 'caption'",
    "picture held": "update policy_decisions set verdict = 'block'"
    " where subject_type = 'image'",
    "picture away": "update assets set status = 'quarantined'",
    "avatar archived": "update avatars set status = 'archived', archived_at = now()",
    "avatar not yet on stage": "update avatars set status = 'review'",
    "consent revoked": "update likeness_attestations set revoked_at = now(),"
    " revoke_reason = 'withdrawn'",
    "profile held": "update policy_decisions set verdict = 'review'"
    " where subject_type = 'profile'",
}
"""What keeps a piece from everybody, whatever they hold."""


@dataclass(frozen=True, slots=True)
class Stage:
    """An approved piece, and whoever would like to see it."""

    ids: dict[str, str]
    owner: Person
    fan: Person
    sql: Sql

    def close(self, access: str, benefit_id: str | None = None) -> None:
        """Let the piece be opened in another way; its approval stays."""
        self.sql.execute(
            "update content_pieces set access = %s, required_benefit_id = %s",
            (access, benefit_id),
        )

    def view(self, api: Api) -> Answer:
        return api("GET", f"/api/v1/pieces/{self.ids['piece']}/view")

    def download(self, api: Api) -> Answer:
        return api("GET", f"/api/v1/assets/{self.ids['asset']}/download")

    def both(self, api: Api) -> list[int]:
        return [self.view(api).status, self.download(api).status]


@pytest.fixture
def stage(luna: Person, stranger: Person, sql: Sql) -> Stage:
    return Stage(piece_that_may_be_seen(sql, luna.workspace_id), luna, stranger, sql)


def show_again(stage: Stage, benefit_id: str) -> str:
    """Show the picture in another piece, too, which another benefit opens."""
    again = {"id": new_id(), "benefit_id": benefit_id} | stage.ids
    stage.sql.execute(
        "insert into content_pieces select (jsonb_populate_record(it,"
        " jsonb_build_object('id', %(id)s::uuid, 'required_benefit_id',"
        " %(benefit_id)s::uuid))).* from content_pieces as it",
        again,
    )
    stage.sql.execute(
        "insert into content_piece_assets (piece_id, position, asset_id)"
        " values (%(id)s, 0, %(asset)s)",
        again,
    )
    return str(again["id"])


@pytest.fixture
def gold(stage: Stage) -> str:
    """The tier that opens the piece."""
    gold = benefit(stage.sql, stage.owner)
    stage.close("tier", gold)
    return gold


def test_a_public_piece_is_open_to_anybody(stage: Stage) -> None:
    seen = stage.view(Api()).ok()

    assert (seen["id"], seen["access"]) == (stage.ids["piece"], "public")
    assert (seen["caption"], seen["hashtags"]) == ("A slow morning", ["sea"])
    assert seen["is_ai"] is True
    assert seen["avatar"]["disclosure"] == "I am an AI-made character."
    assert count(stage.sql, "openings") == 0


def test_what_has_come_all_the_way_is_open_with_its_files(
    studio: Studio, aws: object
) -> None:
    piece = approved(studio)

    (file,) = Api()("GET", f"/api/v1/pieces/{piece['id']}/view").ok()["assets"]

    assert [file["asset_id"]] == [asset["asset_id"] for asset in piece["assets"]]
    assert (file["alt_text"], file["is_ai"]) == ("waves at dawn", True)
    assert httpx.get(file["url"]).headers["content-type"] == "image/png"
    told = Api()("GET", f"/api/v1/provenance/{file['sha256']}").ok()
    assert told["statement"]["asset_id"] == file["asset_id"]


def test_whoever_shows_a_token_shows_one_that_is_good(stage: Stage) -> None:
    stage.fan.api("POST", "/api/auth/logout").ok()

    answers = [stage.view(api) for api in (Api("no token"), stage.fan.api)]

    assert [(answer.status, answer.code) for answer in answers] == [
        (401, "UNAUTHORIZED")
    ] * 2


def test_a_download_wants_a_token(stage: Stage) -> None:
    answer = stage.download(Api())

    assert (answer.status, answer.code) == (401, "UNAUTHORIZED")


@pytest.mark.parametrize("why", OUT_OF_SIGHT)
def test_what_may_not_be_shown_is_not_there(stage: Stage, gold: str, why: str) -> None:
    grant(stage.sql, stage.fan, gold)
    stage.sql.execute(OUT_OF_SIGHT[why].encode())

    answers = [stage.view(stage.fan.api), stage.download(stage.fan.api)]
    answers.append(stage.view(stage.owner.api))

    assert [answer.status for answer in answers] == [404] * 3
    assert count(stage.sql, "openings") == 0


def test_what_nobody_has_made_is_not_there(stranger: Person) -> None:
    paths = [f"pieces/{NOBODYS}/view", f"assets/{NOBODYS}/download"]

    answers = [stranger.api("GET", f"/api/v1/{path}") for path in paths]

    assert [answer.json["detail"] for answer in answers] == [
        "Piece not found",
        "Asset not found",
    ]


def test_what_has_been_paid_for_is_there_while_the_avatar_pauses(
    stage: Stage, gold: str
) -> None:
    grant(stage.sql, stage.fan, gold)
    path = f"/api/v1/avatars/{stage.ids['avatar']}/pause"
    stage.owner.api("POST", path, {"reason": "holidays"}).ok()

    assert stage.both(stage.fan.api) == [200, 200]


@pytest.mark.parametrize("role", ["reviewer", "analyst"])
def test_a_closed_piece_is_open_to_those_who_work_on_it(
    stage: Stage, gold: str, role: str
) -> None:
    colleague = join(stage.owner, role)

    assert stage.both(colleague.api) == [200, 200]
    assert count(stage.sql, "openings") == 0


@pytest.mark.parametrize(
    ("access", "held", "statuses"),
    [
        ("members", {"ref": "silver"}, [200, 200]),
        ("members", {"kind": "course", "ref": NOBODYS}, [403, 403]),
        ("tier", {"ref": "silver"}, [403, 403]),
        ("purchase", {"kind": "content_piece", "ref": NOBODYS}, [403, 403]),
    ],
)
def test_another_benefit_opens_what_is_for_all_members(
    stage: Stage, access: str, held: dict[str, str], statuses: list[int]
) -> None:
    gold = benefit(stage.sql, stage.owner)
    stage.close(access, None if access == "members" else gold)
    grant(stage.sql, stage.fan, benefit(stage.sql, stage.owner, **held))

    assert stage.both(stage.fan.api) == statuses


@pytest.mark.parametrize("access", ["members", "tier", "purchase"])
def test_who_has_bought_a_piece_opens_it_however_others_do(
    stage: Stage, access: str
) -> None:
    gold = benefit(stage.sql, stage.owner)
    stage.close(access, None if access == "members" else gold)
    alone = {"kind": "content_piece", "ref": stage.ids["piece"]}
    bought = benefit(stage.sql, stage.owner, **alone)
    offered = product(stage.sql, stage.owner, bought, kind="one_off")
    price(stage.sql, offered)

    refused = stage.view(stage.fan.api)
    grant(stage.sql, stage.fan, bought, source_type="order")

    assert refused.json["offers"] == [offered]
    assert stage.both(stage.fan.api) == [200, 200]


@pytest.mark.parametrize(
    ("times", "statuses"),
    [
        ({"starts": -2}, [200, 200]),
        ({"starts": -2, "ends": 1}, [200, 200]),
        ({"starts": -2, "revoked": 1}, [200, 200]),
        ({"starts": 1}, [403, 403]),
        ({"starts": -2, "ends": -1}, [403, 403]),
        ({"starts": -2, "revoked": -1}, [403, 403]),
    ],
    ids=str,
)
def test_a_grant_opens_while_it_lives(
    stage: Stage, gold: str, times: dict[str, int], statuses: list[int]
) -> None:
    grant(stage.sql, stage.fan, gold, **times)

    assert stage.both(stage.fan.api) == statuses


def test_a_tier_of_another_workspace_opens_nothing(stage: Stage) -> None:
    stage.close("members")
    grant(stage.sql, stage.fan, benefit(stage.sql, stage.fan))

    assert stage.both(stage.fan.api) == [403, 403]


def test_whoever_may_not_is_told_what_would_let_them(stage: Stage, gold: str) -> None:
    sql, owner = stage.sql, stage.owner
    offered = product(sql, owner, gold)
    price(sql, offered)
    for changes in ({"is_active": False}, {"stripe_product_id": None}):
        price(sql, product(sql, owner, gold, **changes))
    price(sql, product(sql, owner, gold), stripe_price_id=None)
    price(sql, product(sql, owner, benefit(sql, owner, ref="silver")))

    answers = [stage.view(Api()), stage.view(stage.fan.api)]
    answers.append(stage.download(stage.fan.api))

    assert {(answer.status, answer.code) for answer in answers} == {
        (403, "ENTITLEMENT_REQUIRED")
    }
    assert [answer.json["offers"] for answer in answers] == [[offered]] * 3
    assert b"waves at dawn" not in answers[0].content


def test_any_tier_is_offered_for_what_is_for_members(stage: Stage) -> None:
    stage.close("members")
    tiers = [benefit(stage.sql, stage.owner, ref=ref) for ref in ("gold", "silver")]
    offered = [product(stage.sql, stage.owner, tier) for tier in tiers]
    for one in offered:
        price(stage.sql, one)

    answer = stage.view(Api())

    assert answer.json["offers"] == offered


def test_an_opening_is_recorded_once_a_day_and_person(stage: Stage, gold: str) -> None:
    grant(stage.sql, stage.fan, gold)
    grant(stage.sql, stage.owner, gold)

    for api in (stage.fan.api, stage.fan.api, stage.owner.api):
        stage.both(api)

    assert count(stage.sql, "openings") == 2
    assert count(stage.sql, "openings", user_id=stage.fan.id) == 1
    stage.sql.execute("update openings set day = day - 1")
    stage.view(stage.fan.api).ok()
    assert count(stage.sql, "openings", user_id=stage.fan.id) == 2


def test_a_refusal_is_not_recorded(stage: Stage, gold: str) -> None:
    assert stage.both(stage.fan.api) == [403, 403]

    assert count(stage.sql, "openings") == 0


def test_a_file_opens_if_any_piece_with_it_does(stage: Stage, gold: str) -> None:
    grant(stage.sql, stage.fan, gold)
    silver = benefit(stage.sql, stage.owner, ref="silver")
    newer = show_again(stage, silver)

    assert stage.download(stage.fan.api).status == 200
    assert stage.view(stage.fan.api).status == 200
    assert count(stage.sql, "openings", piece_id=stage.ids["piece"]) == 1
    assert count(stage.sql, "openings", piece_id=newer) == 0


def test_a_file_in_no_piece_is_not_there_for_a_stranger(stage: Stage) -> None:
    stage.sql.execute("delete from content_piece_assets")

    answer = stage.download(stage.fan.api)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
