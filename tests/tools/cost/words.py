"""How figures and tables are written: three digits that mean something, and a unit."""

import re
import textwrap
from collections.abc import Iterable, Sequence
from math import floor, log10

DIGITS = 3
MOST_DECIMALS = 4
NOTHING = "-"
HALF_A_CENT = 0.005
WIDTH = 92


def rounded(value: float) -> str:
    """Return a number with three significant digits, and commas; 30 remains 30."""
    if value == 0:
        return "0"
    decimals = DIGITS - 1 - floor(log10(abs(value)))
    kept = round(value, decimals)
    return f"{kept:,.{0 if kept == round(kept) else min(decimals, MOST_DECIMALS)}f}"


def percent(share: float) -> str:
    """Return a share of 1 in hundredths."""
    return f"{rounded(round(100 * share))} %"


def dollars(value: float) -> str:
    """Return US dollars; what is below half a cent is told as nothing."""
    if abs(value) < HALF_A_CENT:
        return NOTHING
    sign = "-" if value < 0 else ""
    size = abs(value)
    return f"{sign}${size:.2f}" if size < 10 else f"{sign}${rounded(size)}"


def change(value: float) -> str:
    """Return dollars with the sign that says whether it is more or less."""
    text = dollars(value)
    return f"+{text}" if value > 0 and text != NOTHING else text


def filled(text: str, **facts: object) -> str:
    """Return Markdown with its facts put in, and its paragraphs filled again."""
    paragraphs = text.strip("\n").format(**facts).split("\n\n")
    return "\n\n".join(map(_filled, paragraphs)) + "\n"


def _filled(paragraph: str) -> str:
    if paragraph.startswith(("#", "    ")):
        return paragraph
    items = re.split(r"\n(?=- )", paragraph)
    return "\n".join(_item(" ".join(item.split())) for item in items)


def _item(text: str) -> str:
    return textwrap.fill(
        text,
        WIDTH,
        subsequent_indent="  " if text.startswith("- ") else "",
        break_long_words=False,
        break_on_hyphens=False,
    )


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> list[str]:
    """Return a table of Markdown: words to the left, numbers to the right."""
    marks = ["---", *["---:"] * (len(head) - 1)]
    return [f"| {' | '.join(row)} |" for row in (head, marks, *rows)] + [""]
