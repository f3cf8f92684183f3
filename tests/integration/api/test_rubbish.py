"""Whatever is sent anywhere, the answer is a clear no in the path's own dialect."""

import json
from collections.abc import Iterator
from typing import Any

import pytest

from tests.conftest import Set
from tests.support.academy import CLASS, COURSE, TEACHER, course, teacher
from tests.support.api import Answer, Api
from tests.support.contract import Operation, operations
from tests.support.database import Sql, content
from tests.support.material import NOBODYS, announcement, composed, wish
from tests.support.people import PASSWORD, SHEET, Person

MAX_BODY_BYTES = 256 * 1024
SEEN = {"If-Match": '"v1"'}
JSON = "application/json"
AVATAR = "/api/v1/avatars/{avatar_id}"
PIECE = "/api/v1/pieces/{piece_id}"
POST = "/api/v1/posts/{post_id}"
SHOP = "/api/v1/products"
COURSE_PATH = "/courses/{slug}"
CLASSES = f"{COURSE_PATH}/classes"
PRODUCT = f"{SHOP}/{{product_id}}"
CARDS = "/api/v1/board/cards"
SUBSCRIPTION = "/api/v1/subscriptions/{subscription_id}"
RATINGS = "/courses/{course_id}/ratings"
WORKSPACE = "/api/v1/workspaces/{workspace_id}"
MEMBERS = f"{WORKSPACE}/members"
SOMEBODY = {"email": "somebody@example.com", "password": PASSWORD}
NEW_AVATAR = {"avatar_name": "Sol", "nicho": "travel"}
PRICE = {"amount_minor": 999, "currency": "eur", "interval": "month"}
ITEM = {
    "name": "Print",
    "description": "On paper",
    "price": 9.99,
    "quantity": 1,
    "category_id": 7,
    "currency": "eur",
    "avatar_id": NOBODYS,
    "download_asset_id": NOBODYS,
}
OF_CLASS = {
    "slug": "ray",
    "position": 0,
    "duration_s": 60,
    "is_preview": True,
    "available_after_days": 3,
}
ORDER = {
    "piece_id": NOBODYS,
    "targets": [{"account_id": NOBODYS, "format": "feed", "settings": {"cover_ms": 1}}],
    "scheduled_at": "2100-01-01T00:00:00Z",
}
CARD = {
    "title": "Light",
    "avatar_id": NOBODYS,
    "piece_id": NOBODYS,
    "assignee_id": 1,
    "due_at": "2100-01-01T00:00:00Z",
}

GOOD: dict[str, Any] = {
    "POST /api/auth/login": SOMEBODY,
    "POST /api/auth/refresh": {"refresh_token": "r" * 40},
    "POST /api/auth/password/forgot": {"email": "somebody@example.com"},
    "POST /api/auth/password/reset": {"token": "t" * 40, "new_password": PASSWORD},
    "POST /api/auth/email/verify": {"token": "t" * 40},
    "PATCH /api/v1/users/me": {"email": "somebody@example.com"},
    "POST /api/v1/users/me/password": {
        "current_password": PASSWORD,
        "new_password": PASSWORD,
    },
    "POST /api/v1/users/": SOMEBODY | {"is_active": True},
    "POST /users/": SOMEBODY,
    "PATCH /api/v1/users/{user_id}": {"is_active": True, "platform_role": "support"},
    "DELETE /api/v1/users/me": {"password": "not the one"},
    "POST /api/v1/workspaces": {"name": "Team", "slug": "team"},
    "PATCH /api/v1/workspaces/{workspace_id}": {
        "name": "Team",
        "timezone": "Europe/Madrid",
        "require_second_reviewer": True,
    },
    "POST /api/v1/api-keys": {
        "name": "Importer",
        "scopes": ["avatars:read"],
        "expires_at": "2100-01-01T00:00:00Z",
    },
    f"POST {MEMBERS}": {"email": "guest@example.com", "role": "editor"},
    f"PATCH {MEMBERS}/{{user_id}}": {"role": "editor"},
    "POST /api/v1/workspaces/invitations/accept": {"token": "t" * 40},
    "POST /api/v1/avatars/create": NEW_AVATAR | {"aesthetic": "film"},
    "POST /avatars/": NEW_AVATAR | {"aesthetic_style": "film"},
    f"PATCH {AVATAR}": NEW_AVATAR | {"aesthetic": "film", "bio": "Hello"},
    f"POST {AVATAR}/pause": {"reason": "holidays"},
    f"PUT {AVATAR}/budget": {"monthly_budget_minor": 100, "currency": "usd"},
    f"PUT {AVATAR}/sheet": {"sheet": SHEET, "base_version": 0},
    f"POST {AVATAR}/attestations": {
        "basis": "fictional",
        "evidence_asset_id": NOBODYS,
        "expires_at": "2100-01-01T00:00:00Z",
    },
    f"DELETE {AVATAR}/attestations/{{attestation_id}}": {"reason": "withdrawn"},
    "POST /api/v1/content/generate": wish(
        NOBODYS, negative_prompt="blur", params={"aspect_ratio": "4:5", "seed": 7}
    ),
    "POST /api/v1/content/estimate": wish(
        NOBODYS, kind="caption", params={"language": "en", "tone": "warm"}
    ),
    "POST /api/v1/assets/uploads": announcement(b"x", avatar_id=NOBODYS),
    "POST /api/v1/pieces": composed(
        NOBODYS,
        NOBODYS,
        title="Dawn",
        access="tier",
        required_benefit_id=NOBODYS,
        hashtags=["sea"],
    ),
    f"PATCH {PIECE}": {
        "title": "Dawn",
        "caption": "Sea",
        "access": "tier",
        "required_benefit_id": NOBODYS,
    },
    f"POST {PIECE}/approve": {"content_hash": "0" * 64, "comment": "Good"},
    f"POST {PIECE}/request-changes": {"comment": "More light"},
    f"POST {PIECE}/reject": {"comment": "Not ours"},
    "POST /api/v1/benefits": {"kind": "content_tier", "ref": "gold", "name": "Gold"},
    "PATCH /api/v1/benefits/{benefit_id}": {"name": "Gold", "is_active": True},
    "POST /api/v1/products": {
        "kind": "membership",
        "name": "Gold",
        "description": "All of it",
        "avatar_id": NOBODYS,
        "benefit_ids": [NOBODYS],
        "prices": [PRICE],
    },
    f"PATCH {PRODUCT}": {"name": "Gold", "benefit_ids": [NOBODYS]},
    f"POST {PRODUCT}/prices": PRICE | {"trial_days": 7},
    "POST /api/v1/checkout": {
        "lines": [{"price_id": NOBODYS, "quantity": 1}],
        "success_url": "http://127.0.0.1/",
        "cancel_url": "http://127.0.0.1/",
    },
    "POST /api/items/": ITEM,
    "PUT /api/items/{item_id}": ITEM,
    "PATCH /api/items/{item_id}": ITEM,
    "POST /api/categories/": {"name": "Prints", "slug": "prints", "parent_id": 7},
    "PATCH /api/categories/{category_id}": {"name": "Prints", "parent_id": 7},
    "POST /api/v1/checkout/tips": {
        "avatar_id": NOBODYS,
        "amount_minor": 500,
        "currency": "eur",
        "message": "Thank you",
        "success_url": "http://127.0.0.1/",
    },
    f"POST {SUBSCRIPTION}/cancel": {"at": "now", "reason": "other", "comment": "Bye"},
    f"POST {SUBSCRIPTION}/change": {"price_id": NOBODYS},
    f"POST {SUBSCRIPTION}/change/preview": {"price_id": NOBODYS},
    "POST /api/v1/portal": {"return_url": "http://127.0.0.1/"},
    "PUT /api/v1/policy": {
        "rules": {
            "block_above": {"hate": 0.01},
            "blocked_terms": ["casino"],
            "reviewed_terms": ["bet"],
        }
    },
    "POST /api/v1/orders/{order_id}/refunds": {
        "amount_minor": 1,
        "reason": "other",
        "revoke_access": True,
    },
    "POST /api/v1/disputes/{dispute_id}/evidence": {
        "text": "They have opened it.",
        "asset_ids": [NOBODYS],
        "submit": True,
    },
    "POST /api/v1/policy/check": {"text": "a quiet beach"},
    "POST /api/v1/policy/decisions/{decision_id}/override": {"reason": "seen"},
    "POST /api/v1/ops/queues/{name}/redrive": {"max": 1},
    "POST /api/v1/ops/reconciliations/run": {"day": "2026-11-20"},
    "POST /api/v1/ops/webhook-events/{event_id}/replay": {"reason": "mended"},
    "POST /api/v1/social/{platform}/connect": {
        "avatar_id": NOBODYS,
        "return_url": "http://127.0.0.1/",
        "consent": True,
    },
    "PATCH /api/v1/social/accounts/{account_id}": {
        "avatar_id": NOBODYS,
        "disabled": False,
        "posting_times": ["09:00"],
    },
    f"POST {WORKSPACE}/pause-publishing": {"reason": "a storm"},
    "POST /api/v1/posts": ORDER | {"allow_duplicate": True},
    "POST /api/v1/posts/preflight": ORDER,
    f"PATCH {POST}": {"scheduled_at": "now", "settings": {"cover_ms": 1}},
    f"POST {POST}/confirm": {
        "outcome": "published",
        "permalink": "https://www.instagram.com/p/1/",
    },
    f"POST {POST}/recall": {"reason": "a slip"},
    f"POST {PIECE}/recall": {"reason": "a slip"},
    "POST /api/v1/me/entitlements/comps": {
        "email": "fan@example.com",
        "benefit_id": NOBODYS,
        "ends_at": "2100-01-01T00:00:00Z",
    },
    "DELETE /api/v1/me/entitlements/{grant_id}": {"reason": "a slip"},
    "POST /api/v1/notifications/read": {"ids": [NOBODYS]},
    f"POST {RATINGS}": {"rating": 5, "user_id": 1},
    f"PUT {RATINGS}/{{user_id}}": {"rating": 5},
    "PUT /api/v1/learning/courses/{slug}/classes/{class_id}/progress": {
        "position_seconds": 42,
        "completed": True,
    },
    "POST /courses": COURSE | {"slug": "light", "access": "paid", "teacher_ids": [1]},
    f"PATCH {COURSE_PATH}": COURSE | {"slug": "light", "teacher_ids": [1]},
    f"POST {CLASSES}": CLASS | OF_CLASS,
    f"PATCH {CLASSES}/{{class_id}}": CLASS | OF_CLASS,
    f"PUT {CLASSES}/order": {"ids": [1]},
    "POST /teachers": TEACHER | {"avatar_id": NOBODYS},
    "PATCH /teachers/{teacher_id}": TEACHER | {"avatar_id": NOBODYS},
    "POST /todos/": {"title": "Buy lemons"},
    "PUT /todos/{todo_id}": {"title": "Buy lemons", "completed": True},
    "PATCH /todos/{todo_id}": {"title": "Buy lemons", "completed": True},
    f"POST {CARDS}": CARD | {"column": "doing"},
    f"PATCH {CARDS}/{{card_id}}": CARD,
    f"POST {CARDS}/{{card_id}}/move": {"column": "done", "after_id": 1},
}
"""For each operation that reads JSON a body in which all is well."""

NO_OBJECT = {
    "a brace": b"{",
    "words": b"hello",
    "cut short": b'{"a": "b',
    "two bodies": b"{}{}",
    "a comment": b"{/* */}",
    "a list": b"[]",
    "a string": b'"text"',
    "a number": b"7",
    "true": b"true",
    "NaN": b"NaN",
    "an unknown field": b'{"surprise": 1}',
    "an unknown name of half a character": b'{"\\ud800": 1}',
    "an unknown name with NUL": b'{"\\u0000": 1}',
    "open lists": b"[" * 100_000,
    "nested lists": b"[" * 50_000 + b"]" * 50_000,
    "nested objects": b'{"a":' * 20_000 + b"1" + b"}" * 20_000,
    "a long number": b"9" * 5_000,
    "UTF-16": '{"a": 1}'.encode("utf-16"),
    "no UTF-8": b'{"a": "\xc3\x28\xff"}',
    "NUL bytes": bytes(64),
}
WRONG_TYPES = [
    "",
    "text/plain",
    "application/xml",
    "application/x-www-form-urlencoded",  # what curl says by itself
    "multipart/form-data; boundary=x",
]
TEXT_RUBBISH = ["nul\x00", "\ud83d", "x" * 100_000, 7, [], {}, True]
NUMBER_RUBBISH = [10**30, 10**400, -(10**30), 1e999, float("nan"), "seven", [], {}]
SECRETS = ("password", "current_password", "new_password", "refresh_token", "token")
"""Texts of which only their length is anybody's business."""

BODIES = [one for one in operations() if JSON in one.media_types]
PATHS = [one for one in operations() if one.names_in_path]
LISTS = [one for one in operations() if "page" in one.parameters("query")]
STATEMENT = "/api/v1/ledger/statement"  # whose pages are of its transactions
BARE = {"/courses", "/teachers"}
"""Lists without their page around them; the total is in a header."""
TODOS = "/todos/"
"""Whose list is bare, too, and told without a total."""
OF_SOMETHING = {"/api/v1/orders/{order_id}/refunds", RATINGS}
OWN_DOORS = [one for one in BODIES if str(one) in GOOD]

pytestmark = pytest.mark.usefixtures("aws")


def leaves(body: Any, way: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to each text and number of a body."""
    if isinstance(body, dict | list):
        pairs = body.items() if isinstance(body, dict) else enumerate(body)
        for name, inner in pairs:
            yield from leaves(inner, (*way, name))
    else:
        yield way


def grafted(body: Any, way: tuple[Any, ...], leaf: Any) -> Any:
    """Return a copy of a body with another leaf."""
    if not way:
        return leaf
    copy = body.copy()
    copy[way[0]] = grafted(body[way[0]], way[1:], leaf)
    return copy


def spoiled(body: Any) -> Iterator[tuple[str, bytes]]:
    """Yield a body again and again, each time with one leaf that cannot be right."""
    for way in leaves(body):
        leaf = body
        for step in way:
            leaf = leaf[step]
        is_text = isinstance(leaf, str)
        rubbish = TEXT_RUBBISH if is_text else NUMBER_RUBBISH
        if isinstance(leaf, bool):
            rubbish = ["perhaps", 7, [], {}]
        if way[-1] in SECRETS:
            rubbish = rubbish[1:]
        for bad in rubbish:
            name = f"{way} {str(bad)[:20]!r}"
            yield name, json.dumps(grafted(body, way, bad)).encode()


def sent(
    person: Person, one: Operation, raw: bytes, content_type: str = JSON
) -> Answer:
    headers = SEEN | {"content-type": content_type}
    return person.api(one.method, one.at(), content=raw, headers=headers)


def unclear(one: Operation, answer: Answer, *statuses: int) -> str | None:
    """Return what is wrong with a refusal: its status, or how it is told."""
    if answer.status not in statuses:
        return f"{answer.status}: {answer.content.decode()[:300]}"
    if b"match pattern" in answer.content:
        return f"a pattern is no sentence: {answer.content.decode()[:300]}"
    return "; ".join(one.complaints(answer)) or None


def test_every_body_that_anybody_reads_is_tried() -> None:
    # Their signatures come before all else.
    doors = ("instagram", "replicate", "stripe", "tiktok")
    signed = {f"POST /webhooks/{name}" for name in doors}

    assert {str(one) for one in BODIES} == GOOD.keys() | signed


@pytest.mark.parametrize("one", OWN_DOORS, ids=str)
def test_a_body_that_is_none_is_refused(luna: Person, sql: Sql, one: Operation) -> None:
    before = content(sql)

    answers = {name: sent(luna, one, raw) for name, raw in NO_OBJECT.items()}

    wrong = {name: unclear(one, answer, 400) for name, answer in answers.items()}
    assert {name: what for name, what in wrong.items() if what} == {}
    assert content(sql) == before


@pytest.mark.parametrize("one", OWN_DOORS, ids=str)
def test_a_body_with_one_bad_leaf_is_refused(
    luna: Person, sql: Sql, one: Operation
) -> None:
    before = content(sql)

    answers = {name: sent(luna, one, raw) for name, raw in spoiled(GOOD[str(one)])}

    refusals = (400, 401, 413, 415)
    wrong = {name: unclear(one, answer, *refusals) for name, answer in answers.items()}
    assert {name: what for name, what in wrong.items() if what} == {}
    assert content(sql) == before


def test_a_body_that_must_be_there_is_missed(luna: Person, sql: Sql) -> None:
    before = content(sql)
    needing = [one for one in OWN_DOORS if one.needs_body]

    answers = [(one, sent(luna, one, raw)) for one in needing for raw in (b"", b"null")]

    wrong = [(str(one), unclear(one, answer, 400)) for one, answer in answers]
    assert [(name, what) for name, what in wrong if what] == []
    assert content(sql) == before


@pytest.mark.parametrize("content_type", WRONG_TYPES)
def test_a_body_of_another_type_is_refused(
    luna: Person, sql: Sql, content_type: str
) -> None:
    before = content(sql)

    answers = [
        (one, sent(luna, one, json.dumps(GOOD[str(one)]).encode(), content_type))
        for one in OWN_DOORS
    ]

    wrong = [(str(one), unclear(one, answer, 415)) for one, answer in answers]
    assert [(name, what) for name, what in wrong if what] == []
    assert all(b"must be application/json" in answer.content for _, answer in answers)
    assert content(sql) == before


@pytest.mark.parametrize("raw", NO_OBJECT.values(), ids=NO_OBJECT)
def test_bytes_are_refused_that_no_gateway_has_read(
    luna: Person, sql: Sql, raw: bytes
) -> None:
    before = content(sql)
    as_bytes = "application/vnd.api+json"  # is handed on in Base64

    answers = [(one, sent(luna, one, raw, as_bytes)) for one in OWN_DOORS]

    wrong = [(str(one), unclear(one, answer, 400)) for one, answer in answers]
    assert [(name, what) for name, what in wrong if what] == []
    assert content(sql) == before


@pytest.mark.parametrize("size", [MAX_BODY_BYTES + 1, 10_000_000])
def test_a_body_beyond_all_bounds_is_refused(luna: Person, sql: Sql, size: int) -> None:
    before = content(sql)
    raw = b" " * size

    answers = [(one, sent(luna, one, raw)) for one in OWN_DOORS]

    wrong = [(str(one), unclear(one, answer, 413)) for one, answer in answers]
    assert [(name, what) for name, what in wrong if what] == []
    assert content(sql) == before


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"{}",
        b"username=a%00b&password=x",
        b"username=%FF%FE&password=%C3%28",
        b"username=a@example.com",
        b"username=a@example.com&password=" + b"x" * 129,
        b"username=a@example.com&password=x&grant_type=magic",
        b"username=" + b"x" * 100_000 + b"&password=x",
        b"&" * 2_000,
        b"username[]=a&password[]=b",
        b"username=" + b" " * MAX_BODY_BYTES,
    ],
    ids=lambda raw: repr(raw[:50]),
)
def test_a_form_that_is_none_is_refused(database: str, sql: Sql, raw: bytes) -> None:
    one = next(one for one in operations() if one.path == "/api/v1/auth/token")
    before = content(sql)
    headers = {"content-type": "application/x-www-form-urlencoded"}

    answer = Api()("POST", one.path, content=raw, headers=headers)

    assert unclear(one, answer, 400, 413) is None
    assert content(sql) == before


PATH_RUBBISH = [
    "%00",
    "a%00b",
    "%FF%FE",
    "%ED%A0%80",
    "x" * 10_000,
    "not-a-uuid",
    "-1",
    "0",
    "9" * 30,
    "1e9",
    "%2E%2E",
    "%20",
    "'%20or%201=1--",
    f"%7B{NOBODYS}%7D%0A",
]


def test_a_path_with_rubbish_in_it_leads_nowhere(luna: Person, sql: Sql) -> None:
    sql.execute("update users set platform_role = 'admin'")
    before = content(sql)

    answers = [
        (
            one,
            bad,
            luna.api(
                one.method, one.at(**{name: bad}), GOOD.get(str(one)), headers=SEEN
            ),
        )
        for one in PATHS
        for name in one.names_in_path
        for bad in PATH_RUBBISH
    ]

    wrong = [(str(one), bad[:30], unclear(one, a, 400, 404)) for one, bad, a in answers]
    assert [found for found in wrong if found[2]] == []
    assert content(sql) == before


def asked(one: Operation) -> str:
    """Return an operation's path with as much of a query as it needs."""
    needed = [name for name, is_needed in one.parameters("query").items() if is_needed]
    return f"{one.at()}?{'&'.join(f'{name}=1' for name in needed)}"


def test_a_path_to_what_is_not_there_leads_nowhere(luna: Person, sql: Sql) -> None:
    sql.execute("update users set platform_role = 'admin'")
    before = content(sql)
    there = (["name"], ["platform"])  # each is one that we know
    mine = [one for one in PATHS if one.names_in_path not in there]

    answers = [
        (one, luna.api(one.method, asked(one), GOOD.get(str(one)), headers=SEEN))
        for one in mine
    ]

    wrong = [(str(one), unclear(one, answer, 404)) for one, answer in answers]
    assert [found for found in wrong if found[1]] == []
    assert content(sql) == before


def test_a_path_into_a_strangers_workspace_leads_nowhere(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    before = content(sql)
    theirs = {"workspace_id": luna.workspace_id}
    into = [one for one in PATHS if "workspace_id" in one.names_in_path]

    answers = [
        (
            one,
            stranger.api(
                one.method, one.at(**theirs), GOOD.get(str(one)), headers=SEEN
            ),
        )
        for one in into
    ]

    wrong = [(str(one), unclear(one, answer, 404)) for one, answer in answers]
    assert [found for found in wrong if found[1]] == []
    assert content(sql) == before


PAGES = ["0", "-1", str(10**30), "abc", "1.5", "", "%00", "1%20or%201", "100001", "٣"]
SIZES = ["0", "-1", "101", str(10**30), "abc", "", "NaN"]


@pytest.mark.parametrize("one", LISTS, ids=str)
def test_a_page_that_makes_no_sense_is_refused(luna: Person, one: Operation) -> None:
    queries = [f"page={page}" for page in PAGES] + [f"per_page={n}" for n in SIZES]
    path = one.at(workspace_id=luna.workspace_id) if one.names_in_path else one.path

    answers = {query: luna.api("GET", f"{path}?{query}") for query in queries}

    wrong = {query: unclear(one, answer, 400) for query, answer in answers.items()}
    assert {query: what for query, what in wrong.items() if what} == {}


def page_of(answer: Answer) -> Any:
    """Return a page of a list, in whichever dialect."""
    told = answer.ok()
    return told.get("data", told)


@pytest.mark.parametrize(
    "one",
    [one for one in LISTS if one.path not in OF_SOMETHING | BARE | {STATEMENT, TODOS}],
    ids=str,
)
def test_a_page_beyond_the_last_is_empty_and_knows_the_total(
    luna: Person, sql: Sql, one: Operation
) -> None:
    sql.execute("update users set platform_role = 'admin'")
    path = one.at(workspace_id=luna.workspace_id) if one.names_in_path else one.path
    where = f"workspace_id={luna.workspace_id}" if one.path == SHOP else ""
    total = page_of(luna.api("GET", f"{path}?{where}"))["pagination"]["total"]

    beyond = page_of(luna.api("GET", f"{path}?{where}&page=100000&per_page=100"))

    assert beyond["items"] == []
    assert beyond["pagination"] == {"page": 100_000, "per_page": 100, "total": total}


@pytest.mark.parametrize("path", sorted(BARE))
def test_a_page_beyond_the_last_of_a_bare_list_knows_the_total(
    luna: Person, path: str
) -> None:
    course(luna, teacher_ids=[teacher(luna)])

    beyond = luna.api("GET", f"{path}?page=100000&per_page=100")

    assert (beyond.ok(), beyond.headers["x-total-count"]) == ([], "1")


def test_a_query_with_rubbish_in_it_is_refused(luna: Person, sql: Sql) -> None:
    sql.execute("update users set platform_role = 'admin'")
    answers = []
    for one in operations():
        for name in one.parameters("query"):
            for bad in ("%00", "x" * 10_000, "%ED%A0%80%00"):
                path = f"{asked(one).replace(f'{name}=1', '')}&{name}={bad}"
                answers.append((one, path[:90], luna.api(one.method, path)))

    wrong = [(path, unclear(one, answer, 400, 404)) for one, path, answer in answers]

    assert [found for found in wrong if found[1]] == []


def test_a_workspace_that_cannot_be_one_is_refused(luna: Person, sql: Sql) -> None:
    before = content(sql)
    bad_ids = ["luna", "\x00", "9" * 30, "x" * 5_000, NOBODYS + "0", "{}"]
    doors = [
        one for one in operations() if "X-Workspace-Id" in one.parameters("header")
    ]

    answers = [
        (
            one,
            luna.api.working_in(bad)(
                one.method, one.at(), GOOD.get(str(one)), headers=SEEN
            ),
        )
        for one in doors
        for bad in bad_ids
    ]

    wrong = [(str(one), unclear(one, answer, 400)) for one, answer in answers]
    assert [found for found in wrong if found[1]] == []
    assert content(sql) == before


NO_TOKENS = [
    "Bearer",
    "Bearer ",
    "Basic bHVuYTpsdW5h",
    "Bearer luna",
    "Bearer a.b.c",
    "Bearer ñ.ñ.ñ",
    "Bearer \x00",
    "Bearer " + "a." * 5_000,
    "bearer eyJhbGciOiJub25lIn0.eyJzdWIiOiIxIn0.",
]


def test_a_token_that_is_none_opens_no_door(database: str) -> None:
    doors = [one for one in operations() if one.said.get("security")]

    answers = [
        (
            one,
            Api()(
                one.method, one.at(), GOOD.get(str(one)), headers={"authorization": bad}
            ),
        )
        for one in doors
        for bad in NO_TOKENS
    ]

    wrong = [(str(one), unclear(one, answer, 401)) for one, answer in answers]
    assert [found for found in wrong if found[1]] == []


def test_an_unsigned_report_is_refused_whatever_it_is(
    sql: Sql, surroundings: Set
) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET="whsec_c2VjcmV0")
    one = next(one for one in BODIES if one.path == "/webhooks/replicate")
    before = content(sql)

    answers = {
        name: Api()("POST", one.path, content=r) for name, r in NO_OBJECT.items()
    }

    wrong = {name: unclear(one, answer, 400) for name, answer in answers.items()}
    assert {name: what for name, what in wrong.items() if what} == {}
    assert content(sql) == before
