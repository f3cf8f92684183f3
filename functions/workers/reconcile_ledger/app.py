"""Queue reconcile: take reconciliations a part of their way."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_balance import StripeBalance
from vixenbliss.services.reconciling import Reconciling
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    balance = StripeBalance(Stripe(settings()))
    return Reconciling(settings(), balance).reconcile


handler = consume(Queue.RECONCILE, _work)
