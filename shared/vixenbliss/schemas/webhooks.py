"""What a provider is told in answer to a delivery."""

from typing import Literal

from pydantic import BaseModel, Field

from vixenbliss.schemas.base import Output


class Received(Output):
    """The delivery is stored, now or before."""

    received: Literal[True] = True


class SignedRequest(BaseModel):
    """What Meta signs when somebody leaves the app, or is to be forgotten by it."""

    algorithm: Literal["HMAC-SHA256"]
    user_id: str = Field(min_length=1, max_length=120)
    issued_at: int = Field(ge=0, le=2**40)


class Deletion(Output):
    """Somebody is forgotten."""

    url: str
    """Where that can be looked up."""
    confirmation_code: str


class DeletionStatus(Output):
    """How far it has come with forgetting somebody: it is done at once."""

    status: Literal["completed"] = "completed"
