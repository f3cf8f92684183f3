"""How long Amazon may keep us waiting."""

import socket
from collections.abc import Iterator
from typing import Any

import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests.conftest import Set
from vixenbliss import aws
from vixenbliss.credentials import SecretsManager
from vixenbliss.errors import OutcomeUnknownError, ProviderUnavailableError
from vixenbliss.loop import run
from vixenbliss.providers import kms, s3, secretsmanager, ses, sqs
from vixenbliss.providers.kms import Signer
from vixenbliss.providers.s3 import Bucket
from vixenbliss.providers.secretsmanager import RotatingSecret
from vixenbliss.providers.ses import Mailbox
from vixenbliss.providers.sqs import Parcel, Queues

AN_API_FUNCTION_S = 10  # template.yaml, Globals
IMPATIENCE = Config(read_timeout=0.1, retries={"total_max_attempts": 1})
MODULES: tuple[Any, ...] = (aws, kms, s3, secretsmanager, ses, sqs)


def forget_clients() -> None:
    for module in (kms, s3, secretsmanager, ses, sqs):
        module._client.cache_clear()  # noqa: SLF001 - a container keeps it for life


@pytest.fixture(autouse=True)
def _silence(surroundings: Set, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Let AWS take every call, and say nothing."""
    for module in MODULES:
        monkeypatch.setattr(module, "PATIENCE", IMPATIENCE)
    forget_clients()
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"http://127.0.0.1:{silent.getsockname()[1]}"
        surroundings(
            AWS_ENDPOINT_URL=url,
            QUEUE_URL_GENERATE=f"{url}/1/generate",
            PROVENANCE_KEY_ID="key",
        )
        yield
    forget_clients()


def test_a_queue_that_hangs_is_given_up() -> None:
    with pytest.raises(ProviderUnavailableError) as given_up:
        run(Queues().send("generate", [Parcel("{}")]))

    assert given_up.value.words == "ReadTimeoutError"


def test_what_aws_refuses_is_called_as_aws_calls_it() -> None:
    answer: Any = {"Error": {"Code": "AccessDenied", "Message": "arn:aws:iam::1:role"}}

    assert aws.words_of(ClientError(answer, "SendMessage")) == "AccessDenied"


def test_a_bucket_that_hangs_is_given_up() -> None:
    with pytest.raises(ProviderUnavailableError):
        run(Bucket().get("a/1"))


def test_a_letter_that_ses_hangs_over_may_have_been_sent() -> None:
    with pytest.raises(OutcomeUnknownError):
        run(Mailbox().send("luna@example.com", subject="Hello", text="Hello"))


def test_a_key_that_hangs_is_given_up() -> None:
    with pytest.raises(ProviderUnavailableError):
        run(Signer().sign(b"a statement"))


def test_secrets_that_hang_are_given_up() -> None:
    with pytest.raises(ProviderUnavailableError, match="ReadTimeoutError"):
        SecretsManager().versions("test/jwt")


def test_a_rotation_that_hangs_is_given_up() -> None:
    with pytest.raises(ProviderUnavailableError):
        RotatingSecret("test/jwt").labels()


def test_patience_ends_before_an_api_function_does(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.undo()

    patience: Any = aws.PATIENCE

    backoff_s = 1
    once_s = patience.connect_timeout + patience.read_timeout
    tries = patience.retries["total_max_attempts"]
    assert once_s * tries + backoff_s < AN_API_FUNCTION_S
