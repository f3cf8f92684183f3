"""What a call may say: every body is held against the SDK's own types for it.

The SDK's request types are made from Stripe's specification. Their enumerations are
open to whatever comes later; here they are closed, for a call says what is known.
"""

import sys
import types
import typing
from collections.abc import Callable, Mapping
from decimal import Decimal, InvalidOperation
from functools import cache
from importlib import import_module
from typing import Any

import typing_extensions
from stripe import RequestOptions

from tests.stack.providers.stripe.errors import StripeError, invalid

type Json = dict[str, Any]

_OURS = frozenset(RequestOptions.__annotations__)
_UNIONS = {typing.Union, types.UnionType}


def checked(name: str, body: Json) -> Json:
    """Return the body with numbers and truths for texts.

    Args:
        name: The type below ``stripe.params``: ``checkout.SessionCreateParams``.
        body: The decoded form.

    Raises:
        StripeError: Something is unknown, missing, or not what it should be.
    """
    return _object(_type(name), body, "")


@cache
def _type(name: str) -> Any:
    module, _, last = f"stripe.params.{name}".rpartition(".")
    return getattr(import_module(module), last)


@cache
def _fields(kind: Any) -> dict[str, tuple[Any, bool]]:
    """Return each parameter's type, and whether it may be left out."""
    spaces = (vars(typing), vars(typing_extensions), vars(sys.modules[kind.__module__]))
    known = {name: value for space in spaces for name, value in space.items()}
    hints = typing_extensions.get_type_hints(
        kind, known, {"StripeContext": Any}, include_extras=True
    )
    return {name: _unwrapped(hint) for name, hint in hints.items() if name not in _OURS}


def _unwrapped(hint: Any) -> tuple[Any, bool]:
    if typing.get_origin(hint) is typing_extensions.NotRequired:
        return typing.get_args(hint)[0], True
    return hint, False


def _object(kind: Any, value: object, path: str) -> Json:
    if not isinstance(value, dict):
        raise invalid("Invalid object", path)
    fields = _fields(kind)
    for name in value.keys() - fields.keys():
        wrong = _below(path, name)
        raise invalid(
            f"Received unknown parameter: {wrong}", wrong, "parameter_unknown"
        )
    for name, (_, may_miss) in fields.items():
        if not may_miss and name not in value:
            lost = _below(path, name)
            raise invalid(f"Missing required param: {lost}.", lost, "parameter_missing")
    return {k: _value(fields[k][0], v, _below(path, k)) for k, v in value.items()}


def _below(path: str, name: str) -> str:
    return f"{path}[{name}]" if path else name


def _value(hint: Any, value: object, path: str) -> object:
    origin = typing.get_origin(hint)
    if origin in _UNIONS:
        return _one_of(typing.get_args(hint), value, path)
    if origin in _BY_ORIGIN:
        return _BY_ORIGIN[origin](hint, value, path)
    if typing_extensions.is_typeddict(hint):
        return _object(hint, value, path)
    if hint in _SCALARS:
        return _scalar(hint, value, path)
    return value


def _one_of(hints: tuple[Any, ...], value: object, path: str) -> object:
    """Return the value as the first alternative takes it, or the last complaint."""
    complaint: StripeError | None = None
    for hint in _closed(hints):
        try:
            return _value(hint, value, path)
        except StripeError as error:
            complaint = error if complaint is None or _nested(value) else complaint
    raise complaint or invalid("Invalid value", path)


def _nested(value: object) -> bool:
    return isinstance(value, dict)


def _closed(hints: tuple[Any, ...]) -> list[Any]:
    """Return the alternatives, plain text only where no words are prescribed."""
    words = [w for hint in hints for w in _words(hint) if w]
    kept = [hint for hint in hints if not (words and hint is str)]
    return [hint for hint in kept if not _is_of_the_sdk(hint)]


def _words(hint: Any) -> tuple[Any, ...]:
    return typing.get_args(hint) if _is_literal(hint) else ()


def _is_literal(hint: Any) -> bool:
    return typing.get_origin(hint) in {typing.Literal, typing_extensions.Literal}


def _is_of_the_sdk(hint: Any) -> bool:
    name = getattr(typing.get_origin(hint) or hint, "__name__", "")
    return name in {"UntypedStripeObject", "NoneType"}


def _literal(hint: Any, value: object, path: str) -> object:
    words = typing.get_args(hint)
    if value in words:
        return value
    shown = ", ".join(str(word) for word in words)
    raise invalid(f"Invalid {path}: must be one of {shown}", path)


def _list(hint: Any, value: object, path: str) -> object:
    if not isinstance(value, dict) or not all(key.isdigit() for key in value):
        raise invalid("Invalid array", path)
    (of,) = typing.get_args(hint)
    ordered = sorted(value.items(), key=lambda pair: int(pair[0]))
    return [_value(of, each, f"{path}[{n}]") for n, (_, each) in enumerate(ordered)]


def _map(hint: Any, value: object, path: str) -> object:
    if not isinstance(value, dict):
        raise invalid("Invalid object", path)
    of = typing.get_args(hint)[1]
    return {key: _value(of, each, f"{path}[{key}]") for key, each in value.items()}


_BY_ORIGIN: Mapping[object, Callable[[Any, object, str], object]] = {
    typing.Literal: _literal,
    typing_extensions.Literal: _literal,
    list: _list,
    dict: _map,
}


def _scalar(hint: Any, value: object, path: str) -> object:
    if not isinstance(value, str):
        raise invalid(f"Invalid {_SCALARS[hint][0]}", path)
    word, read = _SCALARS[hint]
    try:
        return read(value)
    except (ValueError, KeyError, InvalidOperation) as error:
        code = f"parameter_invalid_{word}" if word == "integer" else None
        raise invalid(f"Invalid {word}: {value}", path, code) from error


_TRUTHS = {"true": True, "false": False}
_SCALARS: Mapping[Any, tuple[str, Callable[[str], object]]] = {
    int: ("integer", int),
    bool: ("boolean", _TRUTHS.__getitem__),
    Decimal: ("decimal", lambda text: str(Decimal(text))),
    float: ("number", lambda text: str(Decimal(text))),
    str: ("string", str),
}
