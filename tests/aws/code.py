"""What a function's code comes to use: settings, calls to AWS, queues, the outside.

Read off the code, without running it. From ``app.py`` on, whatever is mentioned by name
is reached: functions, constants and classes, through imports; of a class that is
reached, those methods are whose names are mentioned anywhere in what is reached. So
methods are told apart by whether their class is ever used, not by types, which finds a
little too much rather than too little.
"""

import ast
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path

from tests.aws.source import ROOT, Module, Unit, modules, without_annotations
from tests.aws.variables import variables

OF_AWS: Mapping[tuple[str, str], frozenset[str]] = {
    ("kms", "decrypt"): frozenset({"kms:Decrypt"}),
    ("kms", "generate_data_key"): frozenset({"kms:GenerateDataKey"}),
    ("kms", "get_public_key"): frozenset({"kms:GetPublicKey"}),
    ("kms", "sign"): frozenset({"kms:Sign"}),
    ("s3", "delete_object"): frozenset({"s3:DeleteObject"}),
    ("s3", "generate_presigned_post"): frozenset({"s3:PutObject"}),
    ("s3", "generate_presigned_url"): frozenset({"s3:GetObject"}),
    # Without ListBucket a file that is missing is answered with 403 instead of 404
    # (Amazon S3 API Reference, HeadObject and GetObject, "Permissions").
    ("s3", "get_object"): frozenset({"s3:GetObject", "s3:ListBucket"}),
    ("s3", "head_object"): frozenset({"s3:GetObject", "s3:ListBucket"}),
    ("s3", "put_object"): frozenset({"s3:PutObject"}),
    ("secretsmanager", "describe_secret"): frozenset({"secretsmanager:DescribeSecret"}),
    ("secretsmanager", "get_random_password"): frozenset(
        {"secretsmanager:GetRandomPassword"}
    ),
    ("secretsmanager", "get_secret_value"): frozenset(
        {"secretsmanager:GetSecretValue"}
    ),
    ("secretsmanager", "put_secret_value"): frozenset(
        {"secretsmanager:PutSecretValue"}
    ),
    ("secretsmanager", "update_secret_version_stage"): frozenset(
        {"secretsmanager:UpdateSecretVersionStage"}
    ),
    ("sesv2", "send_email"): frozenset({"ses:SendEmail"}),
    ("sqs", "change_message_visibility_batch"): frozenset(
        {"sqs:ChangeMessageVisibility"}
    ),
    ("sqs", "get_queue_attributes"): frozenset({"sqs:GetQueueAttributes"}),
    ("sqs", "send_message_batch"): frozenset({"sqs:SendMessage"}),
}
"""What IAM is asked for each call that the house makes of boto3."""
OUTSIDE = ("httpx.AsyncClient", "stripe.HTTPXClient", "boto3.client(sesv2)")
"""What makes a client of somebody whom no endpoint within the network reaches.

``httpx.put`` is CloudFormation's, and goes to a bucket, which the network does reach.
"""


class UnknownCallError(Exception):
    """The code makes a call to AWS of which nobody here knows what IAM is asked."""

    def __init__(self, module: str, service: str, call: str) -> None:
        super().__init__(f"{module}: what does {service}.{call} need?")


@dataclass(frozen=True, slots=True)
class Uses:
    """What a function may come to use."""

    settings: frozenset[str]
    """Variables, as the settings spell them; of a secret without ``_ARN``."""
    actions: frozenset[str]
    """What IAM is asked, as policies spell it."""
    queues: frozenset[str]
    """Logical ids of the queues of the messages that are made."""
    outside: frozenset[str]
    """Whom outside of AWS it can call, as the code spells the client."""


class _Reader:
    """Reads one function."""

    def __init__(self, app: Path) -> None:
        self._entry = Module("app", app, is_entry=True).read()
        self._seen: set[ast.AST] = set()
        self._classes: dict[ast.ClassDef, Module] = {}
        self._mentions: dict[str, set[Module]] = {}
        self._settings: set[str] = set()
        self._kept: list[tuple[Module, str, str]] = []
        self._actions: set[str] = set()
        self._queues: set[str] = set()
        self._outside: set[str] = set()

    def read(self) -> Uses:
        waiting = [
            Unit(self._entry, "", node)
            for node in self._entry.tree.body
            if not isinstance(node, ast.Import | ast.ImportFrom)
        ]
        while waiting:
            while waiting:
                waiting.extend(self._visit(waiting.pop()))
            waiting = list(self._methods())
        read_from = variables()
        asked = {
            name
            for module, attribute, name in self._kept
            if module in self._mentions.get(attribute, ())
        }
        return Uses(
            frozenset(v for name in self._settings | asked for v in read_from[name]),
            frozenset(self._actions),
            frozenset(self._queues),
            frozenset(self._outside),
        )

    def _methods(self) -> Iterator[Unit]:
        """Yield the methods of what is reached that are mentioned and not yet read."""
        for class_, module in self._classes.items():
            for node in class_.body:
                if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
                    name = node.name
                    if node not in self._seen and (
                        name.startswith("__")
                        or self._is_framework(class_, module)
                        or self._is_called(name, class_, module)
                    ):
                        yield Unit(module, name, node)

    def _is_called(self, method: str, class_: ast.ClassDef, module: Module) -> bool:
        """Tell whether whoever knows the class, or its protocol, mentions a method."""
        homes = {module.name, *self._homes_of_bases(class_, module)}
        return any(
            homes & caller.knows or method in caller.promised
            for caller in self._mentions.get(method, ())
        )

    def _homes_of_bases(self, class_: ast.ClassDef, module: Module) -> Iterator[str]:
        for base in class_.bases:
            if isinstance(base, ast.Name):
                for unit in self._resolved(module, base.id):
                    yield unit.module.name
                    if isinstance(unit.node, ast.ClassDef):
                        yield from self._homes_of_bases(unit.node, unit.module)

    def _is_framework(self, class_: ast.ClassDef, module: Module) -> bool:
        """Tell whether others may call its methods: what it inherits is not ours."""
        bases = [base for base in class_.bases if isinstance(base, ast.Name)]
        return any(
            not self._resolved(module, base.id)
            and base.id not in {"Protocol", "Exception", "StrEnum"}
            for base in bases
        )

    def _visit(self, unit: Unit) -> Iterator[Unit]:
        if unit.node in self._seen:
            return
        self._seen.add(unit.node)
        yield from self._run_by_others(unit)
        nodes = self._nodes(unit)
        told = _of_settings(nodes)
        if unit.name == "__init__":
            self._keep(unit, told)
        for node in nodes:
            yield from self._mentioned(unit.module, node, told)

    def _mentioned(
        self, module: Module, node: ast.AST, told: frozenset[str]
    ) -> Iterator[Unit]:
        match node:
            case ast.Name(id=name):
                yield from self._resolved(module, name)
            case ast.Attribute(value=ast.Name(id="app")) if module.is_entry:
                pass  # a route's method, not a call: @app.get, @app.put
            case ast.Attribute(value=value, attr=name, ctx=ast.Load()):
                if node not in self._seen:
                    self._attribute(module, value, name, told)
                yield from self._of_module(module, value, name)
            case ast.Call():
                self._call(module, node)

    @staticmethod
    def _run_by_others(unit: Unit) -> Iterator[Unit]:
        """Yield what Alembic runs of ours, which names it by its path."""
        if unit.module.name == "vixenbliss.migrations.run":
            home = modules()["vixenbliss.migrations.env"]
            yield from (Unit(home, "", node) for node in home.tree.body)

    def _keep(self, unit: Unit, told: frozenset[str]) -> None:
        """Note what a new object keeps of the settings: it may never be looked at."""
        for node in ast.walk(unit.node):
            match node:
                case ast.Assign(
                    targets=[ast.Attribute(value=ast.Name(id="self"), attr=own)],
                    value=ast.Attribute(value=value, attr=name),
                ) if name in variables() and _is_settings(value, told):
                    self._kept.append((unit.module, own, name))
                    self._seen.add(node.value)

    def _nodes(self, unit: Unit) -> list[ast.AST]:
        kept = unit.module.reads_annotations
        if not isinstance(unit.node, ast.ClassDef):
            return list(without_annotations(unit.node, kept=kept))
        self._classes[unit.node] = unit.module
        parts = [
            *unit.node.bases,
            *unit.node.decorator_list,
            *(
                node
                for node in unit.node.body
                if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
            ),
        ]
        return [n for part in parts for n in without_annotations(part, kept=kept)]

    def _resolved(self, module: Module, name: str) -> list[Unit]:
        """Return what a name means in a module, if it is ours."""
        if name in module.units:
            return module.units[name]
        there, what = module.imports.get(name, ("", ""))
        home = modules().get(there)
        return self._resolved(home, what) if home and what else []

    def _of_module(self, module: Module, value: ast.AST, what: str) -> list[Unit]:
        """Return what ``value.what`` means, if the value is a module of ours."""
        name = value.id if isinstance(value, ast.Name) else ""
        there, inner = module.imports.get(name, ("", ""))
        home = modules().get(f"{there}.{inner}".rstrip("."))
        return self._resolved(home, what) if home else []

    def _attribute(
        self, module: Module, value: ast.AST, name: str, told: frozenset[str]
    ) -> None:
        self._mentions.setdefault(name, set()).add(module)
        if name in variables() and _is_settings(value, told):
            self._settings.add(name)
        if isinstance(value, ast.Name) and f"{value.id}.{name}" in OUTSIDE:
            self._outside.add(f"{value.id}.{name}")
        if module.service and _is_client(value) and name != "exceptions":
            if (module.service, name) not in OF_AWS:
                raise UnknownCallError(module.name, module.service, name)
            self._actions |= OF_AWS[module.service, name]

    def _call(self, module: Module, call: ast.Call) -> None:
        match call:
            case ast.Call(
                func=ast.Name(id="Message"), args=[ast.Attribute(attr=queue), *_]
            ):
                self._queues.add(f"{queue.title()}Queue")
            case ast.Call(func=ast.Attribute(value=ast.Name(id="boto3"))):
                client = f"boto3.client({module.service})"
                self._outside |= {client} & set(OUTSIDE)


def _is_client(value: ast.AST) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="_client")) | ast.Name(id="client"):
            return True
    return False


def _is_settings(value: ast.AST, told: frozenset[str]) -> bool:
    match value:
        case ast.Call(func=ast.Name(id="settings")) | ast.Attribute(attr="_settings"):
            return True
        case ast.Name(id=name):
            return name in told
    return False


def _of_settings(nodes: Iterable[ast.AST]) -> frozenset[str]:
    """Return the local names that the settings go by."""
    told = {"settings"}
    for node in nodes:
        match node:
            case ast.Assign(
                targets=[ast.Tuple(elts=targets)], value=ast.Tuple(elts=values)
            ):
                pairs = zip(targets, values, strict=False)
            case ast.Assign(targets=[target], value=value):
                pairs = zip([target], [value], strict=False)
            case _:
                continue
        told |= {
            name.id
            for name, value in pairs
            if isinstance(name, ast.Name) and _is_settings(value, frozenset())
        }
    return frozenset(told)


@cache
def uses(code_dir: str) -> Uses:
    """Return what the function in a folder of the root comes to use.

    Raises:
        UnknownCallError: it makes a call to AWS that is not listed here.
    """
    return _Reader(ROOT / code_dir / "app.py").read()
