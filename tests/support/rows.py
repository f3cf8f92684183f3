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
_EVENT = (
    "insert into webhook_events (id, source, external_id, event_type,"
    " provider_object_id, payload, status, occurred_at)"
    " values (%s, 'stripe', 'evt_1', 'invoice.paid', 'in_1', '{}', %s, now())"
)


def stripe_event(sql: Sql, status: str) -> UUID:
    """Store an event of Stripe's that has come so far; return its id."""
    event_id = new_id()
    sql.execute(_EVENT.encode(), (event_id, status))
    return event_id


_RECONCILIATION = (
    "insert into reconciliations (id, day, status, stage, events_since, until)"
    " values (%(id)s, '2026-11-20', 'done', 'done', now(), now())"
)

_REQUEST = (
    "insert into data_requests (id, user_id, kind, status, done_at)"
    " select %(id)s, min(id), 'export', 'done', now() from users"
)


def cancelled_post(sql: Sql) -> UUID:
    """Store a post of the first avatar, of which nothing is to come; return its id."""
    ids = {name: new_id() for name in ("account", "piece", "post")}
    for statement in (_ACCOUNT, _PIECE, _POST):
        sql.execute(statement.encode(), ids)
    return ids["post"]


_MAY_BE_SEEN = """
with person as (
  select workspace_id, user_id from workspace_members
    where workspace_id = %(workspace)s and role = 'owner' limit 1
), avatar as (
  insert into avatars (id, workspace_id, created_by, avatar_name, nicho,
      aesthetic_style, status, current_sheet_version, profile_sha256)
    select %(avatar)s, workspace_id, user_id, 'Luna', 'travel', 'film', 'active', 1,
      sha256('profile') from person
), sheet as (
  insert into avatar_sheets (avatar_id, version, sheet, field_origins, created_by)
    select %(avatar)s, 1,
      '{"fictional_age": 27, "disclosure": "I am an AI-made character."}', '{}', user_id
      from person
), word as (
  insert into likeness_attestations (id, avatar_id, basis, attested_by)
    select %(word)s, %(avatar)s, 'fictional', user_id from person
), asset as (
  insert into assets (id, workspace_id, avatar_id, created_by, kind, origin,
      ai_generated, s3_key, content_type, size_bytes, width, height, sha256, status,
      uploaded_at)
    select %(asset)s, workspace_id, %(avatar)s, user_id, 'image', 'generated', true,
      'media/' || %(asset)s, 'image/png', 9, 3, 3, sha256('picture'), 'ready', now()
      from person
), verdict as (
  insert into policy_decisions (id, workspace_id, subject_type, subject_sha256,
      verdict, policy_sha256, check_at, decided_at)
    select one.id, workspace_id, one.type, one.hash, 'allow', sha256(''), now(), now()
      from person, (values
        (%(of_words)s, 'caption', sha256('words')),
        (%(of_picture)s, 'image', sha256('picture')),
        (%(of_profile)s, 'profile', sha256('profile'))
      ) as one(id, type, hash)
), piece as (
  insert into content_pieces (id, workspace_id, avatar_id, caption, hashtags,
      content_hash, text_sha256, review_status, approved_hash, approved_by,
      approved_at, self_approved, created_by, authors)
    select %(piece)s, workspace_id, %(avatar)s, 'A slow morning', '{sea}',
      sha256('piece'), sha256('words'), 'approved', sha256('piece'), user_id, now(),
      true, user_id, array[user_id] from person
)
insert into content_piece_assets (piece_id, position, asset_id, alt_text)
  values (%(piece)s, 0, %(asset)s, 'waves at dawn')
"""
_OF_A_PIECE = (
    *("avatar", "word", "asset", "piece"),
    *("of_words", "of_picture", "of_profile"),
)


def piece_that_may_be_seen(sql: Sql, workspace_id: str) -> dict[str, str]:
    """Store an approved piece with a picture, of an avatar on stage; return the ids."""
    ids = {name: new_id() for name in _OF_A_PIECE}
    sql.execute(_MAY_BE_SEEN.encode(), ids | {"workspace": workspace_id})
    return {name: str(made) for name, made in ids.items()}


def finished_reconciliation(sql: Sql) -> UUID:
    """Store a reconciliation that has found nothing; return its id."""
    run_id = new_id()
    sql.execute(_RECONCILIATION.encode(), {"id": run_id})
    return run_id


def rolled_up_day(sql: Sql) -> UUID:
    """Store a day that is rolled up; return its run's id."""
    run_id = new_id()
    done = "insert into rollup_runs (id, day, status, done_at)"
    sql.execute(f"{done} values (%s, '2026-11-20', 'done', now())".encode(), (run_id,))
    return run_id


def read_account(sql: Sql) -> UUID:
    """Store that an account's numbers are read; return the account's id."""
    row = sql.execute(
        "insert into measurements (account_id, measured_at)"
        " select id, now() from social_accounts limit 1 returning account_id"
    ).fetchone()
    account_id: UUID = dict(row or {})["account_id"]
    return account_id


def fulfilled_request(sql: Sql) -> UUID:
    """Store a request of the first user about their data, which is done."""
    request_id = new_id()
    sql.execute(_REQUEST.encode(), {"id": request_id})
    return request_id
