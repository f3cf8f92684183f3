"""Sending letters: claim one, make its token, ask SES, settle.

A second delivery finds nothing to claim. Whoever dies after SES was asked leaves a
lease, and once that is over the letter is sent again, with another token that replaces
the first: SES cannot be asked whether it has sent something. Three times at most.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from vixenbliss.database import Connection, transaction
from vixenbliss.deadline import time_left_s
from vixenbliss.errors import (
    OutcomeUnknownError,
    ProviderError,
    ProviderUnavailableError,
)
from vixenbliss.ids import digest, new_secret
from vixenbliss.jobs.messages import Queue
from vixenbliss.log import log
from vixenbliss.models.letters import LetterKind
from vixenbliss.models.one_time_tokens import TokenPurpose
from vixenbliss.providers.ses import Mailbox
from vixenbliss.repositories.dead_letters import Burial, DeadLetterRepository
from vixenbliss.repositories.letters import ClaimedLetter, LetterRepository
from vixenbliss.repositories.members import MemberRepository
from vixenbliss.repositories.one_time_tokens import OneTimeTokenRepository
from vixenbliss.services.letter_texts import LetterText, text_of
from vixenbliss.settings import Settings

MAX_TRIES = 3
PAUSE = timedelta(minutes=1)
LONGEST_WAIT = timedelta(days=1)
"""For how long a letter waits for SES to be there."""
NEXT_BATCH_S = 1
NOT_SET_UP = "MAIL_NOT_SET_UP"
UNCERTAIN = "OUTCOME_UNKNOWN"
_LASTS = {
    TokenPurpose.VERIFY_EMAIL: timedelta(days=7),
    TokenPurpose.RESET_PASSWORD: timedelta(minutes=30),
    TokenPurpose.CHANGE_EMAIL: timedelta(days=1),
}
_PURPOSES = {
    LetterKind.VERIFY_EMAIL: TokenPurpose.VERIFY_EMAIL,
    LetterKind.RESET_PASSWORD: TokenPurpose.RESET_PASSWORD,
    LetterKind.CHANGE_EMAIL: TokenPurpose.CHANGE_EMAIL,
}


@dataclass(frozen=True, slots=True)
class _Stamped:
    """A letter as it leaves."""

    letter: ClaimedLetter
    address: str
    text: LetterText


class Mailing:
    """Sends letters that are stored."""

    def __init__(self, mailbox: Mailbox, settings: Settings) -> None:
        self._mailbox = mailbox
        self._home = next(iter(settings.return_origins), settings.public_api_base)
        self._is_set_up = bool(settings.mail_from and self._home)
        self._lease = timedelta(seconds=settings.lease_s)

    async def send(self, ids: Sequence[UUID]) -> dict[UUID, float]:
        """Send letters; return those for which there was no time, to come at once.

        What SES did not take is not among them: the sweep sends it on its way again.
        """
        left: dict[UUID, float] = {}
        for letter_id in ids:
            if time_left_s() <= 0:
                left[letter_id] = NEXT_BATCH_S
            else:
                await self._send(letter_id)
        return left

    async def _send(self, letter_id: UUID) -> None:
        stamped = await self._prepare(letter_id)
        if stamped is None:
            return
        try:
            message_id = await self._mailbox.send(
                stamped.address, subject=stamped.text.subject, text=stamped.text.body
            )
        except ProviderError as error:
            await _settle(stamped.letter, error)
        else:
            await _mark_sent(stamped.letter, message_id)

    async def _prepare(self, letter_id: UUID) -> _Stamped | None:
        """Claim a letter and make what it brings; None if none is to be sent.

        Committed before it leaves, so that a token is good when it is read.
        """
        async with transaction() as connection:
            letters = LetterRepository(connection)
            letter = await letters.claim(
                letter_id, lasts=self._lease, is_old_after=LONGEST_WAIT
            )
            if letter is None:
                return None
            if letter.attempts > MAX_TRIES:
                await _fail(connection, letter, UNCERTAIN, "nobody lived to tell")
                return None
            if not self._is_set_up:
                reason = "MAIL_FROM, RETURN_ORIGINS or PUBLIC_API_BASE is missing"
                await _fail(connection, letter, NOT_SET_UP, reason)
                return None
            return await self._stamp(connection, letter)

    async def _stamp(
        self, connection: Connection, letter: ClaimedLetter
    ) -> _Stamped | None:
        """Address a letter; delete it if by now nobody wants it."""
        token = new_secret() if letter.kind in _WITH_TOKEN else None
        address = await _address_of(connection, letter, token)
        if address is None:
            await LetterRepository(connection).forget(letter)
            log.info("letter not wanted", letter_id=str(letter.id), kind=letter.kind)
            return None
        text = text_of(letter.kind, home=self._home, token=token)
        return _Stamped(letter, address, text)


_WITH_TOKEN = {*_PURPOSES, LetterKind.INVITATION}


async def _address_of(
    connection: Connection, letter: ClaimedLetter, token: str | None
) -> str | None:
    """Return where a letter goes, its token kept; None if it is not wanted."""
    if token is None:
        return letter.email
    if letter.kind is LetterKind.INVITATION:
        members = MemberRepository(connection)
        is_open = await members.mail(letter.subject_id, digest(token))
        return letter.email if is_open else None
    purpose = _PURPOSES[letter.kind]
    return await OneTimeTokenRepository(connection).make(
        purpose,
        digest(token),
        email=letter.email,
        user_id=letter.user_id,
        lasts=_LASTS[purpose],
    )


async def _mark_sent(letter: ClaimedLetter, message_id: str) -> None:
    async with transaction() as connection:
        is_ours = await LetterRepository(connection).mark_sent(letter, message_id)
    if is_ours:
        log.info("letter sent", letter_id=str(letter.id), kind=letter.kind)
    else:
        log.warning("letter sent by two", letter_id=str(letter.id), kind=letter.kind)


async def _settle(letter: ClaimedLetter, error: ProviderError) -> None:
    """Write down that a letter was not sent: for good, or until it is tried again."""
    is_unavailable = isinstance(error, ProviderUnavailableError)
    is_unknown = isinstance(error, OutcomeUnknownError)
    comes_again = is_unavailable or (is_unknown and letter.attempts < MAX_TRIES)
    async with transaction() as connection:
        if comes_again and not letter.is_old:
            await LetterRepository(connection).pause(
                letter, PAUSE, counts=not is_unavailable
            )
        else:
            await _fail(connection, letter, error.code, str(error))
    log.warning(
        "letter not sent",
        letter_id=str(letter.id),
        kind=letter.kind,
        code=error.code,
        their_code=error.their_code,
    )


async def _fail(
    connection: Connection, letter: ClaimedLetter, code: str, reason: str
) -> None:
    if not await LetterRepository(connection).fail(letter, code):
        return
    await DeadLetterRepository(connection).add(
        Burial(
            queue=Queue.MAIL,
            dedupe_key=f"{letter.id}-{letter.lease_token}",
            code=code,
            reason=reason,
            subject_id=letter.id,
        )
    )
