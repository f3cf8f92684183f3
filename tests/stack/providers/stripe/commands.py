"""What Stripe can be asked: calls with their paths, their parameters and their acts."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from tests.stack.providers.stripe.books import Books
from tests.stack.providers.stripe.errors import StripeError, invalid

type Json = dict[str, Any]
type Act = Callable[["Asked"], Json]

_ALWAYS = frozenset({"expand", "metadata"})
_KEYS, _KEY_LENGTH, _VALUE_LENGTH = 50, 40, 500


@dataclass(frozen=True)
class Asked:
    """One call: the id in its path, if it has one, and its parameters, checked."""

    id: str
    params: Json

    def only(self, *names: str) -> Json:
        """Return the parameters of those names that were given, empty texts as null.

        Raises:
            StripeError: Others were given, which Stripe has, and the stand-in has not.
        """
        other = self.params.keys() - _ALWAYS - set(names)
        if other:
            wrong = min(other)
            raise StripeError(f"The stand-in for Stripe has no {wrong}.", param=wrong)
        found = {name: self.params[name] for name in names if name in self.params}
        return {name: None if v == "" else v for name, v in found.items()}

    def metadata(self, old: Mapping[str, str] | None = None) -> dict[str, str]:
        """Return the metadata, merged into what there was.

        Raises:
            StripeError: There is too much of it.
        """
        given = self.params.get("metadata", {})
        return {} if given == "" else merged(old or {}, given)


@dataclass(frozen=True)
class Command:
    """One call that Stripe understands."""

    name: str
    method: str
    path: str
    params: str
    """The SDK's type of its parameters, below ``stripe.params``."""
    act: Act

    @property
    def changes(self) -> bool:
        """Tell whether the call may have an effect."""
        return self.method != "GET" and self.name != "invoices.create_preview"


def merged(old: Mapping[str, str], given: Mapping[str, str]) -> dict[str, str]:
    """Return metadata with what was given; an empty value takes its key away.

    Raises:
        StripeError: There are too many keys, or something is too long.
    """
    kept = {key: value for key, value in {**old, **given}.items() if value != ""}
    if len(kept) > _KEYS:
        raise invalid(f"Metadata can have at most {_KEYS} keys.", "metadata")
    for key, value in kept.items():
        if len(key) > _KEY_LENGTH or len(value) > _VALUE_LENGTH:
            raise invalid(f"The metadata of {key[:40]} is too long.", "metadata")
    return kept


def retrieval(books: Books, kind: str, path: str, name: str, params: str) -> Command:
    """Return the call that shows one object."""

    def act(asked: Asked) -> Json:
        return books.get(kind, asked.id)

    return Command(f"{name}.get", "GET", f"/v1/{path}/{{id}}", params, act)


def named(commands: Iterable[Command]) -> dict[str, Command]:
    """Return calls by their names."""
    return {command.name: command for command in commands}
