"""Which variables of the environment each field of the settings is read from."""

import ast
from collections.abc import Iterator, Mapping
from functools import cache

from tests.aws.source import PACKAGE


def known_variables() -> frozenset[str]:
    """Return every variable that the settings read; a prefix ends with ``_``."""
    return frozenset().union(*variables().values())


@cache
def variables() -> dict[str, frozenset[str]]:
    """Return for each field and property of Settings the variables it is read from."""
    tree = ast.parse((PACKAGE / "settings.py").read_text(encoding="utf-8"))
    functions = {n.name: n for n in tree.body if isinstance(n, ast.FunctionDef)}
    found: dict[str, frozenset[str]] = {}
    for node in ast.walk(functions["read"]):
        if isinstance(node, ast.Call) and _name_of(node) == "Settings":
            for word in node.keywords:
                found[str(word.arg)] = frozenset(_spelled(word.value, functions))
    (class_,) = (
        n for n in tree.body if isinstance(n, ast.ClassDef) and n.name == "Settings"
    )
    for method in class_.body:
        if isinstance(method, ast.FunctionDef):
            mentioned = {
                n.attr for n in ast.walk(method) if isinstance(n, ast.Attribute)
            }
            own = mentioned & found.keys()
            found[method.name] = frozenset().union(*(found[name] for name in own))
    return found


def _spelled(value: ast.AST, functions: Mapping[str, ast.FunctionDef]) -> Iterator[str]:
    """Yield the variables that an expression reads, in functions it calls, too."""
    for node in ast.walk(value):
        match node:
            case ast.Constant(value=str(text)) if text[:1].isalpha() and text.isupper():
                yield text
            case ast.Call(func=ast.Name(id=name)) if name in functions:
                yield from _spelled(functions[name], functions)


def _name_of(call: ast.Call) -> str:
    return call.func.id if isinstance(call.func, ast.Name) else ""
