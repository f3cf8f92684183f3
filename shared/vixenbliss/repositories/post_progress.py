"""Every statement by which workers advance the posts they hold, and let go.

Each names the fence of the claim, and writes nothing if it has moved. Global, as the
claims are.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import (
    Insert,
    and_,
    bindparam,
    case,
    cast,
    exists,
    func,
    insert,
    select,
    update,
)

from vixenbliss.database import Connection
from vixenbliss.errors import ConstraintViolatedError, LeaseLostError
from vixenbliss.models.pieces import ContentPiece, ReviewStatus
from vixenbliss.models.posts import Failure, Post, PostAttempt, PostStatus, PostStep
from vixenbliss.models.social_accounts import AccountStatus, SocialAccount
from vixenbliss.models.workspaces import Workspace
from vixenbliss.repositories.post_claims import ClaimedPost

_LAST_LOOK = (
    select(
        Workspace.publishing_paused_at.is_not(None).label("is_paused"),
        SocialAccount.status.label("account_status"),
        (
            (ContentPiece.review_status == ReviewStatus.APPROVED)
            & (ContentPiece.approved_hash == bindparam("content_hash"))
            & ContentPiece.deleted_at.is_(None)
        ).label("is_approved"),
    )
    .select_from(Workspace)
    .join(SocialAccount, SocialAccount.id == bindparam("account_id"))
    .join(ContentPiece, ContentPiece.id == bindparam("piece_id"))
    .where(Workspace.id == bindparam("workspace_id"))
    .with_for_update(read=True)
)
_NOTED = (
    PostAttempt.post_id,
    PostAttempt.attempt,
    PostAttempt.step,
    PostAttempt.outcome,
    PostAttempt.http_status,
    PostAttempt.error_class,
    PostAttempt.detail,
)
_NOTE = insert(PostAttempt).values({c.name: bindparam(c.name) for c in _NOTED})
_given = {c.name: cast(bindparam(c.name), c.type) for c in _NOTED}
_newest = (
    select(PostAttempt.step, PostAttempt.outcome)
    .where(PostAttempt.post_id == _given["post_id"])
    .order_by(PostAttempt.id.desc())
    .limit(1)
    .subquery()
)
_NOTE_ONCE = insert(PostAttempt).from_select(
    _NOTED,
    select(*_given.values()).where(
        ~select(_newest)
        .where(_newest.c.step == _given["step"], _newest.c.outcome == _given["outcome"])
        .exists()
    ),
)
_REST = (
    update(SocialAccount)
    .where(
        SocialAccount.id == bindparam("account_id"),
        SocialAccount.status.in_((AccountStatus.CONNECTED, AccountStatus.RATE_LIMITED)),
    )
    .values(
        status=AccountStatus.RATE_LIMITED,
        rate_limited_until=func.greatest(
            SocialAccount.rate_limited_until, bindparam("until")
        ),
    )
)
_LET_GO = {"lease_until": None, "check_at": None}
_recall_is_open = and_(Post.recall_asked_at.is_not(None), Post.recall_note.is_(None))
_account_is_gone = exists().where(
    SocialAccount.id == Post.account_id,
    SocialAccount.status == AccountStatus.DISCONNECTED,
)
# Whoever wanted it back has it back; on an account that is gone nothing is planned.
_BACK = case(
    (Post.recall_asked_at.is_not(None), PostStatus.CANCELLED),
    (_account_is_gone, PostStatus.DRAFT),
    else_=PostStatus.SCHEDULED,
)
RECALLED_WITHIN = timedelta(minutes=5)
"""How long a post that is wanted back may be silent."""


@dataclass(frozen=True, slots=True)
class LastLook:
    """What may have changed since the rules were asked, held until the commit."""

    is_paused: bool
    account_status: AccountStatus
    is_approved: bool


@dataclass(frozen=True, slots=True)
class Told:
    """What a platform is told of a post, as far as it is kept."""

    request_sha256: bytes
    caption: str
    is_ai: bool


@dataclass(frozen=True, slots=True)
class Shown:
    """What a platform shows of a post; None for what it does not tell."""

    id: str | None
    published_at: datetime | None = None
    permalink: str | None = None
    is_labelled_ai: bool | None = None


@dataclass(frozen=True, slots=True)
class Note:
    """A step of a post, as it is kept."""

    step: PostStep
    outcome: str
    detail: str | None = None
    http_status: int | None = None
    error_class: Failure | None = None


class PostProgressRepository:
    """Posts, on their way in a worker's hands."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def note(self, post: ClaimedPost, note: Note) -> None:
        """Keep what came of a step."""
        await self._note(_NOTE, post, note)

    async def note_once(self, post: ClaimedPost, note: Note) -> None:
        """Keep why a post waits, unless the same was kept last."""
        await self._note(_NOTE_ONCE, post, note)

    async def _note(self, statement: Insert, post: ClaimedPost, note: Note) -> None:
        await self._connection.run(
            statement,
            post_id=post.id,
            attempt=post.attempts,
            step=note.step,
            outcome=note.outcome[:60],
            http_status=note.http_status,
            error_class=note.error_class,
            detail=note.detail[:500] if note.detail else None,
        )

    async def keep_prepared(
        self,
        post: ClaimedPost,
        handle: str | None,
        *,
        expires_at: datetime | None,
        request_sha256: bytes,
    ) -> None:
        """Keep how the platform knows what stands ready, until when, and for what.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post,
            handle=handle,
            handle_expires_at=expires_at,
            request_sha256=request_sha256,
        )

    async def last_look(self, post: ClaimedPost) -> LastLook:
        """Return what may keep a post back at the last moment.

        The rows stay as they are until the transaction ends: whoever pauses publishing,
        disconnects the account or edits the piece has done so before, or waits.
        """
        row = await self._connection.one(
            _LAST_LOOK,
            content_hash=post.content_hash,
            account_id=post.account_id,
            piece_id=post.piece_id,
            workspace_id=post.workspace_id,
        )
        return LastLook(**dict(row or {}))

    async def intend(
        self, post: ClaimedPost, told: Told, *, lease: timedelta
    ) -> datetime:
        """Record that the one call is about to be made, before it is.

        From now on the post is what its platform is told. Returns the instant by the
        database's clock.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post,
            status=PostStatus.PROCESSING,
            publish_intent_at=func.now(),
            request_sha256=told.request_sha256,
            caption=told.caption,
            is_ai=told.is_ai,
            lease_until=func.now() + lease,
            check_at=func.now() + lease,
            version=Post.version + 1,
            error_class=None,
            error_code=None,
            error_message=None,
        )
        row = await self._connection.one(select(func.now().label("at")))
        at: datetime = dict(row or {})["at"]
        return at

    async def await_outcome(
        self,
        post: ClaimedPost,
        *,
        check_in: timedelta | None,
        handle: str | None = None,
        error_code: str | None = None,
        is_unconfirmed: bool = False,
    ) -> None:
        """Leave a post to its platform; None for the check if nobody looks again.

        ``error_code`` is why nobody knows whether it is there, if so.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        changes: dict[str, object] = {
            "lease_until": None,
            "check_at": func.now() + check_in
            if check_in is not None
            else case((_recall_is_open, func.now() + RECALLED_WITHIN)),
        }
        if handle:
            changes["handle"] = handle
        if error_code:
            changes["error_code"] = error_code[:60]
        if is_unconfirmed:
            changes["status"] = PostStatus.UNCONFIRMED
            changes["version"] = Post.version + 1
        await self._write(post, **changes)

    async def publish(
        self, post: ClaimedPost, shown: Shown, *, check_in: timedelta | None
    ) -> None:
        """Record that a post is there, and what the platform shows of it.

        What was known before and is not told this time stays.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post,
            status=PostStatus.PUBLISHED,
            platform_post_id=func.coalesce(shown.id, Post.platform_post_id),
            permalink=func.coalesce(shown.permalink, Post.permalink),
            label_read_back=func.coalesce(shown.is_labelled_ai, Post.label_read_back),
            published_at=func.coalesce(
                shown.published_at, Post.published_at, func.now()
            ),
            lease_until=None,
            check_at=None if check_in is None else func.now() + check_in,
            error_class=None,
            error_code=None,
            error_message=None,
            version=Post.version + 1,
        )

    async def wait_ready(self, post: ClaimedPost, *, check_in: timedelta) -> None:
        """Let go of a post whose platform still prepares it.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(post, lease_until=None, check_at=func.now() + check_in)

    async def put_back(
        self,
        post: ClaimedPost,
        *,
        due_in: timedelta | None,
        burns_try: bool,
        note: Note,
        drop_handle: bool = False,
    ) -> None:
        """Return a post that had no effect to the calendar.

        Without ``due_in`` it stays due: what keeps it back is not its own. One that is
        wanted back has ended, and one whose account is gone is a draft.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        changes: dict[str, object] = {
            **_LET_GO,
            "publish_intent_at": None,
            "status": _BACK,
            "attempts": Post.attempts if burns_try else Post.attempts - 1,
            "error_class": note.error_class,
            "error_code": note.outcome[:60],
            "error_message": (note.detail or "")[:500] or None,
            "version": Post.version + 1,
        }
        if due_in is not None:
            changes["due_at"] = func.now() + due_in
        if drop_handle:
            changes |= {"handle": None, "handle_expires_at": None}
        await self._write(post, **changes)

    async def fail(self, post: ClaimedPost, note: Note) -> None:
        """End a post that certainly is not there.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post,
            **_LET_GO,
            status=PostStatus.FAILED,
            error_class=note.error_class,
            error_code=note.outcome[:60],
            error_message=(note.detail or "")[:500] or None,
            version=Post.version + 1,
        )

    async def recall(self, post: ClaimedPost) -> None:
        """Record that a post has been taken back.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post,
            **_LET_GO,
            status=PostStatus.RECALLED,
            recalled_at=func.now(),
            version=Post.version + 1,
        )

    async def note_recall(self, post: ClaimedPost, note: str) -> None:
        """Say what of a recall is left to somebody, as nothing of ours can do it.

        Raises:
            LeaseLostError: the post is no longer ours.
        """
        await self._write(
            post, **_LET_GO, recall_note=note[:300], version=Post.version + 1
        )

    async def rest(self, account_id: UUID, until: datetime) -> None:
        """Leave an account alone until then."""
        await self._connection.run(_REST, account_id=account_id, until=until)

    async def _write(self, post: ClaimedPost, **changes: object) -> None:
        statement = (
            update(Post)
            .where(Post.id == post.id, Post.fence == post.fence)
            .values(**changes)
        )
        try:
            written = await self._connection.run(statement)
        except ConstraintViolatedError as error:
            if error.constraint != "uq_posts_platform_post_id":
                raise
            raise LeaseLostError from error
        if written != 1:
            raise LeaseLostError
