"""Queue privacy: make copies of people's data, and forget people."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.s3 import Bucket
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_catalogue import StripeCatalogue
from vixenbliss.services.erasing import Erasing
from vixenbliss.services.fulfilling import Fulfilling
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    bucket = Bucket()
    erasing = Erasing(bucket, StripeCatalogue(Stripe(settings())))
    return Fulfilling(settings(), bucket, erasing).fulfil


handler = consume(Queue.PRIVACY, _work)
