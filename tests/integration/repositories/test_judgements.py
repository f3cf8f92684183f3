"""How often the policy gate has failed to answer, however often it was asked."""

from datetime import timedelta
from uuid import UUID

from tests.support.people import Person
from vixenbliss.database import transaction
from vixenbliss.loop import run
from vixenbliss.repositories.judgements import JudgementRepository


async def _postpone_twice(decision_id: UUID) -> list[int | None]:
    """Let two workers fail that were given the same decision."""
    async with transaction() as connection:
        decisions = JudgementRepository(connection)
        (seen,) = await decisions.undecided([decision_id])
        wait = timedelta(seconds=1)
        told = [await decisions.postpone(seen, patience=wait) for _ in range(2)]
    return [tries and tries[0] for tries in told]


def test_one_failure_is_counted_once(luna: Person) -> None:
    asked = {"text": "a quiet beach"}
    made = luna.api("POST", "/api/v1/policy/check", asked).ok(202)

    assert run(_postpone_twice(UUID(made["decision_id"]))) == [1, None]
