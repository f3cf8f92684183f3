"""Functions as somebody else: with credentials of their own, and with built code."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest

from tests.integration.stack.conftest import options
from tests.stack.aws import Aws
from tests.stack.intrinsics import Addresses
from tests.stack.options import Credentials
from tests.stack.running import running_stack

pytestmark = pytest.mark.stack

_TEMPLATE = """\
Globals: {Function: {Handler: app.handler}}
Resources:
  Jobs: {Type: AWS::SQS::Queue}
  OneFunction: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/who}}
  OtherFunction: {Type: AWS::Serverless::Function, Properties: {CodeUri: functions/who}}
"""
_WHO = """\
import os
import sys


def handler(event, context):
    path = os.pathsep.join(sys.path)
    return [os.environ["AWS_ACCESS_KEY_ID"], os.environ["AWS_ENDPOINT_URL"], path]
"""


@dataclass
class _Office:
    """Gives each function credentials; remembers what it was told, and when."""

    told: list[Mapping[str, str]] = field(default_factory=list)

    def __call__(self, aws: Aws, addresses: Addresses) -> Credentials:
        self.told.append({**addresses.refs, "endpoint": aws.endpoint})
        return lambda function: {"AWS_ACCESS_KEY_ID": f"key of {function}"}


@dataclass(frozen=True)
class _Built:
    place: Path

    def folder(self, function: str) -> Path:
        return self.place / function

    def python_path(self, function: str) -> str:
        return os.pathsep.join([str(self.folder(function)), str(self.place / "layer")])


def _write(root: Path, folder: str = "functions/who") -> Path:
    (root / folder).mkdir(parents=True)
    (root / folder / "app.py").write_text(_WHO)
    return root


def test_each_function_is_itself_to_aws(tmp_path: Path) -> None:
    (_write(tmp_path) / "template.yaml").write_text(_TEMPLATE)
    office = _Office()

    with running_stack(replace(options(tmp_path), credentials=office)) as stack:
        one, other = (stack.invoke(f"{n}Function", {}) for n in ("One", "Other"))
        (told,) = office.told

        assert isinstance(one, list)
        assert isinstance(other, list)
        assert (one[0], other[0]) == ("key of OneFunction", "key of OtherFunction")
        assert one[1] == other[1] == told["endpoint"]
        assert told["Jobs"] == stack.ref("Jobs")


def test_built_code_is_run_instead_of_the_sources(tmp_path: Path) -> None:
    (tmp_path / "template.yaml").write_text(_TEMPLATE)
    built = _Built(tmp_path / "built")
    _write(built.place, "OneFunction")

    with running_stack(replace(options(tmp_path), code=built)) as stack:
        answer = stack.invoke("OneFunction", {})

    assert isinstance(answer, list)
    path = str(answer[2]).split(os.pathsep)
    assert {str(built.folder("OneFunction")), str(built.place / "layer")} <= set(path)
    assert str(tmp_path / "shared") not in path
