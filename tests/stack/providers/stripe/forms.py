"""Form bodies with brackets: ``a[b][0]=c`` is a ``c`` in a list in an object."""

from typing import Any
from urllib.parse import parse_qsl

type Json = dict[str, Any]


def decode(text: str) -> Json:
    """Return what a form says; lists are objects whose keys count from 0."""
    tree: Json = {}
    for name, value in parse_qsl(text, keep_blank_values=True):
        head, _, rest = name.partition("[")
        keys = [head, *rest.removesuffix("]").split("][")] if rest else [head]
        _put(tree, keys, value)
    return tree


def _put(tree: Json, keys: list[str], value: str) -> None:
    *path, last = keys
    for key in path:
        branch = tree.setdefault(key or str(len(tree)), {})
        tree = branch if isinstance(branch, dict) else {}
    tree[last or str(len(tree))] = value


def encode(params: Json) -> Json:
    """Return parameters as a form would have brought them: all texts and objects."""
    return {name: _as_sent(value) for name, value in params.items()}


def _as_sent(value: object) -> object:
    if isinstance(value, list | tuple):
        return {str(n): _as_sent(each) for n, each in enumerate(value)}
    if isinstance(value, dict):
        return encode(value)
    if isinstance(value, bool):
        return str(value).lower()
    return "" if value is None else str(value)
