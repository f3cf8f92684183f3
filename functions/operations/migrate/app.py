"""A deployment brings the schema to the newest revision, or one step back."""

from typing import Any

from vixenbliss.migrations.run import downgrade, upgrade


def handler(event: dict[str, Any], _context: object) -> dict[str, str | None]:
    """Run migrations: ``{"action": "upgrade"}``, the default, or ``"downgrade"``.

    ``revision`` says how far; by default to the newest, or one step back.
    """
    if event.get("action", "upgrade") == "downgrade":
        return {"revision": downgrade(event.get("revision", "-1"))}
    return {"revision": upgrade(event.get("revision", "head"))}
