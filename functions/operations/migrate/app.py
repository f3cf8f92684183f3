"""A deployment brings the schema to the newest revision; a person may take it back."""

from typing import Any

from vixenbliss.errors import ValidationError
from vixenbliss.migrations.run import HEAD, current, deploy, downgrade, upgrade
from vixenbliss.worker.resources import is_from_cloudformation, tend

SCHEMA = "vixenbliss-schema"


def handler(event: dict[str, Any], context: Any) -> dict[str, str | bool | None]:  # noqa: ANN401 - by hand there is none
    """Run migrations: ``{"action": "upgrade"}``, the default, or ``"downgrade"``.

    ``revision`` says how far: up by default to the newest; back always to one that is
    named, and ``changed`` tells whether the schema was ahead of it. To an event of a
    custom resource CloudFormation gets its answer, too; its deletion keeps all.

    Raises:
        ValidationError: there is no such action, or no revision of that name.
        InvalidStateError: the schema is not ahead of it, or another migration runs.
    """
    if is_from_cloudformation(event):
        reply = tend(SCHEMA, event, context, deploy)
        return {"status": reply.status, "reason": reply.reason, **reply.data}
    match event.get("action", "upgrade"):
        case "upgrade":
            return {"revision": upgrade(event.get("revision", HEAD))}
        case "downgrade":
            changed = downgrade(event.get("revision", ""))
            return {"revision": current(), "changed": changed}
    message = "The action is upgrade or downgrade."
    raise ValidationError(message, field="action")
