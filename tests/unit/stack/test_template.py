"""What the stack learns from a template."""

from pathlib import Path

import pytest

from tests.stack import template
from tests.stack.errors import TemplateError
from tests.stack.template import QueueSource, Route, Template

_WHOLE = """\
Parameters:
  Base: {Type: String, Default: https://example.com}
  Secret: {Type: String}
Globals:
  Function:
    Handler: app.handler
    Timeout: 10
    Environment: {Variables: {BASE: !Ref Base, LEVEL: info}}
Resources:
  Api: {Type: AWS::Serverless::HttpApi}
  Jobs:
    Type: AWS::SQS::Queue
    Properties:
      VisibilityTimeout: 60
      ContentBasedDeduplication: true
      FifoQueue: true
      RedrivePolicy: {deadLetterTargetArn: !GetAtt Dead.Arn, maxReceiveCount: 3}
  Dead: {Type: AWS::SQS::Queue, Properties: {FifoQueue: true}}
  Media: {Type: AWS::S3::Bucket}
  Key:
    Type: AWS::KMS::Key
    Properties: {KeySpec: ECC_NIST_P256, KeyUsage: SIGN_VERIFY}
  Made:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {PasswordLength: 20}}
  Given: {Type: AWS::SecretsManager::Secret}
  Role: {Type: AWS::IAM::Role}
  Door:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/door
      MemorySize: 512
      Environment: {Variables: {LEVEL: debug}}
      Events:
        All: {Type: HttpApi, Properties: {ApiId: !Ref Api}}
        Get: {Type: HttpApi, Properties: {ApiId: !Ref Api, Method: get, Path: /x}}
  Worker:
    Type: AWS::Serverless::Function
    Properties:
      CodeUri: functions/worker
      Timeout: 30
      Events:
        Jobs:
          Type: SQS
          Properties:
            Queue: !GetAtt Jobs.Arn
            BatchSize: 5
            MaximumBatchingWindowInSeconds: 2
            FunctionResponseTypes: [ReportBatchItemFailures]
            ScalingConfig: {MaximumConcurrency: 7}
            FilterCriteria: {Filters: [{Pattern: '{"body": {"n": [1]}}'}]}
        Tick:
          Type: ScheduleV2
          Properties: {ScheduleExpression: rate(5 minutes), State: DISABLED}
        Rule:
          Type: Schedule
          Properties: {Schedule: "cron(0 3 * * ? *)", Input: '{"a": 1}'}
"""


def _read(folder: Path, text: str = _WHOLE) -> Template:
    path = folder / "template.yaml"
    path.write_text(text)
    return template.read(path)


def test_a_function_takes_from_globals_what_it_does_not_say(tmp_path: Path) -> None:
    door = _read(tmp_path).functions["Door"]

    assert (door.handler, door.timeout_s, door.memory_mb) == ("app.handler", 10, 512)
    assert door.code_dir == "functions/door"
    assert {name: place.value for name, place in door.environment.items()} == {
        "BASE": {"Ref": "Base"},
        "LEVEL": "debug",
    }


def test_an_event_without_a_path_is_the_default_route(tmp_path: Path) -> None:
    routes = _read(tmp_path).routes

    assert routes == (
        Route(function="Door", method="ANY", path="$default"),
        Route(function="Door", method="GET", path="/x"),
    )


def test_a_queue_source_is_read_whole(tmp_path: Path) -> None:
    sources = _read(tmp_path).sources

    assert sources == (
        QueueSource(
            function="Worker",
            queue="Jobs",
            batch_size=5,
            window_s=2,
            reports_item_failures=True,
            max_concurrency=7,
            patterns=('{"body": {"n": [1]}}',),
        ),
    )


def test_both_kinds_of_schedule_are_read(tmp_path: Path) -> None:
    tick, rule = _read(tmp_path).schedules

    assert (tick.expression, tick.kind) == ("rate(5 minutes)", "ScheduleV2")
    assert (tick.is_enabled, tick.input) == (False, None)
    assert (rule.expression, rule.kind) == ("cron(0 3 * * ? *)", "Schedule")
    assert (rule.is_enabled, rule.input) == (True, '{"a": 1}')


def test_a_queue_knows_its_dead_letters_and_attributes(tmp_path: Path) -> None:
    jobs = _read(tmp_path).queues["Jobs"]

    assert (jobs.dead_letters, jobs.max_receive_count) == ("Dead", 3)
    assert jobs.is_fifo
    assert jobs.attributes == {
        "VisibilityTimeout": "60",
        "ContentBasedDeduplication": "true",
    }


def test_secrets_keys_buckets_and_parameters_are_read(tmp_path: Path) -> None:
    whole = _read(tmp_path)

    assert whole.secrets["Made"].generate == {"PasswordLength": 20}
    assert whole.secrets["Given"].generate is None
    assert whole.keys["Key"].usage == "SIGN_VERIFY"
    assert whole.buckets == ("Media",)
    assert whole.parameters == {"Base": "https://example.com", "Secret": None}


def test_mappings_limit_how_many_copies_run(tmp_path: Path) -> None:
    whole = _read(tmp_path)

    limits = [whole.parallelism(name, default=4) for name in ("Worker", "Door")]

    assert limits == [7, 4]


_MAPPING = """\
  Other:
    Type: AWS::Lambda::EventSourceMapping
    Properties:
      EventSourceArn: !GetAtt Dead.Arn
      FunctionName: !Ref Worker.Alias
      MaximumBatchingWindowInSeconds: 3
      ScalingConfig: {MaximumConcurrency: 2}
"""


def test_a_mapping_of_its_own_is_a_queue_source(tmp_path: Path) -> None:
    whole = _read(tmp_path, _WHOLE + _MAPPING)

    assert whole.sources[1:] == (
        QueueSource(
            function="Worker",
            queue="Dead",
            batch_size=10,
            window_s=3,
            reports_item_failures=False,
            max_concurrency=2,
            patterns=(),
        ),
    )
    assert whole.parallelism("Worker", default=4) == 9


@pytest.mark.parametrize(
    ("old", "new", "told"),
    [
        ("Ref Worker", "Ref Jobs", "FunctionName: expected a function"),
        ("Dead.Arn", "Media.Arn", "EventSourceArn: expected a queue"),
    ],
)
def test_a_mapping_leads_from_a_queue_to_a_function(
    tmp_path: Path, old: str, new: str, told: str
) -> None:
    mapping = _MAPPING.replace(old, new)

    with pytest.raises(TemplateError, match=told):
        _read(tmp_path, _WHOLE + mapping)


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ("Timeout: 30", "Resources.Worker.Properties.Timeout"),
        (
            "BatchSize: 5",
            "Resources.Worker.Properties.Events.Jobs.Properties.BatchSize",
        ),
    ],
)
def test_an_error_names_the_place(tmp_path: Path, change: str, place: str) -> None:
    text = _WHOLE.replace(change, f"{change.rpartition(' ')[0]} soon")

    with pytest.raises(TemplateError, match=place):
        _read(tmp_path, text)


def test_the_products_own_template_is_understood() -> None:
    root = Path(__file__).parents[3]

    whole = template.read(root / "template.yaml")

    assert {route.function for route in whole.routes} <= whole.functions.keys()
    assert {source.queue for source in whole.sources} <= whole.queues.keys()
