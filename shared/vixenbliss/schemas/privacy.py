"""What users ask of us about their own data, and what they are answered."""

from datetime import datetime
from uuid import UUID

from vixenbliss.models.data_requests import DataRequestKind, DataRequestStatus
from vixenbliss.schemas.base import Input, Output
from vixenbliss.schemas.users import Password


class ExportRequested(Output):
    """A copy is being made."""

    request_id: UUID


class ErasureWanted(Input):
    """Somebody wants to be forgotten, and shows that it is they who say so."""

    password: Password


class ErasureBegun(Output):
    """The account is closed; who it was is being forgotten."""

    confirmation_code: str
    """By which we find the request, should there be questions."""


class DataRequestRead(Output):
    """How far a request has come."""

    id: UUID
    kind: DataRequestKind
    status: DataRequestStatus
    url: str | None
    """Where the copy is, for five minutes; ask again for another."""
    expires_at: datetime | None
    """Until when the copy is kept."""
    created_at: datetime
    done_at: datetime | None
