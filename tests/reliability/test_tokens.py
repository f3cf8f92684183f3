"""Fifty accounts, forty publishers each, all at the moment their tokens end."""

import asyncio
import random
from collections import Counter
from datetime import timedelta
from uuid import UUID

import pytest

from tests.support.database import Sql, count
from tests.support.people import Person
from tests.support.token_storm import House, Unreliable
from vixenbliss.loop import run
from vixenbliss.services import token_keeping

ACCOUNTS = 50
PUBLISHERS = 40
ENDED = timedelta(seconds=-1)
SEEDS = (1, 2)
AT_ONCE = 200
"""All share one connection here, for which nobody waits longer than half a minute."""


@pytest.fixture(autouse=True)
def _patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let a busy machine be slow: what is proved is who refreshes, not how fast."""
    monkeypatch.setattr(token_keeping, "PATIENCE_S", 90)


async def storm(house: House, owner: Person) -> tuple[list[UUID], list[str]]:
    """Let everybody want their token at once; return accounts and tokens."""
    workspace_id = UUID(owner.workspace_id)
    accounts = [
        await house.account(workspace_id, owner.id, ends_in=ENDED)
        for _ in range(ACCOUNTS)
    ]
    wanted = accounts * PUBLISHERS
    house.platform.luck.shuffle(wanted)
    room = asyncio.Semaphore(AT_ONCE)

    async def want(account_id: UUID) -> str:
        async with room:
            return await house.keeper.access_for(account_id)

    tokens = await asyncio.gather(*map(want, wanted))
    assert all(f".{who}." in token for who, token in zip(wanted, tokens, strict=True))
    return accounts, tokens


@pytest.mark.parametrize("seed", SEEDS)
def test_a_storm_at_expiry_refreshes_each_account_once(
    luna: Person, sql: Sql, seed: int
) -> None:
    platform = Unreliable(random.Random(seed), fails=0.3)

    accounts, tokens = run(storm(House(platform), luna))

    assert Counter(platform.refreshed) == dict.fromkeys(map(str, accounts), 1)
    assert platform.refused == []
    assert len(set(tokens)) == ACCOUNTS
    assert count(sql, "social_accounts", status="connected", token_version=2) == (
        ACCOUNTS
    )


def test_lost_answers_disconnect_nobody_whose_old_token_lives_on(
    luna: Person, sql: Sql
) -> None:
    platform = Unreliable(random.Random(3), fails=0.2, is_lost=0.1, rotates=False)

    accounts, _ = run(storm(House(platform), luna))

    assert platform.refused == []
    assert set(platform.refreshed) == set(map(str, accounts))
    assert count(sql, "social_accounts", status="connected", token_version=2) == (
        ACCOUNTS
    )
