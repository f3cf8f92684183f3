"""Posts at people's word: called off, tried again, looked after, wanted back."""

from typing import Any
from urllib.parse import SplitResult, urlsplit
from uuid import UUID

from vixenbliss.callers import Caller, Member
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.errors import InvalidStateError, ValidationError
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import confirm, publish
from vixenbliss.models.pieces import ReviewStatus
from vixenbliss.models.posts import PostStatus, PostStep
from vixenbliss.models.social_accounts import Platform
from vixenbliss.repositories import access
from vixenbliss.repositories.audit import AuditRepository
from vixenbliss.repositories.pieces import DRAFT, PieceRepository
from vixenbliss.repositories.posts import LockedPost, PostRepository
from vixenbliss.repositories.recalls import NOT_OUT, RecallRepository
from vixenbliss.schemas.posts import Confirmation, PostRead, RecallAccepted
from vixenbliss.services import post_changes
from vixenbliss.services.outbox import Outbox
from vixenbliss.services.recalling import PATIENCE, recall_posts

NOT_PUBLISHED = "CONFIRMED_NOT_PUBLISHED"
_HOSTS = {Platform.INSTAGRAM: "instagram.com", Platform.TIKTOK: "tiktok.com"}
_UNTROUBLED: dict[str, Any] = dict.fromkeys(
    ("error_class", "error_code", "error_message")
)
_SHOWN = (ReviewStatus.IN_REVIEW, ReviewStatus.APPROVED)


class PostStateService:
    """The posts of the workspace that the caller works in, from state to state."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._posts = PostRepository(connection)
        self._audit = AuditRepository(connection)

    async def cancel(self, caller: Caller, post_id: UUID) -> PostRead:
        """Call a post off that nobody can have seen; again changes nothing.

        A worker that has begun with it loses it, before the one call that counts.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: it may be out, or has failed.
        """
        member = await access.member(self._connection, caller)
        post = await self._posts.lock(member, post_id)
        if post.status is not PostStatus.CANCELLED:
            if post.status not in NOT_OUT:
                message = f"A post that is {post.status} is not cancelled."
                raise InvalidStateError(message)
            cancelled = {"status": PostStatus.CANCELLED, "check_at": None}
            await self._posts.set(post_id, **cancelled)
            await self._audit.add(member, "post.cancelled", ("post", post_id))
        return await self._read(post_id)

    async def retry(self, caller: Caller, post_id: UUID) -> PostRead:
        """Try a failed post once more, from the beginning, at once.

        A failed post is certainly not there; of one that is unconfirmed nobody knows.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: it has not failed, or was wanted back.
            PostRefusedError: a rule is not kept; or what else planning it raises.
        """
        return await post_changes.retry(self._connection, caller, post_id)

    async def confirm(
        self, caller: Caller, post_id: UUID, seen: Confirmation
    ) -> PostRead:
        """Say of a post whether it is there, where the platform does not.

        One that was wanted back is called off if it is not, and deleted if it is.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: it is not unconfirmed.
            ValidationError: the permalink is none of the platform's.
        """
        member = await access.member(self._connection, caller)
        post = await self._posts.lock(member, post_id)
        if post.status is not PostStatus.UNCONFIRMED:
            message = f"A post that is {post.status} needs nobody's word."
            raise InvalidStateError(message)
        _require_sense(post, seen)
        await self._posts.set(post_id, **_confirmed(post, seen))
        await self._posts.note(
            post, PostStep.CONFIRM, seen.outcome, detail=seen.permalink
        )
        if seen.outcome == "published":
            await self._follow(post)
        await self._audit.add(
            member, "post.confirmed", ("post", post_id), outcome=seen.outcome
        )
        return await self._read(post_id)

    async def _follow(self, post: LockedPost) -> None:
        """Have a post that is there recorded, and deleted if it was wanted back."""
        version = post.version + 1
        messages = [confirm(post.id, f"confirmed-{version}")]
        if post.recall_asked_at:
            messages.append(publish(post.id, f"recall-{version}"))
        await Outbox(self._connection).send(*messages)

    async def recall(self, caller: Caller, post_id: UUID, *, reason: str) -> PostRead:
        """Take a post back; again is the same.

        Raises:
            PostNotFoundError: the workspace has none of that id.
            InvalidStateError: it has failed, so there is nothing to take back.
        """
        member = await access.member(self._connection, caller)
        post = await self._posts.lock(member, post_id)
        if post.status is PostStatus.FAILED:
            message = "A post that has failed is not there."
            raise InvalidStateError(message)
        if await recall_posts(self._connection, ("post", post_id), reason=reason):
            await self._audit.add(
                member, "post.recalled", ("post", post_id), reason=reason
            )
        return await self._read(post_id)

    async def recall_piece(
        self, caller: Caller, piece_id: UUID, *, reason: str
    ) -> RecallAccepted:
        """Take all posts of a piece back, and its approval; again is the same.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
        """
        member = await access.member(self._connection, caller)
        recall_id = new_id()
        await self._withdraw(member, piece_id)
        await recall_posts(self._connection, ("piece", piece_id), reason=reason)
        ids = await RecallRepository(self._connection).recalled(piece_id)
        await self._audit.add(
            member,
            "piece.recalled",
            ("piece", piece_id),
            recall_id=str(recall_id),
            reason=reason,
            posts=len(ids),
        )
        posts = [*await self._posts.read(ids)]
        return RecallAccepted(recall_id=recall_id, posts=posts)

    async def _withdraw(self, member: Member, piece_id: UUID) -> None:
        pieces = PieceRepository(self._connection)
        piece = await pieces.lock(member, piece_id)
        if piece.review_status in _SHOWN:
            await pieces.set(piece_id, **DRAFT)

    async def _read(self, post_id: UUID) -> PostRead:
        return (await self._posts.read([post_id]))[0]


def _confirmed(post: LockedPost, seen: Confirmation) -> dict[str, Any]:
    if seen.outcome == "not_published":
        if post.recall_asked_at:  # it is as it was wanted
            return _UNTROUBLED | {"status": PostStatus.CANCELLED, "check_at": None}
        return {
            "status": PostStatus.FAILED,
            "error_code": NOT_PUBLISHED,
            "error_message": "Somebody has looked, and it is not there.",
            "check_at": None,
        }
    return _UNTROUBLED | {
        "status": PostStatus.PUBLISHED,
        "published_at": post.publish_intent_at,
        "permalink": seen.permalink,
        "check_at": now() + PATIENCE,
    }


def _require_sense(post: LockedPost, seen: Confirmation) -> None:
    if seen.permalink is None:
        return
    if seen.outcome != "published":
        message = "What is not there has no permalink."
        raise ValidationError(message, field="permalink")
    host = _HOSTS[post.platform]
    there = _read(seen.permalink)
    if there is None or not _is_of(there, host):
        message = f"The permalink begins with https://www.{host}/."
        raise ValidationError(message, field="permalink")


def _is_of(there: SplitResult, host: str) -> bool:
    """Tell whether an address is a page of a host's, or of one below it."""
    is_plain = there.scheme == "https" and "\\" not in there.geturl()
    return is_plain and (there.netloc == host or there.netloc.endswith(f".{host}"))


def _read(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
