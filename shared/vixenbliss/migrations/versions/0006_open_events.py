"""Events that wait for a row are found by their object, too.

Revision ID: 0006
"""

from collections.abc import Sequence

import sqlalchemy as sa
from alembic import op

revision: str = "0006"
down_revision: str | None = "0005"
branch_labels: str | Sequence[str] | None = None
depends_on: str | Sequence[str] | None = None

NAME = "ix_webhook_events_open"


def upgrade() -> None:
    _renew("status IN ('received', 'deferred')")


def downgrade() -> None:
    _renew("status = 'received'")


def _renew(where: str) -> None:
    op.drop_index(NAME, table_name="webhook_events")
    op.create_index(
        NAME,
        "webhook_events",
        ["provider_object_id"],
        postgresql_where=sa.text(where),
    )
