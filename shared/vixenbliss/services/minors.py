r"""The words by which a text speaks of a minor, in English and Spanish.

Every persona is an adult, and every picture is a portrait of one. So a text may not
have a minor in it. Four tables say when it does; each row is a shape of words:

========== ======= ===================================================================
`_NOBODY`  passes  what only sounds like one: "a 10-year-old whisky", "kid gloves"
`_DOUBT`   review  the same, but less surely: "my account is 6 years old", "El Niño
                   weather", "a children's museum", "danced since the age of 5"
`_SHOWN`   block   a word for a minor, or an age below eighteen that is said of somebody
`_PERHAPS` review  "baby" as an address, years that may be an age, ages of several
========== ======= ===================================================================

The first two are exceptions: a phrase of theirs is stepped over as a whole, so its
words count for nothing else. What is in no table passes ("for 3 years").

An age is said of somebody by its unit ("17-year-old"), by "aged", or by who stands
before it ("girl of 15", "she's 16", "chica de 15"). A number without a unit may count
something instead: "two women, one in red", "Look 3", "16:9". So most shapes without
a unit take only ten to seventeen, and look at what follows (`_END`, `_THEN`).
Nothing here repeats without a bound but what it has already stepped over, so reading
takes time in proportion to the text.
"""

import re
from typing import Final


def _any(*alternatives: str) -> str:
    return f"(?:{'|'.join(alternatives)})"


def _not_after(*words: str) -> str:
    return "".join(rf"(?<!\b{word} )" for word in words)


_SMALL = (
    r"one|two|three|four|five|six|seven|eight|nine"
    r"|un|dos|tres|cuatro|cinco|seis|siete|ocho|nueve"
)
_ELEVEN_UP = (
    r"eleven|twelve|thirteen|fourteen|fifteen|sixteen|seventeen"
    r"|once|doce|trece|catorce|quince|diecis[eé]is|diecisiete"
)
_ALL_BUT_TENS = (  # "twenty-two", "treinta y dos" and "a hundred and two" are no two
    r"(?<!(?:twen|thir|eigh|nine)ty[ -])(?<!(?:for|fif|six)ty[ -])(?<!seventy[ -])"
    r"(?<!nta y )(?<!hundred )(?<!hundred and )(?<!ciento )"
)
_HALF = r"(?: and a half| y medi[oa]| ?[\u00bc-\u00be]| 1/2)?"


def _digits(numbers: str) -> str:
    """Match a number alone, or the first of a range: no price, no part of another."""
    rest = r"(?:[.,]\d| ?[\u2013-] ?1[0-7](?!\d))?(?![.,]?\d)"
    return rf"(?<![\d$£€#])(?<!\d[.,:])(?:{numbers}){rest}"


def _spelled(words: str) -> str:
    return rf"{_ALL_BUT_TENS}\b(?:{words})(?![a-z])"


_TEEN_DIGITS = f"{_digits('1[0-7]')}{_HALF}"
_TEEN_WORDS = f"{_spelled(f'ten|diez|{_ELEVEN_UP}')}{_HALF}"
_TEEN = _any(_TEEN_DIGITS, _TEEN_WORDS)
_OVER_TEN = _any(_digits("1[1-7]"), _spelled(_ELEVEN_UP)) + _HALF
_AGE = _any(_digits(r"0?\d|1[0-7]"), _spelled(f"{_SMALL}|ten|diez|{_ELEVEN_UP}"))
_AGE += _HALF
_OVER_TWO = rf"(?!0?[012]\b|one\b|two\b|un\b|dos\b){_AGE}"

_GAP = r"[ .\u2010-\u2015-]"
_YEARS = r"(?:years?|yrs?)"
_ANOS = r"a[nñ](?:os|itos)\b"
_OLD = (
    rf"{_AGE}(?:{_GAP}{{0,3}}{_YEARS}{_GAP}{{0,3}}(?:of[ -]age|olds?)"
    r"|[ .-]?y[./]?o)\b"
)
_END = (  # no unit, time ("10:30"), ratio ("16:9"), range or measure
    r"(?=\s*(?:$|[^\w\s%$£€°/'\"+*=:\u00d7\u2019\u2010-\u2015-]"
    r"|[:\u2013\u2014](?! ?\d)|-(?= \D)))"
)
_THEN = (
    rf"(?:(?:{_GAP}(?:{_YEARS}|{_ANOS}))?{_END}"
    r"|(?= (?:who|with|in|on|at|and|from|wearing|posing|que|con|en|y)\b(?! a half)))"
)
_ONLY = (
    r"(?:(?:about|around|only|just|barely|almost|nearly|still|now|already|not even"
    r"|apenas|s[oó]lo|solamente|casi|unos) )?"
)
_YOUNG = (
    r"\b(?:girl|boy|daughter|son|sister|brother|cousin|chic[oa]|muchach[oa]|hij[oa]"
    r"|herman[oa]|señorita|ni[nñ][oa])"
)
_ADULT = (
    r"\b(?:woman|man|lady|(?<!\bel )model[o]?|student|female|male|person|someone"
    r"|somebody|mujer|hombre|joven|persona|estudiante)"
)
_WHO = _any(_YOUNG, _ADULT)
_SEVERAL = rf"(?:{_WHO}(?:e?s)|\b(?:wom|m)en)"
_IS = (
    r"\b(?:(?:she|he|i|who)(?:['\u2019][sm]| is| am| was)"
    r"|who(?:['\u2019]re| are| were))"
)
_TIENE = r"\b(?:tien(?:e|en)|tengo|ten[ií]a|cumpl\w+|edad(?: de|:)?|con|a los|a sus)"
_NO_TIME_ES = (
    r"(?! (?:de(?! edad)|despu[eé]s|atr[aá]s|juntos|m[aá]s|sin|trabajando|viviendo"
    r"|haciendo|en (?:el|la|este|esta|mi|su) (?:mercado|negocio|empresa|sector|trabajo"
    r"|industria|profesi[oó]n|oficio|equipo))\b)"
)

_MATURES = (
    r"(?:whisk(?:e?y|ies)|bourbon|scotch|malt|rum|ron|wines?|vino|brandy|cognac|tequila"
    r"|mezcal|vinegar|balsamic|cheese|gouda|parmesan|cheddar|queso|bottle|cask|barrel)"
)
_THING = (  # in the singular where the plural is a verb: "a 15-year-old bikes"
    rf"(?:{_MATURES}|oaks?|trees?|vines?|olivo|bonsai|accounts?|cuenta|channel|blog"
    r"|website|brand|marca|compan(?:y|ies)|empresa|business|startup|agency|shop|tienda"
    r"|store|studio|restaurants?|bar|caf[eé]|hotels?|cars?|coche|bike|motorbike"
    r"|motorcycle|boat|yacht|van|camera|laptop|phone|buildings?|edificio|house|casa"
    r"|apartment|bridge|church|garden|jackets?|coat|jeans|boots|sneakers|shoes"
    r"|handbag|sofa|watch|recipe|tradition|project|marriage|friendship|tattoo"
    r"|dogs?|perr[oa]|cats?|gat[oa]|horses?|caballo)"
)
_SORT = (
    r"(?:(?:single|scotch|irish|japanese|spanish|french|italian|red|white|black|brown"
    r"|green|blue|family|used|leather|denim|stone|brick|wooden|olive|apple|rescue"
    r"|instagram|rental|coffee|tech|balsamic|malt)[ -]){0,2}"
)
_NOT_OF_SOMEBODY = (  # "a 15-year-old dog walker" is no dog
    r"(?=\s*(?:$|[^\w\s'\u2019-])"
    r"|['\u2019]s\b| (?:in|on|at|with|and|or|from|by|for|to|of|under|over|near|is|was"
    r"|are|that|which|has|still|neat|en|con|y|que)\b)"
)
_OBJECT_OF = (
    _not_after(  # "the girl with the dog is 15 years old" is about a girl
        *(
            "with",
            "in",
            "on",
            "at",
            "by",
            "near",
            "behind",
            "beside",
            "of",
            "and",
            "to",
        ),
        *("for", "from", "owns", "has", "loves", "drives", "con", "en", "de", "y", "a"),
    )
    + r"(?<!ing )(?<!ndo )"
)
_CHILD = (
    r"\b(?:child(?:ren)?|kids?|kiddos?|toddlers?|infants?|niñ[oa]s?|nin[oa]s"
    r"|(?:una?|la|las|esa|esta|mi|su) nin[oa])\b"
)
_FOR_CHILDREN = (
    r"(?:(?:['\u2019]s?)?[ -](?:museums?|books?|menus?|hospitals?|librar(?:y|ies)"
    r"|charit(?:y|ies)|theat(?:re|er)s?|films?|movies?|literature|authors?"
    r"|stor(?:y|ies)|songs?|toys?|day|rights|playgrounds?|clubs?|play|care|friendly|free"
    r"|safe|proof)| at heart| on the block)\b"
)
_BABY = r"\bbab(?:y|ies)\b(?! (?:blue|pink|steps|grand|shower)\b)"
_TIME = _not_after(
    *("for", "in", "after", "over", "last", "past", "next", "every", "within", "than"),
    *("since", "first", "hace", "unos", "durante", "por", "en", "cada", "desde"),
)
_NO_AGE = (
    r"(?! (?:of|ago|later|since|together|straight|in|into|sober|clean|older|younger"
    r"|experience|running|now)\b)"
)
_GRADE = (
    r"\b(?:1st|2nd|3rd|(?:[4-9]|1[0-2])th|first|second|third|fourth|fifth|sixth|seventh"
    r"|eighth|ninth|tenth|eleventh|twelfth)[ -]grade"
)
_SCHOLAR = r"(?:student|pupil|girl|boy|kid|cheerleader|freshman|sophomore)s?"

_NOBODY = (
    rf"{_OLD}[ -]{_SORT}{_THING}(?: {_THING})?{_NOT_OF_SOMEBODY}",
    rf"\b{_MATURES},? (?:is |was )?aged (?:for )?{_AGE} {_YEARS}\b(?! old)",
    rf"\b{_MATURES} de {_AGE} {_ANOS}",
    r"\bkids?(?: you not|[ -](?:gloves?|leather|suede))\b",
)
_DOUBT = (
    (
        rf"{_OBJECT_OF}\b(?:my|our|the|this|that|his|her|their|mi|su|la|el|una?)"
        rf" {_SORT}{_THING}(?:['\u2019]s| is| are| was| turn(?:s|ed)|(?: que)? tiene"
        rf"| cumple) {_ONLY}"
        rf"(?:{_OLD}|{_AGE} {_ANOS})"
    ),
    rf"\b(?:since|from|for)(?: the)? ages?(?: of)? {_AGE}\b(?!{_GAP}?{_YEARS})",
    r"\bice age \d",
    rf"{_CHILD}{_FOR_CHILDREN}",
    r"\binner child\b|\b(?:mi |su )?ni[nñ][oa] interior\b",
    r"\b(?:libros|cuentos) para ni[nñ][oa]s\b|\b(?:museo|hospital) de los ni[nñ]os\b",
    r"\b(?:the|an|this|of|strong|super|fen[oó]meno(?: de)?|efecto) el ni[nñ]o\b",
    (
        r"\bel ni[nñ]o(?: (?:weather|years?|winter|effect|event|season|phenomenon"
        r"|brings|storms?)|(?:,| and| y| or) la ni[nñ]a)\b"
    ),
)
_WORDS = (
    (
        r"\b(?:minors|under-?age[d]?|pre-?teens?|tweens?|teen(?:age[dr]?)?s?|lolitas?|loli"
        r"|shota|jailbait|barely legal|girl[ -]child|kindergart(?:e?n)ers?"
        r"|(?:little|young|small|tiny|minor)[ -]?(?:girl|boy)s?"
        r"|school[ -]?(?:girl|boy|child|kid|children)s?"
        r"|(?:high|middle|elementary|primary|grade|secondary)[ -]?school"
        rf"(?:ers?|[ -]{_SCHOLAR})|(?:pre-?)?adolescente?s?"
        r"|(?:pre-?)?pubescents?|nymphets?|(?:pre)?p[uú]ber(?:es)?"
        r"|menor(?:es)? de edad|colegial(?:a|as|es)?|quincea[nñ]er[oa]s?"
        r"|(?:estudiante|alumn[oa]|chic[oa])s? de (?:primaria|secundaria|instituto"
        r"|bachillerato))\b"
    ),
    rf"{_GRADE}(?:rs?|[ -]{_SCHOLAR})\b",
    (
        r"\b(?:is|are|was|be|being|as|of|with|still|just|only|['\u2019]s)(?<!key of)"
        rf" a minor(?:{_END}|(?= (?:who|at|on|and|wearing|posing)\b))|\ba minor who\b"
    ),
    rf"\buna? menor(?:{_END}|(?= (?:con|en)\b))",
    _CHILD,
    (
        rf"\b(?:(?:an?|newborn|little|tiny|two|three)(?: \w+)?|the|this|that|her|his"
        rf"|their|(?:of|as|with)(?: my| our)?) {_BABY}"
        r"|\bnewborns?\b|\bbaby[ -](?:girl|boy)s?\b"
        r"|\bbeb[eé]s?\b"
    ),
)
_SHOWN = (
    *_WORDS,
    _OLD,
    rf"{_AGE}{_GAP}?(?:year|yr){_GAP}{_YOUNG}",
    rf"\bage[ds]?(?: of| is|:| =)? ?{_ONLY}{_AGE}\b(?!\+| and (?:up|over|older)\b)",
    rf"(?:{_WHO}|{_SEVERAL}) of {_ONLY}{_TEEN}{_THEN}|{_YOUNG} of {_ONLY}{_AGE}{_END}",
    rf"{_WHO}(?:, ?| ?\(){_ONLY}(?:{_TEEN_DIGITS}{_THEN}|{_TEEN_WORDS}{_END})",
    rf"{_SEVERAL}(?:, ?| ?\(){_TEEN_DIGITS}(?: and| &|,) {_TEEN_DIGITS}{_END}",
    rf"{_YOUNG} {_ONLY}{_TEEN_DIGITS}{_THEN}",
    rf"{_IS} {_ONLY}(?:{_TEEN}{_THEN}|{_OVER_TWO}(?:{_END}| and (?!\d|a half)))",
    rf"{_IS} {_ONLY}{_AGE}{_GAP}?{_YEARS}(?:{_END}| (?:and(?! counting)|but|who)\b)",
    (
        rf"(?:\b(?:she|he|who|i)|{_WHO}) (?:just |has |had |barely |only |has just )?"
        rf"(?:turn|look)(?:s|ed|ing)? (?:like )?{_ONLY}{_TEEN}{_THEN}"
    ),
    r"\bsweet (?:16|sixteen)\b",
    rf"{_AGE}{_GAP}{_ANOS} (?:de edad|cumplidos)\b",
    rf"{_AGE}{_GAP}a[nñ]itos\b|{_AGE}{_GAP}?a[nñ]er[oa]s?\b",
    rf"{_TIENE} {_ONLY}{_AGE}{_GAP}{_ANOS}{_NO_TIME_ES}",
    rf"(?:\b(?:ella|[eé]l)|{_WHO}) tiene {_ONLY}{_TEEN}(?:{_END}| y\b)",
    rf"\bedad:? (?:de )?{_ONLY}{_TEEN}\b",
    rf"{_WHO}s?(?: \w+)? de {_ONLY}{_AGE}{_GAP}{_ANOS}{_NO_TIME_ES}",
    rf"{_WHO}s? de {_ONLY}{_OVER_TEN}{_THEN}",
    rf"(?:^|[,;:.(|·\u2013\u2014] ?){_ONLY}{_AGE}{_GAP}{_ANOS}{_END}",
    rf"{_AGE}[ -]?j(?:ä|ae?)hrig\w*|{_AGE} jahre? alt\b|{_AGE} anos de idade\b",
)
_PERHAPS = (
    _CHILD,
    _BABY,
    rf"(?:{_WHO}|{_SEVERAL}) of (?=\d){_AGE}\b",
    rf"{_WHO} (?:de )?{_TEEN_DIGITS}{_THEN}|{_YOUNG}(?:, ?| ?\(){_AGE}(?=[,)])",
    rf"[^\W\d_], {_TEEN_DIGITS}, (?:at|in|on|with|who|wearing|posing|en|con|que)\b",
    rf"\bthey(?:['\u2019]re| are| were) {_ONLY}(?:{_TEEN}{_THEN}|{_OVER_TWO}{_END})",
    (
        rf"\b(?:turn(?:s|ed|ing)|looks?(?:ed|ing)? like|look(?:s|ed|ing)) {_ONLY}"
        rf"{_TEEN_DIGITS}{_END}"
    ),
    rf"{_TIME}{_AGE} (?:(?:years|yrs)\b{_NO_AGE}|{_ANOS}{_NO_TIME_ES})",
    rf"{_AGE}[ -]months?[ -]old\b",
    rf"{_GRADE}\b",
    r"\b(?:\d|1[0-7])(?:st|nd|rd|th) birthday\b",
    (
        r"\b(?:(?:under|below)(?: the age of)?|younger than"
        r"|(?:not|(?:is|are|was)n['\u2019]t)(?: yet| even)?|almost|nearly|turning|casi"
        r"|menor(?:es)? de) (?:18|eighteen|dieciocho)\b"
    ),
    r"\b(?:youngsters?|juveniles?|school uniforms?)\b",
    r"\b(?:jovencit[oa]s?|nenas?|chiquill[oa]s?)\b",
)


def _pattern(shapes: tuple[str, ...], *, unless: tuple[str, ...]) -> re.Pattern[str]:
    said = f"{_any(*unless)}|(?P<said>{_any(*shapes)})"
    return re.compile(said, re.IGNORECASE | re.MULTILINE)


_SHOWS: Final = _pattern(_SHOWN, unless=_NOBODY + _DOUBT)
_MENTIONS: Final = _pattern(_DOUBT + _PERHAPS, unless=_NOBODY)


def is_shown(text: str) -> bool:
    """Say whether a minor is somebody in the text."""
    return _is_said(_SHOWS, text)


def is_perhaps_meant(text: str) -> bool:
    """Say whether a minor may be meant, so that somebody should look."""
    return _is_said(_MENTIONS, text)


def _is_said(pattern: re.Pattern[str], text: str) -> bool:
    return any(match["said"] for match in pattern.finditer(text))
