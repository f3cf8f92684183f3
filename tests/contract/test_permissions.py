"""Every function may send to the queues, and use the files, that its code leads to.

It may read those that feed it.

What a function's code leads to is read off the code: from its ``app.py`` on, whatever
function of a module that is imported goes by a name that is mentioned. That finds a
little too much rather than too little, for names are not told apart by their types.
"""

import ast
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import pytest

from tests.stack import nesting
from tests.stack.tree import Place
from tests.support.api import ROOT, product

PACKAGE = ROOT / "shared/vixenbliss"
FOLLOWED = [
    *PACKAGE.glob("services/*.py"),
    PACKAGE / "jobs/messages.py",
    PACKAGE / "providers/s3.py",
]
BUCKET = "arn:${AWS::Partition}:s3:::${MediaBucket}"
FILE_ACTIONS = {
    ".put_object": {"s3:PutObject"},
    ".delete_object": {"s3:DeleteObject"},
    ".generate_presigned_post": {"s3:PutObject"},
    ".generate_presigned_url": {"s3:GetObject"},
    # Without ListBucket a file that is missing is answered with 403 instead of 404
    # (Amazon S3 API Reference, HeadObject and GetObject, "Permissions").
    ".head_object": {"s3:GetObject", "s3:ListBucket"},
    ".get_object": {"s3:GetObject", "s3:ListBucket"},
}


@dataclass(frozen=True, slots=True)
class Module:
    """A module's functions, methods with a dot before their name, and its imports."""

    functions: dict[str, list[ast.AST]]
    imports: frozenset[str]


@cache
def modules() -> dict[str, Module]:
    return {_name(path): _module(path) for path in FOLLOWED}


def _name(path: Path) -> str:
    return ".".join(path.relative_to(PACKAGE.parent).with_suffix("").parts)


def _module(path: Path) -> Module:
    functions = defaultdict[str, list[ast.AST]](list)
    imports = set[str]()
    for node in ast.parse(path.read_text()).body:
        match node:
            case ast.FunctionDef(name=name) | ast.AsyncFunctionDef(name=name):
                functions[name].append(node)
            case ast.ClassDef(body=inner):
                for method in inner:
                    functions["." + getattr(method, "name", "")].append(method)
            case ast.ImportFrom(module=str(module), names=names):
                imports |= {module, *(f"{module}.{alias.name}" for alias in names)}
    return Module(functions, frozenset(imports))


@cache
def _mentions(body: ast.AST) -> set[str]:
    """Return the names that a body uses, with a dot before those of attributes."""
    stems = {name.rpartition(".")[2] for name in modules()}
    mentioned = set[str]()
    for node in ast.walk(body):
        match node:
            case ast.Attribute(value=ast.Name(id="app")):
                pass  # a route's method, not a call: @app.get, @app.put
            case ast.Name(id=name):
                mentioned.add(name)
            case ast.Attribute(value=ast.Name(id=stem), attr=name) if stem in stems:
                mentioned |= {name, f".{name}"}
            case ast.Attribute(attr=name):
                mentioned.add(f".{name}")
    return mentioned


def _led_to(app: Path) -> Iterator[ast.AST]:
    """Yield an ``app.py`` and the body of every function that it may come to call."""
    to_read: list[tuple[Module, ast.AST]] = [(_module(app), ast.parse(app.read_text()))]
    read = set[ast.AST]()
    while to_read:
        module, body = to_read.pop()
        if body not in read:
            read.add(body)
            to_read += _next(module, body)
            yield body


def _next(module: Module, body: ast.AST) -> Iterator[tuple[Module, ast.AST]]:
    near = [module, *(modules()[n] for n in module.imports & modules().keys())]
    mentioned = _mentions(body)
    for home in near:
        for name in mentioned & home.functions.keys():
            yield from ((home, function) for function in home.functions[name])


def _queues_in(body: ast.AST) -> set[str]:
    """Return the queues of the messages that a function makes."""
    queues = set()
    for node in ast.walk(body):
        match node:
            case ast.Call(
                func=ast.Name(id="Message"), args=[ast.Attribute(attr=queue), *_]
            ):
                queues.add(f"{queue.title()}Queue")
    return queues


@cache
def _resources() -> Place:
    return nesting.load(ROOT / "template.yaml") / "Resources"


def _policies(function: str) -> list[Place]:
    return (_resources() / function / "Properties" / "Policies").elements()


def _statements(function: str) -> list[Place]:
    policies = _policies(function)
    return [s for policy in policies for s in (policy / "Statement").elements()]


def _granted_queues(function: str, action: str = "sqs:SendMessage") -> set[str]:
    return {
        queue.logical_id()
        for statement in _statements(function)
        if action in (a.text() for a in (statement / "Action").elements())
        for queue in (statement / "Resource").elements()
    }


def _granted_actions(function: str) -> dict[str, str]:
    """Return what a function may do with files, and where."""
    return {
        action.text(): str((statement / "Resource").value)
        for statement in _statements(function)
        for action in (statement / "Action").elements()
        if action.text().startswith("s3:")
    }


@cache
def _bodies(function: str) -> list[ast.AST]:
    return list(_led_to(ROOT / product().functions[function].code_dir / "app.py"))


@pytest.mark.parametrize(
    "function", sorted(product().functions.keys() - {"PushOutboxFunction"})
)
def test_a_function_may_send_to_the_queues_that_it_sends_to(function: str) -> None:
    needed = set().union(*map(_queues_in, _bodies(function)))

    assert _granted_queues(function) == needed


def test_whoever_sweeps_the_outbox_may_send_to_every_queue() -> None:
    sources = {source.queue for source in product().sources}

    granted = _granted_queues("PushOutboxFunction")

    assert granted == {queue for queue in sources if queue.endswith("Queue")}


@pytest.mark.parametrize("action", ["sqs:ReceiveMessage", "sqs:DeleteMessage"])
@pytest.mark.parametrize("function", sorted(product().functions))
def test_a_function_reads_the_queues_that_feed_it_and_no_other(
    function: str, action: str
) -> None:
    feeding = {s.queue for s in product().sources if s.function == function}

    granted = _granted_queues(function, action)

    assert granted == feeding


@pytest.mark.parametrize("function", sorted(product().functions))
def test_a_function_may_use_files_as_its_code_does(function: str) -> None:
    mentioned = set().union(*map(_mentions, _bodies(function)))
    needed = set().union(*(FILE_ACTIONS.get(name, ()) for name in mentioned))

    assert _granted_actions(function).keys() == needed


@pytest.mark.parametrize("function", sorted(product().functions))
def test_a_function_uses_no_files_but_the_media(function: str) -> None:
    granted = _granted_actions(function)
    whole = granted.pop("s3:ListBucket", str({"Fn::Sub": BUCKET}))

    assert whole == str({"Fn::Sub": BUCKET})
    assert set(granted.values()) <= {
        str({"Fn::Sub": f"{BUCKET}/{prefix}/*"})
        for prefix in ("exports", "media", "renditions")
    }
