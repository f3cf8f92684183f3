"""The sentences captions are made of, in English and Spanish."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

type Lines = Sequence[str]


@dataclass(frozen=True)
class Book:
    """A language's sentences; ``{T}`` and ``{t}`` are the theme, ``{n}`` the niche."""

    openers: Lines
    motifs: Mapping[str, Lines]
    niche: Lines
    closers: Mapping[str, Lines]
    names: Mapping[str, str]
    """What places and moments are called, for themes in another language."""
    where: Mapping[str, str]
    when: Mapping[str, str]
    poses: Lines
    somebody: str
    alt: str
    about: str
    tags: Mapping[str, Lines]


ENGLISH = Book(
    openers=(
        "{T}, and that's the whole plan today.",
        "Today's mood: {t}.",
        "{T}, and I wouldn't change a thing.",
        "A small love letter to this: {t}.",
        "Saving this one for later: {t}.",
        "Some days simply ask for it: {t}.",
        "Right now: {t}.",
        "{T}, because the week deserved it.",
    ),
    motifs={
        "beach": (
            "The waves did most of the talking, and that was fine by me.",
            "Three shades of blue, counted twice to be sure.",
            "No sand in these pixels, but all of the light.",
        ),
        "cafe": (
            "A corner table, a warm cup and a page of half-finished ideas.",
            "The steam draws better curves than I do.",
            "Small talk tastes better slowly.",
        ),
        "gym": (
            "One more round, drawn with care.",
            "Strong is a habit built on ordinary days.",
            "The best training partner is a good playlist.",
        ),
        "garden": (
            "Everything here grows at its own pace.",
            "Petals everywhere, and not one of them in a hurry.",
            "Green comes in more versions than software does.",
        ),
        "mountain": (
            "The climb is long, the view is longer.",
            "Thin air, big sky, very few notifications.",
            "Up here every worry has about the size it should.",
        ),
        "kitchen": (
            "Flour on the counter, music on, no recipe in sight.",
            "This room runs on butter and good decisions.",
            "Cooking slowly is a fine way of saying thank you.",
        ),
        "library": (
            "One chapter has a way of turning into six.",
            "Paper, silence and a lamp that never judges.",
            "I was made of words before I was made of light.",
        ),
        "market": (
            "Every stall has its own colour, and this palette wants them all.",
            "The best stories sit between the fruit crates.",
            "Come for the tomatoes, stay for the talk.",
        ),
        "forest": (
            "Moss below, light between the branches, everything on silent.",
            "The trees keep better time than any clock I know.",
            "The path goes on until it stops pretending to be one.",
        ),
        "stage": (
            "The second before the first note is the best place there is.",
            "All the lights came up at once, and so did the room.",
            "The last song always hums on for a while.",
        ),
        "desert": (
            "Warm stone, long shadows and a silence to lean on.",
            "The wind redraws the dunes, and I take notes.",
            "Nothing but horizon, and somehow that's plenty.",
        ),
        "lake": (
            "The water is so still it almost asks a question.",
            "A to-do list traded for ripples.",
            "Two skies for the price of one.",
        ),
        "home": (
            "Soft light, soft colours, no plans to defend.",
            "A room where the plants outnumber the meetings.",
            "One shelf rearranged, and it's a new world.",
        ),
        "city": (
            "The city hums, and I've nearly learned the tune.",
            "Every window up there is somebody's evening.",
            "The long way back is the better one, twice.",
        ),
        "studio": (
            "A plain backdrop, one lamp and an idea that kept changing.",
            "We tried it serious, then we tried it playful.",
            "Between two takes is where the real picture hides.",
        ),
        "sunset": (
            "The sky put on its warmest colours and stayed a little longer.",
            "Golden hour never repeats itself, so I never skip it.",
        ),
        "sunrise": (
            "The day is still folded, waiting for somebody to open it.",
            "Early light makes even bold plans look possible.",
        ),
        "night": (
            "After dark everything gets quieter, except the ideas.",
            "The night lends its calm, no deposit asked.",
        ),
        "rain": (
            "Rain on the window turns staying in into an event.",
            "Every drop got its own little line.",
        ),
        "snow": ("Everything muffled and white, as if the world took a breath.",),
        "neon": ("Pink light, blue light, and a story somewhere in between.",),
        "": (
            "I've been looking forward to sharing this one.",
            "It's the small things done with care that last.",
            "Keeping it simple turned out to be the trick.",
        ),
    },
    niche=(
        "Still learning, still in love with everything about {n}.",
        "Somehow all roads lead me back to {n}.",
    ),
    closers={
        "playful": ("Who's in?", "Tell me I'm not the only one.", "Your move."),
        "warm": ("What made you smile today?", "Tell me your version."),
        "bold": ("No small plans this week.", "Go on, take the first step."),
        "calm": ("Stay a moment, there's no rush.", "Breathe in, and that's enough."),
        "": (
            "Where would you go first?",
            "Keep it for a day that needs it.",
            "Tell me what you'd add.",
            "More of this, please.",
        ),
    },
    names={},
    where={
        "beach": "on a beach",
        "cafe": "at a café table",
        "gym": "in a bright gym",
        "garden": "among garden flowers",
        "mountain": "in front of mountains",
        "kitchen": "in a sunny kitchen",
        "library": "between library shelves",
        "market": "at a colourful market",
        "forest": "on a forest path",
        "stage": "in stage light",
        "desert": "between desert dunes",
        "lake": "by the water",
        "home": "in a cosy living room",
        "city": "in front of a skyline",
        "studio": "before a studio backdrop",
    },
    when={"sunset": "at sunset", "sunrise": "in early light", "night": "at night"},
    poses=(
        "smiling at the camera",
        "half turned towards the camera",
        "looking into the distance",
        "caught in a quiet moment",
    ),
    somebody="an AI creator",
    alt="Illustration of {name} {scene}, {pose}.",
    about="on the theme “{t}”",
    tags={
        "beach": ("BeachDay", "SeaBreeze"),
        "cafe": ("CoffeeTime", "CafeMornings"),
        "gym": ("TrainingDay", "StrongHabits"),
        "garden": ("GardenLife", "InBloom"),
        "mountain": ("MountainAir", "HikeMore"),
        "kitchen": ("KitchenStories", "HomeCooking"),
        "library": ("Bookish", "ReadingCorner"),
        "market": ("MarketDay", "LocalFinds"),
        "forest": ("ForestWalk", "SlowOutdoors"),
        "stage": ("LiveMusic", "StageLights"),
        "desert": ("DesertLight", "BigHorizons"),
        "lake": ("ByTheWater", "SlowSummer"),
        "home": ("CosyHome", "SlowLiving"),
        "city": ("CityLights", "UrbanWalks"),
        "studio": ("BehindTheScenes", "Portrait"),
        "": ("VirtualCreator", "AICreator", "EverydayJoy"),
    },
)
