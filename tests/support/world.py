"""The world outside in miniature: stand-ins of the providers, and moto for AWS."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import boto3
import httpx
from moto.server import ThreadedMotoServer

from tests.stack.moto_server import count_only_when_asked
from tests.stack.providers import Entry, Journal, Outcome, Providers, serve

BUCKET = "media"
MAIL_FROM = "hello@vixenbliss.test"
QUEUES = (
    "generate",
    "finish",
    "moderate",
    "publish",
    "confirm",
    "events",
    "refund",
    "reconcile",
    "mail",
    "privacy",
    "measure",
    "rollup",
)
PATIENCE_S = 30


class World:
    """The stand-ins, and the door by which a test decides what goes wrong."""

    def __init__(self, providers: Providers) -> None:
        self.providers = providers
        self._journals: dict[str, Journal] = {}
        self._control = httpx.Client(base_url=providers.control, timeout=PATIENCE_S)

    def close(self) -> None:
        self._control.close()

    def reset(self) -> None:
        self._put("POST", "/reset")
        self.behave(latency_s=0, openai_latency_s=0, pictures="draft", time_scale=0.01)
        self.turn("tiktok", processing_s=0, moderation_s=0)
        self.webhooks(drop=True)
        for name in self.providers.journals:
            self._journals[name] = self._journal(name).from_now_on()

    def behave(self, **settings: Any) -> None:
        self._put("PUT", "/settings", settings)

    def turn(self, platform: str, **settings: Any) -> None:
        """Change settings of one platform."""
        self._put("PUT", f"/{platform}/settings", settings)

    def tell(self, platform: str, door: str, **what: Any) -> Any:
        """Do something to one platform, by its control door."""
        return self._put("POST", f"/{platform}/{door}", what)

    def change(self, platform: str, door: str, **what: Any) -> Any:
        """Make somebody at one platform be as named; the rest stays."""
        return self._put("PUT", f"/{platform}/{door}", what)

    def see(self, platform: str, door: str) -> Any:
        """Look at what one platform has."""
        return self._put("GET", f"/{platform}/{door}")

    def let_pass(self, seconds: float) -> None:
        """Put the providers' clock forward."""
        self._put("POST", "/clock", {"advance_s": seconds})

    def webhooks(self, **behaviour: Any) -> None:
        self._put("PUT", "/webhooks", behaviour)

    def fault(self, provider: str, call: str, action: str, **more: Any) -> None:
        """Add a rule to the script of what goes wrong."""
        rule = {"provider": provider, "call": call, "action": action, **more}
        self._put("POST", "/faults", rule)

    def heal(self) -> None:
        """Forget the script of what goes wrong."""
        self._put("DELETE", "/faults")

    def expire(self) -> None:
        """Let an hour pass for all output."""
        self._put("POST", "/expire", {})

    def wait(self) -> None:
        """Wait until no prediction runs and no webhook is on its way."""
        assert self._put("POST", "/wait_idle", {"timeout_s": PATIENCE_S})["idle"]

    def fetch(self, output: str | list[str]) -> bytes:
        """Return a prediction's first file."""
        url = output if isinstance(output, str) else output[0]
        token = {"authorization": f"Bearer {self.providers.replicate_token}"}
        return httpx.get(url, headers=token).content

    def predictions(self, job_id: str) -> list[dict[str, Any]]:
        shown = self._control.get("/predictions").json()
        return [p for p in shown if p["job"] == str(job_id)]

    def effects(self, provider: str, call: str) -> list[Entry]:
        """Return the calls that were paid for, or could be seen by others."""
        return [e for e in self.calls(provider, call) if e.outcome == Outcome.EFFECT]

    def calls(self, provider: str, call: str) -> list[Entry]:
        """Return all calls of that name, whatever came of them."""
        return self._journal(provider).entries(call)

    def _journal(self, provider: str) -> Journal:
        return self._journals.get(provider) or self.providers.journal(provider)

    def _put(self, method: str, path: str, body: Any = None) -> Any:
        answer = self._control.request(method, path, json=body)
        answer.raise_for_status()
        return answer.json() if answer.content else None


@contextmanager
def stand_ins(journals: Path) -> Iterator[World]:
    """Run the providers' stand-ins on a loop and a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    serving = serve(journal_dir=journals)
    begun = asyncio.run_coroutine_threadsafe(serving.__aenter__(), loop)
    world = World(begun.result(PATIENCE_S))
    try:
        yield world
    finally:
        world.close()
        over = asyncio.run_coroutine_threadsafe(
            serving.__aexit__(None, None, None), loop
        )
        over.result(PATIENCE_S)
        loop.call_soon_threadsafe(loop.stop)
        thread.join(PATIENCE_S)
        loop.close()


@contextmanager
def miniature_aws() -> Iterator[dict[str, str]]:
    """Run moto with our bucket, queues and key; yield where they are found."""
    count_only_when_asked()
    moto = ThreadedMotoServer(ip_address="127.0.0.1", port=0, verbose=False)
    moto.start()
    host, port = moto.get_host_and_port()
    endpoint = f"http://{host}:{port}"
    try:
        yield {"AWS_ENDPOINT_URL": endpoint, **_furnish(endpoint)}
    finally:
        moto.stop()


def _furnish(endpoint: str) -> dict[str, str]:
    s3 = boto3.client("s3", endpoint_url=endpoint)
    s3.create_bucket(
        Bucket=BUCKET,
        CreateBucketConfiguration={"LocationConstraint": "eu-west-1"},
    )
    kms = boto3.client("kms", endpoint_url=endpoint)
    key = kms.create_key(KeySpec="ECC_NIST_P256", KeyUsage="SIGN_VERIFY")
    sqs = boto3.client("sqs", endpoint_url=endpoint)
    urls = {
        f"QUEUE_URL_{name.upper()}": sqs.create_queue(QueueName=name)["QueueUrl"]
        for name in QUEUES
    }
    ses = boto3.client("sesv2", endpoint_url=endpoint)
    ses.create_email_identity(EmailIdentity=MAIL_FROM)
    tokens = kms.create_key(KeySpec="SYMMETRIC_DEFAULT", KeyUsage="ENCRYPT_DECRYPT")
    return {
        "PROVENANCE_KEY_ID": key["KeyMetadata"]["KeyId"],
        "MAIL_FROM": MAIL_FROM,
        "TOKEN_KEY_ID": tokens["KeyMetadata"]["KeyId"],
        **urls,
    }
