"""One database for one test after the other, as good as new each time.

Emptying it takes a hundredth of copying it. A test that changes its shape (a trigger
to die by, another revision) leaves it unfit for others: it is thrown away, and the next
test gets a copy of the migrated one.
"""

import uuid

import psycopg
from psycopg.rows import TupleRow

from tests.stack.postgres import Postgres

_SHAPE = """
select md5(string_agg(line, ',' order by line)) from (
  select format('%s %s', oid, xmin) from pg_class
    where relnamespace = 'public'::regnamespace
  union all select format('%s %s', oid, xmin) from pg_proc
    where pronamespace = 'public'::regnamespace
  union all select format('%s %s', oid, xmin) from pg_trigger where not tgisinternal
  union all select format('%s %s', oid, xmin) from pg_rewrite where ev_type <> '1'
  union all select format('%s %s', oid, xmin) from pg_constraint
    where connamespace = 'public'::regnamespace
) as shape(line)
"""
_EMPTY = """
do $$
declare
  it regclass;
  beginning bigint;
begin
  set local session_replication_role = replica;  -- neither guards nor foreign keys
  for it in
    select oid from pg_class where relkind = 'r' and relname <> 'alembic_version'
      and relnamespace = 'public'::regnamespace
      and pg_relation_size(oid) > 0  -- no test has ever written to the others
  loop
    execute format('delete from %s', it);
  end loop;
  for it, beginning in
    select c.oid, s.seqstart from pg_class c join pg_sequence s on s.seqrelid = c.oid
      where c.relnamespace = 'public'::regnamespace
  loop
    perform setval(it, beginning, false);
  end loop;
end $$
"""


class Shelf:
    """Where a test's database lies until the next test takes it."""

    def __init__(self, server: Postgres, template: str) -> None:
        self._server = server
        self._template = template
        self._name = ""
        self._shape = ""
        self._connection: psycopg.Connection[TupleRow] | None = None
        self.url = ""

    def take(self) -> str:
        """Return the address of an empty database of today's shape."""
        if not self._name:
            self._name = f"test_{uuid.uuid4().hex}"
            self.url = self._server.create(self._name, like=self._template)
            self._shape = self._look()
        return self.url

    def give_back(self) -> bool:
        """Empty the database; return whether it may be used again."""
        if self._look() == self._shape:
            self._ask(_EMPTY)
            return True
        self.close()
        self._server.drop(self._name)
        self._name = ""
        return False

    def close(self) -> None:
        if self._connection:
            self._connection.close()
            self._connection = None

    def _look(self) -> str:
        row = self._ask(_SHAPE).fetchone()
        return str(row[0]) if row else ""

    def _ask(self, statement: str) -> psycopg.Cursor[TupleRow]:
        """Ask over a connection that is kept, unless a test has broken it."""
        if self._connection:
            try:
                return self._connection.execute(statement.encode())
            except psycopg.OperationalError:
                self.close()
        self._connection = psycopg.connect(self.url, autocommit=True)
        return self._connection.execute(statement.encode())
