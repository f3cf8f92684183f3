"""What a prompt or theme speaks of: places, times of day, weather.

Painter and caption writer share this table, so that a caption speaks of what its
picture shows. Spanish words stand without accents, as ``plain`` leaves them.
"""

from collections.abc import Mapping, Sequence

from tests.stack.providers.words import contains

PLACES: Mapping[str, Sequence[str]] = {
    "beach": ("beach", "sea", "seaside", "ocean", "coast", "shore", "playa", "mar"),
    "cafe": ("cafe", "coffee", "espresso", "cafeteria", "coffee shop", "bakery"),
    "gym": ("gym", "workout", "training", "fitness", "gimnasio", "entrenamiento"),
    "garden": ("garden", "flowers", "greenhouse", "botanical", "jardin", "flores"),
    "mountain": ("mountain", "mountains", "hike", "hiking", "summit", "montana"),
    "kitchen": ("kitchen", "cooking", "recipe", "baking", "cocina", "receta"),
    "library": ("library", "book", "books", "reading", "bookshop", "biblioteca"),
    "market": ("market", "bazaar", "street food", "farmers market", "mercado"),
    "forest": ("forest", "woods", "trail", "trees", "bosque", "sendero"),
    "stage": ("stage", "concert", "music", "festival", "escenario", "concierto"),
    "desert": ("desert", "dunes", "canyon", "desierto", "dunas"),
    "lake": ("lake", "river", "pool", "lago", "rio", "piscina"),
    "home": ("home", "living room", "sofa", "bedroom", "casa", "salon", "cozy"),
    "city": ("city", "street", "skyline", "rooftop", "downtown", "ciudad", "calle"),
    "studio": ("studio", "portrait", "photoshoot", "backdrop", "estudio", "retrato"),
}
MOMENTS: Mapping[str, Sequence[str]] = {
    "sunset": ("sunset", "golden hour", "dusk", "atardecer", "ocaso"),
    "sunrise": ("sunrise", "dawn", "morning", "amanecer", "manana"),
    "night": ("night", "midnight", "evening", "moonlight", "stars", "noche"),
}
WEATHERS: Mapping[str, Sequence[str]] = {
    "rain": ("rain", "rainy", "drizzle", "lluvia"),
    "snow": ("snow", "snowy", "winter", "nieve", "invierno"),
    "neon": ("neon", "cyberpunk", "arcade"),
}


def found(text: str, table: Mapping[str, Sequence[str]]) -> list[str]:
    """Return what the text speaks of, in the table's order."""
    return [name for name, words in table.items() if _any(text, words)]


def first(text: str, table: Mapping[str, Sequence[str]], otherwise: str) -> str:
    """Return the first thing the text speaks of."""
    return next(iter(found(text, table)), otherwise)


def _any(text: str, words: Sequence[str]) -> bool:
    return any(contains(text, word) for word in words)
