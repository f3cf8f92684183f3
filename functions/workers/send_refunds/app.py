"""Queue refund: ask Stripe for refunds of which it has not told yet."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.services.refund_asking import RefundAsking
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    return RefundAsking(StripePayments(Stripe(settings()))).send


handler = consume(Queue.REFUND, _work)
