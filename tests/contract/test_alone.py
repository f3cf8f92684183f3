"""Whatever speaks to the database can do so with what it has imported itself."""

import json
import os
import subprocess
import sys

import pytest

from tests.contract.alone import Found
from tests.support.api import ROOT, product

FUNCTIONS = {
    name: f"{function.code_dir.strip('/').replace('/', '.')}.app"
    for name, function in sorted(product().functions.items())
}
REPOSITORIES = {
    path.stem: f"vixenbliss.repositories.{path.stem}"
    for path in sorted(ROOT.glob("shared/vixenbliss/repositories/[a-z]*.py"))
}
MODULES = FUNCTIONS | REPOSITORIES


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    """What became of the statements that each module knows."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.contract.alone", *MODULES.values()],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer: dict[str, Found] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", MODULES)
def test_nothing_needs_a_model_that_others_import(
    found: dict[str, Found], name: str
) -> None:
    broken = {who: why for who, why in found[MODULES[name]].items() if why}

    assert broken == {}


def test_every_function_s_statements_are_seen(found: dict[str, Found]) -> None:
    known = {name: found[module].keys() for name, module in FUNCTIONS.items()}

    assert "assets._LIST" in known["AssetsFunction"]
    assert "assets._LIST" not in known["UsersFunction"]
    assert [n for n in known if not known[n]] == ["MigrateFunction"]
