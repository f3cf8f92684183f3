"""How often accounts are used: sliding windows that nobody overdraws."""

import asyncio
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.database import Sql
from tests.support.people import Person
from tests.support.platforms import connect
from tests.support.world import World
from vixenbliss.database import transaction
from vixenbliss.loop import run
from vixenbliss.repositories.platform_calls import PlatformCallRepository

MINUTE = timedelta(minutes=1)
MOST = 6


@pytest.fixture
def account(world: World, aws: dict[str, str], luna: Person) -> UUID:
    return UUID(connect(luna, "tiktok"))


async def take(account: UUID, call: str = "init") -> timedelta | None:
    async with transaction() as connection:
        return await PlatformCallRepository(connection).take(
            account, call, most=MOST, per=MINUTE
        )


def used_up(account: UUID) -> None:
    for _ in range(MOST):
        assert run(take(account)) is None


def test_what_is_used_up_tells_how_long_to_wait(account: UUID) -> None:
    used_up(account)

    wait = run(take(account))

    assert wait is not None
    assert timedelta(seconds=30) < wait <= MINUTE


def test_each_call_is_counted_for_itself(account: UUID) -> None:
    used_up(account)

    assert run(take(account, "status")) is None


def test_the_window_slides(account: UUID, sql: Sql) -> None:
    used_up(account)
    sql.execute(
        "update platform_calls"
        " set made_at[1] = made_at[1] - interval '1 minute' where call = 'init'"
    )

    waits = [run(take(account)) for _ in range(2)]

    assert waits[0] is None
    assert waits[1] is not None


def test_nothing_is_kept_of_what_no_longer_counts(account: UUID, sql: Sql) -> None:
    used_up(account)
    sql.execute(
        "update platform_calls set made_at ="
        " (select array_agg(at - interval '2 minutes') from unnest(made_at) at)"
    )

    run(take(account))

    kept = sql.execute("select cardinality(made_at) as n from platform_calls")
    assert [row["n"] for row in kept] == [1]


def test_many_at_once_overdraw_nothing(account: UUID) -> None:
    async def storm() -> list[timedelta | None]:
        return await asyncio.gather(*(take(account) for _ in range(3 * MOST)))

    waits = run(storm())

    assert sum(wait is None for wait in waits) == MOST
