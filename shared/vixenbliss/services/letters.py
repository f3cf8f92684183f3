"""Letters: written with what they tell of, and sent by the worker of queue *mail*."""

from uuid import UUID

from vixenbliss.database import Connection
from vixenbliss.ids import new_id
from vixenbliss.jobs.messages import mail
from vixenbliss.models.letters import LetterKind
from vixenbliss.repositories.letters import LetterRepository
from vixenbliss.services.outbox import Outbox


async def write_letter(
    connection: Connection,
    kind: LetterKind,
    *,
    email: str,
    user_id: int | None = None,
    subject_id: UUID | None = None,
) -> None:
    """Write a letter in the caller's transaction, and leave without it or with it.

    It holds no secret: a token in it is made when it is sent.
    """
    letter_id = new_id()
    await LetterRepository(connection).add(
        letter_id, kind, email=email, user_id=user_id, subject_id=subject_id
    )
    await Outbox(connection).send(mail(letter_id))
