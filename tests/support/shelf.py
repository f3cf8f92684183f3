"""One database for one test after the other, as good as new each time.

Emptying it takes a fiftieth of copying it. A test that has changed its shape (a trigger
to die by, another revision) leaves it unfit for others: it is thrown away, and the next
test gets a copy of the migrated one.
"""

import uuid

import psycopg

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
begin
  set local session_replication_role = replica;  -- neither guards nor foreign keys
  for it in
    select oid from pg_class where relkind = 'r' and relname <> 'alembic_version'
      and relnamespace = 'public'::regnamespace
  loop
    execute format('delete from %s', it);
  end loop;
  for it in
    select oid from pg_class where relkind = 'S'
      and relnamespace = 'public'::regnamespace
  loop
    perform setval(it, 1, false);
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
            with psycopg.connect(self.url, autocommit=True) as connection:
                connection.execute(_EMPTY.encode())
            return True
        self._server.drop(self._name)
        self._name = ""
        return False

    def _look(self) -> str:
        with psycopg.connect(self.url, autocommit=True) as connection:
            row = connection.execute(_SHAPE.encode()).fetchone()
        return str(row[0]) if row else ""
