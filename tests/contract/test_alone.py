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
WITHOUT_STATEMENTS = {"course_rights", "pages", "terms"}
"""What repositories share: parts of the statements of others."""


@pytest.fixture(scope="module")
def found() -> dict[str, Found]:
    """What became of the statements that each function knows."""
    done = subprocess.run(  # noqa: S603 - our own program
        [sys.executable, "-m", "tests.contract.alone", *FUNCTIONS.values()],
        cwd=ROOT,
        env=os.environ | {"PYTHONPATH": f"{ROOT}{os.pathsep}{ROOT / 'shared'}"},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    answer: dict[str, Found] = json.loads(done.stdout)
    return answer


@pytest.mark.parametrize("name", FUNCTIONS)
def test_nothing_needs_a_model_that_others_import(
    found: dict[str, Found], name: str
) -> None:
    broken = {who: why for who, why in found[FUNCTIONS[name]].items() if why}

    assert broken == {}


def test_every_function_s_statements_are_seen(found: dict[str, Found]) -> None:
    known = {name: found[module].keys() for name, module in FUNCTIONS.items()}

    assert "assets._LIST" in known["AssetsFunction"]
    assert "assets._LIST" not in known["UsersFunction"]
    silent = {name for name in known if not known[name]}
    assert silent == {"MigrateFunction", "RotateSecretFunction"}


def test_every_repository_is_some_function_s(found: dict[str, Found]) -> None:
    repositories = ROOT.glob("shared/vixenbliss/repositories/[a-z]*.py")
    seen = {name.partition(".")[0] for known in found.values() for name in known}

    assert {path.stem for path in repositories} - seen == WITHOUT_STATEMENTS
