"""Who is in the picture: looks that stay the same for the same description.

A prompt may describe somebody in a part of its own, which opens with ``adult, 27 years
old``, as our product writes it. What is said of hair, skin and clothes holds; what is
left open follows from that part, or else from a name, or else from the opening words,
and never from the seed.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass

from tests.stack.providers.dice import Dice
from tests.stack.providers.painting.colours import Colour, hexed
from tests.stack.providers.words import plain, words_in_order

SKINS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "fair": ("f6d7c3", ("fair", "pale", "porcelain", "light", "clara", "palida")),
    "peach": ("eebd9b", ("peach", "rosy", "warm")),
    "olive": ("d9a679", ("olive", "mediterranean", "oliva")),
    "tan": ("c68a5b", ("tan", "tanned", "golden", "bronze", "morena", "bronceada")),
    "brown": ("96603d", ("brown", "caramel", "canela")),
    "deep": ("68402b", ("dark", "deep", "ebony", "black", "oscura", "negra")),
}
HAIRS: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "black": ("231d26", ("black", "raven", "dark", "negro")),
    "brown": ("4f3126", ("brown", "brunette", "chestnut", "castano")),
    "auburn": ("8a3b21", ("auburn", "mahogany", "caoba")),
    "copper": ("c25a25", ("copper", "ginger", "red", "cobrizo", "pelirrojo", "rojo")),
    "blonde": ("dfae5c", ("blonde", "blond", "golden", "honey", "rubio")),
    "platinum": ("ece4d3", ("platinum", "white", "platino", "blanco")),
    "silver": ("a9b0ba", ("silver", "grey", "gray", "plateado", "gris")),
    "pink": ("e8799b", ("pink", "rose", "rosa")),
    "violet": ("7d4fa8", ("violet", "purple", "lilac", "morado", "violeta")),
    "teal": ("2b8f96", ("teal", "turquoise", "blue", "azul")),
}
EYES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "brown": ("5b3a25", ("brown", "hazel", "dark", "marrones")),
    "green": ("4f7d52", ("green", "emerald", "verdes")),
    "blue": ("4a7fb0", ("blue", "azules")),
    "grey": ("76838c", ("grey", "gray", "silver", "grises")),
}
CLOTHES: Mapping[str, tuple[str, tuple[str, ...]]] = {
    "terracotta": ("d0603f", ("terracotta", "rust", "orange", "naranja")),
    "coral": ("ef6f6c", ("coral", "salmon", "red", "rojo", "roja")),
    "mustard": ("e0a030", ("mustard", "yellow", "gold", "amarillo")),
    "sage": ("7f9c7a", ("sage", "green", "olive", "verde")),
    "teal": ("1f7a7d", ("teal", "turquoise", "emerald")),
    "navy": ("26406d", ("navy", "blue", "denim", "azul")),
    "plum": ("6c3a68", ("plum", "purple", "violet", "morado")),
    "cream": ("f1e4cd", ("cream", "white", "beige", "ivory", "linen", "blanco")),
    "charcoal": ("34363f", ("charcoal", "black", "grey", "gray", "negro")),
    "blush": ("f0b8b0", ("blush", "pink", "rosa")),
}
STYLES: Mapping[str, tuple[str, ...]] = {
    "curls": ("curly", "curls", "afro", "rizado", "rizos"),
    "bun": ("bun", "updo", "topknot", "mono"),
    "tail": ("ponytail", "coleta", "braid", "braided", "trenza"),
    "bob": ("bob", "shoulder-length", "melena"),
    "crop": ("short", "pixie", "cropped", "buzz", "corto"),
    "waves": ("wavy", "waves", "ondulado"),
    "long": ("long", "straight", "largo", "liso"),
}
_GARMENTS = {
    "dress",
    "shirt",
    "blouse",
    "sweater",
    "jacket",
    "blazer",
    "top",
    "coat",
    "hoodie",
    "outfit",
    "suit",
    "vestido",
    "camisa",
    "chaqueta",
    "jersey",
}
_MEN = {"man", "male", "boy", "he", "his", "him", "gentleman", "hombre", "chico", "el"}
_MEN -= {"boy", "el"}
_NAME = re.compile(r"\b[A-Z][\w'-]+(?: [A-Z][\w'-]+)+")
_INNER_NAME = re.compile(r"(?<=[a-z,:] )[A-Z][a-z'-]{2,}")
_OPENING = re.compile(r"\badult, \d+ years old\b", re.IGNORECASE)
_REACH = 4
_HAIR = {"hair", "pelo", "cabello", "curls"}
_ONLY_OF_HAIR = {
    "auburn",
    "blond",
    "blonde",
    "brunette",
    "chestnut",
    "copper",
    "ginger",
    "pelirrojo",
    "platinum",
    "rubio",
}


@dataclass(frozen=True)
class Persona:
    """How somebody looks."""

    skin: Colour
    hair: Colour
    eyes: Colour
    clothes: Colour
    accent: Colour
    style: str
    masculine: bool
    glasses: bool
    earrings: bool
    beard: bool
    freckles: bool


@dataclass(frozen=True)
class Reading:
    """A prompt taken apart: where it is set, and whom it shows."""

    scene: str
    description: str

    @classmethod
    def of(cls, prompt: str) -> "Reading":
        """Return the parts; both are the whole if it does not fall into two."""
        opening = _OPENING.search(prompt)
        if opening is None:
            return cls(prompt, prompt)
        before, behind = prompt[: opening.start()], prompt[opening.start() :]
        if before.strip(" .,"):
            return cls(before, behind)
        description, _, scene = behind.partition(". ")
        return cls(scene, description)


def persona_of(prompt: str) -> Persona:
    """Return who the prompt describes."""
    description = Reading.of(prompt).description
    words = words_in_order(description.replace("-haired", " hair"))
    dice = Dice("persona", key_of(prompt))
    masculine = bool(_MEN & set(words))
    # Drawn in one order whatever the prompt says, so that naming a hair colour does
    # not change the eyes.
    skin, hair = dice.one_of(sorted(SKINS)), dice.one_of(sorted(HAIRS)[:6])
    eyes, clothes = dice.one_of(sorted(EYES)), dice.one_of(sorted(CLOTHES))
    style = "crop" if masculine else dice.one_of(sorted(STYLES))
    accents = [name for name in sorted(CLOTHES) if name != clothes]
    accent = dice.one_of(accents)
    return Persona(
        skin=_said(words, {"skin", "piel", "complexion"}, SKINS, skin),
        hair=_said(words, _HAIR, HAIRS, _unmistakable(words) or hair),
        eyes=_said(words, {"eyes", "eyed", "ojos"}, EYES, eyes),
        clothes=_said(words, _GARMENTS, CLOTHES, clothes),
        accent=hexed(CLOTHES[accent][0]),
        style=_style(words, style),
        masculine=masculine,
        glasses="glasses" in words or "gafas" in words,
        earrings=dice.chance(0.5) and not masculine,
        beard="beard" in words or (masculine and dice.chance(0.5)),
        freckles="freckles" in words or dice.chance(0.2),
    )


def key_of(prompt: str) -> str:
    """Return what a person is known by: description, name, or how the prompt opens."""
    description = Reading.of(prompt).description
    if description != prompt:
        return plain(description)
    name = _NAME.search(prompt) or _INNER_NAME.search(prompt)
    if name is not None:
        return name[0]
    return plain(re.split(r"[.;|,\n]", prompt.strip(), maxsplit=1)[0])


def _said(
    words: list[str],
    nouns: set[str],
    table: Mapping[str, tuple[str, tuple[str, ...]]],
    otherwise: str,
) -> Colour:
    """Return the colour the prompt gives a thing, looking around its noun."""
    for place, word in enumerate(words):
        if word not in nouns:
            continue
        nearby = words[max(place - _REACH, 0) : place][::-1] + words[place + 1 :][:2]
        for near in nearby:
            for code, names in table.values():
                if near in names:
                    return hexed(code)
    return hexed(table[otherwise][0])


def _unmistakable(words: list[str]) -> str | None:
    """Return the hair colour of a word that is said of nothing else."""
    for name, (_, names) in HAIRS.items():
        if set(names) & _ONLY_OF_HAIR & set(words):
            return name
    return None


def _style(words: list[str], otherwise: str) -> str:
    if not (_HAIR | {"bun", "ponytail", "afro"}) & set(words):
        return otherwise
    said = (style for style, names in STYLES.items() if set(names) & set(words))
    return next(said, otherwise)
