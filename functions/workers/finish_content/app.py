"""Queue finish: bring home what the providers have made."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.kms import Signer
from vixenbliss.providers.openai import OpenAI
from vixenbliss.providers.replicate import Replicate
from vixenbliss.providers.s3 import Bucket
from vixenbliss.services.finishing import FinishingService
from vixenbliss.services.gate import Gate
from vixenbliss.services.ingestion import Ingestion
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    replicate = Replicate(settings())
    ingestion = Ingestion(
        settings(),
        replicate=replicate,
        bucket=Bucket(),
        signer=Signer(),
        gate=Gate(OpenAI(settings())),
    )
    return FinishingService(settings(), replicate=replicate, ingestion=ingestion).finish


handler = consume(Queue.FINISH, _work)
