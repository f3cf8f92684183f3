"""A deployment brings the schema to the newest revision, or one step back."""

from typing import Any

from vixenbliss.migrations.run import deploy, downgrade, upgrade
from vixenbliss.worker.resources import is_from_cloudformation, tend

SCHEMA = "vixenbliss-schema"


def handler(event: dict[str, Any], context: Any) -> dict[str, str | None]:  # noqa: ANN401 - by hand there is none
    """Run migrations: ``{"action": "upgrade"}``, the default, or ``"downgrade"``.

    ``revision`` says how far; by default to the newest, or one step back. To an event
    of a custom resource CloudFormation gets its answer, too; its deletion keeps all.
    """
    if is_from_cloudformation(event):
        reply = tend(SCHEMA, event, context, deploy)
        return {"status": reply.status, "reason": reply.reason, **reply.data}
    if event.get("action", "upgrade") == "downgrade":
        return {"revision": downgrade(event.get("revision", "-1"))}
    return {"revision": upgrade(event.get("revision", "head"))}
