"""Queue moderate: give waiting decisions their verdicts."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.kms import Signer
from vixenbliss.providers.openai import OpenAI
from vixenbliss.providers.s3 import Bucket
from vixenbliss.services.gate import Gate
from vixenbliss.services.moderation import ModerationService
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    gate = Gate(OpenAI(settings()))
    service = ModerationService(settings(), gate=gate, bucket=Bucket(), signer=Signer())
    return service.moderate


handler = consume(Queue.MODERATE, _work)
