"""A template and what it nests, as one tree."""

from pathlib import Path
from typing import Any

import pytest

from tests.stack import nesting, template
from tests.stack.errors import TemplateError
from tests.stack.template import Route

_ROOT = """\
Parameters:
  Size: {Type: String, Default: small}
  Base: {Type: String, Default: https://example.com}
Resources:
  Api: {Type: AWS::ApiGatewayV2::Api, Properties: {ProtocolType: HTTP}}
  Ground:
    Type: AWS::Serverless::Application
    Properties:
      Location: under/ground.yaml
      Parameters: {Size: !Ref Size}
  Doors:
    Type: AWS::Serverless::Application
    Properties:
      Location: doors/doors.yaml
      Parameters:
        Api: !Ref Api
        Base: !Sub "${Base}/v1"
        Jobs: !GetAtt Ground.Outputs.Jobs
        JobsArn: !GetAtt Ground.Outputs.JobsArn
        Host: !GetAtt Ground.Outputs.Host
"""
_GROUND = """\
Parameters:
  Size: {Type: String}
Conditions:
  IsLarge: !Equals [!Ref Size, production]
  IsSmall: !Not [!Condition IsLarge]
Mappings:
  Waits:
    small: {Seconds: 30}
    production: {Seconds: 60}
Resources:
  Logs: {Type: AWS::Logs::LogGroup}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: !FindInMap [Waits, !Ref Size, Seconds]
      DelaySeconds: !If [IsLarge, 5, !Ref AWS::NoValue]
  Database: {Type: AWS::RDS::DBInstance}
  Proxy: {Type: AWS::RDS::DBProxy, Condition: IsLarge}
Outputs:
  Jobs: {Value: !Ref Jobs}
  JobsArn: {Value: !GetAtt Jobs.Arn}
  Host:
    Value: !If [IsSmall, !GetAtt Database.Endpoint.Address, !GetAtt Proxy.Endpoint]
"""
_DOORS = """\
Globals:
  Function:
    Handler: app.handler
    Layers: [one]
    VpcConfig: {SubnetIds: !Ref Inner}
    Environment: {Variables: {HOST: !Ref Host, LEVEL: info}}
Parameters:
  Api: {Type: String}
  Base: {Type: String}
  Jobs: {Type: String}
  JobsArn: {Type: String}
  Host: {Type: String}
  Inner: {Type: String, Default: subnet-1}
Resources:
  Logs: {Type: AWS::Logs::LogGroup}
  Door:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: api/door
      Layers: [two]
      VpcConfig: {SubnetIds: !Ref Base}
      Environment:
        Variables:
          LEVEL: debug
          QUEUE: !Ref Jobs
          ARN: !Sub "${JobsArn}:${Base}:${Logs}:${!Literal}"
      Events:
        Jobs: {Type: SQS, Properties: {Queue: !Ref JobsArn}}
  DoorMapping:
    Type: AWS::Lambda::EventSourceMapping
    Properties: {EventSourceArn: !Ref JobsArn, FunctionName: !Ref Door.Alias}
  DoorIntegration:
    Type: AWS::ApiGatewayV2::Integration
    Properties: {ApiId: !Ref Api, IntegrationUri: !Ref Door.Alias}
  DoorRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: ANY /door/{proxy+}
      Target: !Sub "integrations/${DoorIntegration}"
  DefaultRoute:
    Type: AWS::ApiGatewayV2::Route
    Properties:
      ApiId: !Ref Api
      RouteKey: $default
      Target: !Sub "integrations/${DoorIntegration}"
"""


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / "under").mkdir()
    (tmp_path / "doors").mkdir()
    (tmp_path / "under/ground.yaml").write_text(_GROUND)
    (tmp_path / "doors/doors.yaml").write_text(_DOORS)
    path = tmp_path / "template.yaml"
    path.write_text(_ROOT)
    return path


def _flat(root: Path, **parameters: str) -> dict[str, Any]:
    resources = nesting.load(root, parameters) / "Resources"
    return {name: place.value for name, place in resources.items()}


def _door(root: Path, **parameters: str) -> dict[str, Any]:
    properties: dict[str, Any] = _flat(root, **parameters)["Door"]["Properties"]
    return properties


def test_parameters_stand_for_what_the_root_gave(root: Path) -> None:
    variables = _door(root)["Environment"]["Variables"]

    assert variables == {
        "HOST": {"Fn::GetAtt": ["Database", "Endpoint.Address"]},
        "LEVEL": "debug",
        "QUEUE": {"Ref": "Jobs"},
        "ARN": {
            "Fn::Sub": [
                "${Jobs.Arn}:${Base}:${DoorsLogs}:${!Literal}",
                {"Base": {"Fn::Sub": "${Base}/v1"}},
            ]
        },
    }


def test_conditions_and_mappings_follow_the_roots_choice(root: Path) -> None:
    small, large = _flat(root), _flat(root, Size="production")

    assert small["Jobs"]["Properties"] == {"VisibilityTimeout": 30}
    assert large["Jobs"]["Properties"] == {"VisibilityTimeout": 60, "DelaySeconds": 5}
    assert ("Proxy" in small, "Proxy" in large) == (False, True)
    host = large["Door"]["Properties"]["Environment"]["Variables"]["HOST"]
    assert host == {"Fn::GetAtt": ["Proxy", "Endpoint"]}


def test_globals_are_merged_as_sam_does(root: Path) -> None:
    door = _door(root)

    assert door["Handler"] == "app.handler"
    assert door["Layers"] == ["one", "two"]
    assert door["VpcConfig"] == {"SubnetIds": {"Fn::Sub": "${Base}/v1"}}


def test_paths_lead_from_the_roots_folder(root: Path) -> None:
    assert _door(root)["CodeUri"] == "doors/api/door"


def test_what_two_stacks_call_the_same_is_told_apart(root: Path) -> None:
    assert {"GroundLogs", "DoorsLogs"} < _flat(root).keys()


def test_routes_and_queues_lead_to_their_functions(root: Path) -> None:
    read = template.read(root)

    assert read.routes == (
        Route(function="Door", method="ANY", path="/door/{proxy+}"),
        Route(function="Door", method="ANY", path="$default"),
    )
    assert [(s.queue, s.function) for s in read.sources] == 2 * [("Jobs", "Door")]
    assert (read.databases, read.apis) == (("Database",), ("Api",))


@pytest.mark.parametrize(
    ("file", "old", "new", "told"),
    [
        ("template.yaml", "Base: !Sub", "Bass: !Sub", "no parameter of this name"),
        ("template.yaml", "        Api: !Ref Api\n", "", "asks for Api"),
        ("template.yaml", "Outputs.Host", "Outputs.Guest", "no such output"),
        ("doors/doors.yaml", "!Ref Jobs\n", "!Ref Works\n", "nothing of this name"),
        ("under/ground.yaml", "!If [IsSmall", "!If [IsTiny", "no such condition"),
        ("doors/doors.yaml", "integrations/", "integration/", "integrations/"),
    ],
)
def test_what_leads_nowhere_is_refused(
    root: Path, file: str, old: str, new: str, told: str
) -> None:
    path = root.parent / file
    path.write_text(path.read_text().replace(old, new))

    with pytest.raises(TemplateError, match=told):
        template.read(root)
