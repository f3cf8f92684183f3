"""AWS on this machine: moto as our child, or whatever ``AWS_ENDPOINT_URL`` names."""

import asyncio
import contextlib
import os
import sys
from collections.abc import AsyncGenerator, Mapping
from dataclasses import dataclass
from pathlib import Path

import boto3
from botocore.config import Config
from botocore.exceptions import BotoCoreError
from mypy_boto3_kms import KMSClient
from mypy_boto3_s3 import S3Client
from mypy_boto3_secretsmanager import SecretsManagerClient
from mypy_boto3_sesv2 import SESV2Client
from mypy_boto3_sqs import SQSClient

from tests.stack import children
from tests.stack.children import Child
from tests.stack.errors import ChildEndedError

_SERVER = "The AWS stand-in"
_SCRIPT = Path(__file__).with_name("moto_server.py")
_CONFIG = Config(max_pool_connections=32, retries={"max_attempts": 2})
_FAKE = {"AWS_ACCESS_KEY_ID": "local", "AWS_SECRET_ACCESS_KEY": "local"}
_BORROWED = (
    "AWS_ACCESS_KEY_ID",
    "AWS_SECRET_ACCESS_KEY",
    "AWS_SESSION_TOKEN",
    "AWS_PROFILE",
    "AWS_CONFIG_FILE",
    "AWS_SHARED_CREDENTIALS_FILE",
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Aws:
    """Clients of one endpoint; botocore's clients may be shared by threads."""

    endpoint: str
    region: str
    account: str
    environment: Mapping[str, str]
    """What a function needs in its environment to get here."""
    kms: KMSClient
    s3: S3Client
    secrets: SecretsManagerClient
    ses: SESV2Client
    sqs: SQSClient

    def arn(self, service: str, resource: str) -> str:
        """Return the ARN of something in this account."""
        return f"arn:aws:{service}:{self.region}:{self.account}:{resource}"

    def queues_as(self, credentials: Mapping[str, str]) -> SQSClient:
        """Return a client of the queues for somebody else."""
        return _session(credentials, self.region).client(
            "sqs", endpoint_url=self.endpoint, config=_CONFIG
        )


@contextlib.asynccontextmanager
async def opened(endpoint: str | None, *, log: Path, mail: Path) -> AsyncGenerator[Aws]:
    """Connect to an endpoint, or to a fresh AWS that forgets everything at the end.

    Our own puts the mail that it is to send into a folder. Credentials are made up only
    for our own; for a given endpoint the environment's are used and handed on.
    """
    if endpoint is not None:
        borrowed = {n: os.environ[n] for n in _BORROWED if n in os.environ}
        yield await asyncio.to_thread(_connect, endpoint, borrowed)
        return
    with children.bind() as bound:
        bound.listen(64)
        process = await children.spawn(_moto(bound.fileno(), log, mail))
        address = f"http://127.0.0.1:{bound.getsockname()[1]}"
    try:
        yield await _first_contact(address, log)
    finally:
        children.kill(process.pid)
        await process.wait()


async def _first_contact(address: str, log: Path) -> Aws:
    try:
        return await asyncio.to_thread(_connect, address, _FAKE)
    except BotoCoreError as error:
        raise ChildEndedError(_SERVER, log) from error


def _moto(descriptor: int, log: Path, mail: Path) -> Child:
    kept = {n: os.environ[n] for n in ("PATH", "HOME", "LANG") if n in os.environ}
    return Child(
        program=[sys.executable, "-P", str(_SCRIPT), str(descriptor), str(mail)],
        environment={**kept, **_FAKE},
        folder=_SCRIPT.parent,
        log=log,
        handed_over=(descriptor,),
    )


def _connect(endpoint: str, credentials: Mapping[str, str]) -> Aws:
    region = os.environ.get("AWS_REGION") or os.environ.get("AWS_DEFAULT_REGION")
    region = region or "eu-west-1"
    session = _session(credentials, region)
    config = _CONFIG
    account = session.client("sts", endpoint_url=endpoint, config=config)
    return Aws(
        endpoint=endpoint,
        region=region,
        account=account.get_caller_identity()["Account"],
        environment={
            **credentials,
            "AWS_ENDPOINT_URL": endpoint,
            "AWS_REGION": region,
            "AWS_DEFAULT_REGION": region,
        },
        kms=session.client("kms", endpoint_url=endpoint, config=config),
        s3=session.client("s3", endpoint_url=endpoint, config=config),
        secrets=session.client("secretsmanager", endpoint_url=endpoint, config=config),
        ses=session.client("sesv2", endpoint_url=endpoint, config=config),
        sqs=session.client("sqs", endpoint_url=endpoint, config=config),
    )


def _session(credentials: Mapping[str, str], region: str) -> boto3.session.Session:
    return boto3.session.Session(
        aws_access_key_id=credentials.get("AWS_ACCESS_KEY_ID"),
        aws_secret_access_key=credentials.get("AWS_SECRET_ACCESS_KEY"),
        aws_session_token=credentials.get("AWS_SESSION_TOKEN"),
        region_name=region,
    )
