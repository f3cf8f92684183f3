"""What makes a container: read, checked, its files fetched while the caller waits.

Rules: reference of ``IG User/media`` and "Content publishing". What a rule forbids for
a kind of media is refused, also where the platform is known to pass over it in silence:
the caller should not have sent it.
"""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Self

from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.captions import LONGEST_ALT_TEXT, check_caption
from tests.stack.providers.instagram.containers import Container, Kind, Status
from tests.stack.providers.instagram.engine import CONTAINER, Instagram, numbered
from tests.stack.providers.instagram.errors import Problem
from tests.stack.providers.instagram.files import Medium
from tests.stack.providers.instagram.parameters import Parameters

_KINDS = {
    None: Kind.IMAGE,
    "IMAGE": Kind.IMAGE,
    "REELS": Kind.REEL,
    "STORIES": Kind.STORY,
    "CAROUSEL": Kind.CAROUSEL,
}
_ALL = frozenset(Kind)
_ONLY_FOR: dict[str, frozenset[Kind]] = {
    "caption": _ALL - {Kind.CHILD},
    "is_ai_generated": _ALL - {Kind.CHILD},
    "alt_text": frozenset({Kind.IMAGE, Kind.CHILD}),
    "collaborators": _ALL - {Kind.CHILD, Kind.STORY},
    "children": frozenset({Kind.CAROUSEL}),
    "cover_url": frozenset({Kind.REEL}),
    "thumb_offset": frozenset({Kind.REEL}),
    "share_to_feed": frozenset({Kind.REEL}),
}
_MOST_COLLABORATORS = 3
_FEWEST_CHILDREN, _MOST_CHILDREN = 2, 10
_SECRETS = {"access_token", "appsecret_proof"}


@dataclass(frozen=True)
class Creation:
    """A create call whose parameters are in order."""

    given: Parameters
    kind: Kind
    url: str | None
    is_video: bool

    @classmethod
    def read(cls, given: Parameters, instagram: Instagram) -> Self:
        """Return what the call asks for.

        Raises:
            RefusedError: A parameter is missing, wrong, or in the wrong place.
        """
        kind = _kind(given)
        for name, kinds in _ONLY_FOR.items():
            if given.text(name) is not None and kind not in kinds:
                raise errors.bad(f"Param {name} is not allowed for a {kind}").error()
        check_caption(given.text("caption") or "", instagram.settings)
        url, is_video = _source(given, kind)
        _check_texts(given, is_video=is_video)
        return cls(given, kind, url, is_video)

    async def container(self, account: Account, instagram: Instagram) -> Container:
        """Return the container, its file fetched and looked at.

        Raises:
            RefusedError: The file cannot be had, or is not what Instagram shows.
        """
        medium = await self._medium(instagram)
        children = _children(self.given, self.kind, account, instagram)
        given, now, settings = self.given, instagram.now(), instagram.settings
        begun = max([now, *(child.ready_at for child in children)])
        takes_s = settings.video_s if self.is_video else settings.image_s
        return Container(
            numbered(CONTAINER),
            account,
            self.kind,
            created_at=now,
            ready_at=begun + timedelta(seconds=takes_s),
            caption=given.text("caption"),
            alt_text=given.text("alt_text"),
            is_ai_generated=given.flag("is_ai_generated"),
            is_video=self.is_video,
            medium=medium,
            children=children,
            asked=_kept(given),
            subcode=medium.subcode if medium else None,
        )

    async def _medium(self, instagram: Instagram) -> Medium | None:
        if self.url is None:
            return None
        settings, fetcher = instagram.settings, instagram.fetcher
        timeout_s, is_story = settings.fetch_timeout_s, self.kind is Kind.STORY
        strict_width = settings.strict_width
        if not self.is_video:
            return await fetcher.image(
                self.url,
                timeout_s=timeout_s,
                is_framed=not is_story,
                strict_width=strict_width,
            )
        is_strict = settings.strict_videos
        medium = await fetcher.video(
            self.url, timeout_s=timeout_s, is_story=is_story, is_strict=is_strict
        )
        _check_offset(self.given.number("thumb_offset"), medium)
        cover = self.given.text("cover_url")
        if cover is not None:
            await fetcher.image(
                cover, timeout_s=timeout_s, is_framed=False, strict_width=strict_width
            )
        return medium


def failed(container: Container, subcode: str | None) -> Container:
    """Return the container as one whose processing is going to fail."""
    usual = errors.CONTAINER_FAILED.subcode
    number = int(subcode) if subcode and subcode.isdecimal() else usual
    return replace(container, subcode=number)


def _kept(given: Parameters) -> dict[str, object]:
    """Return what was asked, without what opens the account."""
    return {name: v for name, v in given.values.items() if name not in _SECRETS}


def _kind(given: Parameters) -> Kind:
    media_type = given.text("media_type")
    if given.flag("is_carousel_item"):
        if media_type not in {None, "IMAGE", "VIDEO"}:
            raise errors.UNKNOWN_MEDIA_TYPE.error()
        return Kind.CHILD
    if media_type == "VIDEO":
        message = "The VIDEO media_type is no longer supported. Use REELS instead"
        raise errors.bad(message).error()
    if media_type not in _KINDS:
        raise errors.UNKNOWN_MEDIA_TYPE.error()
    return _KINDS[media_type]


def _source(given: Parameters, kind: Kind) -> tuple[str | None, bool]:
    """Return the address of the file, and whether it is a video's."""
    image, video = given.text("image_url"), given.text("video_url")
    problem = _source_problem(given, kind, image, video)
    if problem is not None:
        raise problem.error()
    return image or video, video is not None


def _source_problem(
    given: Parameters, kind: Kind, image: str | None, video: str | None
) -> Problem | None:
    if kind is Kind.CAROUSEL:
        has_own = image is not None or video is not None
        return errors.bad("A carousel's files are its children's") if has_own else None
    wants_video = kind is Kind.REEL or given.text("media_type") == "VIDEO"
    if kind is Kind.STORY:
        wants_video = video is not None
    wanted, other = (video, image) if wants_video else (image, video)
    if wanted is None:
        return errors.missing("video_url" if wants_video else "image_url")
    if other is not None:
        return errors.bad("Only one of image_url and video_url may be given")
    return None


def _check_texts(given: Parameters, *, is_video: bool) -> None:
    alt_text = given.text("alt_text")
    if alt_text is not None and is_video:
        raise errors.bad("Param alt_text is not allowed for a video").error()
    if len(alt_text or "") > LONGEST_ALT_TEXT:
        message = f"Param alt_text must be at most {LONGEST_ALT_TEXT} characters long"
        raise errors.bad(message).error()
    if len(given.names("collaborators")) > _MOST_COLLABORATORS:
        message = f"Param collaborators must name at most {_MOST_COLLABORATORS}"
        raise errors.bad(message).error()


def _check_offset(offset_ms: int | None, medium: Medium) -> None:
    if offset_ms is None or medium.film is None:
        return
    if not 0 <= offset_ms < medium.film.duration_s * 1000:
        raise errors.BAD_OFFSET.error()


def _children(
    given: Parameters, kind: Kind, account: Account, instagram: Instagram
) -> tuple[Container, ...]:
    if kind is not Kind.CAROUSEL:
        return ()
    ids = given.names("children")
    if not _FEWEST_CHILDREN <= len(ids) <= _MOST_CHILDREN:
        raise errors.BAD_CAROUSEL.error()
    return tuple(_child(its_id, account, instagram) for its_id in ids)


def _child(its_id: str, account: Account, instagram: Instagram) -> Container:
    """Return a carousel's item; it may still be in progress."""
    child = instagram.containers.get(its_id)
    if child is None or child.account is not account or child.kind is not Kind.CHILD:
        raise errors.NO_MEDIA.error()
    match child.status(instagram.now()):
        case Status.EXPIRED:
            raise errors.CONTAINER_EXPIRED.error()
        case Status.ERROR:
            raise errors.CONTAINER_FAILED.error()
        case Status.PUBLISHED:
            raise errors.NO_MEDIA.error()
    return child
