"""What Instagram allows in texts, and how a text says whose job it is.

Captions: reference of ``IG User/media``. Comments: reference of ``IG Media/comments``.
"""

import re
from hashlib import sha256

from tests.stack.providers.instagram import errors
from tests.stack.providers.instagram.settings import InstagramSettings

LONGEST_CAPTION = 2200
LONGEST_ALT_TEXT = 1000
LONGEST_COMMENT = 300
_MOST_COMMENT_HASHTAGS = 4
_MOST_COMMENT_LINKS = 1
_MARKER = re.compile(r"#vx(\S+)")
_HASHTAG = re.compile(r"(?<!\w)#\w+")
_MENTION = re.compile(r"(?<!\w)@[\w.]+")
_LINK = re.compile(r"https?://\S+")


def digest_of(text: str) -> str:
    """Return by what the journal knows a text, without repeating it."""
    return sha256(text.encode()).hexdigest()


def marked(text: str) -> str:
    """Return the job a text names behind ``#vx``, or else its digest."""
    marker = _MARKER.search(text)
    return marker[1] if marker else digest_of(text)


def check_caption(caption: str, settings: InstagramSettings) -> None:
    """Refuse a caption that is too long, or full of hashtags or mentions."""
    if len(caption) > LONGEST_CAPTION:
        raise errors.CAPTION_TOO_LONG.error()
    if len(_HASHTAG.findall(caption)) > settings.most_hashtags:
        message = f"The caption has more than {settings.most_hashtags} hashtags"
        raise errors.bad(message).error()
    if len(_MENTION.findall(caption)) > settings.most_mentions:
        message = f"The caption has more than {settings.most_mentions} mentions"
        raise errors.bad(message).error()


def check_comment(text: str) -> None:
    """Refuse a comment that is too long, shouts, or looks like an advertisement."""
    broken = (
        len(text) > LONGEST_COMMENT,
        len(_HASHTAG.findall(text)) > _MOST_COMMENT_HASHTAGS,
        len(_LINK.findall(text)) > _MOST_COMMENT_LINKS,
        text.isupper(),
    )
    if any(broken):
        message = "The comment breaks the limits: 300 characters, 4 hashtags, 1 link"
        raise errors.bad(message).error()
