"""People who want to see what is known of them, or to be forgotten."""

from psycopg import sql as spelling

from tests.support.api import Answer
from tests.support.database import Sql
from tests.support.people import PASSWORD, Person

ME = "/api/v1/users/me"
_TABLES = "select tablename from pg_tables where schemaname = 'public'"


def ask_for_a_copy(person: Person) -> str:
    """Return the id of the request."""
    return str(person.api("POST", f"{ME}/export").ok(202)["request_id"])


def look(person: Person, request_id: str) -> Answer:
    return person.api("GET", f"{ME}/requests/{request_id}")


def leave(person: Person, password: str = PASSWORD) -> Answer:
    """Ask to be forgotten."""
    return person.api("DELETE", ME, {"password": password})


def wake(sql: Sql) -> None:
    """Let the time come at which the sweep looks at requests again."""
    sql.execute("update data_requests set check_at = now() where check_at is not null")


def mentions(sql: Sql, word: str) -> list[str]:
    """Name the tables in which a word is found, in whatever column and case."""
    found = []
    for row in sql.execute(_TABLES).fetchall():
        query = spelling.SQL("select 1 from {} t where t::text ilike %s limit 1")
        table = spelling.Identifier(row["tablename"])
        if sql.execute(query.format(table), (f"%{word}%",)).fetchone():
            found.append(row["tablename"])
    return found
