"""What a container does before it is copied, and each of its clones as it wakes."""

import random
import subprocess
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

import boto3
import pytest
import snapshot_restore_py as lambda_s
import stripe as sdk
from awslambdaric.lambda_runtime_hooks_runner import (
    run_after_restore,
    run_before_snapshot,
)
from sqlalchemy import text

from tests.conftest import Set
from tests.support.database import Sql
from vixenbliss import ids, snapshots
from vixenbliss.credentials import SecretsManager
from vixenbliss.database import engine, reading
from vixenbliss.loop import run
from vixenbliss.providers import (
    http,
    kms,
    rds,
    s3,
    secretsmanager,
    ses,
    sqs,
    stripe,
)
from vixenbliss.snapshots import after_restore, before_snapshot

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

NAME = "snapshots/secret"
IMPORTS = (
    "import sys, vixenbliss.snapshots; print('snapshot_restore_py' in sys.modules)"
)
CLIENTS = (kms, s3, secretsmanager, ses, sqs)


def forget() -> None:
    lambda_s.get_before_snapshot().clear()
    lambda_s.get_after_restore().clear()


@pytest.fixture
def snapped(surroundings: Set) -> Iterator[None]:
    """Start as Lambda starts what it will copy."""
    forget()
    stripe.hang_up()
    surroundings(AWS_LAMBDA_INITIALIZATION_TYPE="snap-start")
    snapshots.after_restore(snapshots._draw_anew)  # noqa: SLF001 - as its import does
    yield
    forget()


async def pid() -> int:
    """Return which connection of Postgres's we speak through."""
    async with reading() as connection:
        row = await connection.one(text("select pg_backend_pid() as pid"))
    assert row is not None
    return int(row["pid"])


def backends(sql: Sql, pid: int) -> int:
    """Return whether a server process is there, after a moment in which it may end."""
    row = sql.execute(
        "select (select count(*) from pg_stat_activity where pid = %s) as n"
        " from pg_sleep(0.02)",
        (pid,),
    ).fetchone()
    assert row is not None
    return int(row["n"])


def own_pid() -> int:
    """Connect as one clone, and let the next know nothing of it."""
    try:
        return run(pid())
    finally:
        run(engine().dispose())
        engine.cache_clear()


def clones(count: int) -> Iterator[int]:
    """Wake clones of what is in memory now, one after the other."""
    memory = random.getstate()
    for number in range(count):
        random.setstate(memory)
        run_after_restore()
        yield number


def test_elsewhere_nothing_is_named(surroundings: Set) -> None:
    forget()
    surroundings(AWS_LAMBDA_INITIALIZATION_TYPE="on-demand")

    before_snapshot(print)
    after_restore(print)

    assert lambda_s.get_before_snapshot() == lambda_s.get_after_restore() == []


@pytest.mark.parametrize(
    ("kind", "imported"), [("on-demand", "False"), ("snap-start", "True")]
)
def test_elsewhere_nothing_is_imported(kind: str, imported: str) -> None:
    environment = {
        "AWS_LAMBDA_INITIALIZATION_TYPE": kind,
        "PYTHONPATH": ":".join(sys.path),
    }

    told = subprocess.run(  # noqa: S603 - our own module
        [sys.executable, "-c", IMPORTS],
        env=environment,
        check=True,
        capture_output=True,
        text=True,
    )

    assert told.stdout.strip() == imported


def test_what_was_made_last_is_closed_first(snapped: None) -> None:
    closed: list[str] = []
    before_snapshot(lambda: closed.append("first"))
    before_snapshot(lambda: closed.append("second"))

    run_before_snapshot()

    assert closed == ["second", "first"]


def test_clones_draw_their_own_luck(snapped: None) -> None:
    drawn = [random.random() for _ in clones(5)]

    assert len(set(drawn)) == 5


def test_without_that_they_would_all_draw_the_same(snapped: None) -> None:
    forget()

    drawn = [random.random() for _ in clones(5)]

    assert len(set(drawn)) == 1


def test_ids_and_secrets_are_nobody_elses_even_so(
    snapped: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    forget()
    monkeypatch.setattr(time, "time_ns", lambda: 1_800_000_000_000_000_000)

    made = [(ids.new_id(), ids.new_secret(), ids.new_prefix()) for _ in clones(50)]

    assert [len(set(column)) for column in zip(*made, strict=True)] == [50] * 3


def test_the_connection_is_closed_and_each_clone_has_its_own(
    snapped: None, database: str, own_engine: None, sql: Sql
) -> None:
    before = run(pid())

    run_before_snapshot()
    is_gone = any(not backends(sql, before) for _ in range(250))
    after = [own_pid() for _ in clones(2)]

    assert is_gone
    assert len({before, *after}) == 3


def test_a_password_that_was_changed_meanwhile_is_not_kept(
    snapped: None, database: str, own_engine: None
) -> None:
    run(pid())

    run_before_snapshot()

    assert engine.cache_info().currsize == 0


def test_a_client_of_providers_is_closed(snapped: None, surroundings: Set) -> None:
    kept = http.client()

    run_before_snapshot()

    assert kept.is_closed
    assert http.client() is not kept


def test_clones_read_their_secrets_anew(snapped: None, aws: dict[str, str]) -> None:
    keeper: SecretsManagerClient = boto3.client("secretsmanager")
    keeper.create_secret(Name=NAME, SecretString="of the snapshot")
    store = SecretsManager()
    store.versions(NAME)
    run_before_snapshot()
    keeper.put_secret_value(SecretId=NAME, SecretString="of today")

    for _ in clones(1):
        assert store.versions(NAME)[0] == "of today"

    keeper.delete_secret(SecretId=NAME, ForceDeleteWithoutRecovery=True)


def test_clones_ask_aws_as_themselves(
    snapped: None, aws: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in CLIENTS:
        module._client.cache_clear()  # noqa: SLF001 - a container keeps it for life
    old = [module._client() for module in CLIENTS]  # noqa: SLF001 - likewise
    session = boto3.DEFAULT_SESSION
    run_before_snapshot()

    run_after_restore()

    new = [module._client() for module in CLIENTS]  # noqa: SLF001 - likewise
    assert all(one is not other for one, other in zip(old, new, strict=True))
    assert boto3.DEFAULT_SESSION is not session


def test_clones_sign_in_to_postgres_as_themselves(
    snapped: None, surroundings: Set
) -> None:
    rds._session.cache_clear()  # noqa: SLF001 - a container keeps it for life
    before = rds.token("h", 5432, "u")
    surroundings(AWS_ACCESS_KEY_ID="anotherkey")

    kept = rds.token("h", 5432, "u")
    run_after_restore()
    after = rds.token("h", 5432, "u")

    assert ["anotherkey" in token for token in (before, kept, after)] == [
        False,
        False,
        True,
    ]
    rds._session.cache_clear()  # noqa: SLF001 - likewise


def test_clones_ask_stripe_by_connections_of_their_own(snapped: None) -> None:
    made = stripe._client("sk_test_1", "https://api.stripe.test")  # noqa: SLF001 - likewise

    run_before_snapshot()

    again = stripe._client("sk_test_1", "https://api.stripe.test")  # noqa: SLF001 - likewise
    assert isinstance(again, sdk.StripeClient)
    assert again is not made
