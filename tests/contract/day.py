"""A team's day: every operation called once, and each answer held to the contract."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from http import HTTPStatus
from typing import Any

from tests.contract.academy import teach_for_a_day
from tests.contract.accounts import come_back_for_a_day
from tests.contract.api_keys import give_a_program_a_key
from tests.contract.board import work_off_the_board
from tests.contract.learning import learn_for_a_day
from tests.contract.money import sell_for_a_day
from tests.contract.numbers import look_at_the_numbers
from tests.contract.privacy import look_after_accounts
from tests.contract.shop import keep_shop_for_a_day
from tests.support.api import Answer, Api
from tests.support.billing import Billing
from tests.support.contract import operation_at, operations
from tests.support.database import Sql
from tests.support.instagram_updates import changed, comment, deliver
from tests.support.mailbox import Postman
from tests.support.material import (
    announcement,
    approve,
    generate,
    picture,
    piece,
    ready_asset,
    submitted,
    upload,
    wish,
)
from tests.support.people import PASSWORD, SHEET, Person, active_avatar, sign_up
from tests.support.platforms import consent, offer
from tests.support.rights import benefit
from tests.support.rows import stripe_event
from tests.support.selling import Shop
from tests.support.workers import Workers
from tests.support.world import World
from tests.tools.examples import Album

ELSEWHERE = {
    "POST /webhooks/replicate",  # tests/integration/webhooks: these have to be signed
    "POST /webhooks/instagram",
    "GET /webhooks/instagram",
    "POST /webhooks/stripe",
    "POST /webhooks/tiktok",
    "POST /webhooks/meta/data-deletion",
    "POST /webhooks/meta/deauthorize",
    "GET /webhooks/meta/data-deletion/{code}",
    "POST /users/",  # the same endpoint as POST /api/v1/users/
}


@dataclass(frozen=True, slots=True)
class Call:
    """A request that went well."""

    method: str
    path: str
    """With its query."""
    body: Any
    headers: Mapping[str, str]
    content: bytes | None


@dataclass(frozen=True, slots=True)
class Watched(Api):
    """A client that compares every answer with the contract."""

    seen: dict[str, list[int]] = field(default_factory=dict)
    complaints: list[str] = field(default_factory=list)
    album: Album = field(default_factory=Album)
    calls: dict[str, Call] = field(default_factory=dict)
    """The first of each operation's that went well."""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        answer = Api.__call__(
            self, method, path, body, headers=headers, content=content
        )
        one = operation_at(method, path)
        assert one is not None, path
        self.seen.setdefault(str(one), []).append(answer.status)
        self.complaints.extend(f"{one}: {what}" for what in one.complaints(answer))
        if answer.status < HTTPStatus.MULTIPLE_CHOICES:
            said = answer.json if answer.content else None
            self.album.keep(str(one), body, said)
        if answer.status < HTTPStatus.BAD_REQUEST:
            call = Call(method, path, body, headers or {}, content)
            self.calls.setdefault(str(one), call)
        return answer


def _sign_in(api: Api, email: str) -> None:
    login = {"email": email, "password": PASSWORD}
    refresh = api("POST", "/api/auth/login", login).ok()["data"]["refresh_token"]
    form = f"grant_type=password&username={email}&password={PASSWORD}".encode()
    kind = {"content-type": "application/x-www-form-urlencoded"}
    api("POST", "/api/v1/auth/token", content=form, headers=kind).ok()
    api("POST", "/api/auth/refresh", {"refresh_token": refresh}).ok()


def _team(boss: Person) -> None:
    team = boss.api("POST", "/api/v1/workspaces", {"name": "Team"}).ok(201)
    path = f"/api/v1/workspaces/{team['id']}"
    seen = {"If-Match": '"v1"'}
    boss.api("PATCH", path, {"timezone": "Europe/Madrid"}, headers=seen).ok()
    guest = sign_up()
    seat = {"email": guest.email, "role": "editor"}
    token = boss.api("POST", f"{path}/members", seat).ok(202)["token"]
    accept = "/api/v1/workspaces/invitations/accept"
    watched = replace(boss.api, token=guest.api.token)
    watched("POST", accept, {"token": token}).ok()
    boss.api("GET", f"{path}/members").ok()
    member = f"{path}/members/{guest.id}"
    boss.api("PATCH", member, {"role": "analyst"}).ok()
    boss.api("DELETE", member).ok(204)


def _avatars(boss: Person, avatar_id: str) -> None:
    path = f"/api/v1/avatars/{avatar_id}"
    boss.api("PUT", f"{path}/budget", {"monthly_budget_minor": 500}).ok()
    version = boss.api("GET", path).headers["etag"]
    boss.api("PATCH", path, {"bio": "Hello"}, headers={"If-Match": version}).ok()
    sheet = {"sheet": SHEET | {"fictional_age": 30}, "base_version": 1}
    boss.api("PUT", f"{path}/sheet", sheet).ok(201)
    boss.api("GET", f"{path}/sheet").ok()
    boss.api("GET", f"{path}/sheet/diff?from=1&to=2").ok()
    (word,) = boss.api("GET", f"{path}/attestations").ok()["items"]
    boss.api("POST", f"{path}/pause", {"reason": "holidays"}).ok()
    reason = {"reason": "withdrawn"}
    boss.api("DELETE", f"{path}/attestations/{word['id']}", reason).ok(202)
    subscriptions = "/api/v1/subscriptions"
    for paid in boss.api("GET", f"{subscriptions}?status=active").ok()["items"]:
        boss.api("POST", f"{subscriptions}/{paid['id']}/cancel", {"at": "now"}).ok()
    boss.api("POST", f"{path}/archive").ok()
    sample = {"avatar_name": "Sol", "nicho": "food", "aesthetic_style": "film"}
    boss.api("POST", "/avatars/", sample).ok()


def _content(boss: Person, workers: Workers, avatar_id: str) -> None:
    boss.api("POST", "/api/v1/content/estimate", wish(avatar_id)).ok()
    generate(boss, avatar_id, kind="caption")
    workers.deliver("generate")
    job_id = generate(boss, avatar_id)["job_id"]
    path = f"/api/v1/content/jobs/{job_id}"
    boss.api("POST", f"{path}/cancel").ok()
    boss.api("POST", f"{path}/retry").ok(202)
    boss.api("GET", path).ok()


def _pieces(boss: Person, workers: Workers, avatar_id: str, asset_id: str) -> None:
    approved = approve(boss, submitted(boss, workers, avatar_id, asset_id))
    path = f"/api/v1/pieces/{approved['id']}"
    seen = {"If-Match": f'"v{approved["version"]}"'}
    boss.api("PATCH", path, {"title": "Dawn"}, headers=seen).ok()
    boss.api("GET", path).ok()
    boss.api("DELETE", path).ok(204)
    for move in ("request-changes", "reject"):
        handed_in = submitted(boss, workers, avatar_id, asset_id)
        objection = {"comment": "More light"}
        boss.api("POST", f"/api/v1/pieces/{handed_in['id']}/{move}", objection).ok()


def _assets(boss: Person) -> None:
    body = picture()
    asset_id = upload(boss, body)
    boss.api("POST", "/api/v1/assets/uploads", announcement(body)).ok(200)
    boss.api("GET", f"/api/v1/assets/{asset_id}").ok()
    boss.api("DELETE", f"/api/v1/assets/{asset_id}").ok(204)


def _policy(boss: Person, workers: Workers) -> None:
    boss.api("PUT", "/api/v1/policy", {"rules": {"reviewed_terms": ["bet"]}}).ok(201)
    asked = boss.api("POST", "/api/v1/policy/check", {"text": "a bet"}).ok(202)
    workers.deliver("moderate")
    path = f"/api/v1/policy/decisions/{asked['decision_id']}"
    boss.api("GET", path).ok()
    boss.api("POST", f"{path}/override", {"reason": "a game of cards"}).ok()


def _reports(boss: Person, sql: Sql) -> None:
    path = f"/api/v1/ops/webhook-events/{stripe_event(sql, 'failed')}"
    boss.api("GET", path).ok()
    boss.api("POST", f"{path}/replay", {"reason": "mended"}).ok(202)


def _posts(boss: Person, sql: Sql, order: dict[str, Any]) -> None:
    boss.api("POST", "/api/v1/posts/preflight", order).ok()
    (post,) = boss.api("POST", "/api/v1/posts", order).ok(201)["posts"]
    boss.api("GET", "/api/v1/posts").ok()
    boss.api("GET", f"/api/v1/posts/slots?account_id={post['account_id']}").ok()
    path = f"/api/v1/posts/{post['id']}"
    seen = {"If-Match": boss.api("GET", path).headers["etag"]}
    boss.api("PATCH", path, {"scheduled_at": "now"}, headers=seen).ok()
    boss.api("POST", f"{path}/cancel").ok()
    sql.execute("update posts set status = 'failed', error_code = '100'")
    boss.api("POST", f"{path}/retry").ok(202)
    sql.execute("update posts set status = 'unconfirmed', publish_intent_at = now()")
    boss.api("POST", f"{path}/confirm", {"outcome": "published"}).ok()
    boss.api("GET", f"{path}/attempts").ok()
    boss.api("GET", f"{path}/receipt").ok(409)
    reason = {"reason": "a slip of the pen"}
    boss.api("POST", f"{path}/recall", reason).ok(202)
    boss.api("POST", f"/api/v1/pieces/{order['piece_id']}/recall", reason).ok(202)
    team = f"/api/v1/workspaces/{boss.workspace_id}"
    boss.api("POST", f"{team}/pause-publishing", {"reason": "a storm"}).ok()
    boss.api("POST", f"{team}/resume-publishing").ok()


def _accounts(boss: Person, sql: Sql, piece_id: str) -> None:
    way = consent(offer(boss, "instagram").ok()["authorization_url"])
    boss.api("GET", way).ok(303)
    (account,) = boss.api("GET", "/api/v1/social/accounts").ok()["items"]
    path = f"/api/v1/social/accounts/{account['id']}"
    boss.api("GET", path).ok()
    boss.api("GET", f"{path}/quota").ok()
    deliver(changed(account["platform_user_id"], comment())).ok(202)
    (thread,) = boss.api("GET", "/api/v1/inbox/threads").ok()["items"]
    boss.api("GET", f"/api/v1/inbox/threads/{thread['id']}").ok()
    boss.api("POST", f"{path}/refresh").ok(202)
    order = {
        "piece_id": piece_id,
        "targets": [{"account_id": account["id"], "format": "feed"}],
        "scheduled_at": "next_slot",
    }
    _posts(boss, sql, order)
    boss.api("PATCH", path, {"disabled": True}).ok()
    boss.api("DELETE", path).ok(204)


def _entitlements(boss: Person, sql: Sql, piece_id: str) -> None:
    boss.api("GET", f"/api/v1/pieces/{piece_id}/view").ok()
    present = {"email": boss.email, "benefit_id": benefit(sql, boss)}
    given = boss.api("POST", "/api/v1/me/entitlements/comps", present).ok(201)
    path = "/api/v1/me/entitlements"
    boss.api("GET", path).ok()
    boss.api("GET", f"{path}/explain?kind=content_tier&ref=gold").ok()
    boss.api("DELETE", f"{path}/{given['id']}", {"reason": "a slip"}).ok(204)
    boss.api("POST", "/api/v1/notifications/read", {"ids": "all"}).ok(204)


def live_a_day(
    luna: Person, workers: Workers, world: World, sql: Sql, mail: Postman
) -> tuple[Person, Watched]:
    """Let Luna, who also runs the platform, live a day under observation."""
    sql.execute("update users set platform_role = 'admin'")
    watched = Watched(luna.api.token)
    boss = replace(luna, api=watched)
    email = "day@example.com"
    boss.api("POST", "/api/v1/users/", {"email": email, "password": PASSWORD}).ok(201)
    _sign_in(boss.api, email)
    come_back_for_a_day(boss, mail)
    _team(boss)
    look_after_accounts(boss, workers)
    give_a_program_a_key(boss)
    avatar_id = active_avatar(boss, workers)
    asset_id = ready_asset(boss, workers, avatar_id=avatar_id)
    piece(boss, avatar_id, asset_id)
    _content(boss, workers, avatar_id)
    _pieces(boss, workers, avatar_id, asset_id)
    _assets(boss)
    _policy(boss, workers)
    approved = approve(boss, submitted(boss, workers, avatar_id, asset_id))
    _entitlements(boss, sql, approved["id"])
    _accounts(boss, sql, approved["id"])
    shop = Shop(boss, avatar_id, world, sql)
    sell_for_a_day(Billing(shop, boss, workers, world, sql))
    teach_for_a_day(boss)
    learn_for_a_day(boss, sql)
    look_at_the_numbers(boss, avatar_id)
    keep_shop_for_a_day(boss, asset_id)
    boss.api("GET", f"/api/v1/assets/{asset_id}/download").ok()
    sha256 = boss.api("GET", f"/api/v1/assets/{asset_id}").ok()["sha256"]
    boss.api("GET", f"/api/v1/provenance/{sha256}").ok()
    boss.api("GET", f"/api/v1/workspaces/{boss.workspace_id}").ok()
    boss.api("POST", "/api/v1/ops/queues/generate/redrive", {"max": 5}).ok(202)
    _reports(boss, sql)
    work_off_the_board(boss)
    for one in operations():
        asks = [*one.names_in_path, *filter(None, one.parameters("query").values())]
        is_done = str(one) in ELSEWHERE | watched.seen.keys()
        if one.method == "GET" and not asks and not is_done:
            boss.api("GET", one.path).ok()
    _avatars(boss, avatar_id)
    return boss, watched
