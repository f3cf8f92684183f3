"""The words that need no model to be refused or looked at: the policy floor itself.

It costs nothing and is always there, so it stands at every door before anything else is
asked, and it still stands when the model that gives the scores is out of reach. These
are starting lists: they catch the plain cases in English and Spanish, also where they
are dressed up with full-width, invisible or look-alike characters or with digits for
letters; the model judges the rest.
"""

import re
import unicodedata
from collections.abc import Callable, Iterable, Iterator

from vixenbliss.services import minors

type _Test = Callable[[str], object]

_SEXUAL = (
    r"(?:nud(?:e|es|ity|ist)|naked|topless|explicit|porn\w*|xxx|nsfw|hentai|sex(?:ual|y)?"
    r"|erotic\w*|fetish\w*|orgasm\w*|genital\w*|nipples?|lingerie|bondage|blowjob"
    r"|desnud\w+|sexo|sexual(?:es)?|er[oó]tic\w+|lencer[ií]a)"
)
_CATEGORIES = {
    "sexual": rf"\b{_SEXUAL}\b",
    "graphic violence": r"\b(?:gore|gory|behead\w*|dismember\w*|mutilat\w*|tortur\w*"
    r"|decapita\w*|descuartiza\w*)\b",
    "hate": r"\b(?:nazi(?:s|sm)?|white power|ethnic cleansing|subhuman"
    r"|limpieza [eé]tnica)\b",
    "self-harm": r"\b(?:suicid\w*|self[- ]harm\w*|cut(?:ting)? myself|autolesi\w*)\b",
    "illicit": r"\b(?:cocaine|meth(?:amphetamine)?|heroin|pipe bomb|ghost gun"
    r"|coca[ií]na)\b",
    "evasion": r"\b(?:shadow ?ban(?:s|ned)?|ban evasion|evade detection|bypass filters?"
    r"|undetectable ai)\b",
}
# Cyrillic and Greek letters that look like Latin ones, and digits used for letters.
_LOOK_ALIKES = str.maketrans(
    "асԁеһіјӏорԛѕսѵѡхуαερτικονυχ", "acdehijlopqsuvwxyaeptikovux"
)
_DIGITS = str.maketrans("013457@$", "oieastas")
# What has no look of its own but is no format character (Unicode 16.0, property
# Default_Ignorable_Code_Point, DerivedCoreProperties.txt).
_UNSEEN = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2065\u3164\ufe00-\ufe0f\uffa0"
    "\ufff0-\ufff8\U000e0000-\U000e0fff]"
)
_GAPS = re.compile(r"[\s_]+")
_LATIN = re.compile("[a-z]")
_WORD = re.compile(r"\S+")
_BLOCK: dict[str, _Test] = {
    name: re.compile(p, re.IGNORECASE).search for name, p in _CATEGORIES.items()
}
_BLOCK["a minor"] = minors.is_shown
_REVIEW: dict[str, _Test] = {
    "perhaps a minor": minors.is_perhaps_meant,
    "medical claim": re.compile(
        r"\b(?:cures?|heals?|prescri\w+|diagnos\w+|miracle pill|lose \d+ ?(?:kg"
        r"|lbs?|pounds|kilos)|cura|adelgaza)\b",
        re.IGNORECASE,
    ).search,
    "financial claim": re.compile(
        r"\b(?:guaranteed (?:returns?|profits?)|get rich|double your money|invest now"
        r"|crypto signals?|risk[- ]free|ganancias garantizadas)\b",
        re.IGNORECASE,
    ).search,
    "political claim": re.compile(
        r"\b(?:vote (?:for|against)|election|referendum|president|senator"
        r"|prime minister"
        r"|vota (?:por|a)|elecciones)\b",
        re.IGNORECASE,
    ).search,
    "real person": re.compile(
        r"\b(?:looks? (?:exactly )?like|in the likeness of|deep ?fake|clone of"
        r"|celebrity|famous (?:actor|actress|singer|athlete))\b",
        re.IGNORECASE,
    ).search,
    "claims to be human": re.compile(
        r"\b(?:i(?:'m| am) (?:a )?(?:real|human)|not (?:an? )?(?:ai|bot|robot)"
        r"|soy (?:una? )?(?:persona real|human[oa]))\b",
        re.IGNORECASE,
    ).search,
}


def blocked(text: str) -> tuple[str, ...]:
    """Return why the floor refuses a text about what an avatar shows or says.

    The persona is always an adult; ``services.minors`` says what that means for words.
    """
    return _matching(text, _BLOCK.items())


def reviewable(text: str) -> tuple[str, ...]:
    """Return why a person should look at a text before it goes out."""
    return _matching(text, _REVIEW.items())


def containing(text: str, terms: Iterable[str]) -> tuple[str, ...]:
    """Return those of a workspace's own terms that a text contains, as whole words."""
    words = (
        (term, re.compile(rf"(?<!\w){re.escape(term)}(?!\w)", re.IGNORECASE).search)
        for term in terms
    )
    return _matching(text, words)


def _matching(text: str, tests: Iterable[tuple[str, _Test]]) -> tuple[str, ...]:
    seen = set(readings(text))
    return tuple(name for name, test in tests if any(map(test, seen)))


def readings(text: str) -> Iterator[str]:
    """Yield a text as it stands, and as it reads to an eye that is being fooled."""
    yield text
    plain = unicodedata.normalize("NFKC", _visible(text))
    yield plain
    bare = _without_accents(plain.casefold().translate(_LOOK_ALIKES))
    yield bare
    yield _uncovered(bare)
    spaced = _GAPS.sub(" ", plain.casefold())
    yield spaced
    yield _GAPS.sub(" ", bare)
    yield _uncovered(_GAPS.sub(" ", bare))


def _visible(text: str) -> str:
    shown = (c for c in text if unicodedata.category(c) != "Cf")
    return _UNSEEN.sub("", "".join(shown))


def _uncovered(text: str) -> str:
    """Return a text with letters where digits stand for them, among letters."""
    return _WORD.sub(
        lambda word: word[0].translate(_DIGITS) if _LATIN.search(word[0]) else word[0],
        text,
    )


def _without_accents(text: str) -> str:
    apart = unicodedata.normalize("NFD", text)
    return "".join(c for c in apart if not unicodedata.combining(c))
