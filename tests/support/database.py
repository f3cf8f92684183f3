"""What the tests look at in the database, past the API."""

import psycopg
from psycopg import sql as spelling
from psycopg.rows import DictRow

type Sql = psycopg.Connection[DictRow]

_TABLES = (
    "select tablename from pg_tables where schemaname = 'public'"
    " and tablename <> 'rate_limits' order by tablename"
)
_WHOLE = (
    "select count(*) as n, md5(string_agg(t::text, '|' order by t::text)) as content"
    " from {} t"
)


def count(sql: Sql, table: str, **equal: object) -> int:
    """Return how many rows of a table have these values."""
    query = spelling.SQL("select count(*) as n from {} where true").format(
        spelling.Identifier(table)
    )
    for column in equal:
        name = spelling.Identifier(column)
        query += spelling.SQL(" and {} is not distinct from {}").format(
            name, spelling.Placeholder(column)
        )
    row = sql.execute(query, equal).fetchone()
    assert row is not None
    return int(row["n"])


def held_micros(sql: Sql, avatar_id: str) -> int:
    """Return what an avatar's budget has promised to jobs that have not ended."""
    row = sql.execute(
        "select coalesce(sum(held_micros), 0)::bigint as held from budget_months"
        " where avatar_id = %s",
        (avatar_id,),
    ).fetchone()
    assert row is not None
    return int(row["held"])


def content(sql: Sql) -> dict[str, tuple[int, str | None]]:
    """Return how many rows each table has, and the hash of all of them.

    How often something was tried is not content: what is refused counts, too.
    """
    found = {}
    for table in [row["tablename"] for row in sql.execute(_TABLES).fetchall()]:
        query = spelling.SQL(_WHOLE).format(spelling.Identifier(table))
        row = sql.execute(query).fetchone() or {}
        found[table] = (row["n"], row["content"])
    return found
