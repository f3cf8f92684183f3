"""What webhooks tell: comments, mentions and messages, in the three shapes seen.

Values: "Webhooks examples" of the Instagram platform. Comments come as ``changes``, or
flat as those samples print them; messages always as ``messaging``, whose times are in
milliseconds.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from tests.stack.providers.dice import Dice
from tests.stack.providers.instagram.accounts import Account
from tests.stack.providers.instagram.posts import Comment

type Shape = Literal["changes", "flat"]

_STRANGER_DIGITS = 15


@dataclass(frozen=True)
class Update:
    """One piece of news for an account."""

    account: Account
    field: str
    value: dict[str, object]

    def entry(self, at: datetime, shape: Shape) -> dict[str, object]:
        """Return the entry that tells this and nothing else."""
        entry: dict[str, object] = {"id": self.account.id, "time": int(at.timestamp())}
        if self.field == "messages":
            ms = _milliseconds(at)
            return entry | {"time": ms, "messaging": [self.value]}
        told = {"field": self.field, "value": self.value}
        return entry | (told if shape == "flat" else {"changes": [told]})


def commented(comment: Comment) -> Update:
    """Return the news that somebody wrote below a post."""
    post = comment.post
    value: dict[str, object] = {
        "id": comment.id,
        "from": {"id": comment.author_id, "username": comment.username},
        "text": comment.text,
        "media": {"id": post.id, "media_product_type": post.product},
    }
    if comment.parent_id is not None:
        value["parent_id"] = comment.parent_id
    return Update(post.account, "comments", value)


def mentioned(account: Account, media_id: str, comment_id: str | None) -> Update:
    """Return the news that somebody named the account; the words are not told."""
    value: dict[str, object] = {"media_id": media_id}
    if comment_id is not None:
        value["comment_id"] = comment_id
    return Update(account, "mentions", value)


def messaged(
    account: Account, text: str, *, sender: str, at: datetime, is_echo: bool
) -> Update:
    """Return the news of a message; an echo is one that the account itself wrote."""
    message: dict[str, object] = {"mid": f"aWdf{secrets.token_hex(24)}", "text": text}
    ends = [{"id": stranger_id(sender)}, {"id": account.id}]
    if is_echo:
        message["is_echo"] = True
        ends.reverse()
    value: dict[str, object] = {
        "sender": ends[0],
        "recipient": ends[1],
        "timestamp": _milliseconds(at),
        "message": message,
    }
    return Update(account, "messages", value)


def told(
    updates: Sequence[Update], at: datetime, *, shape: Shape, in_array: bool
) -> object:
    """Return one body that tells all updates."""
    entries = [update.entry(at, shape) for update in updates]
    body = {"object": "instagram", "entry": entries}
    return [body] if in_array else body


def stranger_id(username: str) -> str:
    """Return the id of a person who is no account of ours; equal for equal names."""
    dice = Dice("stranger", username)
    return "1" + "".join(str(dice.whole(0, 9)) for _ in range(_STRANGER_DIGITS))


def _milliseconds(at: datetime) -> int:
    return int(at.timestamp() * 1000)
