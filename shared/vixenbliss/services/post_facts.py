"""What is known of a post, as the rules want it: stored facts, and the platforms'."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from vixenbliss.callers import Member
from vixenbliss.clock import now
from vixenbliss.database import Connection
from vixenbliss.models.pieces import PieceAccess
from vixenbliss.models.posts import PostFormat
from vixenbliss.providers.publishing import Facts, Wishes
from vixenbliss.repositories.post_facts import (
    KnownTarget,
    PostFactRepository,
    ShownAsset,
)
from vixenbliss.schemas.posts import PostSettings, PostTarget
from vixenbliss.services.publishing_rules import Candidate, Shown, caption_of, labelled
from vixenbliss.services.stage import lacking

type Told = Mapping[UUID, Facts | None]
"""What platforms have told of accounts, by the accounts' ids."""


class PostFacts:
    """Gathers what the rules look at."""

    def __init__(self, connection: Connection) -> None:
        self._facts = PostFactRepository(connection)

    async def of_targets(  # noqa: PLR0913 - what is asked for, and what is told of it
        self,
        member: Member,
        piece_id: UUID,
        targets: Sequence[PostTarget],
        *,
        scheduled_at: datetime,
        facts: Told,
        besides: UUID | None = None,
    ) -> list[Candidate]:
        """Return a candidate for each target, in their order.

        The second target for an account is a duplicate of the first. A post that is to
        change is left out of what it is compared with: ``besides``.

        Raises:
            PieceNotFoundError: the workspace has none of that id.
            SocialAccountNotFoundError: the workspace lacks one of the accounts.
        """
        known = await self.known(member, piece_id, targets, besides=besides)
        return candidates_of(known, targets, scheduled_at=scheduled_at, facts=facts)

    async def known(
        self,
        member: Member,
        piece_id: UUID,
        targets: Sequence[PostTarget],
        *,
        besides: UUID | None = None,
    ) -> dict[UUID, KnownTarget]:
        """Return what is stored of a piece and each account; raises as above."""
        ids = list(dict.fromkeys(target.account_id for target in targets))
        return await self._facts.of_targets(member, piece_id, ids, besides=besides)

    async def of_posts(
        self, post_ids: Sequence[UUID], facts: Told
    ) -> dict[UUID, Candidate]:
        """Return a candidate for each post as it would be sent, whosever it is.

        It is approved only if what it has taken along is what is approved now.
        """
        moment = now()
        return {
            known.post_id: candidate_of(
                known,
                (known.format, wishes_of(PostSettings.model_validate(known.settings))),
                facts=facts.get(known.account_id),
                times=(known.scheduled_at, moment),
                caption=known.sent_caption,
                is_approved=known.is_approved and known.sent_hash == known.content_hash,
            )
            for known in await self._facts.of_posts(post_ids)
        }


def candidates_of(
    known: Mapping[UUID, KnownTarget],
    targets: Sequence[PostTarget],
    *,
    scheduled_at: datetime,
    facts: Told,
) -> list[Candidate]:
    """Return a candidate for each target, in their order."""
    moment = now()
    seen: set[UUID] = set()
    candidates = []
    for target in targets:
        stored = known[target.account_id]
        candidate = candidate_of(
            stored,
            (target.format, wishes_of(target.settings)),
            facts=facts.get(target.account_id),
            times=(scheduled_at, moment),
            caption=caption_of(stored.caption, stored.hashtags),
            is_approved=stored.is_approved,
            is_repeated=target.account_id in seen,
        )
        seen.add(target.account_id)
        candidates.append(candidate)
    return candidates


def candidate_of(  # noqa: PLR0913 - what is stored, wished and told
    known: KnownTarget,
    wanted: tuple[PostFormat, Wishes],
    *,
    facts: Facts | None,
    times: tuple[datetime, datetime],
    caption: str,
    is_approved: bool,
    is_repeated: bool = False,
) -> Candidate:
    """Return what the rules look at; ``times`` are the wished one, and now."""
    return Candidate(
        platform=known.platform,
        format=wanted[0],
        wishes=wanted[1],
        caption=caption,
        pictures=[_shown(asset) for asset in known.shown],
        is_approved=is_approved,
        is_publishable=known.words_are_let_out
        and all(asset.is_let_out for asset in known.shown),
        is_presentable=is_presentable(known),
        is_for_all=known.access is PieceAccess.PUBLIC,
        is_paused=known.is_paused,
        account_id=known.account_id,
        is_of_its_avatar=known.account_avatar_id in (None, known.avatar_id),
        account_status=known.account_status,
        token_ends=known.token_ends,
        can_refresh=known.can_refresh,
        facts=facts,
        planned=known.planned,
        scheduled_at=times[0],
        now=times[1],
        is_duplicate=known.has_twin or is_repeated,
    )


def is_presentable(known: KnownTarget) -> bool:
    """Tell whether the avatar is on stage, and still may be."""
    return known.is_on_stage and not lacking(
        has_sheet=known.has_sheet,
        is_attested=known.is_attested,
        is_allowed=known.profile_is_let_out,
    )


def wishes_of(settings: PostSettings) -> Wishes:
    """Return what was chosen for a post, as a publisher takes it."""
    return Wishes(**settings.model_dump())


def sent_caption(candidate: Candidate) -> str:
    """Return the caption as a post takes it along, with whatever label it needs."""
    return labelled(candidate)


def _shown(asset: ShownAsset) -> Shown:
    return Shown(
        width=asset.width or 0,
        height=asset.height or 1,
        is_ready=asset.is_ready and bool(asset.width and asset.height),
        is_ai=asset.is_ai,
        alt_text=asset.alt_text,
        is_video=asset.is_video,
        duration_s=(asset.duration_ms or 0) / 1_000,
        frames_per_s=asset.frames_per_s or 0,
        size_bytes=asset.size_bytes,
    )
