"""What avatars may spend in a month, held before it is spent."""

from uuid import UUID

import pytest

from tests.support.people import Person, avatar
from vixenbliss.database import transaction
from vixenbliss.errors import BudgetExceededError
from vixenbliss.loop import run
from vixenbliss.repositories.budgets import BudgetRepository


def hold(avatar_id: str, amount_micros: int) -> str:
    async def ask() -> str:
        async with transaction() as connection:
            return await BudgetRepository(connection).hold(
                UUID(avatar_id), amount_micros
            )

    return run(ask())


def with_budget(person: Person, cents: int) -> str:
    avatar_id = avatar(person)
    wanted = {"monthly_budget_minor": cents}
    person.api("PUT", f"/api/v1/avatars/{avatar_id}/budget", wanted).ok()
    return avatar_id


def test_each_avatar_has_a_budget_of_its_own(luna: Person, stranger: Person) -> None:
    rich, poor = with_budget(luna, 100), with_budget(stranger, 1)
    hold(rich, 10_000)
    hold(poor, 10_000)

    month = hold(rich, 990_000)

    assert month
    with pytest.raises(BudgetExceededError):
        hold(poor, 1)


def test_one_without_a_budget_may_hold_again(luna: Person, stranger: Person) -> None:
    free = avatar(luna)
    hold(free, 10_000)
    hold(with_budget(stranger, 1), 10_000)

    month = hold(free, 10_000_000)

    assert month
