"""What the tests ask of the stand-ins over and over."""

import json

import httpx

MODEL = "black-forest-labs/flux-schnell"
CAPTION_SCHEMA: dict[str, object] = {
    "type": "object",
    "properties": {
        "captions": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "key": {"type": "string"},
                    "caption": {"type": "string"},
                    "hashtags": {"type": "array", "items": {"type": "string"}},
                    "alt_text": {"type": "string"},
                },
                "required": ["key", "caption", "hashtags", "alt_text"],
                "additionalProperties": False,
            },
        }
    },
    "required": ["captions"],
    "additionalProperties": False,
}


def prediction_of(
    prompt: str = "Luna on the beach", **more: object
) -> dict[str, object]:
    """Return a create body; what is not a body's field goes into the input."""
    of_body = {"version", "webhook", "webhook_events_filter"}
    body = {key: value for key, value in more.items() if key in of_body}
    inputs = {key: value for key, value in more.items() if key not in of_body}
    return {"version": MODEL, "input": {"prompt": prompt} | inputs} | body


async def finished(
    client: httpx.AsyncClient, body: dict[str, object]
) -> dict[str, object]:
    """Create a prediction, wait for its end, and return it."""
    answer = await client.post("predictions", json=body, headers={"prefer": "wait"})
    assert answer.status_code == 201, answer.text
    return as_object(answer)


def response_of(
    themes: tuple[str, ...] = ("sunset on the beach",),
    *,
    language: str = "en",
    **more: object,
) -> dict[str, object]:
    """Return a create body for captions on the themes, keyed k0, k1, …"""
    requests = [
        {"key": f"k{n}", "theme": theme, "language": language, "tone": "warm"}
        for n, theme in enumerate(themes)
    ]
    asked = {"persona": {"name": "Luna Vega", "niche": "travel"}, "requests": requests}
    wanted = {"type": "json_schema", "name": "caption_set", "strict": True}
    return {
        "model": "gpt-6-luna",
        "instructions": "Write captions in the persona's voice.",
        "input": [{"role": "user", "content": json.dumps(asked)}],
        "text": {"format": wanted | {"schema": CAPTION_SCHEMA}},
    } | more


def as_object(answer: httpx.Response) -> dict[str, object]:
    """Return an answer's JSON object."""
    body: object = answer.json()
    assert isinstance(body, dict)
    return body


async def script(control: httpx.AsyncClient, *rules: dict[str, object]) -> None:
    """Put the rules in force, and no others."""
    answer = await control.put("faults", json=list(rules))
    assert answer.status_code == 200, answer.text
