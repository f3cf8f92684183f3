"""What a test may turn on the stand-ins while they run."""

from datetime import UTC, datetime, timedelta
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Settings(BaseModel):
    """How the stand-ins behave when nothing is scripted to go wrong."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    latency_s: float = Field(default=0.4, ge=0, le=600)
    """How long a prediction takes, give or take a quarter by its seed."""
    openai_latency_s: float = Field(default=0.1, ge=0, le=600)
    """How long a response takes to be written."""
    retention_s: float = Field(default=3600.0, ge=0)
    """How long inputs, outputs and files outlive their prediction."""
    time_scale: float = Field(default=1.0, ge=0, le=10)
    """What the minute of webhook retries and the deadlines are multiplied with."""
    seed: int = 0
    """What latencies, and the seeds of predictions that name none, follow from."""
    pictures: Literal["full", "draft"] = "full"
    """Draft pictures cost a tenth of the time and are for storms, not for eyes."""
    credentials: bool = False
    """Whether all pictures carry content credentials."""
    models: tuple[str, ...] = ()
    """Further models, as ``owner/name``, that take image inputs."""


class WebhookBehaviour(BaseModel):
    """How webhooks misbehave; the default is Replicate on a good day."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: str = ""
    """Only webhook addresses that contain this misbehave."""
    drop: bool = False
    """Send none, and never come back to them."""
    duplicate: int = Field(default=1, ge=1, le=50)
    """How many copies of each attempt are sent at the same time."""
    delay_s: float = Field(default=0.0, ge=0, le=600)
    """How long each event waits before its first attempt."""
    early: bool = False
    """Deliver all events before the create call is answered."""
    corrupt: bool = False
    """Sign with a key nobody has."""
    skew_s: int = 0
    """What is added to the time that is signed."""
    timeout_s: float = Field(default=5.0, gt=0, le=60)
    """How long a receiver may take to answer."""

    def of(self, address: str) -> "WebhookBehaviour":
        """Return how webhooks to that address behave."""
        return self if self.match in address else WebhookBehaviour()


class Clock:
    """The providers' clock, which a test may put forward."""

    def __init__(self) -> None:
        self._ahead = timedelta()

    def now(self) -> datetime:
        """Return the instant, aware, in UTC."""
        return self.wall() + self._ahead

    @staticmethod
    def wall() -> datetime:
        """Return the machine's time, by which receivers judge a signature's age."""
        return datetime.now(UTC)

    def advance(self, seconds: float) -> None:
        """Put the clock forward; latencies still take their own time."""
        self._ahead += timedelta(seconds=seconds)

    def reset(self) -> None:
        """Go back to the time of the machine."""
        self._ahead = timedelta()
