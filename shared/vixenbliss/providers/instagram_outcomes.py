"""What Instagram says of a container, and of all that fails.

https://developers.facebook.com/docs/instagram-platform: "IG Container", "Error codes".
"""

import re
from collections.abc import Mapping
from datetime import timedelta

from pydantic import BaseModel

from vixenbliss.errors import OutcomeUnknownError, ProviderError
from vixenbliss.models.posts import Failure
from vixenbliss.providers.publishing import FLEETING, Outcome, Stage

NAME = "Instagram"
GONE = "100/33"  # no such object, or none that we may see
_STAGES = {
    "IN_PROGRESS": Stage.PREPARING,
    "FINISHED": Stage.READY,
    "PUBLISHED": Stage.PUBLISHED,
    "ERROR": Stage.LOST,
    "EXPIRED": Stage.LOST,
}
# "status" of a lost container ends with the subcode of the error, in words.
_SUBCODE = re.compile(r"error code (\d{1,12})")
_LOSSES = {"2207026": Failure.FIX_CONTENT}  # a video that it does not show
# Error codes, https://developers.facebook.com/docs/instagram-platform: the code alone,
# or with its subcode where that makes the difference.
_FAILURES: Mapping[str, Failure] = {
    **dict.fromkeys(("190", "102"), Failure.REAUTHENTICATE),
    **dict.fromkeys(("10", "3", "200"), Failure.REAUTHENTICATE),
    **dict.fromkeys(("1", "2", "-1", "-2", "24", "9007"), Failure.RETRY),
    **dict.fromkeys(("4", "17", "32", "613", "80001", "80002"), Failure.RETRY),
    "9/2207042": Failure.RETRY,  # the quota of a day
    "1/2207057": Failure.FIX_CONTENT,
    "4/2207051": Failure.STOP,  # taken for spam
    **dict.fromkeys(("25", "368", "506"), Failure.STOP),
    **dict.fromkeys(
        ("352", "9004", "36000", "36001", "36003", "36004", "100"), Failure.FIX_CONTENT
    ),
}
_RESTS: Mapping[str, timedelta] = {
    **dict.fromkeys(("4", "17", "32", "613", "80001", "80002"), timedelta(minutes=10)),
    "9/2207042": timedelta(hours=1),  # the quota of a rolling day
    **dict.fromkeys(("4/2207051", "368"), timedelta(hours=12)),
}


class Container(BaseModel):
    """How a container stands, by its own word."""

    status_code: str
    status: str = ""


def outcome_of(told: Container) -> Outcome:
    """Return what has become of a container.

    Raises:
        OutcomeUnknownError: in words that we do not know.
    """
    stage = _STAGES.get(told.status_code)
    if stage is None:
        raise OutcomeUnknownError(NAME, f"status {told.status_code[:40]}")
    if stage is not Stage.LOST:
        return Outcome(stage)
    subcode = _SUBCODE.search(told.status)
    code = subcode[1] if subcode else told.status[:60]
    return Outcome(stage, code, _LOSSES.get(code, Failure.RETRY))


def is_missing(error: ProviderError) -> bool:
    """Tell whether an error says that there is no such container."""
    return error.their_code == GONE or error.their_code.partition("/")[0] == "24"


def failure_of(error: ProviderError) -> Failure:
    """Return what is to be done about an error.

    What it has not told a code for is a hiccup; a refusal with a code that we do not
    know is a matter for a person. What Instagram itself calls transient is tried again,
    unless we know that it takes offence.
    """
    code = error.their_code
    known = _FAILURES.get(code) or _FAILURES.get(code.partition("/")[0])
    if error.is_transient and known is not Failure.STOP:
        return Failure.RETRY
    passes = not code or isinstance(error, FLEETING)
    return known or (Failure.RETRY if passes else Failure.STOP)


def rest_for(error: ProviderError) -> timedelta | None:
    """Return for how long an error wants the account left alone, if it does.

    Instagram names no time: these are ours, and longer where it takes offence.
    """
    if error.retry_after_s:
        return timedelta(seconds=error.retry_after_s)
    code = error.their_code
    return _RESTS.get(code) or _RESTS.get(code.partition("/")[0])
