"""A new secret to sign access tokens with, in the four steps of Secrets Manager.

It calls each step by itself, and again if it failed; so each, done before, is harmless.
Nobody else has to be told of the secret, and who was signed in stays so: the previous
value is accepted, and goes on signing until all know the new one. Source: Secrets
Manager guide, "Lambda rotation functions".
"""

import secrets
import string
from collections.abc import Mapping, Sequence

from vixenbliss.errors import InvalidStateError
from vixenbliss.providers.secretsmanager import CURRENT, PENDING, RotatingSecret
from vixenbliss.settings import MIN_JWT_SECRET_BYTES, settings

LETTERS = string.ascii_letters + string.digits
LENGTH = 64  # 381 bits; no comma, which would part two values


class Rotation:
    """One rotation, to a version that Secrets Manager has named."""

    def __init__(self, secret: RotatingSecret, version: str) -> None:
        self._secret = secret
        self._version = version

    def take(self, step: str) -> None:
        """Take a step, by the name that Secrets Manager gives it.

        Raises:
            InvalidStateError: there is no such step, or the version is not in rotation,
                or what it holds is not to be used.
            ProviderUnavailableError: Secrets Manager did not do its part.
        """
        steps = {
            "createSecret": self._create,
            "setSecret": _set,
            "testSecret": self._test,
            "finishSecret": self._finish,
        }
        if step not in steps:
            message = f"A rotation has no step {step!r}."
            raise InvalidStateError(message)
        labels = self._labels()
        if CURRENT not in labels[self._version]:  # else it was all done before
            steps[step](_current_of(labels))

    def _labels(self) -> Mapping[str, Sequence[str]]:
        """Return the labels of all versions, once ours has the right ones."""
        labels = self._secret.labels()
        if labels is None:
            message = "Nobody is to rotate this secret."
            raise InvalidStateError(message)
        if not {CURRENT, PENDING} & set(labels.get(self._version, ())):
            message = "This version of the secret is not in rotation."
            raise InvalidStateError(message)
        return labels

    def _create(self, _current: str) -> None:
        if self._secret.value(self._version, PENDING) is None:
            drawn = "".join(secrets.choice(LETTERS) for _ in range(LENGTH))
            self._secret.propose(self._version, drawn)

    def _test(self, _current: str) -> None:
        """Refuse what is no secret.

        That it is the old one is no fault: when a rotation is set up without rotating
        at once, Secrets Manager tries this step alone, on a version of its own making
        (API reference, "RotateSecret": RotateImmediately).
        """
        pending = self._secret.value(self._version, PENDING) or ""
        if len(pending.encode()) < MIN_JWT_SECRET_BYTES:
            message = "The new secret is too short, or missing."
            raise InvalidStateError(message)

    def _finish(self, current: str) -> None:
        self._secret.promote(self._version, instead_of=current)


def refuse_others(secret_id: str) -> None:
    """Refuse to replace a secret that someone else has given us by one of our own.

    Raises:
        InvalidStateError: it is not the one that signs access tokens.
    """
    if secret_id != settings().jwt_secret.secret_id:
        message = "Only the secret that signs access tokens is drawn here."
        raise InvalidStateError(message)


def _set(_current: str) -> None:
    """Do nothing: no service has to be told of a secret that only we know."""


def _current_of(labels: Mapping[str, Sequence[str]]) -> str:
    for version, stages in labels.items():
        if CURRENT in stages:
            return version
    message = "The secret has no value yet that could be replaced."
    raise InvalidStateError(message)
