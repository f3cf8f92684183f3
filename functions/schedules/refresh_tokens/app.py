"""Every minute: refresh the tokens of social accounts that end soon."""

from dataclasses import asdict
from typing import Any

from vixenbliss.loop import run
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.services.token_keeping import TokenKeeper, refresh_due
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings


def handler(_event: dict[str, Any], _context: object) -> dict[str, int]:
    """Refresh what is due, or was asked for."""
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    return asdict(run(refresh_due(keeper)))
