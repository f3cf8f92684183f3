"""Queue rollup: add days up, by avatar and by currency."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.services.rolling_up import RollingUp
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    return RollingUp(settings()).roll_up


handler = consume(Queue.ROLLUP, _work)
