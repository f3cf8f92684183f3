"""How Postgres would go about a statement, where there is much to choose from."""

from psycopg import sql as spelling
from sqlalchemy import ClauseElement
from sqlalchemy.dialects import postgresql

from tests.support.database import Sql

MANY = 2_000
_COPY = spelling.SQL(
    "insert into {table} select (jsonb_populate_record(null::{table},"
    "  to_jsonb(it) || jsonb_build_object({new}))).*"
    " from (select * from {table} limit 1) it, generate_series(1, {many})"
)


def crowd(sql: Sql, table: str, **changed: str) -> None:
    """Put many more rows like a table's first into it, and have Postgres count them.

    A plan for a few rows is a matter of chance; what is ``changed`` is so by an
    expression. Nobody asks whom the rows point to.
    """
    new = ", ".join(f"'{column}', {value}" for column, value in changed.items())
    sql.execute("set session_replication_role = replica")
    sql.execute(
        _COPY.format(
            table=spelling.Identifier(table),
            new=spelling.SQL(new),
            many=spelling.Literal(MANY),
        )
    )
    sql.execute("reset session_replication_role")
    sql.execute(spelling.SQL("analyze {}").format(spelling.Identifier(table)))


def plan_of(sql: Sql, statement: ClauseElement, **values: object) -> list[str]:
    """Return the lines of a statement's plan."""
    dialect = postgresql.dialect(paramstyle="pyformat")  # type: ignore[no-untyped-call]  # not ours
    spelled = statement.compile(
        dialect=dialect, compile_kwargs={"render_postcompile": True}
    )
    found = sql.execute(f"explain {spelled}".encode(), {**spelled.params, **values})
    return [str(row["QUERY PLAN"]) for row in found.fetchall()]
