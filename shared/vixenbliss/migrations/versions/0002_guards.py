"""What the database itself watches over: the audit chain, written-once rows, views.

Revision ID: 0002
"""

from alembic import op

revision: str = "0002"
down_revision: str | None = "0001"
branch_labels = None
depends_on = None

WRITTEN_ONCE = ("audit_log", "avatar_sheets", "asset_provenance", "reviews")

# The rows of a workspace form one chain, so writers of one workspace take turns: the
# lock is held to the end of their transaction, and is taken last, as audit rows are.
AUDIT_CHAIN = """
CREATE FUNCTION audit_row_hash(entry audit_log) RETURNS bytea LANGUAGE sql STABLE AS $$
  SELECT sha256(entry.prev_hash || convert_to(jsonb_build_array(
    entry.workspace_id, entry.position, entry.actor_kind, entry.actor_user_id,
    entry.action, entry.target_type, entry.target_id, entry.detail,
    (extract(epoch FROM entry.created_at) * 1000000)::bigint
  )::text, 'UTF8'))
$$;

CREATE FUNCTION audit_chain() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  last_position bigint;
  last_hash bytea;
BEGIN
  PERFORM pg_advisory_xact_lock(4711, hashtext(NEW.workspace_id::text));
  SELECT position, row_hash INTO last_position, last_hash FROM audit_log
    WHERE workspace_id = NEW.workspace_id ORDER BY position DESC LIMIT 1;
  NEW.position := coalesce(last_position, 0) + 1;
  NEW.prev_hash := coalesce(last_hash, decode(repeat('00', 32), 'hex'));
  NEW.row_hash := audit_row_hash(NEW);
  RETURN NEW;
END $$;

CREATE TRIGGER audit_chain BEFORE INSERT ON audit_log
  FOR EACH ROW EXECUTE FUNCTION audit_chain();
"""

REFUSE_CHANGE = """
CREATE FUNCTION refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'rows of % are written once', TG_TABLE_NAME
    USING ERRCODE = 'integrity_constraint_violation', CONSTRAINT = 'written_once';
END $$;
"""

V_JOBS = """
CREATE VIEW v_jobs AS
SELECT id AS job_id, workspace_id, avatar_id, batch_id, kind, provider, provider_job_id,
       status, attempts, error_code, error_message, asset_id,
       cost_reserved_micros, cost_actual_micros, cost_currency,
       lease_until, check_at, created_at, started_at, finished_at
FROM content_jobs
"""

V_WEBHOOK_EVENTS = """
CREATE VIEW v_webhook_events AS
SELECT id AS event_id, source, external_id, event_type, subject_id, provider_object_id,
       status, occurred_at, received_at, processed_at
FROM webhook_events
"""

V_DEAD_LETTERS = """
CREATE VIEW v_dead_letters AS
SELECT id AS dead_letter_id, queue, workspace_id, subject_id, code, reason,
       created_at, redriven_at
FROM dead_letters
"""


def upgrade() -> None:
    """Put the guards up."""
    op.execute(AUDIT_CHAIN)
    op.execute(REFUSE_CHANGE)
    for table in WRITTEN_ONCE:
        op.execute(
            f"CREATE TRIGGER {table}_written_once BEFORE UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    for view in (V_JOBS, V_WEBHOOK_EVENTS, V_DEAD_LETTERS):
        op.execute(view)


def downgrade() -> None:
    """Take the guards down."""
    for view in ("v_dead_letters", "v_webhook_events", "v_jobs"):
        op.execute(f"DROP VIEW {view}")
    for table in WRITTEN_ONCE:
        op.execute(f"DROP TRIGGER {table}_written_once ON {table}")
    op.execute("DROP FUNCTION refuse_change()")
    op.execute("DROP TRIGGER audit_chain ON audit_log")
    op.execute("DROP FUNCTION audit_chain()")
    op.execute("DROP FUNCTION audit_row_hash(audit_log)")
