"""/api/v1/provenance/{sha256}: what anybody may know about a file's origin."""

import base64
import hashlib
import json

import pytest
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import load_pem_public_key

from tests.support.api import Answer, Api
from tests.support.material import picture, upload
from tests.support.people import Person
from tests.support.workers import Workers

pytestmark = pytest.mark.usefixtures("aws", "world")


def asked(sha256: str) -> Answer:
    return Api()("GET", f"/api/v1/provenance/{sha256}")


@pytest.fixture
def stated(luna: Person, workers: Workers) -> str:
    """The hash of a picture that we have said something of."""
    body = picture()
    upload(luna, body)
    workers.deliver("moderate")
    return hashlib.sha256(body).hexdigest()


def test_anybody_learns_where_a_file_comes_from(stated: str) -> None:
    said = asked(stated).ok()["statement"]

    assert said["sha256"] == stated
    assert said["origin"] == "uploaded"
    assert said["ai_generated"] is True
    assert said["digital_source_type"].endswith("/trainedAlgorithmicMedia")
    assert said["policy"]["verdict"] == "allow"


def _verify(answer: dict[str, str], payload: bytes) -> None:
    key = load_pem_public_key(answer["public_key"].encode())
    assert isinstance(key, ec.EllipticCurvePublicKey)
    signature = base64.b64decode(answer["signature"])
    key.verify(signature, payload, ec.ECDSA(hashes.SHA256()))


def test_a_stranger_can_check_the_signature(stated: str) -> None:
    answer = asked(stated).ok()

    payload = base64.b64decode(answer["payload"])

    _verify(answer, payload)
    assert json.loads(payload) == answer["statement"]


def test_a_changed_statement_is_found_out(stated: str) -> None:
    answer = asked(stated).ok()
    payload = base64.b64decode(answer["payload"])

    changed = payload.replace(b'"ai_generated":true', b'"ai_generated":false')

    assert changed != payload
    with pytest.raises(InvalidSignature):
        _verify(answer, changed)


def test_a_statement_may_be_kept_for_a_minute(stated: str) -> None:
    answer = asked(stated)

    assert answer.headers["cache-control"] == "public, max-age=60"
    assert answer.headers["etag"] == f'"{stated}"'


def test_no_workspace_and_no_person_is_named(luna: Person, stated: str) -> None:
    told = asked(stated).content.decode()

    assert luna.workspace_id not in told
    assert luna.email not in told


def test_of_unknown_bytes_nothing_is_said(database: str) -> None:
    answer = asked("0" * 64)

    assert (answer.status, answer.code) == (404, "NOT_FOUND")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize(
    "sha256",
    [
        "0" * 63,
        "0" * 65,
        "A" * 64,
        "g" * 64,
        "%00" * 64,
        "0" * 64 + "%0A",
        "\N{ARABIC-INDIC DIGIT ZERO}" * 64,
    ],
)
def test_what_is_no_hash_is_refused(database: str, sha256: str) -> None:
    answer = asked(sha256)

    assert (answer.status, answer.code) == (400, "VALIDATION_ERROR")


def test_nothing_is_said_before_the_gate_has_looked(luna: Person) -> None:
    body = picture()
    upload(luna, body)

    answer = asked(hashlib.sha256(body).hexdigest())

    assert answer.status == 404


def test_nothing_is_said_of_what_is_in_quarantine(
    luna: Person, workers: Workers
) -> None:
    body = b"no picture"
    upload(luna, body)
    workers.deliver("moderate")

    answer = asked(hashlib.sha256(body).hexdigest())

    assert answer.status == 404


def test_what_was_said_outlives_the_asset(luna: Person, stated: str) -> None:
    (asset,) = luna.api("GET", "/api/v1/assets").ok()["items"]
    luna.api("DELETE", f"/api/v1/assets/{asset['id']}").ok(204)

    answer = asked(stated)

    assert answer.ok()["statement"]["sha256"] == stated


def test_two_workspaces_with_one_file_change_nothing_that_is_said(
    luna: Person, stranger: Person, workers: Workers
) -> None:
    body = picture()
    upload(luna, body)
    workers.deliver("moderate")
    first = asked(hashlib.sha256(body).hexdigest()).ok()

    upload(stranger, body, ai_generated=False)
    workers.deliver("moderate")

    assert asked(hashlib.sha256(body).hexdigest()).ok() == first
