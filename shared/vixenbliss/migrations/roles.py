"""Who the functions are to Postgres: a role that owns nothing.

It reads and writes rows and changes no table; on RDS it signs in with IAM alone. Behind
RDS Proxy a session may set nothing for itself, so its patience is set on the role.
"""

from sqlalchemy import Connection, text

from vixenbliss.errors import SettingInvalidError
from vixenbliss.postgres import IDLE_IN_TRANSACTION_TIMEOUT_MS, STATEMENT_TIMEOUT_MS

RDS_IAM = "rds_iam"  # RDS guide, "Creating a database account using IAM authentication"
_EXISTS = text("SELECT true FROM pg_roles WHERE rolname = :role")
_OWNER = text("SELECT current_user, current_database()")
_RIGHTS = """
ALTER ROLE {role} LOGIN;
ALTER ROLE {role} SET statement_timeout = {statement_ms};
ALTER ROLE {role} SET idle_in_transaction_session_timeout = {idle_ms};
REVOKE CREATE, TEMPORARY ON DATABASE {database} FROM PUBLIC, {role};
REVOKE CREATE ON SCHEMA public FROM PUBLIC, {role};
GRANT CONNECT ON DATABASE {database} TO {role};
GRANT USAGE ON SCHEMA public TO {role};
GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA public TO {role};
GRANT SELECT, UPDATE, USAGE ON ALL SEQUENCES IN SCHEMA public TO {role};
REVOKE INSERT, UPDATE, DELETE ON alembic_version FROM {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, INSERT, UPDATE, DELETE ON TABLES TO {role};
ALTER DEFAULT PRIVILEGES IN SCHEMA public
  GRANT SELECT, UPDATE, USAGE ON SEQUENCES TO {role}
"""


def let_in(connection: Connection, role: str) -> None:
    """Make the role if it is missing, and give it what it needs; twice is once.

    Whoever asks owns the tables, now and later.

    Raises:
        SettingInvalidError: the role would be the owner itself, whom nothing stops.
    """
    owner, database = connection.execute(_OWNER).one()
    if role == owner:
        raise SettingInvalidError("DATABASE_APP_USER", "another role than the owner")
    quote = connection.dialect.identifier_preparer.quote
    if not connection.scalar(_EXISTS, {"role": role}):
        connection.exec_driver_sql(f"CREATE ROLE {quote(role)}")
    rights = _RIGHTS.format(
        role=quote(role),
        database=quote(database),
        statement_ms=STATEMENT_TIMEOUT_MS,
        idle_ms=IDLE_IN_TRANSACTION_TIMEOUT_MS,
    )
    for statement in rights.split(";\n"):
        connection.exec_driver_sql(statement)
    if connection.scalar(_EXISTS, {"role": RDS_IAM}):
        connection.exec_driver_sql(f"GRANT {RDS_IAM} TO {quote(role)}")
