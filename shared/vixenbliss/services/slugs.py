"""How a name is spelled in an address."""

import re
import unicodedata
from collections.abc import Iterator

from vixenbliss.ids import new_id

LONGEST = 80
"""Of what is made from a name; a number and a hyphen come behind it, if it is taken."""
NUMBERED = range(2, 6)
_GAPS = re.compile(r"[^a-z0-9]+")
_LETTER = re.compile(r"[a-z]")


def slug_of(name: str, *, otherwise: str) -> str:
    """Return a name in lower-case ASCII, its words joined by hyphens.

    Where no letter is left of it, ``otherwise`` stands for what cannot be spelled.
    """
    folded = unicodedata.normalize("NFKD", name.casefold())
    plain = folded.encode("ascii", "ignore").decode()
    slug = _GAPS.sub("-", plain)[:LONGEST].strip("-")
    if _LETTER.search(slug):
        return slug
    return f"{otherwise}-{slug}" if slug else otherwise


def spellings(slug: str) -> Iterator[str]:
    """Yield a slug, then what it may be instead where it is taken.

    The last one is as good as free: many who make the same thing at once all get one.
    """
    yield slug
    for number in NUMBERED:
        yield f"{slug}-{number}"
    yield f"{slug}-{new_id().hex[-10:]}"
