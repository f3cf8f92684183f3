"""Queue measure: read how often the posts of accounts are seen."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.services.measuring import Measuring
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    return Measuring(settings(), keeper).measure


handler = consume(Queue.MEASURE, _work)
