"""Benefits, as the outside sees them."""

from datetime import datetime
from typing import Annotated
from uuid import UUID

from pydantic import Field

from vixenbliss.models.catalogue import BenefitKind
from vixenbliss.schemas.base import NFC, UNSENT, VISIBLE, Flag, Input, Output, line

BenefitName = Annotated[str, line(at_least=1, at_most=120), NFC]
Ref = Annotated[str, Field(min_length=1, max_length=64, pattern=VISIBLE)]
"""Which of its kind: a tier's name, or the id of the thing."""
ConfigKey = Annotated[str, line(at_least=1, at_most=64)]
ConfigText = Annotated[str, line(at_most=500), NFC]
ConfigNumber = Annotated[int, Field(ge=-(2**53), le=2**53)]
Config = Annotated[
    dict[ConfigKey, ConfigText | ConfigNumber | bool], Field(max_length=20)
]
"""Whatever the pages that show a benefit want to know of it."""


class BenefitCreate(Input):
    """Something new that may be opened."""

    kind: BenefitKind
    ref: Ref
    name: BenefitName
    config: Config = Field(default_factory=dict)


class BenefitUpdate(Input):
    """What may change about a benefit; what is left out stays."""

    name: BenefitName = UNSENT
    config: Config = UNSENT
    is_active: Flag = UNSENT


class BenefitRead(Output):
    """A benefit."""

    id: UUID
    kind: BenefitKind
    ref: str
    name: str
    config: Config
    is_active: bool
    version: int
    created_at: datetime
    updated_at: datetime
