"""What is sold, to whom, what was paid, what that opens, and the books of it.

Revision ID: 0005
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision: str = "0005"
down_revision: str | None = "0004"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


CHANGED = (
    ("source", "'replicate', 'instagram', 'tiktok', 'stripe'"),
    (
        "status",
        "'received', 'processed', 'ignored', 'superseded', 'deferred', 'failed'",
    ),
)
BEFORE = (
    ("source", "'replicate', 'instagram', 'tiktok'"),
    ("status", "'received', 'processed', 'ignored'"),
)
APPEND_ONLY = ("ledger_accounts", "ledger_transactions", "ledger_entries")

# At the commit, each transaction has two entries at least, and each of its currencies
# adds up to nothing.
LEDGER_MUST_BALANCE = """
CREATE FUNCTION ledger_must_balance() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  wanted bigint := CASE TG_TABLE_NAME
    WHEN 'ledger_entries' THEN (to_jsonb(NEW) ->> 'transaction_id')::bigint
    ELSE (to_jsonb(NEW) ->> 'id')::bigint END;
BEGIN
  IF (SELECT count(*) < 2 FROM ledger_entries WHERE transaction_id = wanted)
    OR EXISTS (
      SELECT FROM ledger_entries WHERE transaction_id = wanted
      GROUP BY currency HAVING sum(amount_micros) <> 0
    )
  THEN
    RAISE EXCEPTION 'ledger transaction % does not balance', wanted
      USING ERRCODE = 'check_violation', CONSTRAINT = 'ledger_must_balance';
  END IF;
  RETURN NULL;
END
$$
"""
PRICE_STAYS = """
CREATE FUNCTION price_stays() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'a price is never changed'
    USING ERRCODE = 'check_violation', CONSTRAINT = 'price_stays';
END
$$
"""
V_LEDGER = """
CREATE VIEW v_ledger AS
SELECT entry.id AS entry_id, entry.transaction_id, account.workspace_id,
       account.avatar_id, account.code AS account, account.kind AS account_kind,
       it.kind, it.source_type, it.source_id, entry.amount_micros, entry.currency,
       it.occurred_at, it.memo, it.created_at
FROM ledger_entries AS entry
JOIN ledger_transactions AS it ON it.id = entry.transaction_id
JOIN ledger_accounts AS account ON account.id = entry.account_id
"""
V_WEBHOOK_EVENTS = """
CREATE VIEW v_webhook_events AS
SELECT id AS event_id, source, external_id, event_type, subject_id, provider_object_id,
       status, occurred_at, received_at, processed_at, attempts, waits_for, note
FROM webhook_events
"""
V_WEBHOOK_EVENTS_BEFORE = """
CREATE VIEW v_webhook_events AS
SELECT id AS event_id, source, external_id, event_type, subject_id, provider_object_id,
       status, occurred_at, received_at, processed_at
FROM webhook_events
"""


def upgrade() -> None:
    op.execute("CREATE SEQUENCE order_numbers START 100001")
    op.execute("DROP VIEW v_webhook_events")
    op.create_table(
        "payouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("stripe_payout_id", sa.String(length=255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "in_transit",
                "paid",
                "failed",
                "canceled",
                name="payoutstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=60), nullable=True),
        sa.Column("arrival_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_payouts_currency_spelled")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'in_transit', 'paid', 'failed', 'canceled')",
            name=op.f("ck_payouts_status_known"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payouts")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_payouts_balance_transaction_id")
        ),
        sa.UniqueConstraint(
            "stripe_payout_id", name=op.f("uq_payouts_stripe_payout_id")
        ),
    )
    op.create_table(
        "stripe_objects",
        sa.Column("object_id", sa.String(length=255), nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("told_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.PrimaryKeyConstraint("object_id", name=op.f("pk_stripe_objects")),
    )
    op.create_table(
        "benefits",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "content_tier",
                "content_piece",
                "course",
                "item",
                "download",
                "feature",
                name="benefitkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("ref", sa.String(length=64), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column(
            "config",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('content_tier', 'content_piece', 'course', 'item', 'download', 'feature')",
            name=op.f("ck_benefits_kind_known"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 120", name=op.f("ck_benefits_name_length")
        ),
        sa.CheckConstraint(
            "char_length(ref) BETWEEN 1 AND 64", name=op.f("ck_benefits_ref_length")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_benefits_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_benefits")),
        sa.UniqueConstraint(
            "workspace_id",
            "kind",
            "ref",
            name=op.f("uq_benefits_workspace_id_kind_ref"),
        ),
    )
    op.create_index("ix_benefits_kind", "benefits", ["kind", "ref"], unique=False)
    op.create_table(
        "customers",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("stripe_customer_id", sa.String(length=255), nullable=True),
        sa.Column("generation", sa.Integer(), server_default="0", nullable=False),
        sa.Column("deleted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_customers_user_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_customers")),
        sa.UniqueConstraint(
            "stripe_customer_id", name=op.f("uq_customers_stripe_customer_id")
        ),
        sa.UniqueConstraint("user_id", name=op.f("uq_customers_user_id")),
    )
    op.create_table(
        "ledger_transactions",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "charge",
                "refund",
                "refund_failure",
                "dispute",
                "payout",
                "payout_paid",
                "payout_failure",
                "stripe_fee",
                "generation",
                "generation_return",
                name="transactionkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("source_type", sa.String(length=40), nullable=False),
        sa.Column("source_id", sa.String(length=255), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("memo", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('charge', 'refund', 'refund_failure', 'dispute', 'payout', 'payout_paid', 'payout_failure', 'stripe_fee', 'generation', 'generation_return')",
            name=op.f("ck_ledger_transactions_kind_known"),
        ),
        sa.CheckConstraint(
            "char_length(memo) BETWEEN 0 AND 255",
            name=op.f("ck_ledger_transactions_memo_length"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_ledger_transactions_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_transactions")),
        sa.UniqueConstraint(
            "workspace_id",
            "kind",
            "source_type",
            "source_id",
            name=op.f("uq_ledger_transactions_workspace_id_kind_source_type_source_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        "ix_ledger_transactions_occurred_at",
        "ledger_transactions",
        ["occurred_at"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_transactions_source_id",
        "ledger_transactions",
        ["source_id"],
        unique=False,
    )
    op.create_index(
        "ix_ledger_transactions_workspace_id",
        "ledger_transactions",
        ["workspace_id", "occurred_at"],
        unique=False,
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("dedupe_key", sa.String(length=255), nullable=False),
        sa.Column(
            "detail",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("read_at", sa.DateTime(timezone=True), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_notices_user_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_notices_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("dedupe_key", name=op.f("uq_notices_dedupe_key")),
    )
    op.create_index(
        "ix_notices_unread",
        "notices",
        ["user_id"],
        unique=False,
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.create_index(
        "ix_notices_user_id", "notices", ["user_id", "created_at", "id"], unique=False
    )
    op.create_table(
        "reconciliations",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "running",
                "done",
                "failed",
                name="reconciliationstatus",
                native_enum=False,
                length=20,
            ),
            server_default="running",
            nullable=False,
        ),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("events_since", sa.DateTime(timezone=True), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.Column("cursor", sa.String(length=255), nullable=True),
        sa.Column(
            "stage",
            sa.Enum(
                "events",
                "settling",
                "balance",
                "done",
                name="reconciliationstage",
                native_enum=False,
                length=20,
            ),
            server_default="events",
            nullable=False,
        ),
        sa.Column("events_seen", sa.Integer(), server_default="0", nullable=False),
        sa.Column("events_missing", sa.Integer(), server_default="0", nullable=False),
        sa.Column("rows_compared", sa.Integer(), server_default="0", nullable=False),
        sa.Column("differences", sa.Integer(), server_default="0", nullable=False),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("fence", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("lease_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "stage IN ('events', 'settling', 'balance', 'done')",
            name=op.f("ck_reconciliations_stage_known"),
        ),
        sa.CheckConstraint(
            "status IN ('running', 'done', 'failed')",
            name=op.f("ck_reconciliations_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_reconciliations_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliations")),
    )
    op.create_index(
        "ix_reconciliations_created_at",
        "reconciliations",
        ["created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_reconciliations_running",
        "reconciliations",
        ["status"],
        unique=True,
        postgresql_where=sa.text("status = 'running'"),
    )
    op.create_table(
        "grants",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("benefit_id", sa.Uuid(), nullable=False),
        sa.Column(
            "source_type",
            sa.Enum(
                "subscription",
                "order",
                "comp",
                name="grantsource",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("source_id", sa.Uuid(), nullable=False),
        sa.Column("starts_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ends_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoked_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("revoke_reason", sa.String(length=60), nullable=True),
        sa.Column("granted_by", sa.Integer(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "source_type IN ('subscription', 'order', 'comp')",
            name=op.f("ck_grants_source_type_known"),
        ),
        sa.CheckConstraint(
            "(revoked_at IS NULL) = (revoke_reason IS NULL)",
            name=op.f("ck_grants_revoked_for_a_reason"),
        ),
        sa.CheckConstraint(
            "ends_at >= starts_at", name=op.f("ck_grants_ends_after_its_start")
        ),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefits.id"], name=op.f("fk_grants_benefit_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_grants_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["granted_by"], ["users.id"], name=op.f("fk_grants_granted_by")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_grants_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_grants")),
    )
    op.create_index(
        op.f("ix_grants_benefit_id"), "grants", ["benefit_id"], unique=False
    )
    op.create_index(
        "ix_grants_customer_id", "grants", ["customer_id", "created_at"], unique=False
    )
    op.create_index("ix_grants_source_id", "grants", ["source_id"], unique=False)
    op.create_index("ix_grants_workspace_id", "grants", ["workspace_id"], unique=False)
    op.create_index(
        "uq_grants_live",
        "grants",
        ["customer_id", "benefit_id", "source_type", "source_id"],
        unique=True,
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.create_table(
        "ledger_accounts",
        sa.Column("id", sa.Integer(), sa.Identity(always=False), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("code", sa.String(length=40), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "asset",
                "liability",
                "income",
                "expense",
                name="accountkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "code IN ('stripe_clearing', 'payout_transit', 'bank', 'revenue', 'refunds', 'tax_payable', 'processor_fees', 'dispute_loss', 'generation_cost', 'provider_payable')",
            name=op.f("ck_ledger_accounts_code_known"),
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_ledger_accounts_currency_spelled")
        ),
        sa.CheckConstraint(
            "kind IN ('asset', 'liability', 'income', 'expense')",
            name=op.f("ck_ledger_accounts_kind_known"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_ledger_accounts_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_ledger_accounts_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_accounts")),
        sa.UniqueConstraint(
            "id", "currency", name=op.f("uq_ledger_accounts_id_currency")
        ),
        sa.UniqueConstraint(
            "workspace_id",
            "code",
            "currency",
            "avatar_id",
            name=op.f("uq_ledger_accounts_workspace_id_code_currency_avatar_id"),
            postgresql_nulls_not_distinct=True,
        ),
    )
    op.create_index(
        op.f("ix_ledger_accounts_avatar_id"),
        "ledger_accounts",
        ["avatar_id"],
        unique=False,
    )
    op.create_table(
        "products",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column(
            "kind",
            sa.Enum(
                "membership",
                "one_off",
                "course",
                "item",
                "tip",
                name="productkind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("description", sa.Text(), nullable=True),
        sa.Column("stripe_product_id", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column("version", sa.Integer(), server_default="1", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind <> 'tip' OR avatar_id IS NOT NULL",
            name=op.f("ck_products_tips_are_somebodys"),
        ),
        sa.CheckConstraint(
            "kind IN ('membership', 'one_off', 'course', 'item', 'tip')",
            name=op.f("ck_products_kind_known"),
        ),
        sa.CheckConstraint(
            "char_length(description) BETWEEN 0 AND 2000",
            name=op.f("ck_products_description_length"),
        ),
        sa.CheckConstraint(
            "char_length(name) BETWEEN 1 AND 120", name=op.f("ck_products_name_length")
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_products_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_products_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint(
            "stripe_product_id", name=op.f("uq_products_stripe_product_id")
        ),
    )
    op.create_index(
        op.f("ix_products_avatar_id"), "products", ["avatar_id"], unique=False
    )
    op.create_index(
        "ix_products_workspace_id",
        "products",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_products_tips",
        "products",
        ["avatar_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'tip' AND is_active"),
    )
    op.create_table(
        "reconciliation_differences",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("reconciliation_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "missing",
                "unknown",
                "doubled",
                "altered",
                name="differencekind",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("balance_transaction_id", sa.String(length=255), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("stripe_micros", sa.BigInteger(), nullable=True),
        sa.Column("ledger_micros", sa.BigInteger(), nullable=True),
        sa.Column("note", sa.Text(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "kind IN ('missing', 'unknown', 'doubled', 'altered')",
            name=op.f("ck_reconciliation_differences_kind_known"),
        ),
        sa.CheckConstraint(
            "char_length(note) BETWEEN 1 AND 300",
            name=op.f("ck_reconciliation_differences_note_length"),
        ),
        sa.ForeignKeyConstraint(
            ["reconciliation_id"],
            ["reconciliations.id"],
            name=op.f("fk_reconciliation_differences_reconciliation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_reconciliation_differences_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reconciliation_differences")),
    )
    op.create_index(
        op.f("ix_reconciliation_differences_reconciliation_id"),
        "reconciliation_differences",
        ["reconciliation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_reconciliation_differences_workspace_id"),
        "reconciliation_differences",
        ["workspace_id"],
        unique=False,
    )
    op.create_table(
        "checkouts",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column(
            "mode",
            sa.Enum(
                "subscription",
                "payment",
                name="checkoutmode",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("lines", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("message", sa.Text(), nullable=True),
        sa.Column("success_url", sa.String(length=2048), nullable=False),
        sa.Column("cancel_url", sa.String(length=2048), nullable=False),
        sa.Column("client_key", sa.String(length=255), nullable=True),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=False),
        sa.Column("stripe_session_id", sa.String(length=255), nullable=True),
        sa.Column("url", sa.String(length=2048), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "open",
                "completed",
                "expired",
                name="checkoutstatus",
                native_enum=False,
                length=20,
            ),
            server_default="open",
            nullable=False,
        ),
        sa.Column("expires_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "(mode = 'subscription') = (product_id IS NOT NULL)",
            name=op.f("ck_checkouts_subscribes_to_something"),
        ),
        sa.CheckConstraint(
            "(status = 'open') = (ended_at IS NULL)",
            name=op.f("ck_checkouts_ended_has_a_time"),
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_checkouts_currency_spelled")
        ),
        sa.CheckConstraint(
            "mode IN ('subscription', 'payment')", name=op.f("ck_checkouts_mode_known")
        ),
        sa.CheckConstraint(
            "status IN ('open', 'completed', 'expired')",
            name=op.f("ck_checkouts_status_known"),
        ),
        sa.CheckConstraint(
            "char_length(message) BETWEEN 1 AND 300",
            name=op.f("ck_checkouts_message_length"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_checkouts_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_checkouts_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_checkouts_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_checkouts_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_checkouts")),
        sa.UniqueConstraint(
            "customer_id",
            "client_key",
            name=op.f("uq_checkouts_customer_id_client_key"),
        ),
        sa.UniqueConstraint(
            "stripe_session_id", name=op.f("uq_checkouts_stripe_session_id")
        ),
    )
    op.create_index(
        "ix_checkouts_open",
        "checkouts",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'open'"),
    )
    op.create_index(
        op.f("ix_checkouts_workspace_id"), "checkouts", ["workspace_id"], unique=False
    )
    op.create_index(
        "uq_checkouts_open",
        "checkouts",
        ["customer_id", "product_id"],
        unique=True,
        postgresql_where=sa.text("status = 'open' AND mode = 'subscription'"),
    )
    op.create_table(
        "ledger_entries",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("transaction_id", sa.BigInteger(), nullable=False),
        sa.Column("account_id", sa.Integer(), nullable=False),
        sa.Column("amount_micros", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint(
            "amount_micros <> 0", name=op.f("ck_ledger_entries_amount_is_something")
        ),
        sa.ForeignKeyConstraint(
            ["account_id", "currency"],
            ["ledger_accounts.id", "ledger_accounts.currency"],
            name=op.f("fk_ledger_entries_account_id_currency"),
        ),
        sa.ForeignKeyConstraint(
            ["transaction_id"],
            ["ledger_transactions.id"],
            name=op.f("fk_ledger_entries_transaction_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    op.create_index(
        "ix_ledger_entries_account_id",
        "ledger_entries",
        ["account_id", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_ledger_entries_transaction_id"),
        "ledger_entries",
        ["transaction_id"],
        unique=False,
    )
    op.create_table(
        "prices",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("min_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("max_amount_minor", sa.BigInteger(), nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "interval",
            sa.Enum("month", "year", name="interval", native_enum=False, length=20),
            nullable=True,
        ),
        sa.Column("trial_days", sa.Integer(), server_default="0", nullable=False),
        sa.Column("stripe_price_id", sa.String(length=255), nullable=True),
        sa.Column("is_active", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_prices_currency_spelled")
        ),
        sa.CheckConstraint(
            "interval IN ('month', 'year')", name=op.f("ck_prices_interval_known")
        ),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_prices_amount_is_positive")
        ),
        sa.CheckConstraint(
            "num_nonnulls(amount_minor, min_amount_minor) = 1 AND (min_amount_minor IS NULL) = (max_amount_minor IS NULL) AND min_amount_minor > 0 IS NOT FALSE AND min_amount_minor <= max_amount_minor IS NOT FALSE",
            name=op.f("ck_prices_fixed_or_within_bounds"),
        ),
        sa.CheckConstraint(
            "trial_days = 0 OR interval IS NOT NULL",
            name=op.f("ck_prices_trial_of_a_membership"),
        ),
        sa.CheckConstraint(
            "trial_days BETWEEN 0 AND 90", name=op.f("ck_prices_trial_is_short")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_prices_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_prices")),
        sa.UniqueConstraint("stripe_price_id", name=op.f("uq_prices_stripe_price_id")),
    )
    op.create_index(
        op.f("ix_prices_product_id"), "prices", ["product_id"], unique=False
    )
    op.create_table(
        "product_benefits",
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("benefit_id", sa.Uuid(), nullable=False),
        sa.ForeignKeyConstraint(
            ["benefit_id"], ["benefits.id"], name=op.f("fk_product_benefits_benefit_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"],
            ["products.id"],
            name=op.f("fk_product_benefits_product_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "product_id", "benefit_id", name=op.f("pk_product_benefits")
        ),
    )
    op.create_index(
        op.f("ix_product_benefits_benefit_id"),
        "product_benefits",
        ["benefit_id"],
        unique=False,
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=True),
        sa.Column("product_id", sa.Uuid(), nullable=False),
        sa.Column("price_id", sa.Uuid(), nullable=False),
        sa.Column("pending_price_id", sa.Uuid(), nullable=True),
        sa.Column("stripe_subscription_id", sa.String(length=255), nullable=False),
        sa.Column("stripe_item_id", sa.String(length=255), nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "incomplete",
                "incomplete_expired",
                "trialing",
                "active",
                "past_due",
                "unpaid",
                "paused",
                "canceled",
                name="subscriptionstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("current_period_start", sa.DateTime(timezone=True), nullable=False),
        sa.Column("current_period_end", sa.DateTime(timezone=True), nullable=False),
        sa.Column("trial_end", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "cancel_at_period_end", sa.Boolean(), server_default="false", nullable=False
        ),
        sa.Column("cancel_reason", sa.String(length=60), nullable=True),
        sa.Column("canceled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("past_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("grace_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "status <> 'past_due' OR (past_due_at IS NOT NULL AND grace_until IS NOT NULL)",
            name=op.f("ck_subscriptions_past_due_has_grace"),
        ),
        sa.CheckConstraint(
            "status IN ('incomplete', 'incomplete_expired', 'trialing', 'active', 'past_due', 'unpaid', 'paused', 'canceled')",
            name=op.f("ck_subscriptions_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_subscriptions_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("fk_subscriptions_checkout_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_subscriptions_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["pending_price_id"],
            ["prices.id"],
            name=op.f("fk_subscriptions_pending_price_id"),
        ),
        sa.ForeignKeyConstraint(
            ["price_id"], ["prices.id"], name=op.f("fk_subscriptions_price_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_subscriptions_product_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"],
            ["workspaces.id"],
            name=op.f("fk_subscriptions_workspace_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_subscriptions_checkout_id")),
        sa.UniqueConstraint(
            "stripe_subscription_id",
            name=op.f("uq_subscriptions_stripe_subscription_id"),
        ),
    )
    op.create_index(
        op.f("ix_subscriptions_customer_id"),
        "subscriptions",
        ["customer_id"],
        unique=False,
    )
    op.create_index(
        "ix_subscriptions_grace_until",
        "subscriptions",
        ["grace_until"],
        unique=False,
        postgresql_where=sa.text("status = 'past_due'"),
    )
    op.create_index(
        op.f("ix_subscriptions_price_id"), "subscriptions", ["price_id"], unique=False
    )
    op.create_index(
        op.f("ix_subscriptions_product_id"),
        "subscriptions",
        ["product_id"],
        unique=False,
    )
    op.create_index(
        "ix_subscriptions_workspace_id",
        "subscriptions",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        "uq_subscriptions_live",
        "subscriptions",
        ["customer_id", "product_id"],
        unique=True,
        postgresql_where=sa.text(
            "status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused')"
        ),
    )
    op.create_table(
        "orders",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column(
            "number",
            sa.BigInteger(),
            server_default=sa.text("nextval('order_numbers')"),
            nullable=False,
        ),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("avatar_id", sa.Uuid(), nullable=True),
        sa.Column("customer_id", sa.Uuid(), nullable=False),
        sa.Column("checkout_id", sa.Uuid(), nullable=True),
        sa.Column("subscription_id", sa.Uuid(), nullable=True),
        sa.Column("stripe_invoice_id", sa.String(length=255), nullable=True),
        sa.Column(
            "reason",
            sa.Enum(
                "purchase",
                "tip",
                "subscription_create",
                "subscription_cycle",
                "subscription_update",
                name="orderreason",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "paid",
                "partially_refunded",
                "refunded",
                "disputed",
                "charged_back",
                "void",
                name="orderstatus",
                native_enum=False,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("subtotal_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "discount_minor", sa.BigInteger(), server_default="0", nullable=False
        ),
        sa.Column("tax_minor", sa.BigInteger(), server_default="0", nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.Column(
            "refunded_minor", sa.BigInteger(), server_default="0", nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("paid_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_orders_currency_spelled")
        ),
        sa.CheckConstraint(
            "reason IN ('purchase', 'tip', 'subscription_create', 'subscription_cycle', 'subscription_update')",
            name=op.f("ck_orders_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'paid', 'partially_refunded', 'refunded', 'disputed', 'charged_back', 'void')",
            name=op.f("ck_orders_status_known"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'void') OR paid_at IS NOT NULL",
            name=op.f("ck_orders_paid_has_a_time"),
        ),
        sa.CheckConstraint(
            "(stripe_invoice_id IS NULL) = (subscription_id IS NULL)",
            name=op.f("ck_orders_invoices_are_of_subscriptions"),
        ),
        sa.CheckConstraint(
            "num_nonnulls(checkout_id, stripe_invoice_id) = 1",
            name=op.f("ck_orders_has_one_source"),
        ),
        sa.CheckConstraint(
            "refunded_minor BETWEEN 0 AND total_minor",
            name=op.f("ck_orders_refunded_within_total"),
        ),
        sa.CheckConstraint(
            "total_minor = subtotal_minor - discount_minor + tax_minor",
            name=op.f("ck_orders_total_adds_up"),
        ),
        sa.ForeignKeyConstraint(
            ["avatar_id"], ["avatars.id"], name=op.f("fk_orders_avatar_id")
        ),
        sa.ForeignKeyConstraint(
            ["checkout_id"], ["checkouts.id"], name=op.f("fk_orders_checkout_id")
        ),
        sa.ForeignKeyConstraint(
            ["customer_id"], ["customers.id"], name=op.f("fk_orders_customer_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_orders_subscription_id"),
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_orders_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("checkout_id", name=op.f("uq_orders_checkout_id")),
        sa.UniqueConstraint("number", name=op.f("uq_orders_number")),
        sa.UniqueConstraint(
            "stripe_invoice_id", name=op.f("uq_orders_stripe_invoice_id")
        ),
    )
    op.create_index("ix_orders_avatar_id", "orders", ["avatar_id"], unique=False)
    op.create_index(
        "ix_orders_customer_id",
        "orders",
        ["customer_id", "created_at", "id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_orders_subscription_id"), "orders", ["subscription_id"], unique=False
    )
    op.create_index(
        "ix_orders_workspace_id",
        "orders",
        ["workspace_id", "created_at", "id"],
        unique=False,
    )
    op.create_table(
        "subscription_changes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("subscription_id", sa.Uuid(), nullable=False),
        sa.Column(
            "kind",
            sa.Enum(
                "cancel_now",
                "cancel_at_period_end",
                "resume",
                "upgrade",
                "downgrade",
                name="changekind",
                native_enum=False,
            ),
            nullable=False,
        ),
        sa.Column("price_id", sa.Uuid(), nullable=True),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column("comment", sa.Text(), nullable=True),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("client_key", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "done",
                "refused",
                name="changestatus",
                native_enum=False,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.CheckConstraint(
            "(kind IN ('upgrade', 'downgrade')) = (price_id IS NOT NULL)",
            name=op.f("ck_subscription_changes_names_the_other_price"),
        ),
        sa.CheckConstraint(
            "(status = 'pending') = (settled_at IS NULL)",
            name=op.f("ck_subscription_changes_settled_has_a_time"),
        ),
        sa.CheckConstraint(
            "kind IN ('cancel_now', 'cancel_at_period_end', 'resume', 'upgrade', 'downgrade')",
            name=op.f("ck_subscription_changes_kind_known"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'done', 'refused')",
            name=op.f("ck_subscription_changes_status_known"),
        ),
        sa.CheckConstraint(
            "char_length(comment) BETWEEN 1 AND 500",
            name=op.f("ck_subscription_changes_comment_length"),
        ),
        sa.ForeignKeyConstraint(
            ["asked_by"], ["users.id"], name=op.f("fk_subscription_changes_asked_by")
        ),
        sa.ForeignKeyConstraint(
            ["price_id"], ["prices.id"], name=op.f("fk_subscription_changes_price_id")
        ),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_subscription_changes_subscription_id"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscription_changes")),
        sa.UniqueConstraint(
            "subscription_id",
            "client_key",
            name=op.f("uq_subscription_changes_subscription_id_client_key"),
        ),
    )
    op.create_index(
        "uq_subscription_changes_pending",
        "subscription_changes",
        ["subscription_id"],
        unique=True,
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.create_table(
        "order_lines",
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("product_id", sa.Uuid(), nullable=True),
        sa.Column("price_id", sa.Uuid(), nullable=True),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("quantity", sa.Integer(), server_default="1", nullable=False),
        sa.Column("total_minor", sa.BigInteger(), nullable=False),
        sa.CheckConstraint(
            "char_length(label) BETWEEN 1 AND 255",
            name=op.f("ck_order_lines_label_length"),
        ),
        sa.CheckConstraint(
            "quantity > 0", name=op.f("ck_order_lines_quantity_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"],
            ["orders.id"],
            name=op.f("fk_order_lines_order_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["price_id"], ["prices.id"], name=op.f("fk_order_lines_price_id")
        ),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
    )
    op.create_index(
        op.f("ix_order_lines_order_id"), "order_lines", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_order_lines_product_id"), "order_lines", ["product_id"], unique=False
    )
    op.create_table(
        "payments",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column(
            "provider", sa.String(length=20), server_default="stripe", nullable=False
        ),
        sa.Column("transaction_id", sa.String(length=255), nullable=False),
        sa.Column("charge_id", sa.String(length=255), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "succeeded",
                "failed",
                name="paymentstatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("fee_minor", sa.BigInteger(), nullable=True),
        sa.Column("balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column("decline_code", sa.String(length=60), nullable=True),
        sa.Column("receipt_url", sa.String(length=2048), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_payments_currency_spelled")
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'succeeded', 'failed')",
            name=op.f("ck_payments_status_known"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_payments_amount_is_positive")
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_payments_order_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_payments_balance_transaction_id")
        ),
        sa.UniqueConstraint("charge_id", name=op.f("uq_payments_charge_id")),
        sa.UniqueConstraint(
            "provider",
            "transaction_id",
            name=op.f("uq_payments_provider_transaction_id"),
        ),
    )
    op.create_index(
        op.f("ix_payments_order_id"), "payments", ["order_id"], unique=False
    )
    op.create_table(
        "disputes",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("workspace_id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_dispute_id", sa.String(length=255), nullable=False),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("reason", sa.String(length=60), nullable=True),
        sa.Column(
            "status",
            sa.Enum(
                "early_warning",
                "needs_response",
                "under_review",
                "won",
                "lost",
                "prevented",
                name="disputestatus",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column(
            "evidence",
            postgresql.JSONB(astext_type=sa.Text()),
            server_default="{}",
            nullable=False,
        ),
        sa.Column("evidence_due_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("submitted_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_disputes_currency_spelled")
        ),
        sa.CheckConstraint(
            "status IN ('early_warning', 'needs_response', 'under_review', 'won', 'lost', 'prevented')",
            name=op.f("ck_disputes_status_known"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_disputes_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_disputes_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["workspace_id"], ["workspaces.id"], name=op.f("fk_disputes_workspace_id")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_disputes")),
        sa.UniqueConstraint(
            "stripe_dispute_id", name=op.f("uq_disputes_stripe_dispute_id")
        ),
    )
    op.create_index(
        op.f("ix_disputes_order_id"), "disputes", ["order_id"], unique=False
    )
    op.create_index(
        op.f("ix_disputes_payment_id"), "disputes", ["payment_id"], unique=False
    )
    op.create_index(
        "ix_disputes_workspace_id",
        "disputes",
        ["workspace_id", "opened_at", "id"],
        unique=False,
    )
    op.create_table(
        "refunds",
        sa.Column("id", sa.Uuid(), nullable=False),
        sa.Column("order_id", sa.Uuid(), nullable=False),
        sa.Column("payment_id", sa.Uuid(), nullable=False),
        sa.Column("stripe_refund_id", sa.String(length=255), nullable=True),
        sa.Column("amount_minor", sa.BigInteger(), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "reason",
            sa.Enum(
                "customer_request",
                "duplicate",
                "fraudulent",
                "service_disruption",
                "dispute_prevention",
                "other",
                name="refundreason",
                native_enum=False,
                length=20,
            ),
            nullable=False,
        ),
        sa.Column("revoke_access", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "succeeded",
                "failed",
                "canceled",
                name="refundstatus",
                native_enum=False,
                length=20,
            ),
            server_default="pending",
            nullable=False,
        ),
        sa.Column("error_code", sa.String(length=60), nullable=True),
        sa.Column("requested_by", sa.Integer(), nullable=True),
        sa.Column("client_key", sa.String(length=255), nullable=True),
        sa.Column("request_sha256", sa.LargeBinary(), nullable=True),
        sa.Column("balance_transaction_id", sa.String(length=255), nullable=True),
        sa.Column(
            "failure_balance_transaction_id", sa.String(length=255), nullable=True
        ),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.Column(
            "updated_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "currency ~ '^[a-z]{3}$'", name=op.f("ck_refunds_currency_spelled")
        ),
        sa.CheckConstraint(
            "reason IN ('customer_request', 'duplicate', 'fraudulent', 'service_disruption', 'dispute_prevention', 'other')",
            name=op.f("ck_refunds_reason_known"),
        ),
        sa.CheckConstraint(
            "status IN ('pending', 'succeeded', 'failed', 'canceled')",
            name=op.f("ck_refunds_status_known"),
        ),
        sa.CheckConstraint(
            "amount_minor > 0", name=op.f("ck_refunds_amount_is_positive")
        ),
        sa.CheckConstraint(
            "failure_balance_transaction_id IS NULL OR balance_transaction_id IS NOT NULL",
            name=op.f("ck_refunds_comes_back_after_it_went"),
        ),
        sa.ForeignKeyConstraint(
            ["order_id"], ["orders.id"], name=op.f("fk_refunds_order_id")
        ),
        sa.ForeignKeyConstraint(
            ["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id")
        ),
        sa.ForeignKeyConstraint(
            ["requested_by"], ["users.id"], name=op.f("fk_refunds_requested_by")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint(
            "balance_transaction_id", name=op.f("uq_refunds_balance_transaction_id")
        ),
        sa.UniqueConstraint(
            "failure_balance_transaction_id",
            name=op.f("uq_refunds_failure_balance_transaction_id"),
        ),
        sa.UniqueConstraint(
            "order_id", "client_key", name=op.f("uq_refunds_order_id_client_key")
        ),
        sa.UniqueConstraint(
            "stripe_refund_id", name=op.f("uq_refunds_stripe_refund_id")
        ),
    )
    op.create_index(
        "ix_refunds_check_at",
        "refunds",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        op.f("ix_refunds_payment_id"), "refunds", ["payment_id"], unique=False
    )
    op.add_column(
        "content_pieces", sa.Column("required_benefit_id", sa.Uuid(), nullable=True)
    )
    op.create_index(
        op.f("ix_content_pieces_required_benefit_id"),
        "content_pieces",
        ["required_benefit_id"],
        unique=False,
    )
    op.create_foreign_key(
        op.f("fk_content_pieces_required_benefit_id"),
        "content_pieces",
        "benefits",
        ["required_benefit_id"],
        ["id"],
    )
    op.create_check_constraint(
        op.f("ck_content_pieces_benefit_opens_what_is_closed"),
        "content_pieces",
        "required_benefit_id IS NULL OR access IN ('tier', 'purchase')",
    )
    op.create_table(
        "openings",
        sa.Column("user_id", sa.Integer(), nullable=False),
        sa.Column("piece_id", sa.Uuid(), nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["piece_id"], ["content_pieces.id"], name=op.f("fk_openings_piece_id")
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["users.id"], name=op.f("fk_openings_user_id")
        ),
        sa.PrimaryKeyConstraint("user_id", "piece_id", "day", name=op.f("pk_openings")),
    )
    op.create_index(
        op.f("ix_openings_piece_id"), "openings", ["piece_id"], unique=False
    )
    op.add_column(
        "webhook_events",
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
    )
    op.add_column(
        "webhook_events", sa.Column("waits_for", sa.String(length=255), nullable=True)
    )
    op.add_column(
        "webhook_events",
        sa.Column("check_at", sa.DateTime(timezone=True), nullable=True),
    )
    op.add_column(
        "webhook_events", sa.Column("note", sa.String(length=300), nullable=True)
    )
    op.alter_column(
        "webhook_events",
        "provider_object_id",
        existing_type=sa.VARCHAR(length=120),
        type_=sa.String(length=255),
        existing_nullable=True,
    )
    op.create_index(
        "ix_webhook_events_check_at",
        "webhook_events",
        ["check_at"],
        unique=False,
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.create_index(
        "ix_webhook_events_deferred",
        "webhook_events",
        ["waits_for"],
        unique=False,
        postgresql_where=sa.text("status = 'deferred'"),
    )
    op.create_index(
        "ix_webhook_events_received_at",
        "webhook_events",
        ["source", "received_at"],
        unique=False,
    )

    for column, words in CHANGED:
        name = f"ck_webhook_events_{column}_known"
        op.drop_constraint(op.f(name), "webhook_events", type_="check")
        op.create_check_constraint(
            op.f(name), "webhook_events", f"{column} IN ({words})"
        )
    op.execute(V_WEBHOOK_EVENTS)
    op.execute(V_LEDGER)
    op.execute(LEDGER_MUST_BALANCE)
    for table in ("ledger_transactions", "ledger_entries"):
        op.execute(
            f"CREATE CONSTRAINT TRIGGER {table}_balance AFTER INSERT ON {table}"
            " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW"
            " EXECUTE FUNCTION ledger_must_balance()"
        )
    for table in APPEND_ONLY:
        op.execute(
            f"CREATE TRIGGER {table}_append_only BEFORE UPDATE OR DELETE OR TRUNCATE"
            f" ON {table} FOR EACH STATEMENT EXECUTE FUNCTION refuse_change()"
        )
    op.execute(PRICE_STAYS)
    op.execute(
        "CREATE TRIGGER prices_stay BEFORE UPDATE OF product_id, amount_minor,"
        " min_amount_minor, max_amount_minor, currency, interval, trial_days ON prices"
        " FOR EACH STATEMENT EXECUTE FUNCTION price_stays()"
    )


def downgrade() -> None:
    op.execute("DROP VIEW v_ledger")
    op.execute("DROP VIEW v_webhook_events")
    op.drop_index("ix_webhook_events_received_at", table_name="webhook_events")
    op.drop_index(
        "ix_webhook_events_deferred",
        table_name="webhook_events",
        postgresql_where=sa.text("status = 'deferred'"),
    )
    op.drop_index(
        "ix_webhook_events_check_at",
        table_name="webhook_events",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.alter_column(
        "webhook_events",
        "provider_object_id",
        existing_type=sa.String(length=255),
        type_=sa.VARCHAR(length=120),
        existing_nullable=True,
    )
    op.drop_column("webhook_events", "note")
    op.drop_column("webhook_events", "check_at")
    op.drop_column("webhook_events", "waits_for")
    op.drop_column("webhook_events", "attempts")
    op.drop_index(op.f("ix_openings_piece_id"), table_name="openings")
    op.drop_table("openings")
    op.drop_constraint(
        op.f("ck_content_pieces_benefit_opens_what_is_closed"),
        "content_pieces",
        type_="check",
    )
    op.drop_constraint(
        op.f("fk_content_pieces_required_benefit_id"),
        "content_pieces",
        type_="foreignkey",
    )
    op.drop_index(
        op.f("ix_content_pieces_required_benefit_id"), table_name="content_pieces"
    )
    op.drop_column("content_pieces", "required_benefit_id")
    op.drop_index(op.f("ix_refunds_payment_id"), table_name="refunds")
    op.drop_index(
        "ix_refunds_check_at",
        table_name="refunds",
        postgresql_where=sa.text("check_at IS NOT NULL"),
    )
    op.drop_table("refunds")
    op.drop_index("ix_disputes_workspace_id", table_name="disputes")
    op.drop_index(op.f("ix_disputes_payment_id"), table_name="disputes")
    op.drop_index(op.f("ix_disputes_order_id"), table_name="disputes")
    op.drop_table("disputes")
    op.drop_index(op.f("ix_payments_order_id"), table_name="payments")
    op.drop_table("payments")
    op.drop_index(op.f("ix_order_lines_product_id"), table_name="order_lines")
    op.drop_index(op.f("ix_order_lines_order_id"), table_name="order_lines")
    op.drop_table("order_lines")
    op.drop_index(
        "uq_subscription_changes_pending",
        table_name="subscription_changes",
        postgresql_where=sa.text("status = 'pending'"),
    )
    op.drop_table("subscription_changes")
    op.drop_index("ix_orders_workspace_id", table_name="orders")
    op.drop_index(op.f("ix_orders_subscription_id"), table_name="orders")
    op.drop_index("ix_orders_customer_id", table_name="orders")
    op.drop_index("ix_orders_avatar_id", table_name="orders")
    op.drop_table("orders")
    op.drop_index(
        "uq_subscriptions_live",
        table_name="subscriptions",
        postgresql_where=sa.text(
            "status IN ('trialing', 'active', 'past_due', 'unpaid', 'paused')"
        ),
    )
    op.drop_index("ix_subscriptions_workspace_id", table_name="subscriptions")
    op.drop_index(op.f("ix_subscriptions_product_id"), table_name="subscriptions")
    op.drop_index(op.f("ix_subscriptions_price_id"), table_name="subscriptions")
    op.drop_index(
        "ix_subscriptions_grace_until",
        table_name="subscriptions",
        postgresql_where=sa.text("status = 'past_due'"),
    )
    op.drop_index(op.f("ix_subscriptions_customer_id"), table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(op.f("ix_product_benefits_benefit_id"), table_name="product_benefits")
    op.drop_table("product_benefits")
    op.drop_index(op.f("ix_prices_product_id"), table_name="prices")
    op.drop_table("prices")
    op.drop_index(op.f("ix_ledger_entries_transaction_id"), table_name="ledger_entries")
    op.drop_index("ix_ledger_entries_account_id", table_name="ledger_entries")
    op.drop_table("ledger_entries")
    op.drop_index(
        "uq_checkouts_open",
        table_name="checkouts",
        postgresql_where=sa.text("status = 'open' AND mode = 'subscription'"),
    )
    op.drop_index(op.f("ix_checkouts_workspace_id"), table_name="checkouts")
    op.drop_index(
        "ix_checkouts_open",
        table_name="checkouts",
        postgresql_where=sa.text("status = 'open'"),
    )
    op.drop_table("checkouts")
    op.drop_index(
        op.f("ix_reconciliation_differences_workspace_id"),
        table_name="reconciliation_differences",
    )
    op.drop_index(
        op.f("ix_reconciliation_differences_reconciliation_id"),
        table_name="reconciliation_differences",
    )
    op.drop_table("reconciliation_differences")
    op.drop_index(
        "uq_products_tips",
        table_name="products",
        postgresql_where=sa.text("kind = 'tip' AND is_active"),
    )
    op.drop_index("ix_products_workspace_id", table_name="products")
    op.drop_index(op.f("ix_products_avatar_id"), table_name="products")
    op.drop_table("products")
    op.drop_index(op.f("ix_ledger_accounts_avatar_id"), table_name="ledger_accounts")
    op.drop_table("ledger_accounts")
    op.drop_index(
        "uq_grants_live",
        table_name="grants",
        postgresql_where=sa.text("revoked_at IS NULL"),
    )
    op.drop_index("ix_grants_workspace_id", table_name="grants")
    op.drop_index("ix_grants_source_id", table_name="grants")
    op.drop_index("ix_grants_customer_id", table_name="grants")
    op.drop_index(op.f("ix_grants_benefit_id"), table_name="grants")
    op.drop_table("grants")
    op.drop_index(
        "uq_reconciliations_running",
        table_name="reconciliations",
        postgresql_where=sa.text("status = 'running'"),
    )
    op.drop_index("ix_reconciliations_created_at", table_name="reconciliations")
    op.drop_table("reconciliations")
    op.drop_index("ix_notices_user_id", table_name="notices")
    op.drop_index(
        "ix_notices_unread",
        table_name="notices",
        postgresql_where=sa.text("read_at IS NULL"),
    )
    op.drop_table("notices")
    op.drop_index(
        "ix_ledger_transactions_workspace_id", table_name="ledger_transactions"
    )
    op.drop_index("ix_ledger_transactions_source_id", table_name="ledger_transactions")
    op.drop_index(
        "ix_ledger_transactions_occurred_at", table_name="ledger_transactions"
    )
    op.drop_table("ledger_transactions")
    op.drop_table("customers")
    op.drop_index("ix_benefits_kind", table_name="benefits")
    op.drop_table("benefits")
    op.drop_table("stripe_objects")
    op.drop_table("payouts")

    op.execute("DROP FUNCTION price_stays()")
    op.execute("DROP FUNCTION ledger_must_balance()")
    op.execute("DROP SEQUENCE order_numbers")
    op.execute("DELETE FROM webhook_events WHERE source = 'stripe'")
    for column, words in BEFORE:
        name = f"ck_webhook_events_{column}_known"
        op.drop_constraint(op.f(name), "webhook_events", type_="check")
        op.create_check_constraint(
            op.f(name), "webhook_events", f"{column} IN ({words})"
        )
    op.execute(V_WEBHOOK_EVENTS_BEFORE)
