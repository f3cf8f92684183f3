"""A rotation replaces the secret that signs access tokens, and nobody notices."""

from typing import Any

from vixenbliss.log import log
from vixenbliss.providers.secretsmanager import RotatingSecret
from vixenbliss.services.rotation import Rotation, refuse_others


def handler(event: dict[str, Any], _context: object) -> None:
    """Take one ``Step`` towards version ``ClientRequestToken`` of ``SecretId``."""
    refuse_others(event["SecretId"])
    rotation = Rotation(RotatingSecret(event["SecretId"]), event["ClientRequestToken"])
    rotation.take(event["Step"])
    log.info("rotation stepped", step=event["Step"])
