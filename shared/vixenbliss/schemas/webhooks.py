"""What a provider is told in answer to a delivery."""

import re
from typing import Literal

from pydantic import BaseModel, Field

from vixenbliss.errors import ValidationError
from vixenbliss.schemas.base import Output


class Received(Output):
    """The delivery is stored, now or before."""

    received: Literal[True] = True


class Challenge(BaseModel):
    """What Meta asks of an address before it sends updates there."""

    mode: str = Field(default="", alias="hub.mode", max_length=40)
    token: str = Field(default="", alias="hub.verify_token", max_length=400)
    challenge: str = Field(default="", alias="hub.challenge", max_length=400)

    def echo(self) -> str:
        """Return what is to be repeated: letters and digits, and nothing that acts.

        Raises:
            ValidationError: it is something else.
        """
        if not re.fullmatch("[A-Za-z0-9]+", self.challenge):
            message = "This is no challenge."
            raise ValidationError(message, field="hub.challenge")
        return self.challenge


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
