"""What Lambda will find: two layers, and functions that hold only their own code."""

import ast
import ctypes
import importlib.metadata
import json
import os
import re
import runpy
import subprocess
import sys
import sysconfig
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grimp
import pytest

from tests.stack import nesting, payloads
from tests.support.api import ACCOUNT, ROOT, product, routes
from tests.support.workers import record

LAYERS = ROOT / "layers"
EXPORTS = {
    LAYERS / "dependencies/requirements.txt": "--no-emit-project --no-default-groups",
    **{
        LAYERS / group / "requirements.txt": f"--only-group {group}"
        for group in ("pictures", "sealing", "video")
    },
}
"""What each layer of wheels is made of, and how uv is asked for it."""
EXTRA = {"PIL": "PicturesLayer", "cryptography": "SealingLayer", "av": "VideoLayer"}
"""Packages that only the layers of some functions hold."""
OF_EXTRA_LAYERS = {"av", "cryptography", "pillow"}
OF_THE_RUNTIME = {"snapshot_restore_py"}  # Lambda's own, where functions are snapped
LIMIT_BYTES = 250 * 1024 * 1024  # Lambda's, for a function with its layers, unzipped
UNCHECKED_HASH = (1).to_bytes(4, "little")  # PEP 552: never compared with its source
START = (
    "import json, sys, app; print(json.dumps(app.handler(json.load(sys.stdin), None)))"
)


def _sources() -> list[Path]:
    return [*ROOT.glob("shared/**/*.py"), *ROOT.glob("functions/**/*.py")]


def _imports(tree: ast.AST) -> Iterator[str]:
    """Yield the modules that are imported at run time, not those for types alone."""
    for node in ast.iter_child_nodes(tree):
        match node:
            case ast.If(test=ast.Name(id="TYPE_CHECKING")):
                pass
            case ast.Import(names=names):
                yield from (alias.name for alias in names)
            case ast.ImportFrom(module=str(module), level=0):
                yield from (f"{module}.{alias.name}" for alias in node.names)
            case _:
                yield from _imports(node)


def _imported() -> set[str]:
    parsed = (ast.parse(path.read_text()) for path in _sources())
    return {name for module in parsed for name in _imports(module)}


def _pinned() -> set[str]:
    texts = [path.read_text() for path in EXPORTS]
    return set(re.findall(r"^([\w.-]+)==", "".join(texts), re.MULTILINE))


def _normal(distribution: str) -> str:
    return distribution.lower().replace("_", "-")


def _recipe() -> str:
    return (LAYERS / "dependencies/Makefile").read_text()


@pytest.fixture(scope="module")
def common_layer(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Build the layer of our own code and return what Lambda puts on the path."""
    return _common_layer(tmp_path_factory.mktemp("layer"))


def _common_layer(folder: Path) -> Path:
    subprocess.run(  # noqa: S603 - our own recipe
        ["make", "-sf", LAYERS / "common/Makefile", "build-CommonLayer"],  # noqa: S607
        cwd=folder,
        env={"PATH": os.environ["PATH"], "ARTIFACTS_DIR": str(folder)},
        check=True,
    )
    return folder / "python"


def _start(function: str, event: Any, layer: Path) -> Any:
    """Run a function's code with nothing of this project around it but the layer."""
    folder = ROOT / product().functions[function].code_dir
    path = [str(folder), str(layer), sysconfig.get_path("platlib")]
    done = subprocess.run(  # noqa: S603 - our own function
        [sys.executable, "-B", "-S", "-c", START],  # -S: the project is not installed
        input=json.dumps(event),
        env={
            "PYTHONPATH": os.pathsep.join(path),
            "POWERTOOLS_LOG_LEVEL": "CRITICAL",
        },
        cwd=layer,
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return json.loads(done.stdout)


def _request(path: str) -> Any:
    match = routes().find("GET", path)
    assert match
    request = payloads.Request(
        method="GET",
        raw_path=path,
        query="",
        headers=[("host", "api.test")],
        body=b"",
        protocol="HTTP/1.1",
        client="127.0.0.1",
        request_id="test-request",
    )
    return payloads.event_of(request, match, account=ACCOUNT)


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: str(path.parent.name))
def test_the_requirements_are_those_of_the_lock_file(path: Path) -> None:
    uv = os.environ.get("UV") or ROOT / ".tools/uv/bin/uv"
    export = "export -q --frozen --no-header --no-annotate"

    exported = subprocess.run(  # noqa: S603 - our own tool
        [uv, *export.split(), *EXPORTS[path].split()],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    )

    assert path.read_text() == exported.stdout


@pytest.mark.parametrize("path", EXPORTS, ids=lambda path: str(path.parent.name))
def test_every_requirement_is_known_by_its_hashes(path: Path) -> None:
    lines = path.read_text().replace("\\\n", "").splitlines()

    assert lines
    assert [line for line in lines if "--hash=sha256:" not in line] == []


def test_the_layers_hold_whatever_the_code_imports() -> None:
    foreign = {name.partition(".")[0] for name in _imported()} - {"vixenbliss"}
    foreign -= sys.stdlib_module_names | OF_THE_RUNTIME
    owners = importlib.metadata.packages_distributions()

    missing = [n for n in foreign if not _pinned() & set(map(_normal, owners[n]))]

    assert len(foreign) > 10
    assert missing == []


def test_time_zones_come_with_the_layer() -> None:
    assert "tzdata" in _pinned()


def test_the_layer_keeps_the_aws_services_that_the_code_calls() -> None:
    kept = re.search(r"^AWS_SERVICES := (.*)$", _recipe(), re.MULTILINE)

    called = {
        name
        for path in _sources()
        for name in re.findall(r'boto3\.client\(\s*"([\w-]+)"', path.read_text())
    }

    assert kept
    assert set(kept[1].split()) == called


def test_nobody_imports_what_the_layer_leaves_out() -> None:
    assigned = _recipe().replace("\\\n", " ")
    lines = re.findall(r"^LEFT_OUT [:+]= ([^$\n]*)", assigned, re.MULTILINE)
    words = " ".join(lines).split()
    packages = tuple(word.removesuffix(".py").replace("/", ".") for word in words)

    imported = [name for name in _imported() if name.startswith(packages)]

    assert {"requests", "stripe.params", "sqlalchemy.testing"} <= set(packages)
    assert imported == []


def test_every_layer_of_the_template_has_a_recipe() -> None:
    resources = nesting.load(ROOT / "template.yaml") / "Resources"
    layers = {
        name: ROOT / (place / "Properties" / "ContentUri").text() / "Makefile"
        for name, place in resources.items()
        if (place / "Type").text() == "AWS::Serverless::LayerVersion"
    }

    targets = [f"\nbuild-{n}: |" in path.read_text() for n, path in layers.items()]

    assert targets == [True] * 5


def test_the_wheels_leave_room_for_their_bytecode() -> None:
    files = [
        Path(str(file.locate()))
        for name in _pinned() - {"pycparser"} - OF_EXTRA_LAYERS
        for file in importlib.metadata.files(name) or []
    ]

    size = sum(p.stat().st_size for p in files if p.suffix != ".pyc" and p.exists())

    assert 10_000_000 < size < LIMIT_BYTES * 2 / 3


@pytest.mark.parametrize("package", EXTRA)
def test_a_function_has_the_layers_of_what_it_imports(package: str) -> None:
    resources = nesting.load(ROOT / "template.yaml") / "Resources"
    code = grimp.build_graph("vixenbliss", "functions", include_external_packages=True)

    given = {
        name
        for name in product().functions
        for layer in (resources / name / "Properties" / "Layers").elements()
        if layer.value == {"Ref": EXTRA[package]}
    }

    led_to = {
        name
        for name, function in product().functions.items()
        if code.find_shortest_chain(
            importer=f"{function.code_dir.replace('/', '.')}.app", imported=package
        )
    }
    assert given == led_to
    assert given


def test_each_function_has_a_folder_of_its_own() -> None:
    folders = Counter(f.code_dir.strip("/") for f in product().functions.values())
    there = {str(p.parent.relative_to(ROOT)) for p in ROOT.glob("functions/**/app.py")}

    assert set(folders.values()) == {1}
    assert set(folders) == there


@pytest.mark.parametrize("function", sorted(product().functions))
def test_a_functions_folder_holds_only_its_own_code(function: str) -> None:
    folder = ROOT / product().functions[function].code_dir
    contract = {"openapi.json"} if function == "HealthFunction" else set()

    held = {path.name for path in folder.iterdir()} - {"__pycache__"}

    assert held == {"app.py"} | contract


def test_the_common_layer_is_the_package_and_nothing_else(common_layer: Path) -> None:
    package = ROOT / "shared"
    source = {p.relative_to(package) for p in package.rglob("*") if p.is_file()}

    packed = {p.relative_to(common_layer) for p in common_layer.rglob("*")}

    assert {p for p in packed if p.suffix == ".py"} == {
        p for p in source if p.suffix == ".py"
    }
    assert {p.parts[0] for p in packed} == {"vixenbliss"}


def test_bytecode_needs_no_look_at_its_source(common_layer: Path) -> None:
    modules = list(common_layer.rglob("*.py"))
    compiled = list(common_layer.rglob("*.pyc"))

    flags = {path.read_bytes()[4:8] for path in compiled}

    assert len(compiled) == len(modules)
    assert flags == {UNCHECKED_HASH}


def test_two_builds_are_the_same_to_the_byte(
    common_layer: Path, tmp_path: Path
) -> None:
    again = _common_layer(tmp_path)

    assert _contents(again) == _contents(common_layer)


def _contents(folder: Path) -> dict[str, bytes]:
    files = (path for path in folder.rglob("*") if path.is_file())
    return {str(path.relative_to(folder)): path.read_bytes() for path in files}


@pytest.mark.parametrize("changed", ["functions/a/app.py", "layers/Makefile"])
def test_the_release_is_another_when_a_source_is(changed: str, tmp_path: Path) -> None:
    digest = runpy.run_path(str(LAYERS / "release.py"))["digest"]
    for name in ("functions/a/app.py", "layers/Makefile", "template.yaml"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(name)
    before = digest(tmp_path)

    (tmp_path / changed).write_text("changed")

    assert digest(tmp_path) != before


def test_the_layer_says_which_release_it_is_of(common_layer: Path) -> None:
    said = (common_layer / "vixenbliss/release.txt").read_text().strip()

    assert said == runpy.run_path(str(LAYERS / "release.py"))["digest"](ROOT)


def test_what_is_cut_off_shared_objects_is_never_mapped(tmp_path: Path) -> None:
    unmapped = runpy.run_path(str(LAYERS / "unmapped.py"))["unmapped"]
    (found,) = Path(sysconfig.get_path("platlib")).glob("greenlet/_greenlet.*.so")
    cut = tmp_path / found.name

    cut.write_bytes(unmapped(found.read_bytes()))

    assert cut.stat().st_size < found.stat().st_size
    assert ctypes.CDLL(str(cut)).PyInit__greenlet


def test_the_health_function_answers_on_the_layers_alone(common_layer: Path) -> None:
    answer = _start("HealthFunction", _request("/health"), common_layer)

    assert answer["statusCode"] == 200


def test_a_worker_answers_on_the_layers_alone(common_layer: Path) -> None:
    batch = {"Records": [record("nonsense")]}

    answer = _start("GenerateContentFunction", batch, common_layer)

    assert len(answer["batchItemFailures"]) == 1
