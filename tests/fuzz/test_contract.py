"""Schemathesis asks the API all that its contract allows, and much that it does not.

``make fuzz`` asks more than 10,000 times; without CASES it is a short round.
"""

import json
import os
import re
import subprocess
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.fuzz.door import SIGN_IN, open_door
from tests.support.api import ROOT, Api
from tests.support.database import Sql
from tests.support.material import generate, piece, ready_asset
from tests.support.people import PASSWORD, Person, active_avatar, sign_up
from tests.support.workers import Workers
from tests.support.world import World

IS_QUICK = "CASES" not in os.environ
CASES = int(os.environ.get("CASES", "1"))
"""How many of each kind are made up for an operation, beside those at its bounds."""
PHASES = "fuzzing" if IS_QUICK else "examples,coverage,fuzzing"
LEAST = 200 if IS_QUICK else 3_500
"""How often one role asks at least; all three together, 10,000 times and more."""
PATIENCE_S = 3_600
ROLES = ("owner",) if IS_QUICK else ("owner", "fan", "admin")
SIGNED = "^/webhooks/"
"""Signed by their senders: tests/unit/test_signatures.py alters what those send."""
REFUSED = [400, 401, 403, 404, 409, 412, 413, 428, 429]
ANSWERS = {
    "positive_data_acceptance": ["2xx", "3xx", 502, *REFUSED],
    "negative_data_rejection": [405, 415, "5xx", *REFUSED],
}
"""What well-formed questions may be answered, and ill-formed ones.

Not all is in the form: what is there, who may, how big a file, whose pages, which day.
"""
IDS = {
    "avatar_id": "select id from avatars",
    "asset_id": "select id from assets",
    "job_id": "select id from content_jobs",
    "piece_id": "select id from content_pieces",
    "workspace_id": "select id from workspaces",
    "user_id": "select id from users",
}


@dataclass(frozen=True, slots=True)
class Report:
    """What Schemathesis found."""

    cases: int
    trouble: str
    """Its words, if it found anything."""


@pytest.fixture
def people(
    database: str, aws: Mapping[str, str], world: World, workers: Workers, sql: Sql
) -> dict[str, Person]:
    """An owner with things to look at, a fan with none, and one who runs it all."""
    names = ("owner", "fan", "admin")
    people = {role: sign_up(email=f"{role}@example.com") for role in names}
    sql.execute("update users set platform_role = 'admin' where email like 'admin@%'")
    owner = people["owner"]
    avatar_id = active_avatar(owner, workers)
    asset_id = ready_asset(owner, workers)
    generate(owner, avatar_id)
    piece(owner, avatar_id, asset_id)
    return people


@pytest.mark.parametrize("role", ROLES)
def test_every_answer_is_one_that_the_contract_knows(
    people: dict[str, Person], role: str, sql: Sql, tmp_path: Path
) -> None:
    with open_door(lambda name: token_of(people[name], sql)) as address:
        report = ask(address, role, config(tmp_path, sql))

    assert not report.trouble, report.trouble
    assert report.cases >= LEAST


def token_of(person: Person, sql: Sql) -> str:
    """Return a token of somebody's, whatever they have done to themselves."""
    sql.execute(
        "update users set is_active = true, email = %s where id = %s",
        (person.email, person.id),
    )
    sql.execute("delete from rate_limits")
    wanted = {"email": person.email, "password": PASSWORD}
    return str(Api()("POST", "/api/auth/login", wanted).ok()["data"]["token"])


def config(folder: Path, sql: Sql) -> Path:
    """Write what Schemathesis is to know of us: the names of what is there."""
    lines = []
    for check, statuses in ANSWERS.items():
        lines += [f"[checks.{check}]", f"expected-statuses = {json.dumps(statuses)}"]
    for name, query in IDS.items():
        rows = sql.execute(query.encode()).fetchall()
        values = [
            v if isinstance(v, int) else str(v) for row in rows for v in row.values()
        ]
        lines += [f"[dictionaries.{name}]", f"values = {json.dumps(values)}"]
    lines += ["[parameters]"]
    lines += [f'{name} = {{dictionary = "{name}", probability = 0.7}}' for name in IDS]
    path = folder / "schemathesis.toml"
    path.write_text("\n".join(lines))
    return path


def ask(address: str, role: str, config: Path) -> Report:
    """Let Schemathesis ask everything as somebody; return what it found."""
    told = [
        str(Path(sys.executable).with_name("schemathesis")),
        f"--config-file={config}",
        "run",
        str(ROOT / "docs" / "openapi.json"),
        f"--url={address}",
        "--checks=all",
        f"--max-examples={CASES}",
        f"--phases={PHASES}",
        f"--exclude-path-regex={SIGNED}",
        "--continue-on-failure",
        "--seed=1",
        "--no-color",
        "--suppress-health-check=all",
        "--warnings=off",
    ]
    surroundings = os.environ | {
        "SCHEMATHESIS_HOOKS": "tests.fuzz.hooks",
        "FUZZ_SIGN_IN": f"{address}{SIGN_IN}{role}",
        "PYTHONPATH": str(ROOT),
    }
    done = subprocess.run(  # noqa: S603 - all of it is ours
        told,
        env=surroundings,
        cwd=config.parent,
        check=False,
        capture_output=True,
        text=True,
        timeout=PATIENCE_S,
    )
    found = re.search(r"(\d+) generated", done.stdout)
    return Report(
        cases=int(found[1]) if found else 0,
        trouble="" if done.returncode == 0 else done.stdout + done.stderr,
    )
