"""The package's source: modules, what they define, import, know and promise."""

import ast
from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import cache, cached_property
from pathlib import Path

ROOT = Path(__file__).parents[2]
SHARED = ROOT / "shared"
PACKAGE = SHARED / "vixenbliss"


@dataclass(frozen=True, slots=True)
class Unit:
    """A function, a class without its methods, a method, or a module's statement."""

    module: "Module"
    name: str
    node: ast.AST


@dataclass(eq=False)
class Module:
    """One file."""

    name: str
    path: Path
    is_entry: bool = False
    units: dict[str, list[Unit]] = field(default_factory=dict)
    imports: dict[str, tuple[str, str]] = field(default_factory=dict)
    """Local name to a module and a name in it, which is empty for the module."""

    @cached_property
    def service(self) -> str:
        """Which service of AWS its client is of; empty if it has none."""
        for node in ast.walk(self.tree):
            match node:
                case ast.Call(
                    func=ast.Attribute(value=ast.Name(id="boto3"), attr="client"),
                    args=[ast.Constant(value=str(service)), *_],
                ):
                    return service
        return ""

    @cached_property
    def tree(self) -> ast.Module:
        """The source, parsed."""
        return ast.parse(self.path.read_text(encoding="utf-8"))

    @cached_property
    def knows(self) -> frozenset[str]:
        """The modules of whose things something is said here."""
        there = ((home, f"{home}.{what}") for home, what in self.imports.values())
        return frozenset({self.name, *(name for pair in there for name in pair)})

    @cached_property
    def promised(self) -> frozenset[str]:
        """The methods of the protocols that are known here."""
        near = (modules()[name] for name in self.knows & modules().keys())
        return frozenset(name for module in near for name in module.own_promises)

    @cached_property
    def own_promises(self) -> frozenset[str]:
        """The methods of this module's protocols."""
        return frozenset(
            method.name
            for node in self.tree.body
            if isinstance(node, ast.ClassDef) and _is_protocol(node)
            for method in node.body
            if isinstance(method, ast.FunctionDef | ast.AsyncFunctionDef)
        )

    @property
    def reads_annotations(self) -> bool:
        """Whether FastAPI calls what annotations here depend on."""
        return self.is_entry or self.name.startswith("vixenbliss.api")

    def read(self) -> "Module":
        """Return itself, with all that it defines and imports."""
        for node in ast.walk(self.tree):
            self.imports |= _imported(node)
        for node in self.tree.body:
            for name in _names(node):
                self.units.setdefault(name, []).append(Unit(self, name, node))
        return self


def _imported(node: ast.AST) -> dict[str, tuple[str, str]]:
    match node:
        case ast.ImportFrom(module=str(module), names=names):
            return {a.asname or a.name: (module, a.name) for a in names}
        case ast.Import(names=names):
            return {a.asname or a.name.partition(".")[0]: (a.name, "") for a in names}
    return {}


def _is_protocol(class_: ast.ClassDef) -> bool:
    bases = [b.value if isinstance(b, ast.Subscript) else b for b in class_.bases]
    return any(isinstance(b, ast.Name) and b.id == "Protocol" for b in bases)


def _names(node: ast.stmt) -> list[str]:
    match node:
        case ast.FunctionDef() | ast.AsyncFunctionDef() | ast.ClassDef():
            return [node.name]
        case ast.TypeAlias(name=ast.Name(id=name)):
            return [name]
        case ast.AnnAssign(target=ast.Name(id=name)):
            return [name]
        case ast.Assign(targets=targets):
            found = (n for target in targets for n in ast.walk(target))
            return [name.id for name in found if isinstance(name, ast.Name)]
    return []


@cache
def modules() -> dict[str, Module]:
    """Return all modules of the package by their names."""
    found = {}
    for path in PACKAGE.rglob("*.py"):
        parts = path.relative_to(SHARED).with_suffix("").parts
        name = ".".join(parts[:-1] if parts[-1] == "__init__" else parts)
        found[name] = Module(name, path).read()
    return found


def without_annotations(node: ast.AST, *, kept: bool) -> Iterator[ast.AST]:
    """Yield a node and all within it; annotations, which call nothing, left out."""
    yield node
    for name, value in ast.iter_fields(node):
        if name in {"annotation", "returns"} and not kept:
            continue
        inner = value if isinstance(value, list) else [value]
        for child in inner:
            if isinstance(child, ast.AST):
                yield from without_annotations(child, kept=kept)
