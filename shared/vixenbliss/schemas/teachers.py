"""Teachers, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from vixenbliss.schemas.base import NFC, UNSENT, Input, Output, line
from vixenbliss.schemas.users import Email

TeacherName = Annotated[str, line(at_least=1, at_most=255), NFC]


class TeacherCreate(Input):
    """Somebody new who teaches, perhaps an avatar."""

    name: TeacherName
    email: Email
    avatar_id: UUID | None = None


class TeacherUpdate(Input):
    """What may change about a teacher; what is left out stays, null empties."""

    name: TeacherName = UNSENT
    email: Email = UNSENT
    avatar_id: UUID | None = UNSENT


class TeacherRead(Output):
    """A teacher, as anybody may know them."""

    id: int
    name: str


class TeacherDetail(TeacherRead):
    """A teacher, as those know them who work in their workspace."""

    email: str
    avatar_id: UUID | None
    created_at: datetime
    updated_at: datetime
