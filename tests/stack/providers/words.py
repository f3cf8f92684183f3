"""Words as the stand-ins look for them: whole, in any case, with or without accents."""

import re
import unicodedata

_WORD = re.compile(r"[a-z0-9]+(?:-[a-z0-9]+)*")


def plain(text: str) -> str:
    """Return the text in small letters and without accents."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if not unicodedata.combining(c))


def words_in_order(text: str) -> list[str]:
    """Return the words, hyphenated ones whole."""
    return _WORD.findall(plain(text))


def whole_words(text: str) -> set[str]:
    """Return the words, hyphenated ones whole and in their parts."""
    found = set(words_in_order(text))
    return found | {part for word in found for part in word.split("-")}


def contains(text: str, phrase: str) -> bool:
    """Whether the phrase occurs in the text, from word to word."""
    return (
        f" {' '.join(words_in_order(phrase))} " in f" {' '.join(words_in_order(text))} "
    )
