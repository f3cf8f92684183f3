"""How long Amazon may keep us waiting, and for how long a client of it is kept.

botocore would wait for a minute, five times over: longer than any function may run. So
an API function, which has ten seconds, still answers when a service of AWS is silent.
"""

from typing import Protocol

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError

from vixenbliss.snapshots import after_restore

PATIENCE = Config(connect_timeout=1, read_timeout=3, retries={"total_max_attempts": 2})
"""For every client: a call that hangs has failed after nine seconds at most."""


def words_of(error: BotoCoreError | ClientError) -> str:
    """Return what AWS, or its client, calls the trouble, as AccessDeniedException.

    Not its message: that names roles and resources, and logs tell who was running.
    """
    if isinstance(error, ClientError):
        return str(error.response["Error"]["Code"])
    return type(error).__name__


class Kept(Protocol):
    """What ``functools.cache`` makes of a function."""

    def cache_clear(self) -> None:
        """Have it made anew when it is asked for next."""


def until_restored(*made: Kept) -> None:
    """Let each clone of a snapshot make these anew, and sign with its own credentials.

    A client keeps connections, and the session it came from the credentials of whoever
    took the snapshot, which have expired when the clone wakes.
    """
    for client in made:
        after_restore(client.cache_clear)
    after_restore(forget_session)


def forget_session() -> None:
    """Have the next client ask who we are."""
    boto3.DEFAULT_SESSION = None
