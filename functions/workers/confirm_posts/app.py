"""Queue confirm: find out what became of posts, and write their receipts."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.kms import KeyWrapper, Signer
from vixenbliss.providers.platforms import platforms
from vixenbliss.services.confirming import ConfirmingService
from vixenbliss.services.publisher_access import Publishers
from vixenbliss.services.receipts import Receipts
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    service = ConfirmingService(
        settings(),
        publishers=Publishers(settings(), keeper),
        receipts=Receipts(Signer()),
    )
    return service.confirm


handler = consume(Queue.CONFIRM, _work)
