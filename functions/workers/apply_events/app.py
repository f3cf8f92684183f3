"""Queue events: look at what Stripe has told of, and write what was seen."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.stripe import Stripe
from vixenbliss.services.all_mirrors import all_mirrors
from vixenbliss.services.applying import Applying
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    stripe = Stripe(settings())
    return Applying(settings(), stripe, all_mirrors(settings(), stripe)).apply


handler = consume(Queue.EVENTS, _work)
