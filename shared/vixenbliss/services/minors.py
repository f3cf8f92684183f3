"""The words by which a text speaks of a minor, in English and Spanish.

Every persona is an adult, and every picture is a portrait of one. So a text may not
have a minor in it: words for one block, and so does an age below eighteen that is said
of somebody ("17-year-old", "aged five", "girl of 15", "chica de 15 años").

What has a child in its words but not as somebody to be seen wants a review: things that
are made for children ("a children's museum"), "baby" as an address, years that may be
an age ("celebrating 3 years"). Years that are plainly a time ("for 3 years") pass.
"""

import re
from typing import Final


def _pattern(*alternatives: str) -> re.Pattern[str]:
    return re.compile("|".join(alternatives), re.IGNORECASE | re.MULTILINE)


def _not_after(*words: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in words)


_WORDS = (
    r"one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|thirteen|fourteen"
    r"|fifteen|sixteen|seventeen|un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve|diez"
    r"|once|doce|trece|catorce|quince|diecis[eé]is|diecisiete"
)
_ALL_BUT_TENS = (  # "twenty-two" and "treinta y dos" are no two
    r"(?<!(?:twen|thir|eigh|nine)ty[ -])(?<!(?:for|fif|six)ty[ -])(?<!seventy[ -])"
    r"(?<!nta y )"
)
_AGE = (
    r"(?:(?<!\d)(?<!\d[.,])(?:0?\d|1[0-7])(?:[.,]\d\d?)?(?!\d)"
    rf"|{_ALL_BUT_TENS}\b(?:{_WORDS})(?![a-z]))"
)
_YEARS = r"(?:years?|yrs?)"
_ANOS = r"a[nñ](?:os|itos)\b"
_END = r"(?=\s*(?:$|[,;:.!?)|·–—]))"  # noqa: RUF001 - dashes as they are written
_ONLY = r"(?:(?:about|only|just|barely|not even|apenas|s[oó]lo|unos) )?"
_WHO = (
    r"\b(?:girl|boy|wom[ae]n|m[ae]n|lady|model|student|daughter|son|sister|brother"
    r"|cousin|female|male|person|someone|somebody|chic[oa]|muchach[oa]|mujer|hombre"
    r"|joven|modelo|persona|estudiante|hij[oa]|herman[oa]|señorita)s?"
)
_IS = r"\b(?:she|he|i|they|who)(?:['’](?:s|m|re)| is| am| are| was| were)"  # noqa: RUF001
_TIENE = r"\b(?:tien(?:e|en)|tengo|ten[ií]a|cumpl\w+|edad(?: de|:)?|con|a los|a sus)"
_THEN = (
    rf"(?:{_END}|(?= (?:{_YEARS}|{_ANOS}|who|with|in|on|at|and|from|wearing|posing"
    r"|que|con|en|y)\b))"
)
_NO_TIME_ES = r"(?! (?:de(?! edad)|despu[eé]s|atr[aá]s|juntos|m[aá]s)\b)"

_AGES = (
    rf"{_AGE}[ -]*{_YEARS}[ -]*(?:of[ -]age|olds?)\b",
    rf"{_AGE}[ -]?y[./]?o\b",
    rf"\bage[ds]?(?: of| is|:| =)? ?{_ONLY}{_AGE}\b",
    rf"{_WHO}(?: of |, ?| ?\(){_ONLY}{_AGE}{_THEN}",
    rf"{_IS} {_ONLY}(?!one\b|two\b){_AGE}(?:{_END}|(?= {_YEARS}\b(?! of| ago| later)))",
    rf"\b(?:turn|look)(?:s|ed|ing)?(?: like)? {_ONLY}{_AGE}{_END}",
    r"\bsweet (?:16|sixteen)\b",
    rf"{_AGE} {_ANOS} (?:de edad|cumplidos)\b",
    rf"{_AGE} a[nñ]itos\b",
    rf"{_TIENE} {_ONLY}{_AGE} {_ANOS}{_NO_TIME_ES}",
    rf"{_WHO}(?: \w+)? de {_ONLY}{_AGE} {_ANOS}",
    rf"(?:^|[,;:.(|·–—] ?){_AGE} {_ANOS}{_END}",  # noqa: RUF001
    rf"{_AGE}[ -]?j(?:ä|ae?)hrig\w*|{_AGE} jahre? alt\b|{_AGE} anos de idade\b",
)
_ALWAYS = (
    r"\b(?:minors|under-?age[d]?|pre-?teens?|tweens?|teen(?:age[dr]?)?s?|lolitas?|loli"
    r"|shota|jailbait|barely legal|(?:little|young|small|tiny)[ -]?(?:girl|boy)s?"
    r"|girl[ -]child|school[ -]?(?:girl|boy|child|kid|children)s?|kindergart(?:e?n)ers?"
    r"|(?:high|middle|elementary|primary|grade|secondary)[ -]?school(?:ers?"
    r"|[ -](?:student|pupil|girl|boy|kid|cheerleader|freshman|sophomore)s?)"
    r"|menor(?:es)? de edad|adolescentes?|colegial(?:a|as|es)?|quincea[nñ]er[oa]s?"
    r"|(?:estudiante|alumn[oa])s? de (?:primaria|secundaria|instituto|bachillerato))\b"
)
_FOR_CHILDREN = (
    r"(?! interior\b)(?!(?:['’]s?)?[ -](?:museums?|books?|menus?|hospitals?"  # noqa: RUF001
    r"|librar(?:y|ies)|charit(?:y|ies)|theat(?:re|er)s?|films?|movies?|literature|authors?|stor(?:y|ies)|songs?"
    r"|toys?|day|rights|playgrounds?|clubs?|play|care|friendly|free|safe|proof)\b)"
)
_CHILD = (
    r"\b(?:child(?:ren)?|kids?|kiddos?|toddlers?|infants?|niñ[oa]s?|nin[oa]s"
    r"|(?:una?|la|las|esa|esta|mi|su) nin[oa])\b"
)
_NOT_MEANT = (
    r"(?<!inner )(?<!libros para )(?<!cuentos para )"
    r"(?<!museo de los )(?<!hospital de )"
)
_BABY = r"\bbab(?:y|ies)\b(?! (?:blue|pink|steps|grand|shower)\b)"
_A_BABY = (
    rf"\b(?:(?:an?|newborn|little|tiny|two|three)(?: \w+)?|the|this|that|her|his|their"
    rf"|(?:of|as|with)(?: my| our)?) {_BABY}|\bnewborns?\b|\bbaby[ -](?:girl|boy)s?\b"
    r"|\bbeb[eé]s?\b"
)
_TIME = _not_after(
    *("for", "in", "after", "over", "last", "past", "next", "every", "within", "than"),
    *("since", "first", "hace", "unos", "durante", "por", "en", "cada", "desde"),
)
_NO_AGE = r"(?! (?:of|ago|later|since|together|straight|in)\b)"

SUBJECT: Final = _pattern(
    _ALWAYS, f"{_NOT_MEANT}{_CHILD}{_FOR_CHILDREN}", _A_BABY, *_AGES
)
"""A minor is somebody in the text."""

MENTION: Final = _pattern(
    _CHILD,
    _BABY,
    rf"{_WHO} of (?=\d){_AGE}\b",
    rf"{_TIME}{_AGE} (?:(?:years|yrs)\b{_NO_AGE}|{_ANOS}{_NO_TIME_ES})",
    rf"{_AGE}[ -]months?[ -]old\b",
    r"\b(?:\d|1[0-7])(?:st|nd|rd|th) birthday\b",
    r"\b(?:under|below|not (?:yet|even)|menor(?:es)? de) (?:18|eighteen|dieciocho)\b",
    r"\b(?:school uniforms?|jovencit[oa]s?|nenas?|chiquill[oa]s?)\b",
)
"""A minor may be meant; somebody should look."""
