"""Which models there are and what they take; checked as Replicate's gateway checks.

Field names and bounds: the input schema of black-forest-labs/flux-schnell and the
``prediction_request`` schema of Replicate's OpenAPI document. The kinds and wordings
of wrong fields are those of its validator (a JSON Schema library for Go).
"""

import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

IMAGE_MODELS = frozenset(
    {
        "black-forest-labs/flux-schnell",
        "black-forest-labs/flux-dev",
        "black-forest-labs/flux-dev-lora",
        "black-forest-labs/flux-schnell-lora",
        "black-forest-labs/flux-1.1-pro",
        "black-forest-labs/flux-1.1-pro-ultra",
        "black-forest-labs/flux-2-pro",
        "black-forest-labs/flux-kontext-pro",
        "bytedance/seedream-4",
        "google/imagen-4",
        "google/nano-banana",
        "ideogram-ai/ideogram-v3-turbo",
        "recraft-ai/recraft-v3",
        "stability-ai/sdxl",
        "stability-ai/stable-diffusion-3.5-large",
    }
)
# The long side is about 1024; the short one makes the ratio exact where platforms
# measure it (Instagram takes 4:5 and nothing narrower).
SIZES = {
    "1:1": (1024, 1024),
    "16:9": (1024, 576),
    "9:16": (576, 1024),
    "4:5": (832, 1040),
    "5:4": (1040, 832),
    "3:4": (768, 1024),
    "4:3": (1024, 768),
    "2:3": (704, 1056),
    "3:2": (1056, 704),
    "21:9": (1008, 432),
    "9:21": (432, 1008),
}
FORMATS = ("webp", "jpg", "png")
OFFICIAL = "hidden"
_HASH = re.compile(r"[0-9a-f]{64}")
_NAME = re.compile(r"[\w.-]+/[\w.-]+")
_BODY_FIELDS = {"input", "stream", "webhook", "webhook_events_filter"}
_EVENTS = ("start", "output", "logs", "completed")

type WrongField = dict[str, str]


@dataclass(frozen=True)
class Model:
    """A model and the version of it that runs."""

    name: str
    version: str


def resolve(version: str, further: Iterable[str] = ()) -> Model | None:
    """Return the model a version speaks of; none if there is none.

    A bare hash is a known one if it is the SHA-256 of a model's name: the stand-in
    has no history of versions, but callers pin them.
    """
    known = IMAGE_MODELS | set(further)
    if _HASH.fullmatch(version):
        return next((Model(n, version) for n in known if hash_of(n) == version), None)
    name, _, pinned = version.partition(":")
    if not _NAME.fullmatch(name) or name not in known:
        return None
    if not pinned:
        return None if version.endswith(":") else Model(name, OFFICIAL)
    return Model(name, pinned) if _HASH.fullmatch(pinned) else None


def hash_of(name: str) -> str:
    """Return the one version id by which a model is known without its name."""
    return sha256(name.encode()).hexdigest()


def wrong_fields(body: dict[str, object], *, versioned: bool) -> list[WrongField]:
    """Return what is wrong with a create body, its input apart."""
    known = _BODY_FIELDS | ({"version"} if versioned else set())
    required = ["version", "input"] if versioned else ["input"]
    wrong = [_missing("", name) for name in required if name not in body]
    wrong += [_unknown(name) for name in sorted(body.keys() - known)]
    wrong += _mistyped("", "input", body.get("input", {}), dict)
    wrong += _wrong_address(body.get("webhook", "https://"))
    wrong += _mistyped("", "version", body.get("version", ""), str)
    return wrong + _wrong_events(body.get("webhook_events_filter", []))


def wrong_inputs(inputs: dict[str, object]) -> list[WrongField]:
    """Return what is wrong with the input of an image model."""
    wrong = [] if "prompt" in inputs else [_missing("input", "prompt")]
    wrong += _mistyped("input", "prompt", inputs.get("prompt", ""), str)
    wrong += _bounded("num_outputs", inputs.get("num_outputs"), 1, 4)
    wrong += _bounded("seed", inputs.get("seed"), 0, 2**63 - 1)
    wrong += _bounded("output_quality", inputs.get("output_quality"), 0, 100)
    wrong += _bounded("width", inputs.get("width"), 64, 2048)
    wrong += _bounded("height", inputs.get("height"), 64, 2048)
    wrong += _listed(
        "input.aspect_ratio", inputs.get("aspect_ratio"), (*SIZES, "custom")
    )
    return wrong + _listed("input.output_format", inputs.get("output_format"), FORMATS)


def size_of(inputs: dict[str, object]) -> tuple[int, int]:
    """Return the width and height a valid input asks for."""
    width, height = inputs.get("width"), inputs.get("height")
    if isinstance(width, int) and isinstance(height, int):
        return width, height
    return SIZES.get(str(inputs.get("aspect_ratio")), SIZES["1:1"])


def _wrong_address(address: object) -> list[WrongField]:
    wrong = _mistyped("", "webhook", address, str)
    if wrong or str(address).startswith(("https://", "http://")):
        return wrong
    description = "Does not match format 'uri'"
    return [{"type": "format", "field": "webhook", "description": description}]


def _wrong_events(events: object) -> list[WrongField]:
    wrong = _mistyped("", "webhook_events_filter", events, list)
    for event in events if isinstance(events, list) else ():
        wrong += _listed("webhook_events_filter", event, _EVENTS)
    return wrong


def _missing(field: str, name: str) -> WrongField:
    return {"type": "required", "field": field, "description": f"{name} is required"}


def _unknown(name: str) -> WrongField:
    return {
        "type": "additional_property_not_allowed",
        "field": "",
        "description": f"Additional property {name} is not allowed",
    }


def _mistyped(parent: str, name: str, value: object, kind: type) -> list[WrongField]:
    if isinstance(value, kind):
        return []
    expected = {dict: "object", str: "string", list: "array", int: "integer"}[kind]
    field = f"{parent}.{name}" if parent else name
    description = f"Invalid type. Expected: {expected}, given: {type(value).__name__}"
    return [{"type": "invalid_type", "field": field, "description": description}]


def _bounded(name: str, value: object, low: int, high: int) -> list[WrongField]:
    if value is None:
        return []
    if not isinstance(value, int) or isinstance(value, bool):
        return _mistyped("input", name, str(value) if value is True else value, int)
    if low <= value <= high:
        return []
    kind, side, bound = (
        ("number_gte", "greater", low) if value < low else ("number_lte", "less", high)
    )
    description = f"Must be {side} than or equal to {bound}"
    return [{"type": kind, "field": f"input.{name}", "description": description}]


def _listed(field: str, value: object, choices: Iterable[str]) -> list[WrongField]:
    if value is None or value in (listed := tuple(choices)):
        return []
    quoted = ", ".join(f'"{choice}"' for choice in listed)
    description = f"{field} must be one of the following: {quoted}"
    return [{"type": "enum", "field": field, "description": description}]
