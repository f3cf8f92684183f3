"""How functions reach the providers, and how long the gateway waits for functions."""

import json
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

import httpx
import pytest

from tests.integration.stack import project
from tests.integration.stack.conftest import eventually, options, waking
from tests.stack.running import RunningStack, running_stack

pytestmark = pytest.mark.stack

_TEMPLATE = """\
Parameters:
  ReplicateApiBase: {Type: String, Default: https://api.replicate.com/v1}
  OpenaiBaseUrl: {Type: String, Default: https://api.openai.com/v1}
  MailFrom: {Type: String, Default: ""}
Globals:
  Function:
    Handler: app.handler
    Environment:
      Variables:
        REPLICATE_API_BASE: !Ref ReplicateApiBase
        OPENAI_BASE_URL: !Ref OpenaiBaseUrl
Resources:
  ReplicateApiToken: {Type: AWS::SecretsManager::Secret}
  ReplicateWebhookSecret: {Type: AWS::SecretsManager::Secret}
  OpenaiApiKey: {Type: AWS::SecretsManager::Secret}
  Made:
    Type: AWS::SecretsManager::Secret
    Properties: {GenerateSecretString: {PasswordLength: 40, ExcludePunctuation: true}}
  AskFunction:
    Type: AWS::Serverless::Function
    Properties: {CodeUri: functions/ask}
"""
_ASK = """\
import os


def handler(event, context):
    return [os.environ["REPLICATE_API_BASE"], os.environ["OPENAI_BASE_URL"]]
"""


@dataclass(frozen=True)
class _StandIns:
    replicate_base: str = "http://127.0.0.1:1/replicate/v1"
    openai_base: str = "http://127.0.0.1:1/openai/v1"
    control: str = "http://127.0.0.1:1/control"
    replicate_token: str = "r8_fake"
    openai_key: str = "sk-fake"
    webhook_secret: str = "whsec_fake"
    instagram_base: str = "http://127.0.0.1:1/graph"
    instagram_oauth_base: str = "http://127.0.0.1:1/login"
    instagram_app_id: str = "app_fake"
    instagram_app_secret: str = "ig_fake"
    stripe_base: str = "http://127.0.0.1:1/stripe"
    stripe_api_key: str = "sk_fake"
    stripe_webhook_secret: str = "st_fake"
    tiktok_base: str = "http://127.0.0.1:1/tiktok"
    tiktok_auth_base: str = "http://127.0.0.1:1/consent"
    tiktok_client_key: str = "key_fake"
    tiktok_client_secret: str = "tt_fake"
    journals: dict[str, Path] = field(default_factory=dict)


@asynccontextmanager
async def _serve(
    _port: int = 0, *, journal_dir: Path, faults_file: Path | None = None
) -> AsyncGenerator[_StandIns]:
    assert faults_file is None
    yield _StandIns(journals={"replicate": journal_dir / "replicate.jsonl"})


def _secret(stack: RunningStack, name: str) -> str:
    arn = stack.ref(name)
    return stack.aws.secrets.get_secret_value(SecretId=arn)["SecretString"]


def _write(root: Path) -> Path:
    (root / "functions/ask").mkdir(parents=True)
    (root / "functions/ask/app.py").write_text(_ASK)
    (root / "template.yaml").write_text(_TEMPLATE)
    return root


def test_functions_and_readers_are_told_of_the_stand_ins(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("REPLICATE_API_TOKEN", raising=False)
    monkeypatch.setenv("OPENAI_API_KEY", "sk-real")
    plan = replace(options(_write(tmp_path)), stand_ins=_serve)

    with running_stack(plan) as stack:
        stack.note("brief", "campaign.yaml")
        notes = json.loads((tmp_path / ".local/stack.json").read_text())
        bases = stack.invoke("AskFunction", {})
        names = ("ReplicateApiToken", "ReplicateWebhookSecret", "OpenaiApiKey")
        secrets = [_secret(stack, name) for name in names]
        made = _secret(stack, "Made")

    journals = tmp_path / ".local/journals"
    assert bases == ["http://127.0.0.1:1/replicate/v1", "https://api.openai.com/v1"]
    assert secrets == ["r8_fake", "whsec_fake", "sk-real"]
    assert len(made) == 40
    assert notes["brief"] == "campaign.yaml"
    assert notes["providers"]["control"] == "http://127.0.0.1:1/control"
    assert notes["journals"] == {"replicate": str(journals / "replicate.jsonl")}


def test_the_gateway_gives_up_but_the_function_runs_on(tmp_path: Path) -> None:
    plan = replace(options(project.write(tmp_path)), integration_timeout_s=0.4)
    with running_stack(plan) as stack:
        with waking(tmp_path / "long"):
            answer = httpx.post(f"{stack.api}/nap", json={"name": "long"}, timeout=60)

        assert answer.status_code == 503
        assert answer.text == '{"message":"Service Unavailable"}'
        eventually(lambda: "woke long" in stack.function_log("NapFunction"))


def test_a_given_aws_may_have_everything_already(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.setenv(name, "borrowed")
    first_plan = options(_write(tmp_path))
    with running_stack(first_plan) as first:
        made = _secret(first, "Made")
        second_plan = replace(
            first_plan,
            aws_endpoint=first.aws.endpoint,
            local=tmp_path / "second",
            secrets={"OpenaiApiKey": "sk-second"},
        )

        with running_stack(second_plan) as second:
            answer = second.invoke("AskFunction", {})
            secrets = [_secret(second, name) for name in ("Made", "OpenaiApiKey")]

    assert second.aws.environment["AWS_ACCESS_KEY_ID"] == "borrowed"
    assert secrets == [made, "sk-second"]
    assert isinstance(answer, list)
