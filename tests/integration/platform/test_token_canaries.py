"""No token is told: not by logs, answers, messages or columns, whatever happens."""

import io
import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import pytest
from psycopg import sql as spelling

from tests.support.api import Api, handler_of
from tests.support.database import Sql
from tests.support.logs import listening
from tests.support.newsroom import Newsroom, newsroom
from tests.support.people import Person
from tests.support.platforms import PLATFORMS, come_back, consent, offer, told
from tests.support.studio import Studio
from tests.support.world import World
from vixenbliss.database import reading
from vixenbliss.loop import run
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.repositories.social_tokens import SocialTokenRepository
from vixenbliss.services.token_keeping import holder_of
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings

ALL = "/api/v1/social/accounts"


@dataclass
class Canaries:
    """What nobody may see, and all that was to be seen."""

    secrets: set[str] = field(default_factory=set)
    seen: list[str] = field(default_factory=list)

    def ask(self, api: Api, method: str, path: str, body: Any = None) -> Any:
        answer = api(method, path, body)
        self.seen += [answer.content.decode(), str(dict(answer.headers))]
        return answer

    def flown(self, where: str) -> list[str]:
        """Return the secrets that a text has in it, plain or as bytes are shown."""
        return [s for s in self.secrets if s in where or s.encode().hex() in where]


async def opened(account_id: str) -> set[str]:
    async with reading() as connection:
        kept = await SocialTokenRepository(connection).find(UUID(account_id))
    assert kept
    assert kept.sealed
    tokens = await TokenVault(KeyWrapper()).open(holder_of(kept), kept.sealed)
    return set(filter(None, tokens))


def columns(sql: Sql) -> Iterator[str]:
    """Yield every table, as text."""
    tables = sql.execute("select tablename from pg_tables where schemaname = 'public'")
    for row in tables.fetchall():
        name = spelling.Identifier(row["tablename"])
        whole = spelling.SQL("select t::text as t from {} t").format(name)
        yield from (found["t"] for found in sql.execute(whole).fetchall())


@pytest.fixture
def logged() -> Iterator[Callable[[], str]]:
    """Listen to our logger and, as Lambda does, to everybody else's."""
    root, stream = logging.getLogger(), io.StringIO()
    handler = logging.StreamHandler(stream)
    before = root.level
    aws = logging.getLogger("werkzeug")  # what AWS logs of us is AWS's own affair
    aws.disabled = True
    root.addHandler(handler)
    root.setLevel(logging.INFO)
    with listening() as lines:
        yield lambda: f"{lines.text}{stream.getvalue()}"
    root.setLevel(before)
    root.removeHandler(handler)
    aws.disabled = False


def life(luna: Person, world: World, platform: str, canaries: Canaries) -> None:
    """Connect an account, have everything happen to it, and let it go."""
    way = consent(offer(luna, platform).ok()["authorization_url"])
    query = parse_qs(urlsplit(way).query)
    canaries.secrets |= {query["code"][0], query["state"][0]}
    answer = come_back(way)
    canaries.seen += [str(dict(answer.headers)), come_back(way).content.decode()]
    path = f"{ALL}/{told(answer)['account_id']}"
    account_id = path.rpartition("/")[2]
    canaries.secrets |= run(opened(account_id))
    for fault in ("before", "after", "status", "rubbish"):
        for call in {
            "instagram": ("accounts.limit", "tokens.refresh"),
            "tiktok": ("creator_info.query", "user.info"),
        }[platform]:
            world.fault(platform, call, fault, status=500)
        canaries.ask(luna.api, "GET", f"{path}/quota")
        canaries.ask(luna.api, "POST", f"{path}/refresh")
        handler_of("RefreshTokensFunction")({}, None)
    world.heal()
    world.let_pass(25 * 3600)
    canaries.ask(luna.api, "POST", f"{path}/refresh")
    handler_of("RefreshTokensFunction")({}, None)
    canaries.secrets |= run(opened(account_id))
    for door in ("", "/quota"):
        canaries.ask(luna.api, "GET", f"{path}{door}")
    canaries.ask(luna.api, "GET", ALL)


@pytest.mark.parametrize("platform", PLATFORMS)
@pytest.mark.usefixtures("aws")
def test_nobody_tells_a_token(
    luna: Person, world: World, sql: Sql, logged: Callable[[], str], platform: str
) -> None:
    ours = (settings().instagram_app_secret, settings().tiktok_client_secret)
    canaries = Canaries({secret.current() for secret in ours})

    life(luna, world, platform, canaries)

    assert len(canaries.secrets) >= 6
    assert canaries.flown(logged()) == []
    assert canaries.flown("\n".join(canaries.seen)) == []
    assert canaries.flown("\n".join(columns(sql))) == []
    assert "token refreshed" in logged()


def publishing(room: Newsroom, canaries: Canaries) -> None:
    """Publish with trouble at each call, and look at all that is told of it."""
    calls = {
        "instagram": ("accounts.limit", "media.create", "media_publish", "media.get"),
        "tiktok": ("creator_info.query", "content.init", "video.init", "status.fetch"),
    }
    canaries.secrets |= run(opened(room.press.account_id))
    for action in ("status", "rubbish", "after"):
        for call in calls[room.platform]:
            room.world.fault(room.platform, call, action, status=500)
        post_id = room.post(allow_duplicate=True)
        for _ in range(3):
            room.bring(post_id)
            room.let_time_pass()
            set_out = "update posts set status = 'queued' where status = 'scheduled'"
            room.sql.execute(set_out.encode())
        room.world.heal()
    room.bring(room.post(allow_duplicate=True))
    for post in room.press.owner.api("GET", "/api/v1/posts").ok()["items"]:
        for door in ("", "/attempts", "/receipt"):
            path = f"/api/v1/posts/{post['id']}{door}"
            canaries.ask(room.press.owner.api, "GET", path)


def signatures(room: Newsroom) -> set[str]:
    """Return what opens the files whose addresses the platform was given."""
    shown = str(room.world.see(room.platform, "posts"))
    return set(re.findall(r"X-Amz-Signature=([0-9a-f]{64})", shown))


@pytest.mark.parametrize(
    ("platform", "form"),
    [("instagram", "feed"), ("tiktok", "photo"), ("tiktok", "video")],
)
def test_nobody_tells_a_token_while_publishing(
    studio: Studio,
    aws: object,
    logged: Callable[[], str],
    platform: str,
    form: str,
) -> None:
    room = newsroom(studio, platform, form)
    canaries = Canaries()

    publishing(room, canaries)

    opening = signatures(room)
    assert bool(opening) is (form != "video")
    canaries.secrets |= opening
    assert room.published() >= 1
    assert canaries.flown(logged()) == []
    assert [found for seen in canaries.seen for found in canaries.flown(seen)] == []
    told = (found for row in columns(room.sql) for found in canaries.flown(row))
    assert list(told) == []
