"""What several tests of workers stand on, and what is true after all of them."""

from collections.abc import Iterator

import pytest

from tests.support.billing import Billing, billing
from tests.support.database import Sql
from tests.support.people import Person
from tests.support.selling import shop
from tests.support.workers import Workers
from tests.support.world import World

_DISAGREEING = """
select avatar_id, jobs.micros as of_jobs, books.micros as of_books
from (
  select avatar_id, sum(cost_actual_micros) as micros from content_jobs group by 1
) as jobs
full join (
  select avatar_id, sum(amount_micros) as micros from v_ledger
  where account = 'generation_cost' group by 1
) as books using (avatar_id)
where coalesce(jobs.micros, 0) <> coalesce(books.micros, 0)
"""


@pytest.fixture(autouse=True)
def _books_agree_with_jobs(sql: Sql) -> Iterator[None]:
    """Hold what avatars' jobs have cost against the books, after each test."""
    yield
    assert sql.execute(_DISAGREEING).fetchall() == []


@pytest.fixture
def shopping(
    luna: Person, stranger: Person, world: World, workers: Workers, sql: Sql
) -> Billing:
    """A shop and a fan, who is a member of no team but their own."""
    return billing(shop(luna, world, sql), stranger, workers, world, sql)
