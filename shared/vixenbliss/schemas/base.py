"""What every message from and to the outside has in common."""

import re
import unicodedata
from datetime import UTC, datetime
from typing import Annotated, Any, Literal

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    PlainSerializer,
    StringConstraints,
    WithJsonSchema,
)

from vixenbliss import clock
from vixenbliss.errors import NotFoundError

MAX_PAGE = 100_000
DEFAULT_PAGE_SIZE = 20
MAX_PAGE_SIZE = 100

MAX_ID = 2**31 - 1
"""The greatest that a column of integers holds."""

ONE_LINE = r"^[^\x00-\x1f\x7f-\x9f]*$"
SEVERAL_LINES = r"^[^\x00-\x08\x0b-\x1f\x7f-\x9f]*$"
VISIBLE = r"^[\x21-\x7e]+$"
HEX_SHA256 = r"^[0-9a-f]{64}$"
LANGUAGE_CODE = r"^[a-z]{2}$"
CURRENCY_CODE = r"^[a-z]{3}$"
SLUG = r"^[a-z0-9]+(-[a-z0-9]+)*$"
TIME_OF_DAY = r"^([01][0-9]|2[0-3]):[0-5][0-9]$"
HASHTAG_LENGTH = 100
HASHTAG = rf"^[\w]{{1,{HASHTAG_LENGTH}}}$"
_NUMBER = re.compile(r"[0-9]{1,10}")
# Deliverability shows by sending; here it is enough that it looks like an address.
EMAIL = r"^[^@\s\x00-\x1f\x7f]+@[^@\s\x00-\x1f\x7f]+\.[^@\s.\x00-\x1f\x7f]+$"


def line(*, at_least: int = 0, at_most: int) -> StringConstraints:
    """Return the bounds of a text on one line, stripped, without control characters."""
    return StringConstraints(
        strip_whitespace=True, min_length=at_least, max_length=at_most, pattern=ONE_LINE
    )


def text(*, at_least: int = 0, at_most: int) -> StringConstraints:
    """Return the bounds of a text that may have several lines."""
    return StringConstraints(
        strip_whitespace=True,
        min_length=at_least,
        max_length=at_most,
        pattern=SEVERAL_LINES,
    )


def _composed(value: object) -> object:
    return unicodedata.normalize("NFC", value) if isinstance(value, str) else value


NFC = BeforeValidator(_composed)
"""Letters and their accents as one, so that what looks alike compares alike."""

IntegerId = Annotated[int, Field(strict=True, ge=1, le=MAX_ID)]


def id_or(missing: type[NotFoundError]) -> BeforeValidator:
    """Return the way to read an id in a path: what cannot be one is nobody's."""

    def there(value: object) -> object:
        digits = str(value)
        if _NUMBER.fullmatch(digits) and 1 <= int(digits) <= MAX_ID:
            return value
        raise missing

    return BeforeValidator(there)


Reason = Annotated[str, text(at_least=1, at_most=500), NFC]


def _to_hex(value: object) -> object:
    return value.hex() if isinstance(value, bytes | memoryview) else value


Sha256 = Annotated[str, StringConstraints(pattern=HEX_SHA256), BeforeValidator(_to_hex)]
"""A SHA-256 as 64 lower-case hexadecimal digits."""


Language = Annotated[str, Field(pattern=LANGUAGE_CODE)]
"""A language by its ISO 639-1 code."""


YEARS = range(2000, 2101)
"""Those of which anybody speaks; a window or two fits before and after them."""


def _in_utc(instant: datetime) -> datetime:
    # Years are compared first: at the ends of time, there is none in UTC.
    if instant.year in YEARS and (in_utc := instant.astimezone(UTC)).year in YEARS:
        return in_utc
    message = f"is in a year from {YEARS[0]} to {YEARS[-1]}"
    raise ValueError(message)


def _as_spelled(value: object) -> object:
    """Refuse a number, which Pydantic would take for seconds since 1970."""
    if isinstance(value, datetime) or (isinstance(value, str) and value[4:5] == "-"):
        return value
    message = "is told as 2026-12-24T18:00:00Z"
    raise ValueError(message)


Instant = Annotated[
    AwareDatetime, AfterValidator(_in_utc), BeforeValidator(_as_spelled)
]
"""A time with its offset; one without might be anybody's."""


SerialId = Annotated[int, Field(ge=1, le=2**31 - 1)]
"""The number of a row where rows are numbered; Postgres has none beyond it."""


WholeSeconds = Annotated[
    datetime,
    PlainSerializer(clock.in_whole_seconds, return_type=str),
    WithJsonSchema({"type": "string", "format": "date-time"}, mode="serialization"),
]
"""A time as the envelope dialect tells it: ``2026-01-12T10:00:00Z``."""


class Input(BaseModel):
    """What a client sends: known fields only, and no error repeats a value of them."""

    model_config = ConfigDict(extra="forbid", hide_input_in_errors=True)


Flag = Annotated[bool, Field(strict=True)]
"""True or false, as JSON has them; Pydantic would take 1 and "yes", too."""

UNSENT: Any = None
"""Default of what a PATCH may leave out but not empty: its type has no None.

Whether it was sent shows in ``model_fields_set``; ``exclude_unset`` leaves it out.
"""


class Output(BaseModel):
    """What a client may know."""


class Pagination(Output):
    """Where in a list an answer stands."""

    page: int
    per_page: int
    total: int


class Listing[Item](Output):
    """One page of a list."""

    items: list[Item]
    pagination: Pagination


class PageQuery(BaseModel):
    """Which page of a list is wanted."""

    page: Annotated[int, Field(ge=1, le=MAX_PAGE)] = 1
    per_page: Annotated[int, Field(ge=1, le=MAX_PAGE_SIZE)] = DEFAULT_PAGE_SIZE

    def listing[Item](self, items: list[Item], total: int) -> Listing[Item]:
        """Return the items as this page of so many."""
        pagination = Pagination(page=self.page, per_page=self.per_page, total=total)
        return Listing(items=items, pagination=pagination)


class Success[Data](Output):
    """The envelope dialect's answer when all went well."""

    success: Literal[True] = True
    data: Data
    message: str = "Operation successful"
    timestamp: str = Field(default_factory=clock.timestamp)


class CostRead(Output):
    """An amount owed to a provider, in millionths of the currency's unit."""

    amount_micros: int
    currency: str


class ErrorItem(Output):
    """One thing that is wrong with a request."""

    field: str
    message: str


class Problem(Output):
    """The bare dialect's error: RFC 9457 members and a code for machines."""

    type: str = "about:blank"
    title: str
    status: int
    detail: str
    code: str
    errors: list[ErrorItem] | None = None
    missing: list[str] | None = None
    offers: list[str] | None = None
    """Products for sale that would open what was asked for."""
    request_id: str


class Failure(Output):
    """The envelope dialect's error."""

    success: Literal[False] = False
    error: dict[str, Any]
    timestamp: str


class OAuthFailure(Output):
    """The OAuth2 dialect's error."""

    error: str
    error_description: str
