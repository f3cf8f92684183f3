"""Rows that nobody made through the API, for tests that ask nothing else of them."""

from uuid import UUID

from tests.support.database import Sql
from vixenbliss.ids import new_id

_ACCOUNT = (
    "insert into social_accounts (id, workspace_id, platform, platform_user_id,"
    " app_user_id, username, scopes, status, consented_by, consented_at)"
    " select %(account)s, workspace_id, 'instagram', %(account)s, %(account)s, 'luna',"
    " '{}', 'disconnected', created_by, now() from avatars limit 1"
)
_PIECE = (
    "insert into content_pieces (id, workspace_id, avatar_id, caption, content_hash,"
    " text_sha256, created_by, authors) select %(piece)s, workspace_id, id, '',"
    " sha256('piece'), sha256(''), created_by, array[created_by] from avatars limit 1"
)
_POST = (
    "insert into posts (id, workspace_id, group_id, avatar_id, piece_id, account_id,"
    " format, caption, content_hash, is_ai, status, scheduled_at, due_at, created_by)"
    " select %(post)s, workspace_id, %(post)s, avatar_id, id, %(account)s, 'feed', '',"
    " content_hash, true, 'cancelled', now(), now(), created_by from content_pieces"
    " where id = %(piece)s"
)


def cancelled_post(sql: Sql) -> UUID:
    """Store a post of the first avatar, of which nothing is to come; return its id."""
    ids = {name: new_id() for name in ("account", "piece", "post")}
    for statement in (_ACCOUNT, _PIECE, _POST):
        sql.execute(statement.encode(), ids)
    return ids["post"]
