"""What every test stands on: its own database, and a miniature of the world outside."""

import os
from collections.abc import Callable, Iterator

import psycopg
import pytest
from argon2 import PasswordHasher
from psycopg.rows import DictRow, dict_row
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from tests.stack.postgres import Postgres
from tests.support.mailbox import Postman
from tests.support.people import Person, active_avatar, sign_up
from tests.support.shelf import Shelf
from tests.support.studio import Studio
from tests.support.workers import Workers
from tests.support.world import World, miniature_aws, stand_ins

os.environ |= {  # before any function is imported: each reads it as it starts
    "AWS_ACCESS_KEY_ID": "testing",
    "AWS_SECRET_ACCESS_KEY": "testing",
    "AWS_DEFAULT_REGION": "eu-west-1",
    "JWT_SECRET": "a secret of tests that is long enough for HS256 to be content",
    "DATABASE_URL": "postgresql://nobody@127.0.0.1:1/nowhere",
    "MEDIA_BUCKET": "media",
    "LOGIN_TRIES_PER_ADDRESS": "1000000",  # all tests come from one
    "SIGN_UPS_PER_ADDRESS": "1000000",
    "LEASE_S": "60",
    "REQUEST_TIMEOUT_S": "5",
    "POWERTOOLS_LOG_LEVEL": "WARNING",
    "POWERTOOLS_METRICS_NAMESPACE": "house-of-tests",
}

from vixenbliss import database as connections
from vixenbliss.loop import container_loop, run
from vixenbliss.migrations.run import upgrade
from vixenbliss.providers import http, kms, s3, secretsmanager, ses, sqs
from vixenbliss.services import passwords
from vixenbliss.settings import settings

TEMPLATE = "template_of_tests"
type Set = Callable[..., None]


@pytest.fixture(scope="session", autouse=True)
def _container() -> Iterator[None]:
    """End, after all tests, what a Lambda container keeps for its life."""
    yield
    _forget_settings()
    container_loop().close()


def _forget_settings() -> None:
    """Have the next request read the environment anew, as a new container would."""
    settings.cache_clear()
    if http.client.cache_info().currsize:
        run(http.client().aclose())
        http.client.cache_clear()


@pytest.fixture
def surroundings(monkeypatch: pytest.MonkeyPatch) -> Iterator[Set]:
    """Change what the environment says, until the test ends."""

    def change(**variables: str | None) -> None:
        for name, value in variables.items():
            if value is None:
                monkeypatch.delenv(name, raising=False)
            else:
                monkeypatch.setenv(name, value)
        _forget_settings()
        if "AWS_ENDPOINT_URL" in variables:
            _forget_clients(unless=variables["AWS_ENDPOINT_URL"])
        if "DATABASE_URL" in variables:
            _forget_engine(unless=variables["DATABASE_URL"])

    yield change
    monkeypatch.undo()
    _forget_settings()


def _forget_clients(unless: str | None) -> None:
    """Have AWS asked anew, by clients that were not made for another one."""
    for provider in (kms, s3, secretsmanager, ses, sqs):
        made = provider._client  # noqa: SLF001 - what a container keeps for its life
        if made.cache_info().currsize and made().meta.endpoint_url != unless:
            made().close()
            made.cache_clear()


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Postgres]:
    """Run one Postgres, with a migrated database to copy."""
    with Postgres(tmp_path_factory.mktemp("postgres")) as postgres:
        os.environ["DATABASE_URL"] = postgres.create(TEMPLATE)
        settings.cache_clear()
        upgrade()
        yield postgres


@pytest.fixture(scope="session")
def shelf(server: Postgres) -> Iterator[Shelf]:
    """Keep one database for one test after the other."""
    kept = Shelf(server, TEMPLATE)
    yield kept
    kept.close()
    _forget_engine()


@pytest.fixture
def database(shelf: Shelf, surroundings: Set) -> Iterator[str]:
    """Return the address of an empty database that only this test uses."""
    url = shelf.take()
    surroundings(DATABASE_URL=url)
    yield url
    if not shelf.give_back():
        _forget_engine()


@pytest.fixture
def own_engine(database: str) -> Iterator[None]:
    """Let a test that changes how we connect do it for itself alone."""
    _forget_engine()
    yield
    _forget_engine()


def _forget_engine(unless: str | None = None) -> None:
    """Have the next request connect anew, unless it is connected to this database."""
    if not connections.engine.cache_info().currsize:
        return
    engine = connections.engine()
    if unless is None or _database_of(unless) != engine.url.database:
        run(engine.dispose())
        connections.engine.cache_clear()


def _database_of(url: str) -> str | None:
    """Return which database an address names; None if it is none, as tests try, too."""
    try:
        return make_url(url).database
    except (ArgumentError, ValueError):
        return None


OF_USERS = passwords.hasher
passwords.hasher = PasswordHasher(memory_cost=64, time_cost=1, parallelism=1)


@pytest.fixture(scope="module")
def real_hasher() -> Iterator[None]:
    """Hash passwords as users' are; other tests take a lighter one, to be quick."""
    light, passwords.hasher = passwords.hasher, OF_USERS
    yield
    passwords.hasher = light


@pytest.fixture
def sql(database: str) -> Iterator[psycopg.Connection[DictRow]]:
    """Look into the test's database, past everybody."""
    with psycopg.connect(database, autocommit=True, row_factory=dict_row) as connection:
        yield connection


@pytest.fixture
def workers(database: str) -> Workers:
    return Workers(database)


@pytest.fixture
def luna(database: str) -> Person:
    """Somebody who owns a workspace."""
    return sign_up()


@pytest.fixture
def stranger(database: str) -> Person:
    """Somebody who owns another one."""
    return sign_up()


@pytest.fixture(scope="session")
def _stand_ins(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    with stand_ins(tmp_path_factory.mktemp("journals")) as world:
        yield world


@pytest.fixture
def world(_stand_ins: World, surroundings: Set) -> Iterator[World]:
    """Let the providers' stand-ins answer, as new."""
    _stand_ins.reset()
    providers = _stand_ins.providers
    surroundings(
        REPLICATE_API_BASE=providers.replicate_base,
        REPLICATE_API_TOKEN=providers.replicate_token,
        REPLICATE_WEBHOOK_SECRET=providers.webhook_secret,
        OPENAI_BASE_URL=providers.openai_base,
        OPENAI_API_KEY=providers.openai_key,
        INSTAGRAM_GRAPH_BASE=providers.instagram_base,
        INSTAGRAM_LOGIN_BASE=providers.instagram_oauth_base,
        INSTAGRAM_CONSENT_BASE=providers.instagram_oauth_base,
        INSTAGRAM_APP_ID=providers.instagram_app_id,
        INSTAGRAM_APP_SECRET=providers.instagram_app_secret,
        STRIPE_API_BASE=providers.stripe_base,
        STRIPE_API_KEY=providers.stripe_api_key,
        STRIPE_WEBHOOK_SECRET=providers.stripe_webhook_secret,
        TIKTOK_API_BASE=providers.tiktok_base,
        TIKTOK_CONSENT_BASE=providers.tiktok_auth_base,
        TIKTOK_CLIENT_KEY=providers.tiktok_client_key,
        TIKTOK_CLIENT_SECRET=providers.tiktok_client_secret,
        PUBLIC_API_BASE="https://api.test",
        RETURN_ORIGINS="https://studio.test",
    )
    yield _stand_ins
    _stand_ins.reset()


@pytest.fixture(scope="session")
def _aws() -> Iterator[dict[str, str]]:
    with miniature_aws() as environment:
        yield environment


@pytest.fixture
def aws(_aws: dict[str, str], surroundings: Set) -> dict[str, str]:
    """Let moto be AWS; without it, messages stay in the outbox."""
    surroundings(**_aws)
    return _aws


@pytest.fixture
def mail(aws: dict[str, str], workers: Workers, surroundings: Set) -> Postman:
    """Bring letters, which lead to pages of ours."""
    surroundings(RETURN_ORIGINS="https://studio.test")
    return Postman(workers)


@pytest.fixture
def studio(
    luna: Person,
    workers: Workers,
    world: World,
    sql: psycopg.Connection[DictRow],
    surroundings: Set,
) -> Studio:
    """An avatar that content may be made of; a try follows the other at once."""
    surroundings(RETRY_DELAYS_S="0,0")
    return Studio(luna, active_avatar(luna, workers), workers, world, sql)
