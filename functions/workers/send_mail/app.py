"""Queue mail: send letters."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.ses import Mailbox
from vixenbliss.services.mailing import Mailing
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    return Mailing(Mailbox(), settings()).send


handler = consume(Queue.MAIL, _work)
