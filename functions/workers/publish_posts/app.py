"""Queue publish: make posts public, or take them back."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.kms import KeyWrapper
from vixenbliss.providers.platforms import platforms
from vixenbliss.providers.s3 import Bucket
from vixenbliss.services.orders import Orders
from vixenbliss.services.publisher_access import Publishers
from vixenbliss.services.publishing import PublishingService
from vixenbliss.services.taking_down import TakingDown
from vixenbliss.services.token_keeping import TokenKeeper
from vixenbliss.services.token_vault import TokenVault
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    keeper = TokenKeeper(platforms(settings()), TokenVault(KeyWrapper()))
    publishers = Publishers(settings(), keeper)
    service = PublishingService(
        settings(),
        publishers=publishers,
        orders=Orders(Bucket()),
        taking_down=TakingDown(publishers),
    )
    return service.publish


handler = consume(Queue.PUBLISH, _work)
