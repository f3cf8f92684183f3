"""The rotation of the secret that signs access tokens, step by step."""

import importlib
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import boto3
import pytest
from moto.secretsmanager.models import secretsmanager_backends

from tests.conftest import Set
from tests.support.api import Api
from tests.support.people import Person, sign_up
from vixenbliss import credentials
from vixenbliss.credentials import SecretsManager
from vixenbliss.errors import InvalidStateError, ProviderUnavailableError
from vixenbliss.ids import new_id

if TYPE_CHECKING:
    from mypy_boto3_secretsmanager import SecretsManagerClient

ACCOUNT, REGION = "123456789012", "eu-west-1"
FIRST = "the first secret that is long enough to sign with"
STEPS = ("createSecret", "setSecret", "testSecret", "finishSecret")


class Secret:
    """A secret, and what Secrets Manager does with it."""

    def __init__(self, client: "SecretsManagerClient", arn: str) -> None:
        self.client = client
        self.arn = arn
        self.token = str(new_id())

    def begin(self) -> None:
        """Name the version to come, which has no value yet (RotateSecret)."""
        backend: Any = secretsmanager_backends[ACCOUNT][REGION]
        backend.secrets[self.arn].versions[self.token] = {
            "createdate": int(time.time()),
            "version_id": self.token,
            "version_stages": ["AWSPENDING"],
        }

    def propose(self, value: str) -> None:
        """Give the version to come a value that is not ours."""
        self.client.put_secret_value(
            SecretId=self.arn,
            ClientRequestToken=self.token,
            SecretString=value,
            VersionStages=["AWSPENDING"],
        )

    def take(self, *steps: str, token: str = "", arn: str = "") -> None:
        """Call the function for each step, as Secrets Manager does."""
        app = importlib.import_module("functions.operations.rotate_secret.app")
        for step in steps:
            event = {
                "Step": step,
                "SecretId": arn or self.arn,
                "ClientRequestToken": token or self.token,
            }
            app.handler(event, None)

    def labels(self, version: str) -> list[str]:
        told = self.client.describe_secret(SecretId=self.arn)
        return sorted(told["VersionIdsToStages"].get(version, []))

    def value(self, stage: str) -> str:
        return self.client.get_secret_value(SecretId=self.arn, VersionStage=stage)[
            "SecretString"
        ]


@pytest.fixture
def keeper(aws: dict[str, str]) -> "SecretsManagerClient":
    return boto3.client("secretsmanager")


@pytest.fixture
def secret(
    keeper: "SecretsManagerClient", surroundings: Set, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Secret]:
    """The secret of a running product, in its first rotation."""
    arn = keeper.create_secret(Name="jwt", SecretString=FIRST)["ARN"]
    keeper.rotate_secret(
        SecretId=arn,
        RotationRules={"AutomaticallyAfterDays": 90},
        RotateImmediately=False,
    )
    monkeypatch.setattr(credentials, "_store", SecretsManager())
    surroundings(JWT_SECRET=None, JWT_SECRET_ARN=arn)
    made = Secret(keeper, arn)
    made.begin()
    yield made
    keeper.delete_secret(SecretId=arn, ForceDeleteWithoutRecovery=True)


def test_four_steps_bring_in_a_new_secret(secret: Secret) -> None:
    secret.take(*STEPS)

    value = secret.value("AWSCURRENT")
    assert len(value) == 64
    assert value.isalnum()
    assert value.isascii()
    assert "AWSCURRENT" in secret.labels(secret.token)
    assert secret.value("AWSPREVIOUS") == FIRST


def test_until_the_last_step_nothing_has_changed(secret: Secret) -> None:
    secret.take(*STEPS[:-1])

    assert secret.value("AWSCURRENT") == FIRST
    assert secret.labels(secret.token) == ["AWSPENDING"]


@pytest.mark.parametrize("times", [2, 3])
def test_a_step_that_comes_again_changes_nothing(secret: Secret, times: int) -> None:
    secret.take(*["createSecret"] * times)
    drawn = secret.value("AWSPENDING")
    secret.take(*["setSecret", "testSecret"] * times)
    secret.take(*["finishSecret"] * times)

    assert secret.value("AWSCURRENT") == drawn
    assert secret.value("AWSPREVIOUS") == FIRST


def test_after_the_last_step_every_step_is_harmless(secret: Secret) -> None:
    secret.take(*STEPS)
    value = secret.value("AWSCURRENT")

    secret.take(*STEPS)

    assert secret.value("AWSCURRENT") == value


def test_two_rotations_draw_two_secrets(secret: Secret) -> None:
    secret.take(*STEPS)
    first = secret.value("AWSCURRENT")
    secret.token = str(new_id())
    secret.begin()

    secret.take(*STEPS)

    assert secret.value("AWSCURRENT") != first
    assert secret.value("AWSPREVIOUS") == first


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_nobody_named_is_refused(secret: Secret, step: str) -> None:
    with pytest.raises(InvalidStateError, match="not in rotation"):
        secret.take(step, token=str(new_id()))

    assert secret.value("AWSCURRENT") == FIRST


@pytest.mark.parametrize("step", STEPS)
def test_a_version_that_is_past_is_refused(secret: Secret, step: str) -> None:
    before = next(
        version
        for version, labels in secret.client.describe_secret(SecretId=secret.arn)[
            "VersionIdsToStages"
        ].items()
        if "AWSCURRENT" in labels
    )
    secret.take(*STEPS)

    with pytest.raises(InvalidStateError, match="not in rotation"):
        secret.take(step, token=before)


def test_a_secret_that_is_not_to_be_rotated_is_left_alone(secret: Secret) -> None:
    backend: Any = secretsmanager_backends[ACCOUNT][REGION]
    backend.secrets[secret.arn].rotation_enabled = False

    with pytest.raises(InvalidStateError, match="Nobody"):
        secret.take("createSecret")


def test_another_secret_is_left_alone(
    secret: Secret, keeper: "SecretsManagerClient"
) -> None:
    other = keeper.create_secret(Name="stripe", SecretString="sk_live")["ARN"]

    with pytest.raises(InvalidStateError, match="Only"):
        secret.take("createSecret", arn=other)

    keeper.delete_secret(SecretId=other, ForceDeleteWithoutRecovery=True)


def test_a_step_of_none_is_refused(secret: Secret) -> None:
    with pytest.raises(InvalidStateError, match="no step"):
        secret.take("dropSecret")


def test_a_secret_that_is_too_short_is_not_brought_in(secret: Secret) -> None:
    secret.propose("short")

    with pytest.raises(InvalidStateError, match="too short"):
        secret.take("testSecret")


def test_secrets_manager_may_try_the_function_with_the_value_there_is(
    secret: Secret,
) -> None:
    secret.propose(FIRST)

    secret.take("testSecret")

    assert secret.value("AWSCURRENT") == FIRST


def test_a_secret_that_was_never_drawn_is_not_brought_in(secret: Secret) -> None:
    with pytest.raises(InvalidStateError, match="missing"):
        secret.take("testSecret")


def test_what_secrets_manager_says_is_not_told(
    secret: Secret, keeper: "SecretsManagerClient", surroundings: Set
) -> None:
    surroundings(JWT_SECRET_ARN="arn:nowhere")

    with pytest.raises(ProviderUnavailableError, match="ResourceNotFoundException"):
        secret.take("createSecret", arn="arn:nowhere")


def who(person: Person) -> int:
    return person.api("GET", "/todos/").status


def test_whoever_is_signed_in_stays_so(
    secret: Secret, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = sign_up()
    secret.take(*STEPS)

    monkeypatch.setattr(credentials, "_store", SecretsManager())
    after = sign_up()

    assert [who(before), who(after)] == [200, 200]


def test_a_container_that_has_not_heard_of_it_lets_everybody_in(
    secret: Secret, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = SecretsManager()
    old.versions(secret.arn)
    secret.take(*STEPS)
    monkeypatch.setattr(credentials, "_store", SecretsManager())
    signed_elsewhere = sign_up()

    monkeypatch.setattr(credentials, "_store", old)

    assert who(signed_elsewhere) == 200


def test_when_all_have_heard_the_new_secret_signs(
    secret: Secret, database: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = SecretsManager()
    old.versions(secret.arn)
    secret.take(*STEPS)
    monkeypatch.setattr(credentials, "RIPE_AFTER_S", -1)
    monkeypatch.setattr(credentials, "_store", SecretsManager())
    person = sign_up()

    monkeypatch.setattr(credentials, "_store", old)

    assert who(person) == 401
    assert Api()("GET", "/health").status == 200
