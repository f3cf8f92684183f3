"""A page with the posts as the platforms have them: what they fetched, were told."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from pathlib import Path
from typing import Any

import httpx

from tests.stack.harvest import UntrueFileError
from tests.stack.posts import Post

NAME = "posts.html"
_PAGE = """<!doctype html>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>Posts</title>
<style>
  body {{ font: 15px/1.5 system-ui, sans-serif; margin: 2rem; background: #f4f2ef }}
  main {{ display: grid; gap: 1.5rem; grid-template-columns: repeat(auto-fill, 20rem) }}
  article {{ background: #fff; border-radius: .5rem; overflow: hidden }}
  img {{ display: block; width: 100% }}
  div {{ padding: .8rem 1rem }}
  p {{ margin: .4rem 0; white-space: pre-line; overflow-wrap: anywhere }}
  .label {{ background: #eee8ff; border-radius: .3rem; padding: .1rem .4rem }}
  small {{ color: #666 }}
</style>
<h1>Posts, as the platforms have them</h1>
<main>
{cards}
</main>
"""
_CARD = """<article>
  <img src="{picture}" alt="{alt}">
  <div>
    <small>{platform} · {who} · {at}</small>
    <p>{caption}</p>
    <p><span class="label">{label}</span></p>
    <small>{where}</small>
  </div>
</article>"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """A post as its platform has it."""

    platform: str
    who: str
    at: str
    caption: str
    label: str
    where: str
    alt: str
    url: str
    sha256: str


async def write(folder: Path, posts: Sequence[Post], control: str) -> Path:
    """Write the page of what the stand-ins show, with the pictures they fetched.

    Raises:
        UntrueFileError: a picture is another than the one that was fetched.
    """
    cards = []
    async with httpx.AsyncClient(timeout=30) as http:
        instagram = (await http.get(f"{control}/instagram/posts")).json()
        tiktok = (await http.get(f"{control}/tiktok/posts")).json()
        for post in posts:
            for seen in _found(post, instagram, tiktok):
                body = (await http.get(seen.url)).raise_for_status().content
                if hashlib.sha256(body).hexdigest() != seen.sha256:
                    raise UntrueFileError(f"{seen.platform} fetched another picture")
                picture = f"{post.name}.{seen.platform}.jpg"
                (folder / picture).write_bytes(body)
                cards.append(_card(seen, picture))
    page = folder / NAME
    page.write_text(_PAGE.format(cards="\n".join(cards)), "utf-8")
    return page


def _found(
    post: Post,
    instagram: Sequence[Mapping[str, Any]],
    tiktok: Sequence[Mapping[str, Any]],
) -> list[Seen]:
    """Return the posts of a piece among all that the platforms have."""
    seen = []
    for platform, ours in post.posted.items():
        if platform == "instagram":
            id_ = ours["platform_post_id"]
            seen += [_of_instagram(one) for one in instagram if one["id"] == id_]
        else:
            id_ = ours["handle"]
            seen += [_of_tiktok(one) for one in tiktok if one["publish_id"] == id_]
    return seen


def _of_instagram(one: Mapping[str, Any]) -> Seen:
    return Seen(
        platform="instagram",
        who=f"@{one['username']}",
        at=one["timestamp"],
        caption=one["caption"],
        label="AI info" if one["is_ai_generated"] else "no label",
        where=one["permalink"],
        alt=one["alt_text"] or "",
        url=one["media_url"],
        sha256=one["files"][0]["sha256"],
    )


def _of_tiktok(one: Mapping[str, Any]) -> Seen:
    caption = one["post_info"]["description"]
    is_labelled = "#aigenerated" in caption.casefold()
    return Seen(
        platform="tiktok",
        who=f"@{one['username']}",
        at=one["completed_at"],
        caption=caption,
        label="labelled in its caption" if is_labelled else "no label",
        where=f"publish_id {one['publish_id']}",
        alt="",
        url=one["urls"][0],
        sha256=one["files"][0]["sha256"],
    )


def _card(seen: Seen, picture: str) -> str:
    return _CARD.format(
        picture=escape(picture),
        alt=escape(seen.alt),
        platform=escape(seen.platform),
        who=escape(seen.who),
        at=escape(seen.at),
        caption=escape(seen.caption),
        label=escape(seen.label),
        where=escape(seen.where),
    )
