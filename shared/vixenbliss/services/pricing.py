"""What a job may cost at most, before it is asked for, and what it did cost."""

from vixenbliss.models.content_jobs import JobKind
from vixenbliss.money import Cost
from vixenbliss.settings import Settings

# A caption is asked for with the persona and the instructions before it; both bounds
# are well above what the longest of them come to.
MAX_INPUT_TOKENS = 2_500
MAX_OUTPUT_TOKENS = 700
TOKENS_PRICED = 1_000


class PriceList:
    """The providers' prices, from the settings."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def at_most(self, kind: JobKind) -> Cost:
        """Return what one job of a kind may cost."""
        if kind is JobKind.IMAGE:
            return Cost(self._settings.image_price_micros)
        return self.caption(MAX_INPUT_TOKENS, MAX_OUTPUT_TOKENS)

    def image(self) -> Cost:
        """Return what one image costs."""
        return Cost(self._settings.image_price_micros)

    def caption(self, input_tokens: int, output_tokens: int) -> Cost:
        """Return what so many tokens cost, rounded up to the micro, once."""
        micros = (
            input_tokens * self._settings.caption_input_price_micros
            + output_tokens * self._settings.caption_output_price_micros
        )
        return Cost(-(-micros // TOKENS_PRICED))
