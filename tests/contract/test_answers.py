"""A team's day, call by call: each answer is what the contract says it is."""

import os

from tests.contract.day import ELSEWHERE, live_a_day
from tests.support.contract import operations
from tests.support.database import Sql
from tests.support.mailbox import Postman
from tests.support.people import Person
from tests.support.workers import Workers
from tests.support.world import World


def test_a_days_answers_keep_to_the_contract(  # noqa: PLR0913, PLR0917 - all the world
    luna: Person,
    workers: Workers,
    world: World,
    aws: dict[str, str],
    sql: Sql,
    mail: Postman,
) -> None:
    boss, watched = live_a_day(luna, workers, world, sql, mail)

    boss.api("POST", "/api/auth/logout").ok()

    if os.environ.get("EXAMPLES") == "write":
        watched.album.write()
    assert watched.complaints == []
    assert {str(one) for one in operations()} - watched.seen.keys() == ELSEWHERE
