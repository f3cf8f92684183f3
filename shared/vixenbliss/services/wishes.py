"""What may be wished for: words that the floor lets through, one seed for one image.

No I/O; a model judges the words later, before any money is spent.
"""

import re

from vixenbliss.errors import PolicyBlockedError, ValidationError
from vixenbliss.ids import new_seed
from vixenbliss.schemas.avatars import Sheet
from vixenbliss.schemas.content_jobs import Generate, GenerateCaptions, GenerateImages
from vixenbliss.services.policies import refuse_blocked

_NEVER_AVOIDED = re.compile(
    r"\b(?:adult|mature|grown|older?|wom[ae]n|m[ae]n|cloth\w*|cloak\w*|dress\w*"
    r"|garment\w*|outfit\w*|swim\w*|bikinis?|underwear|shirts?|ropa|vestid\w*"
    r"|adult[oa]s?|mujer(?:es)?|hombres?)\b",
    re.IGNORECASE,
)
"""What no picture is asked to do without."""


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
    if _NEVER_AVOIDED.search(wanted.negative_prompt):
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
