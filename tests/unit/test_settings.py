"""What the environment says, and what happens when it does not."""

import dataclasses
import runpy
from pathlib import Path

import pytest

from tests.conftest import Set
from tests.support.api import ROOT, Api
from vixenbliss import database as connections
from vixenbliss.errors import SettingInvalidError, SettingMissingError
from vixenbliss.settings import read

NEEDY = sorted(
    app for app in ROOT.glob("functions/*/*/app.py") if "jwt_secret)" in app.read_text()
)
NUMBERS = (
    "IMAGE_PRICE_MICROS",
    "CAPTION_INPUT_PRICE_MICROS",
    "CAPTION_OUTPUT_PRICE_MICROS",
    "LEASE_S",
    "RETRY_DELAYS_S",
    "REQUEST_TIMEOUT_S",
)


def test_an_empty_environment_spells_no_secret() -> None:
    settings = read({})

    secrets = (
        settings.database,
        settings.jwt_secret,
        settings.replicate_api_token,
        settings.replicate_webhook_secret,
        settings.openai_api_key,
    )
    assert [secret.versions() for secret in secrets] == [()] * 5


def test_providers_are_the_real_ones_unless_told_otherwise() -> None:
    settings = read({})

    assert settings.replicate_api_base == "https://api.replicate.com/v1"
    assert settings.openai_base_url == "https://api.openai.com/v1"
    assert settings.aws_is_real


def test_settings_are_frozen() -> None:
    settings = read({})

    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.lease_s = 1  # type: ignore[misc]  # that is the point


def test_a_secret_may_list_its_previous_value() -> None:
    settings = read({"REPLICATE_WEBHOOK_SECRET": "current,previous"})

    assert settings.replicate_webhook_secret.versions() == ("current", "previous")


def test_a_plain_secret_goes_before_its_arn() -> None:
    settings = read({"OPENAI_API_KEY": "plain", "OPENAI_API_KEY_ARN": "arn:nowhere"})

    assert settings.openai_api_key.current() == "plain"


@pytest.mark.parametrize("empty", ["", ",", ",,"])
def test_an_empty_secret_is_a_missing_one(empty: str) -> None:
    settings = read({"JWT_SECRET": empty})

    with pytest.raises(SettingMissingError, match="JWT_SECRET"):
        settings.jwt_secret.current()


def test_a_database_url_is_not_split_at_its_commas() -> None:
    url = "postgresql://user:a,b@127.0.0.1/name"

    assert read({"DATABASE_URL": url}).database.current() == url


def test_who_signs_in_with_iam_is_nobody_where_a_url_says_who() -> None:
    told = {"DATABASE_HOST": "db.internal", "DATABASE_USER": "vixenbliss"}

    alone, beside = read(told), read(told | {"DATABASE_URL": "postgresql://u@h/n"})

    assert (alone.database_user, beside.database_user) == ("vixenbliss", "")
    assert alone.database.current() == "postgresql://vixenbliss@db.internal"


def test_a_port_is_a_number() -> None:
    with pytest.raises(SettingInvalidError, match="DATABASE_PORT"):
        read({"DATABASE_PORT": "the usual"})


def test_a_queue_is_known_by_its_name_in_lower_case() -> None:
    settings = read({"QUEUE_URL_GENERATE": "https://sqs/generate"})

    assert settings.queue_url("generate") == "https://sqs/generate"


@pytest.mark.parametrize("environment", [{}, {"QUEUE_URL_FINISH": ""}])
def test_an_unknown_queue_is_named(environment: dict[str, str]) -> None:
    with pytest.raises(SettingMissingError, match="QUEUE_URL_FINISH"):
        read(environment).queue_url("finish")


def test_delays_are_read_in_their_order() -> None:
    assert read({"RETRY_DELAYS_S": "1,5,25"}).retry_delays_s == (1, 5, 25)


@pytest.mark.parametrize("name", NUMBERS)
def test_a_number_that_is_none_is_named(name: str) -> None:
    with pytest.raises(SettingInvalidError, match=name):
        read({name: "soon"})


@pytest.mark.parametrize("missing", ["DATABASE_URL", "JWT_SECRET"])
@pytest.mark.parametrize("app", NEEDY, ids=lambda app: app.parent.name)
def test_a_function_does_not_start_without_a_secret_it_needs(
    app: Path, missing: str, surroundings: Set
) -> None:
    surroundings(**{missing: None})

    with pytest.raises(SettingMissingError, match=missing):
        runpy.run_path(str(app))


def test_without_its_secret_the_webhook_has_no_door(surroundings: Set) -> None:
    surroundings(REPLICATE_WEBHOOK_SECRET=None)

    answer = Api()("POST", "/webhooks/replicate", {"id": "p1", "status": "succeeded"})

    assert answer.status == 404
    assert answer.code == "NOT_FOUND"


@pytest.mark.parametrize(
    "url",
    [
        "canary-secret",
        "postgresql://u:canary-secret@h:port/n",
        '{"password":"canary-secret',
    ],
)
def test_a_broken_database_address_is_not_repeated_in_the_error(
    url: str, surroundings: Set
) -> None:
    surroundings(DATABASE_URL=url)
    connections.engine.cache_clear()

    with pytest.raises(Exception) as caught:  # noqa: PT011 - whatever it is, it is quiet
        connections.engine()

    assert "canary-secret" not in str(caught.value)
