"""Where a browser may be sent back to: our own pages, or the user's own machine."""

from collections.abc import Sequence
from urllib.parse import SplitResult, urlsplit

from vixenbliss.errors import ValidationError
from vixenbliss.providers.http import LOOPBACK


def require_ours(url: str, origins: Sequence[str], *, field: str) -> None:
    """Make sure that an address is one of our pages, or on the user's own machine.

    Raises:
        ValidationError: it is not, or is spelled so that browsers may read another.
    """
    there = _read(url)
    is_plain = there is not None and not ("\\" in url or "@" in there.netloc)
    if there is None or not is_plain or there.fragment:
        message = "This is no address to return to."
        raise ValidationError(message, field=field)
    is_near = there.scheme in ("http", "https") and there.hostname in LOOPBACK
    if not is_near and f"{there.scheme}://{there.netloc}" not in origins:
        message = "This is none of our pages."
        raise ValidationError(message, field=field)


def _read(url: str) -> SplitResult | None:
    try:
        return urlsplit(url)
    except ValueError:
        return None
