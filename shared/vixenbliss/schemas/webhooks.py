"""What a provider is told in answer to a delivery."""

from typing import Literal

from vixenbliss.schemas.base import Output


class Received(Output):
    """The delivery is stored, now or before."""

    received: Literal[True] = True
