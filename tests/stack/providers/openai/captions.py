"""The caption writer: it reads what is wished for and writes to the schema.

The wishes are the product's own: a user message that holds
``{"persona": {…}, "requests": [{"key", "theme", "language", "tone"}, …]}``.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Self

from tests.stack.providers.dice import Dice
from tests.stack.providers.motifs import MOMENTS, PLACES, WEATHERS, found
from tests.stack.providers.openai.phrases import ENGLISH, Book
from tests.stack.providers.openai.phrases_es import SPANISH
from tests.stack.providers.openai.schemas import Author, Place, fill
from tests.stack.providers.words import plain, words_in_order

_BOOKS = {"en": ENGLISH, "es": SPANISH}
_SPANISH_SIGNS = {"de", "la", "el", "en", "con", "un", "una", "al", "del", "los", "y"}
_LONGEST_THEME = 90
_ORDER = re.compile(
    r"^(?:write|draft|create|escribe|redacta)\b.{0,40}?\b(?:about|for|on|sobre|para) ",
    re.IGNORECASE,
)
_LONGEST_NICHE = 40
_SHORTEST_TAG_WORD = 5
_NICHE_SHARE = 0.25
_TONES = {
    "playful": ("playful", "fun", "witty", "cheeky", "divertido", "jugueton"),
    "warm": ("warm", "friendly", "kind", "caring", "calido", "cercano"),
    "bold": ("bold", "confident", "energetic", "motivational", "atrevido", "energico"),
    "calm": ("calm", "serene", "mindful", "gentle", "tranquilo", "sereno"),
}


@dataclass(frozen=True)
class Wish:
    """One caption wished for."""

    key: str
    theme: str
    language: str = "en"
    tone: str = ""


@dataclass(frozen=True)
class Assignment:
    """All captions of a call, and whose voice they have."""

    name: str = ""
    niche: str = ""
    tone: str = ""
    wishes: tuple[Wish, ...] = ()

    @classmethod
    def found_in(cls, texts: Sequence[str]) -> Self:
        """Return the first assignment in the texts; an empty one if there is none."""
        for text in texts:
            for given in _objects_in(text):
                requests = given.get("requests")
                if isinstance(requests, list):
                    return cls._of(given.get("persona"), requests)
        return cls()

    @classmethod
    def _of(cls, persona: object, requests: Sequence[object]) -> Self:
        who = persona if isinstance(persona, Mapping) else {}
        return cls(
            name=str(who.get("name") or ""),
            niche=_niche(who)[:_LONGEST_NICHE],
            tone=str(who.get("tone") or who.get("voice") or ""),
            wishes=tuple(_wish(r) for r in requests if isinstance(r, Mapping)),
        )


@dataclass(frozen=True)
class Caption:
    """One caption as written."""

    text: str
    hashtags: tuple[str, ...]
    alt_text: str


def write(schema: Mapping[str, object] | None, assignment: Assignment) -> str:
    """Return the output text: JSON to the schema, or the captions as they are."""
    captions = compose(assignment)
    if schema is None:
        return "\n\n".join(c.text for c in captions) or "Here is what I would say."
    author = _author(assignment, captions)
    return json.dumps(fill(schema, author), ensure_ascii=False)


def compose(assignment: Assignment) -> list[Caption]:
    """Return a caption per wish, no two alike."""
    captions: list[Caption] = []
    for wish in assignment.wishes:
        drafts = (_caption(assignment, wish, number) for number in range(50))
        taken = {caption.text for caption in captions}
        captions.append(next(d for d in drafts if d.text not in taken))
    return captions


def _caption(assignment: Assignment, wish: Wish, draft: int) -> Caption:
    dice = Dice("caption", assignment.name, *_fields(wish), draft)
    book = _BOOKS.get(wish.language, ENGLISH)
    motifs = [
        motif
        for table in (PLACES, MOMENTS, WEATHERS)
        for motif in found(wish.theme, table)
    ]
    native = _is_native(wish.theme, book)
    theme = _theme(wish.theme) if native else _named(wish.theme, book, motifs)
    niche = assignment.niche if native else ""
    lines = book.motifs[dice.one_of(motifs) if motifs else ""]
    if niche and dice.chance(_NICHE_SHARE):
        lines = [line.format(n=niche) for line in book.niche]
    opener = dice.one_of(book.openers).format(T=theme[:1].upper() + theme[1:], t=theme)
    closer = dice.one_of(book.closers[_tone(wish.tone or assignment.tone)])
    return Caption(
        text=" ".join([opener, dice.one_of(lines), closer]),
        hashtags=_hashtags(dice, book, motifs, f"{theme} {niche}" * native),
        alt_text=book.alt.format(
            name=assignment.name or book.somebody,
            scene=_scene(book, motifs) or book.about.format(t=theme.strip("«»")),
            pose=dice.one_of(book.poses),
        ),
    )


def _is_native(theme: str, book: Book) -> bool:
    """Whether the theme is in the caption's language, as far as one can tell."""
    if book is ENGLISH or plain(theme) != theme.casefold():
        return True
    return bool(_SPANISH_SIGNS & set(words_in_order(theme)))


def _theme(given: str) -> str:
    theme = _ORDER.sub("", given.strip()).rstrip(".!")[:_LONGEST_THEME].strip()
    return theme[:1].lower() + theme[1:]


def _named(given: str, book: Book, motifs: Sequence[str]) -> str:
    """Return a theme of another language in the words we know for it."""
    what = (book.names[motif] for motif in motifs if motif in book.names)
    when = (book.when[motif] for motif in motifs if motif in book.when)
    return " ".join([*list(what)[:1], *list(when)[:1]]) or f"«{_theme(given)}»"


def _scene(book: Book, motifs: Sequence[str]) -> str:
    where = (book.where[motif] for motif in motifs if motif in book.where)
    when = (book.when[motif] for motif in motifs if motif in book.when)
    return " ".join([*list(where)[:1], *list(when)[:1]])


def _hashtags(
    dice: Dice, book: Book, motifs: Sequence[str], theme: str
) -> tuple[str, ...]:
    """Return three to five: of the place, of the theme's own words, of the craft."""
    of_place = [tag for motif in motifs for tag in book.tags.get(motif, ())]
    own = [w.title() for w in words_in_order(theme) if len(w) >= _SHORTEST_TAG_WORD]
    own = [word.replace("-", "") for word in own]
    ours = dice.shuffled(book.tags[""])
    picked = [*of_place[:2], *dice.shuffled(sorted(set(own)))[:2], *ours]
    return tuple(dict.fromkeys(picked))[: dice.whole(3, 5)]


def _author(assignment: Assignment, captions: Sequence[Caption]) -> Author:
    """Return who writes the captions into their place, and leaves all else open."""

    def author(place: Place) -> object:
        if place.path[-1] != "captions" or place.kind() != "array" or not captions:
            return None
        inner = place.schema.get("items", {})
        return [
            fill(_rooted(place, inner), _author_of(wish, caption))
            for wish, caption in zip(assignment.wishes, captions, strict=True)
        ]

    return author


def _author_of(wish: Wish, caption: Caption) -> Author:
    texts = {
        "key": wish.key,
        "id": wish.key,
        "language": wish.language,
        "caption": caption.text,
        "text": caption.text,
        "alt_text": caption.alt_text,
        "alt": caption.alt_text,
    }

    def author(place: Place) -> object:
        name = place.path[-1]
        if name in {"hashtags", "tags"}:
            return _tags(place, caption.hashtags)
        return _within(place, texts[name]) if name in texts else None

    return author


def _tags(place: Place, hashtags: Sequence[str]) -> object:
    """Return the hashtags as the schema wants them, a sign in front if it says so."""
    sign = "#" if "#" in json.dumps(place.schema) else ""
    tags = [f"{sign}{tag}" for tag in hashtags]
    if place.kind() != "array":
        return " ".join(tags)
    return tags[: place.number("maxItems", len(tags))]


def _within(place: Place, text: str) -> str:
    return text[: place.number("maxLength", len(text))]


def _rooted(place: Place, schema: object) -> dict[str, object]:
    """Return an inner schema that still finds what it refers to."""
    inner = dict(schema) if isinstance(schema, Mapping) else {}
    return {"$defs": place.root.get("$defs", {})} | inner


def _tone(given: str) -> str:
    words = set(words_in_order(given))
    return next((tone for tone, signs in _TONES.items() if words & set(signs)), "")


def _niche(who: Mapping[str, object]) -> str:
    """Return what the persona is about: its niche, or its first topics."""
    topics = who.get("topics")
    named = [str(topic) for topic in topics[:2]] if isinstance(topics, list) else []
    return str(who.get("niche") or " & ".join(named))


def _wish(given: Mapping[str, object]) -> Wish:
    return Wish(
        key=str(given.get("key", "")),
        theme=str(given.get("theme") or "a good day"),
        language=str(given.get("language") or "en")[:2].lower(),
        tone=str(given.get("tone") or ""),
    )


def _fields(wish: Wish) -> tuple[str, ...]:
    return (wish.key, wish.theme, wish.language, wish.tone)


def _objects_in(text: str) -> Iterator[Mapping[str, object]]:
    """Yield the JSON object a text holds, alone or after some words."""
    start = text.find("{")
    if start < 0:
        return
    try:
        given, _ = json.JSONDecoder().raw_decode(text[start:])
    except ValueError:
        return
    if isinstance(given, Mapping):
        yield given
