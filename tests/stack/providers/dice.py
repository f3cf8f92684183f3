"""Chance that repeats itself: every draw follows from what the dice were made of."""

from collections.abc import Sequence
from hashlib import blake2b, shake_128

_BYTES_A_DRAW = 8
_SPAN = float(1 << (8 * _BYTES_A_DRAW))


class Dice:
    """Draws that are equal for equal makings, on every machine and Python.

    The standard generator would do, were it not for linters that take every use of
    it for a forgotten secret, and for its promise, which ends at the major version.
    """

    def __init__(self, *makings: object) -> None:
        joined = "\x1f".join(str(making) for making in makings)
        self._key = blake2b(joined.encode(), digest_size=32).digest()
        self._drawn = 0

    def unit(self) -> float:
        """Return a number in [0, 1)."""
        self._drawn += 1
        digest = blake2b(
            self._drawn.to_bytes(_BYTES_A_DRAW),
            key=self._key,
            digest_size=_BYTES_A_DRAW,
        ).digest()
        return int.from_bytes(digest) / _SPAN

    def between(self, low: float, high: float) -> float:
        """Return a number in [low, high)."""
        return low + (high - low) * self.unit()

    def whole(self, low: int, high: int) -> int:
        """Return a whole number, both ends included."""
        return low + int(self.unit() * (high - low + 1))

    def chance(self, likelihood: float) -> bool:
        """Return true as often as the likelihood says."""
        return self.unit() < likelihood

    def one_of[T](self, choices: Sequence[T]) -> T:
        """Return one of the choices."""
        return choices[self.whole(0, len(choices) - 1)]

    def shuffled[T](self, things: Sequence[T]) -> list[T]:
        """Return the things in another order."""
        return [thing for _, thing in sorted((self.unit(), thing) for thing in things)]

    def noise(self, size: int) -> bytes:
        """Return that many bytes of even noise."""
        return shake_128(self._key).digest(size)
