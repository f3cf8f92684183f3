"""The one way to an access token: when it is refreshed, and what its failure means."""

import asyncio
import random
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.api import handler_of
from tests.support.database import Sql, count
from tests.support.material import NOBODYS
from tests.support.people import Person
from tests.support.platforms import connect
from tests.support.token_storm import House, Unreliable
from tests.support.world import World
from vixenbliss.errors import (
    DatabaseUnavailableError,
    InvalidStateError,
    OutcomeUnknownError,
    ProviderError,
    ProviderUnavailableError,
    ReauthenticationNeededError,
    SocialAccountNotFoundError,
)
from vixenbliss.loop import run
from vixenbliss.providers.oauth import Tokens
from vixenbliss.repositories.social_tokens import KeptTokens, SocialTokenRepository
from vixenbliss.services import token_keeping
from vixenbliss.services.token_keeping import refresh_due

AN_HOUR = timedelta(hours=1)
SOON = timedelta(minutes=5)
ENDED = timedelta(seconds=-1)
type Make = Callable[[timedelta], UUID]


@pytest.fixture
def platform() -> Unreliable:
    return Unreliable(random.Random(1))


@pytest.fixture
def house(platform: Unreliable) -> House:
    return House(platform)


@pytest.fixture
def account(house: House, luna: Person) -> Make:
    """Connect an account whose token ends so soon."""

    def make(ends_in: timedelta) -> UUID:
        return run(house.account(UUID(luna.workspace_id), luna.id, ends_in=ends_in))

    return make


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Wait for no refresh at all."""
    monkeypatch.setattr(token_keeping, "PATIENCE_S", 0)


def row_of(sql: Sql, account_id: UUID) -> dict[str, object]:
    found = sql.execute(
        "select *, refresh_at > now() as is_later from social_accounts where id = %s",
        (account_id,),
    ).fetchone()
    assert found
    return found


def test_a_token_that_lasts_is_given_out_as_it_is(
    house: House, platform: Unreliable, account: Make
) -> None:
    account_id = account(AN_HOUR)

    access = run(house.keeper.access_for(account_id))

    assert f".{account_id}." in access
    assert platform.refreshed == []


@pytest.mark.parametrize("ends_in", [SOON, ENDED])
def test_a_token_that_ends_soon_is_refreshed_first(
    house: House, platform: Unreliable, account: Make, sql: Sql, ends_in: timedelta
) -> None:
    account_id = account(ends_in)

    tokens = [run(house.keeper.access_for(account_id)) for _ in range(2)]

    assert len(set(tokens)) == 1
    assert platform.refreshed == [str(account_id)]
    row = row_of(sql, account_id)
    assert (row["token_version"], row["refresh_lease_until"]) == (2, None)
    assert row["is_later"]


def test_a_token_that_still_works_outlives_a_failed_refresh(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(SOON)
    platform.fails = 1

    access = run(house.keeper.access_for(account_id))

    assert access
    row = row_of(sql, account_id)
    assert (row["status"], row["last_error"]) == ("connected", "not reached")
    assert row["refresh_lease_until"] is None


@pytest.mark.usefixtures("impatience")
def test_a_token_that_has_ended_is_not_given_out(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(ENDED)
    platform.fails = 1

    with pytest.raises(ProviderUnavailableError):
        run(house.keeper.access_for(account_id))

    assert row_of(sql, account_id)["status"] == "connected"


def test_a_grant_that_is_over_asks_its_owner(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(ENDED)
    platform.valid.clear()

    for _ in range(2):
        with pytest.raises(ReauthenticationNeededError):
            run(house.keeper.access_for(account_id))

    assert len(platform.refused) == 1
    row = row_of(sql, account_id)
    assert (row["status"], row["refresh_at"]) == ("needs_reauth", None)
    assert count(sql, "audit_log", action="social_account.needs_reauth") == 1


def test_a_lost_answer_alone_asks_nobody(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(SOON)
    platform.is_lost = 1

    with pytest.raises(OutcomeUnknownError):
        run(house.keeper.refresh(account_id))

    assert row_of(sql, account_id)["status"] == "connected"


def test_who_is_refused_a_version_that_is_over_takes_the_new_one(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    """Another refreshed under a lease that ran out, and stores while we are told no."""
    account_id = account(ENDED)
    refresh = platform.refresh

    async def late(access: str, token: str | None) -> Tokens:
        platform.refresh = refresh  # type: ignore[method-assign]  # once
        sql.execute("update social_accounts set refresh_lease_until = null")
        await house.keeper.refresh(account_id)
        return await refresh(access, token)

    platform.refresh = late  # type: ignore[method-assign,assignment]  # as if it took long

    access = run(house.keeper.access_for(account_id))

    assert access
    assert len(platform.refused) == 1
    row = row_of(sql, account_id)
    assert (row["status"], row["token_version"]) == ("connected", 2)


def test_a_dead_holders_lease_runs_out(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(ENDED)
    sql.execute(
        "update social_accounts set refresh_lease_until = now() + interval '0.3 s'"
    )

    run(house.keeper.access_for(account_id))

    assert platform.refreshed == [str(account_id)]


@pytest.mark.usefixtures("impatience")
def test_a_lease_is_somebody_elses(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(ENDED)
    sql.execute(
        "update social_accounts set refresh_lease_until = now() + interval '1 minute'"
    )

    with pytest.raises(ProviderError):
        run(house.keeper.access_for(account_id))

    assert not run(house.keeper.refresh(account_id))
    assert platform.refreshed == []


def test_who_disconnects_while_a_refresh_is_under_way_is_disconnected(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(ENDED)
    refresh = platform.refresh
    erase = (
        "update social_accounts set status = 'disconnected', access_token = null,"
        " refresh_token = null, data_key = null, refresh_at = null"
    )

    async def slow(access: str, token: str | None) -> Tokens:
        new = await refresh(access, token)
        sql.execute(erase)
        return new

    platform.refresh = slow  # type: ignore[method-assign,assignment]  # as if it took long

    with pytest.raises(InvalidStateError):
        run(house.keeper.access_for(account_id))

    assert row_of(sql, account_id)["access_token"] is None


def test_a_database_that_is_away_for_a_moment_loses_no_token(
    house: House,
    platform: Unreliable,
    account: Make,
    sql: Sql,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    account_id = account(ENDED)
    monkeypatch.setattr(token_keeping, "PAUSE_S", 0)
    keep, failures = SocialTokenRepository.keep, [1, 2]

    async def flaky(
        self: SocialTokenRepository, *given: KeptTokens, **named: object
    ) -> bool:
        if failures and failures.pop():
            raise DatabaseUnavailableError
        return await keep(self, *given, **named)  # type: ignore[arg-type]  # as given

    monkeypatch.setattr(SocialTokenRepository, "keep", flaky)

    run(house.keeper.access_for(account_id))

    assert platform.refreshed == [str(account_id)]
    assert row_of(sql, account_id)["token_version"] == 2


def test_a_platform_that_keeps_the_refresh_token_need_not_repeat_it(
    house: House, platform: Unreliable, account: Make
) -> None:
    account_id = account(ENDED)
    refresh, platform.rotates = platform.refresh, False

    async def silent(access: str, token: str | None) -> Tokens:
        new = await refresh(access, token)
        return Tokens(new.access, new.expires_at)

    platform.refresh = silent  # type: ignore[method-assign,assignment]  # as it may answer

    for _ in range(2):
        assert run(house.keeper.refresh(account_id))

    assert platform.refused == []


@pytest.mark.parametrize("status", ["disabled", "disconnected"])
def test_an_account_that_is_closed_gives_no_token(
    house: House, account: Make, sql: Sql, status: str
) -> None:
    account_id = account(AN_HOUR)
    sql.execute(
        "update social_accounts set status = %s, data_key = null, access_token = null,"
        " refresh_token = null, refresh_at = null"
        if status == "disconnected"
        else "update social_accounts set status = %s",
        (status,),
    )

    with pytest.raises(InvalidStateError, match=status):
        run(house.keeper.access_for(account_id))


def test_an_account_that_is_not_there_gives_none(house: House, database: str) -> None:
    with pytest.raises(SocialAccountNotFoundError):
        run(house.keeper.access_for(UUID(NOBODYS)))


def test_the_schedule_refreshes_what_is_due(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    due = [account(AN_HOUR) for _ in range(3)]
    later = account(AN_HOUR)
    sql.execute(
        "update social_accounts set refresh_at = now() + interval '1 h' where id = %s",
        (later,),
    )
    sql.execute(
        "update social_accounts set status = 'disabled' where id = %s", (due[0],)
    )

    done = run(refresh_due(house.keeper))

    assert (done.refreshed, done.failed) == (3, 0)
    assert set(platform.refreshed) == set(map(str, due))
    assert row_of(sql, due[0])["status"] == "disabled"
    assert run(refresh_due(house.keeper)).refreshed == 0


def test_two_schedules_at_once_refresh_each_account_once(
    house: House, platform: Unreliable, account: Make
) -> None:
    due = [account(AN_HOUR) for _ in range(5)]

    async def twice() -> None:
        await asyncio.gather(refresh_due(house.keeper), refresh_due(house.keeper))

    run(twice())

    assert sorted(platform.refreshed) == sorted(map(str, due))


def test_a_failed_refresh_is_tried_again_later(
    house: House, platform: Unreliable, account: Make, sql: Sql
) -> None:
    account_id = account(AN_HOUR)
    platform.fails = 1

    done = run(refresh_due(house.keeper))

    assert (done.refreshed, done.failed) == (0, 1)
    assert row_of(sql, account_id)["is_later"]
    assert run(refresh_due(house.keeper)).failed == 0


def test_the_schedule_forgets_journeys_that_ended_long_ago(
    luna: Person, world: World, aws: dict[str, str], sql: Sql
) -> None:
    connect(luna, "instagram")
    sql.execute("update oauth_states set expires_at = now() - interval '25 h'")

    handler_of("RefreshTokensFunction")({}, None)

    assert count(sql, "oauth_states") == 0


@pytest.mark.parametrize("platform_name", ["instagram", "tiktok"])
def test_a_wish_for_a_refresh_is_met_by_the_schedule(
    luna: Person, world: World, aws: dict[str, str], sql: Sql, platform_name: str
) -> None:
    account_id = connect(luna, platform_name)
    world.let_pass(25 * 3600 if platform_name == "instagram" else 60)
    luna.api("POST", f"/api/v1/social/accounts/{account_id}/refresh").ok(202)

    done = handler_of("RefreshTokensFunction")({}, None)

    assert done == {"refreshed": 1, "failed": 0}
    assert row_of(sql, UUID(account_id))["token_version"] == 2
    luna.api("GET", f"/api/v1/social/accounts/{account_id}/quota").ok()


def test_instagrams_token_of_today_is_not_refreshed_and_not_lost(
    luna: Person, world: World, aws: dict[str, str], sql: Sql
) -> None:
    account_id = connect(luna, "instagram")
    luna.api("POST", f"/api/v1/social/accounts/{account_id}/refresh").ok(202)

    done = handler_of("RefreshTokensFunction")({}, None)

    assert done == {"refreshed": 0, "failed": 1}
    assert row_of(sql, UUID(account_id))["status"] == "connected"


@pytest.mark.parametrize(
    ("name", "hours"), [("instagram", (52 * 24, 54 * 24)), ("tiktok", (0.9, 1.1))]
)
@pytest.mark.usefixtures("world", "aws")
def test_tokens_are_due_ahead_of_their_end(
    luna: Person, sql: Sql, name: str, hours: tuple[float, float]
) -> None:
    connect(luna, name)

    (row,) = sql.execute(
        "select extract(epoch from refresh_at - now()) / 3600 as due_in"
        " from social_accounts"
    ).fetchall()
    assert hours[0] < row["due_in"] < hours[1]


def test_a_removed_app_is_noticed_by_the_refresh(
    luna: Person, world: World, aws: dict[str, str], sql: Sql
) -> None:
    account_id = connect(luna, "tiktok")
    world.tell("tiktok", "authorizations/remove", username="luna.vega")
    luna.api("POST", f"/api/v1/social/accounts/{account_id}/refresh").ok(202)

    handler_of("RefreshTokensFunction")({}, None)

    assert row_of(sql, UUID(account_id))["status"] == "needs_reauth"
    assert luna.api("POST", f"/api/v1/social/accounts/{account_id}/refresh").status == (
        409
    )
