"""Which SQS messages a mapping's FilterCriteria let through.

Source: Lambda guide, "Control which events Lambda sends to your function". A message
has to match one pattern; what matches none is deleted and never shown to the function.
``body`` is compared as JSON when it is JSON; a pattern for JSON never matches plain
text.
"""

import itertools
import json
import operator
from collections.abc import Callable, Mapping, Sequence

from tests.stack.wire import Json, JsonObject


class _Missing:
    """What a key holds that is not there."""


_MISSING = _Missing()

type _Found = Json | _Missing


def passes(patterns: Sequence[str], record: JsonObject) -> bool:
    """Tell whether a record may reach the function; without patterns all may."""
    if not patterns:
        return True
    document = record | {"body": _parsed(str(record["body"]))}
    return any(_matches(json.loads(pattern), document) for pattern in patterns)


def _parsed(body: str) -> Json:
    try:
        value: Json = json.loads(body)
    except ValueError:
        return body
    return value


def _matches(pattern: Json, document: _Found) -> bool:
    if not isinstance(pattern, dict) or not isinstance(document, dict):
        return False
    return all(_fits(rule, key, document) for key, rule in pattern.items())


def _fits(rule: Json, key: str, document: JsonObject) -> bool:
    found = document.get(key, _MISSING)
    if not isinstance(rule, list):
        return _matches(rule, found)
    if key == "$or":
        return any(_matches(choice, document) for choice in rule)
    values: list[_Found] = [*found] if isinstance(found, list) else [found]
    return any(itertools.starmap(_holds, itertools.product(rule, values)))


def _holds(condition: Json, found: _Found) -> bool:
    if isinstance(condition, dict):
        return all(
            name in _OPERATORS and _OPERATORS[name](argument, found)
            for name, argument in condition.items()
        )
    return _equals(condition, found)


def _equals(wanted: Json, found: _Found) -> bool:
    return isinstance(wanted, bool) == isinstance(found, bool) and wanted == found


def _exists(wanted: Json, found: _Found) -> bool:
    return wanted is (found is not _MISSING)


def _anything_but(unwanted: Json, found: _Found) -> bool:
    conditions = unwanted if isinstance(unwanted, list) else [unwanted]
    is_hit = any(_holds(condition, found) for condition in conditions)
    return found is not _MISSING and not is_hit


def _numeric(comparisons: Json, found: _Found) -> bool:
    if not isinstance(comparisons, list) or isinstance(found, bool):
        return False
    pairs = zip(comparisons[::2], comparisons[1::2], strict=True)
    return isinstance(found, int | float) and all(
        _COMPARISONS[str(sign)](found, limit)
        for sign, limit in pairs
        if isinstance(limit, int | float)
    )


def _of_texts(compare: Callable[[str, str], bool]) -> Callable[[Json, _Found], bool]:
    def holds(wanted: Json, found: _Found) -> bool:
        return (
            isinstance(wanted, str)
            and isinstance(found, str)
            and compare(found, wanted)
        )

    return holds


_COMPARISONS: Mapping[str, Callable[[float, float], bool]] = {
    "=": operator.eq,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
_OPERATORS: Mapping[str, Callable[[Json, _Found], bool]] = {
    "exists": _exists,
    "anything-but": _anything_but,
    "numeric": _numeric,
    "prefix": _of_texts(str.startswith),
    "suffix": _of_texts(str.endswith),
    "equals-ignore-case": _of_texts(lambda a, b: a.casefold() == b.casefold()),
}
