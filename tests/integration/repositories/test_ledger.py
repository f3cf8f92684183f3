"""The books: written once, whole, and never changed."""

import threading
from dataclasses import replace
from typing import LiteralString

import psycopg
import pytest
from psycopg import errors
from psycopg.rows import dict_row

from tests.support.books import balances, cost, post
from tests.support.database import Sql, count
from tests.support.people import Person, avatar
from vixenbliss.errors import ConstraintViolatedError

OPENED: LiteralString = (
    "insert into ledger_accounts (workspace_id, code, kind, currency)"
    " values (%s, 'provider_payable', 'liability', 'usd')"
)
TRANSACTION: LiteralString = (
    "insert into ledger_transactions (kind, source_type, source_id, occurred_at)"
    " values ('charge', 'balance_transaction', 'txn_2', now()) returning id"
)
ENTRY: LiteralString = (
    "insert into ledger_entries (transaction_id, account_id, amount_micros, currency)"
    " select %s, id, %s, currency from ledger_accounts limit 1"
)


def test_what_is_told_twice_is_written_once(luna: Person, sql: Sql) -> None:
    posting = cost(luna.workspace_id, avatar(luna))

    assert post(posting, posting) == [True, False]
    assert post(posting) == [False]
    assert balances(sql) == {"generation_cost": 40_000, "provider_payable": -40_000}


def test_another_source_is_another_transaction(luna: Person, sql: Sql) -> None:
    posting = cost(luna.workspace_id, avatar(luna))

    assert post(posting, replace(posting, source_id="another job")) == [True, True]
    assert count(sql, "ledger_accounts") == 2
    assert balances(sql) == {"generation_cost": 80_000, "provider_payable": -80_000}


def test_each_workspace_has_books_of_its_own(
    luna: Person, stranger: Person, sql: Sql
) -> None:
    assert post(cost(luna.workspace_id), cost(stranger.workspace_id), cost(None)) == [
        True,
        True,
        True,
    ]
    assert post(cost(luna.workspace_id), cost(stranger.workspace_id), cost(None)) == [
        False,
        False,
        False,
    ]
    assert count(sql, "ledger_accounts") == 6
    assert count(sql, "ledger_accounts", workspace_id=None) == 2


def test_what_has_no_legs_is_not_written(luna: Person, sql: Sql) -> None:
    assert post(replace(cost(luna.workspace_id), legs=())) == [False]
    assert count(sql, "ledger_transactions") == 0


def test_who_loses_the_race_to_open_an_account_uses_the_winner_s(
    luna: Person, sql: Sql, database: str
) -> None:
    waits = "select 1 from pg_stat_activity where %s = any(pg_blocking_pids(pid))"

    def commit_when_waited_for() -> None:
        while not sql.execute(waits, (holder.info.backend_pid,)).fetchone():
            pass
        holder.commit()

    with psycopg.connect(database, row_factory=dict_row) as holder:
        holder.execute(OPENED, (luna.workspace_id,))
        winner = threading.Thread(target=commit_when_waited_for)
        winner.start()
        written = post(cost(luna.workspace_id))
        winner.join()

    assert written == [True]
    assert count(sql, "ledger_accounts") == 2
    assert balances(sql) == {"generation_cost": 40_000, "provider_payable": -40_000}


def test_what_does_not_add_up_is_refused_at_the_commit(luna: Person, sql: Sql) -> None:
    posting = cost(luna.workspace_id)
    off = [posting.legs[0], replace(posting.legs[1], amount_micros=-39_999)]

    with pytest.raises(ConstraintViolatedError) as caught:
        post(replace(posting, legs=off))

    assert caught.value.constraint == "ledger_must_balance"
    assert count(sql, "ledger_transactions") == 0


def test_it_adds_up_in_each_currency(luna: Person) -> None:
    posting = cost(luna.workspace_id)
    mixed = [posting.legs[0], replace(posting.legs[1], currency="eur")]

    with pytest.raises(ConstraintViolatedError):
        post(replace(posting, legs=mixed))


def write_past_us(sql: Sql, amounts: tuple[int, ...]) -> None:
    with sql.transaction():
        row = sql.execute(TRANSACTION).fetchone()
        for amount in amounts:
            sql.execute(ENTRY, (row and row["id"], amount))


@pytest.mark.parametrize("amounts", [(), (5,), (5, -4), (5, -4, -2)])
def test_past_us_the_database_refuses_what_does_not_add_up(
    sql: Sql, amounts: tuple[int, ...]
) -> None:
    post(cost(None))

    with pytest.raises(errors.CheckViolation) as caught:
        write_past_us(sql, amounts)

    assert caught.value.diag.constraint_name == "ledger_must_balance"


def test_nothing_is_added_to_what_is_written(sql: Sql) -> None:
    post(cost(None))
    row = sql.execute("select id from ledger_transactions").fetchone()

    with pytest.raises(errors.CheckViolation):
        sql.execute(ENTRY, (row and row["id"], 1))


@pytest.mark.parametrize(
    "table", ["ledger_accounts", "ledger_entries", "ledger_transactions"]
)
@pytest.mark.parametrize(
    "statement", ["update {} set id = id", "delete from {}", "truncate {} cascade"]
)
def test_what_is_written_stays(sql: Sql, table: str, statement: str) -> None:
    post(cost(None))

    with pytest.raises(errors.IntegrityConstraintViolation) as caught:
        sql.execute(statement.format(table).encode())

    assert caught.value.diag.constraint_name == "written_once"
    assert balances(sql) == {"generation_cost": 40_000, "provider_payable": -40_000}
