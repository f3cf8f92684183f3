"""MiniStack as our child: it decides as it always does, and each decision is kept.

Run by path with the emulator's own interpreter, as ``ministack_server.py JOURNAL``.
What MiniStack 1.5.33 does not know is told to it before it decides:

- A batch of SQS is allowed as the single call is (SQS guide, "Amazon SQS API
  permissions"); MiniStack looks for an action of the batch's own name.
- KMS: ``kms:EncryptionContext:NAME`` and ``kms:EncryptionContextKeys`` (KMS guide,
  "AWS KMS condition keys"); without them no condition on a context ever holds.
- A secret that is made without a value has no version (API reference, "CreateSecret");
  MiniStack gives it one, and then hands out a value that is not there.
- S3: who may not list a bucket is refused a file that is not there (API reference,
  "GetObject", "Permissions"); MiniStack says to everybody that there is none.
- SES: the identity that a letter is from, and ``ses:FromAddress`` (service
  authorization reference, "Amazon SES v2"); MiniStack asks for ``*``.
"""

import json
import sys
import threading
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from ministack import app  # type: ignore[import-not-found]  # in its own venv
from ministack.core import (  # type: ignore[import-not-found]
    iam_actions,
    iam_evaluator,
)
from ministack.services import (  # type: ignore[import-not-found]
    s3,
    secretsmanager,
)

_SINGLE = {
    "sqs:ChangeMessageVisibilityBatch": "sqs:ChangeMessageVisibility",
    "sqs:DeleteMessageBatch": "sqs:DeleteMessage",
    "sqs:SendMessageBatch": "sqs:SendMessage",
}
_decide = iam_evaluator.enforce
_name_resource = iam_actions.extract_resource_arn
_store_secret = secretsmanager._store_new_secret  # noqa: SLF001 - nor makes a version


class Watched:
    """Decides as MiniStack does, and writes a line of JSON for each decision."""

    def __init__(self, journal: Path) -> None:
        self._journal = journal.open("a", buffering=1, encoding="utf-8")
        self._lock = threading.Lock()

    def __call__(  # noqa: PLR0913, PLR0917 - the signature is MiniStack's
        self,
        access_key_id: str,
        iam_action: str,
        service: str,
        region: str,
        resource_arn: str = "*",
        service_context: Mapping[str, Any] | None = None,
    ) -> Any:
        """Return None for yes, else why not."""
        refusal: Any = None
        action = _SINGLE.get(iam_action, iam_action)
        context = {**(service_context or {}), **_told(action)}
        for asked, resource in _questions(action, resource_arn):
            refusal = refusal or _decide(
                access_key_id,
                asked,
                service,
                region,
                resource_arn=resource,
                service_context=context,
            )
            reason = _reason(refusal)
            self._keep(
                key=access_key_id, action=asked, resource=resource, refusal=reason
            )
        return refusal

    def _keep(self, **decision: str) -> None:
        with self._lock:
            self._journal.write(f"{json.dumps(decision)}\n")


def _questions(action: str, resource: str) -> list[tuple[str, str]]:
    """Return what has to be allowed, the request's own action first."""
    questions = [(action, resource)]
    if action == "s3:GetObject":
        bucket, _, key = resource.partition(":::")[2].partition("/")
        if key not in (s3._buckets.get(bucket) or {}).get("objects", {key}):  # noqa: SLF001 - nor is there a door to its files
            questions.append(("s3:ListBucket", f"arn:aws:s3:::{bucket}"))
    return questions


def _reason(refusal: Any) -> str:
    """Return a decision or an error's code, nothing for yes."""
    if refusal is None:
        return ""
    return str(getattr(refusal, "decision", "") or getattr(refusal, "code", "refused"))


def _told(action: str) -> dict[str, Any]:
    if action.startswith("kms:"):
        context = _body().get("EncryptionContext") or {}
        named = {f"kms:EncryptionContext:{name}": v for name, v in context.items()}
        return {**named, "kms:EncryptionContextKeys": list(context) or None}
    if action == "ses:SendEmail":
        return {"ses:FromAddress": _body().get("FromEmailAddress")}
    return {}


def _body() -> dict[str, Any]:
    """Return what the request of this moment says, if it is JSON."""
    request = iam_evaluator._signed_request.get()  # noqa: SLF001 - nothing public tells it
    try:
        said = json.loads(request.body if request else b"")
    except ValueError:
        return {}
    return said if isinstance(said, dict) else {}


def resource_of(*asked: Any, **more: Any) -> str:
    """Return a request's resource as MiniStack does, but a letter's as AWS does."""
    service, _method, path, _headers, body, _query, region, account = asked
    if service == "ses" and path.rstrip("/") == "/v2/email/outbound-emails":
        sender = json.loads(body or b"{}").get("FromEmailAddress", "")
        return f"arn:aws:ses:{region}:{account}:identity/{sender}"
    return str(_name_resource(*asked, **more))


def store_secret(name: str, **given: Any) -> Any:
    """Store a secret, without a version if there is no value."""
    stored = _store_secret(name, **given)
    if given.get("secret_string") is None and given.get("secret_binary") is None:
        secretsmanager._secrets[name]["Versions"] = {}  # noqa: SLF001
    return stored


def main(journal: Path) -> None:
    """Serve until ended; the environment says where."""
    iam_evaluator.enforce = Watched(journal)
    iam_actions.extract_resource_arn = resource_of
    secretsmanager._store_new_secret = store_secret  # noqa: SLF001
    sys.argv = sys.argv[:1]  # MiniStack reads it, too
    app.main()


if __name__ == "__main__":
    main(Path(sys.argv[1]))
