"""What is looked at every minute is found without reading all of its table.

Revision ID: 0008
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0008"
down_revision: str | None = "0007"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None


def upgrade() -> None:
    op.create_index(
        "ix_posts_unconfirmed",
        "posts",
        ["publish_intent_at"],
        postgresql_where=sa.text("status = 'unconfirmed'"),
    )
    op.create_index("ix_budget_months_month", "budget_months", ["month"])


def downgrade() -> None:
    op.drop_index("ix_budget_months_month", table_name="budget_months")
    op.drop_index(
        "ix_posts_unconfirmed",
        table_name="posts",
        postgresql_where=sa.text("status = 'unconfirmed'"),
    )
