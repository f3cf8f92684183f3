"""What may be wished for: words that the floor lets through, one seed for one image.

No I/O; a model judges the words later, before any money is spent.
"""

import re
from collections.abc import Iterable

from vixenbliss.errors import PolicyBlockedError, ValidationError
from vixenbliss.ids import new_seed
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.schemas.content_jobs import Generate, GenerateCaptions, GenerateImages
from vixenbliss.services.floor import readings
from vixenbliss.services.policies import refuse_blocked

_NEVER_AVOIDED = re.compile(
    r"adult[oa]?s?|adulthood|grown(?:ups?)?|mature|madur[oa]s?|older|wom[ae]n|m[ae]n"
    r"|mujer(?:es)?|hombres?|cloth(?:es|ing|ed)?|attire|garments?|outfits?|dress(?:es|ed)?"
    r"|swimwear|swimsuits?|bikinis?|underwear|bras?|panties|(?:skirt|shirt)s?|pants"
    r"|trousers|ropa|vestid[oa]s?|camisas?"
)
"""What no picture is asked to do without."""
_SAYS_NO_MORE = re.compile(
    r"an?|any|all|the|some|kinds?|type|of|her|his|their|s|in|on|with|and|or|too|very|up"
    r"|fully|completely|wearing|being|is|looking|aged?|body|face|skin|look|model|person"
    r"|people|female|male|la|el|l[oa]s|una?|de|con|y|o|tod[oa]"
)
_ITEMS = re.compile(r"[^,;|.:!?\n]+")
_LETTERS = re.compile(r"[^\W\d_]+")


def refuse_unfit(wanted: Generate) -> None:
    """Make sure that a wish may be taken on, whoever it is for.

    Raises:
        PolicyBlockedError: the floor refuses its words, or the picture is to avoid
            adulthood or clothes.
        ValidationError: one seed was asked for several images.
    """
    if isinstance(wanted, GenerateCaptions):
        refuse_blocked(wanted.prompt, wanted.params.tone)
        return
    refuse_blocked(wanted.prompt, wanted.negative_prompt)
    if _avoids_adulthood_or_clothes(wanted.negative_prompt):
        raise PolicyBlockedError(("avoids adulthood or clothes",))
    if wanted.params.seed is not None and wanted.count > 1:
        message = "One seed makes one image; leave it out to get several."
        raise ValidationError(message, field="params.seed")


def refuse_foreign_language(wanted: Generate, sheet: Sheet) -> None:
    """Make sure that an avatar speaks the language that is wished for.

    Raises:
        ValidationError: its sheet does not list it.
    """
    if not isinstance(wanted, GenerateCaptions):
        return
    language, spoken = wanted.params.language, sheet.voice.languages
    if language and language not in spoken:
        message = f"The avatar speaks {', '.join(spoken)}."
        raise ValidationError(message, field="params.language")


def seed_of(wanted: Generate) -> int:
    """Return the seed that was asked for, or a new one."""
    if isinstance(wanted, GenerateImages) and wanted.params.seed is not None:
        return wanted.params.seed
    return new_seed()


def _avoids_adulthood_or_clothes(avoided: str) -> bool:
    """Say whether an item of the list means no more than somebody grown-up, or clothes.

    "clothes", "(any clothing:1.3)" and "mature woman" do; "clothes rack" and "extra men
    in the background" do not, and are left to the model, which reads all of them.
    """
    items = (item for text in readings(avoided) for item in _ITEMS.findall(text))
    return any(_is_never_avoided(_LETTERS.findall(i.casefold())) for i in items)


def _is_never_avoided(words: Iterable[str]) -> bool:
    more = [word for word in words if not _SAYS_NO_MORE.fullmatch(word)]
    return bool(more) and all(map(_NEVER_AVOIDED.fullmatch, more))
