"""Queue generate: send jobs to the providers that make what they wish for."""

from vixenbliss.jobs.messages import Queue
from vixenbliss.providers.openai import OpenAI
from vixenbliss.providers.replicate import Replicate
from vixenbliss.services.caption_writing import CaptionWriter
from vixenbliss.services.gate import Gate
from vixenbliss.services.generation import GenerationService
from vixenbliss.settings import settings
from vixenbliss.worker.consumer import Work, consume


def _work() -> Work:
    openai = OpenAI(settings())
    gate = Gate(openai)
    service = GenerationService(
        settings(),
        gate=gate,
        replicate=Replicate(settings()),
        writer=CaptionWriter(settings(), gate=gate, openai=openai),
    )
    return service.generate


handler = consume(Queue.GENERATE, _work)
