"""What users want done with their own data, done: claim, work, settle.

A request may be delivered twice, and its worker may die anywhere: an export is written
to the name that it was given first, and an erasure goes on with the step that it finds.
"""

from collections.abc import Sequence
from datetime import timedelta
from uuid import UUID

from pydantic_core import to_json

from vixenbliss.clock import timestamp
from vixenbliss.database import reading, transaction
from vixenbliss.errors import LeaseLostError, ProviderError, ProviderRefusedError
from vixenbliss.ids import new_secret
from vixenbliss.jobs.messages import Queue
from vixenbliss.log import log
from vixenbliss.models.data_requests import DataRequestKind
from vixenbliss.models.letters import LetterKind
from vixenbliss.providers.s3 import Bucket
from vixenbliss.repositories.data_requests import (
    ClaimedRequest,
    DataRequestRepository,
)
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.personal_data import PersonalDataRepository
from vixenbliss.services.erasing import Erasing
from vixenbliss.services.letters import write_letter
from vixenbliss.settings import Settings

EXPORT_LASTS = timedelta(days=7)
"""The bucket forgets the files of ``exports/`` after as many days."""
UNKNOWN_ROW_WAIT_S = 60
FIRST_PAUSE_S = 60
LONGEST_PAUSE_S = 3600


class Fulfilling:
    """Works on requests."""

    def __init__(self, settings: Settings, bucket: Bucket, erasing: Erasing) -> None:
        self._lease = timedelta(seconds=settings.lease_s)
        self._bucket = bucket
        self._erasing = erasing

    async def fulfil(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Work on requests; return those that nobody knows, to be delivered again.

        One that has ended, or that somebody else is working on, is left alone.
        """
        async with transaction() as connection:
            requests = DataRequestRepository(connection)
            known = await requests.known(ids)
            claimed = [
                await requests.claim(id_, lease=self._lease, s3_key=_new_key())
                for id_ in sorted(known)
            ]
        for one in filter(None, claimed):
            await self._fulfil(one)
        return dict.fromkeys(set(ids) - known, UNKNOWN_ROW_WAIT_S)

    async def _fulfil(self, claimed: ClaimedRequest) -> None:
        try:
            await self._try(claimed)
        except LeaseLostError:
            log.warning("lease lost", request_id=str(claimed.id))

    async def _try(self, claimed: ClaimedRequest) -> None:
        try:
            pause = await self._work(claimed)
        except ProviderRefusedError as error:
            await _fail(claimed, error)
        except ProviderError as error:
            log.warning("request put off", request_id=str(claimed.id), code=error.code)
            await _leave(claimed, _pause_after(claimed.attempts))
        else:
            if pause:
                await _leave(claimed, pause)
            log.info(
                "request worked on",
                request_id=str(claimed.id),
                kind=claimed.kind,
                is_done=not pause,
            )

    async def _work(self, claimed: ClaimedRequest) -> timedelta | None:
        """Do what is asked; return for how long it has to wait, if it has.

        Raises:
            LeaseLostError: the request is no longer ours.
            ProviderError: it is not done.
        """
        if claimed.kind is DataRequestKind.ERASURE:
            return await self._erasing.erase(claimed)
        await self._export(claimed)
        return None

    async def _export(self, claimed: ClaimedRequest) -> None:
        async with reading() as connection:
            found = await PersonalDataRepository(connection).gather(claimed.user_id)
        (user,) = found.pop("user")
        copy = {"made_at": timestamp(), "user": user} | found
        key = claimed.s3_key or ""  # a claim gives every export one
        await self._bucket.put(key, to_json(copy, indent=2), "application/json")
        async with transaction() as connection:
            requests = DataRequestRepository(connection)
            await requests.hold(claimed)
            await requests.end(claimed, lasts=EXPORT_LASTS)
            await write_letter(
                connection,
                LetterKind.EXPORT_READY,
                email=user["email"],
                user_id=claimed.user_id,
                subject_id=claimed.id,
            )


def _new_key() -> str:
    """Return a name that nobody guesses."""
    return f"exports/{new_secret()}.json"


def _pause_after(attempts: int) -> timedelta:
    pause_s = min(FIRST_PAUSE_S * 2.0 ** min(attempts, 10), LONGEST_PAUSE_S)
    return timedelta(seconds=pause_s)


async def _leave(claimed: ClaimedRequest, pause: timedelta) -> None:
    """Let the sweep send a request on its way again, after a pause."""
    async with transaction() as connection:
        requests = DataRequestRepository(connection)
        await requests.hold(claimed)
        await requests.pause(claimed, pause)


async def _fail(claimed: ClaimedRequest, error: ProviderRefusedError) -> None:
    """End a request that comes to nothing, with a dead letter that says why."""
    async with transaction() as connection:
        requests = DataRequestRepository(connection)
        await requests.hold(claimed)
        await requests.give_up(claimed.id)
        await DeadLetterRepository(connection).add(
            Burial(
                queue=Queue.PRIVACY,
                dedupe_key=f"{claimed.id}-{claimed.lease_token}",
                code=error.code,
                reason=": ".join(filter(None, (error.reason, error.words))),
                subject_id=claimed.id,
            )
        )
    log.error("request failed", request_id=str(claimed.id), code=error.code)
