"""The main job as it was built, under the functions' own roles, where IAM is asked.

The roles are what SAM makes of the template, and each function, its pollers included,
works with credentials of its role alone. MiniStack decides; what it would decide
wrongly for want of facts is told to it (``ministack_server``).

What this does not prove, since nobody here asks for it:

- Who may invoke functions, and what Scheduler, API Gateway and CodeDeploy may do.
- Policies of resources: of keys, queues and buckets; organisations and boundaries.
- The key behind an encrypted queue, bucket or secret: nobody asks for kms:Decrypt.
- Signing in to Postgres with a token of IAM: the local one takes a password.
- Logs, traces and network interfaces: AWS's own policies for them stand for nothing.
- SES asks for the address's identity; on AWS it is the domain's where that is verified.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from botocore.exceptions import ClientError

from tests.aws import built, usage
from tests.aws import house as houses
from tests.aws.house import House
from tests.aws.ministack import ROOT as ROOT_KEY
from tests.support.api import ROOT

pytestmark = pytest.mark.stack
DENIED = {"AccessDenied", "AccessDeniedException"}
CONTEXT = {"account_id": "1", "platform": "instagram"}


@pytest.fixture(scope="module")
def house(
    tmp_path_factory: pytest.TempPathFactory, request: pytest.FixtureRequest
) -> Iterator[House]:
    """Run the main job once; at the end, tell who has needed what."""
    folder = tmp_path_factory.mktemp("house")
    _open(folder)
    with pytest.MonkeyPatch.context() as patch:
        for name, value in ROOT_KEY.items():
            patch.setenv(name, value)
        made, python = built.build(), ROOT / ".tools/runtime/bin/python"
        with houses.at_work(ROOT, folder, code=made, python=python) as house:
            request.config.pluginmanager.register(_Report(house))
            yield house


def _open(folder: Path) -> None:
    """Let ``nobody``, as whom Postgres runs, through to its folder."""
    for part in (folder, *list(folder.parents)[:2]):
        part.chmod(0o755)


@dataclass(frozen=True)
class _Report:
    """A plugin that tells at the end of all tests what the main job has needed."""

    house: House

    def pytest_terminal_summary(
        self, terminalreporter: pytest.TerminalReporter
    ) -> None:
        worked, identities = self.house.worked, self.house.identities
        terminalreporter.section("the main job, as IAM saw it")
        for line in usage.lines(worked, identities):
            terminalreporter.write_line(line)
        terminalreporter.section("granted to those who ran, and not needed")
        for function, grants in usage.unused(worked, identities).items():
            for grant in grants:
                terminalreporter.write_line(f"{function:28}{grant}")


def test_the_main_job_is_refused_nothing(house: House) -> None:
    refused = usage.lacks(house.worked, house.identities)

    assert refused == []
    for post in house.posts:
        assert {p["status"] for p in post.posted.values()} == {"published"}
        assert set(post.receipts) == {"instagram", "tiktok"}
    assert house.statement


def test_the_main_job_has_asked_for_all_kinds_of_rights(house: House) -> None:
    asked = {decision.action for decision in house.worked}

    assert asked >= {
        "kms:Decrypt",
        "kms:GenerateDataKey",
        "kms:GetPublicKey",
        "kms:Sign",
        "s3:GetObject",
        "s3:PutObject",
        "secretsmanager:GetSecretValue",
        "ses:SendEmail",
        "sqs:DeleteMessage",
        "sqs:ReceiveMessage",
        "sqs:SendMessage",
    }


def test_queues_are_polled_by_those_they_feed(house: House) -> None:
    sources = house.stack.stack.parts.template.sources
    fed = {(s.function, house.stack.ref(s.queue).rpartition("/")[2]) for s in sources}

    polled = {
        (house.identities.function_of(d.key), d.resource.rpartition(":")[2])
        for d in house.worked
        if d.action == "sqs:ReceiveMessage"
    }

    assert polled == fed


def test_each_function_has_a_role_of_its_own(house: House) -> None:
    functions = set(house.stack.stack.parts.template.functions)

    keys = {
        house.identities.credentials(name)["AWS_ACCESS_KEY_ID"] for name in functions
    }

    assert set(house.identities.roles) == functions
    assert len(keys) == len(functions)


def test_a_door_without_its_secret_says_so_in_its_log(house: House) -> None:
    role = house.identities.roles["TodosFunction"]
    less = role.without("secretsmanager:GetSecretValue", house.stack.ref("JwtSecret"))

    with house.under(less) as seen:
        answer = house.ask("GET", "/todos")

        assert answer.status_code == 500
        assert seen.log("AccessDenied")
        (lack,) = seen.lacks()
    assert f"{lack}".startswith(
        "TodosFunction lacks secretsmanager:GetSecretValue on arn:aws:secretsmanager:"
    )
    assert lack.resource == house.stack.ref("JwtSecret")
    assert house.ask("GET", "/todos").status_code == 200


def test_a_door_without_its_queue_leaves_messages_in_the_outbox(house: House) -> None:
    role = house.identities.roles["ContentJobsFunction"]
    queue = house.stack.ref("GenerateQueue").rpartition("/")[2]
    less = role.without("sqs:SendMessage", f":{queue}")

    with house.under(less) as seen:
        answer = house.ask("POST", "/api/v1/content/generate", _wish(house, "caption"))

        assert answer.status_code == 202
        assert "messages left in the outbox" in seen.log("AccessDenied")
        (lack,) = seen.lacks()
    assert lack.action == "sqs:SendMessage"
    assert lack.resource.rpartition(":")[2] == queue


@dataclass(frozen=True)
class Want:
    """Something that the worker needs to finish a picture."""

    action: str
    resource: str


@pytest.mark.parametrize(
    "want",
    [Want("s3:PutObject", "/media/"), Want("kms:Sign", ":key/")],
    ids=lambda want: want.action,
)
def test_a_picture_waits_for_a_right_that_is_missing(house: House, want: Want) -> None:
    role = house.identities.roles["FinishContentFunction"]

    with house.under(role.without(want.action, want.resource)) as seen:
        asked = house.ask("POST", "/api/v1/content/generate", _wish(house, "image"))

        assert asked.status_code == 202
        assert {lack.action for lack in seen.lacks()} == {want.action}
        assert "job not finished" in seen.log("AccessDenied")
        (job_id,) = asked.json()["job_ids"]
        job = house.ask("GET", f"/api/v1/content/jobs/{job_id}").json()
        assert job["status"] != "succeeded"


def test_tokens_open_only_in_the_context_that_the_role_names(house: House) -> None:
    role = house.identities.roles["SocialAccountsFunction"]
    less = role.narrowed("kms:EncryptionContext:platform", ["tiktok"])
    there, not_there = house.account("tiktok"), house.account("instagram")

    with house.under(less) as seen:
        refused = house.ask("GET", f"/api/v1/social/accounts/{not_there}/quota")
        told = house.ask("GET", f"/api/v1/social/accounts/{there}/quota")

        assert (refused.status_code, told.status_code) == (502, 200)
        assert {lack.action for lack in seen.lacks()} == {"kms:Decrypt"}
        assert seen.log("AccessDenied")


def _wish(house: House, kind: str) -> dict[str, Any]:
    (avatar,) = house.ask("GET", "/api/v1/avatars?status=active").json()["items"]
    return {
        "avatar_id": avatar["id"],
        "kind": kind,
        "count": 1,
        "prompt": f"a lighthouse in the morning mist, a {kind}",
    }


def test_a_door_reads_no_secret_of_anothers(house: House) -> None:
    secrets = house.client("TodosFunction", "secretsmanager")

    for name in ("StripeApiKey", "OpenaiApiKey", "TiktokClientSecret"):
        with pytest.raises(ClientError) as refused:
            secrets.get_secret_value(SecretId=house.stack.ref(name))
        assert _code(refused) in DENIED


def test_a_door_sends_to_no_queue_that_is_not_its_own(house: House) -> None:
    sqs = house.client("PiecesFunction", "sqs")

    sqs.send_message_batch(
        QueueUrl=house.stack.ref("ModerateQueue"),
        Entries=[{"Id": "1", "MessageBody": "{}"}],
    )
    for name in ("PublishQueue", "RefundQueue", "MailQueue"):
        with pytest.raises(ClientError) as refused:
            sqs.send_message(QueueUrl=house.stack.ref(name), MessageBody="{}")
        assert _code(refused) in DENIED


def test_a_worker_takes_from_no_queue_that_does_not_feed_it(house: House) -> None:
    sqs = house.client("SendMailFunction", "sqs")

    with pytest.raises(ClientError) as refused:
        sqs.receive_message(QueueUrl=house.stack.ref("PrivacyQueue"))

    assert _code(refused) in DENIED


def test_a_queue_that_its_worker_may_not_read_feeds_nobody(house: House) -> None:
    role = house.identities.roles["SendMailFunction"]
    queue = house.stack.ref("MailQueue").rpartition("/")[2]

    with house.under(role.without("sqs:ReceiveMessage", f":{queue}")) as seen:
        (lack,) = seen.lacks()

    assert lack.action == "sqs:ReceiveMessage"
    assert lack.resource.rpartition(":")[2] == queue


def test_files_are_written_only_under_a_functions_own_prefix(house: House) -> None:
    s3 = house.client("PublishPostsFunction", "s3")
    bucket = house.stack.ref("MediaBucket")

    s3.put_object(Bucket=bucket, Key="renditions/1", Body=b"1")
    for key in ("media/1", "exports/1"):
        with pytest.raises(ClientError) as refused:
            s3.put_object(Bucket=bucket, Key=key, Body=b"1")
        assert _code(refused) in DENIED


def test_a_missing_file_is_told_only_to_those_who_may_list(house: House) -> None:
    missing = {"Bucket": house.stack.ref("MediaBucket"), "Key": "media/missing"}

    with pytest.raises(ClientError) as told:
        house.client("AssetsFunction", "s3").head_object(**missing)
    with pytest.raises(ClientError) as not_told:
        house.client("OpeningsFunction", "s3").head_object(**missing)

    assert (_code(told), _code(not_told)) == ("404", "403")


def test_an_address_that_a_function_signs_opens_no_more_than_it_may(
    house: House,
) -> None:
    bucket = house.stack.ref("MediaBucket")
    signer = house.client("OpeningsFunction", "s3")
    urls = {
        key: signer.generate_presigned_url(
            "get_object", Params={"Bucket": bucket, "Key": key}
        )
        for key in ("media/shown", "exports/secret")
    }
    for key in urls:
        house.stack.aws.s3.put_object(Bucket=bucket, Key=key, Body=b"file")

    answers = {key: httpx.get(url).status_code for key, url in urls.items()}

    assert answers == {"media/shown": 200, "exports/secret": 403}


def test_a_key_wraps_nothing_in_another_context(house: House) -> None:
    kms, key = house.client("PublishPostsFunction", "kms"), house.stack.ref("TokenKey")
    made = kms.generate_data_key(
        KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT
    )
    opened = kms.decrypt(
        CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT
    )

    for context in ({**CONTEXT, "platform": "elsewhere"}, {"account_id": "1"}, {}):
        with pytest.raises(ClientError) as refused:
            kms.generate_data_key(
                KeyId=key, KeySpec="AES_256", EncryptionContext=context
            )
        assert _code(refused) in DENIED
    assert opened["Plaintext"] == made["Plaintext"]


def test_a_journeys_door_opens_no_tokens(house: House) -> None:
    key = house.stack.ref("TokenKey")
    kms = house.client("SocialConnectionsFunction", "kms")
    made = kms.generate_data_key(
        KeyId=key, KeySpec="AES_256", EncryptionContext=CONTEXT
    )

    with pytest.raises(ClientError) as refused:
        kms.decrypt(CiphertextBlob=made["CiphertextBlob"], EncryptionContext=CONTEXT)

    assert _code(refused) in DENIED


def test_nobody_signs_or_wraps_who_does_not_have_to(house: House) -> None:
    kms = house.client("PiecesFunction", "kms")

    with pytest.raises(ClientError) as refused:
        kms.sign(
            KeyId=house.stack.ref("ProvenanceKey"),
            Message=b"mine",
            SigningAlgorithm="ECDSA_SHA_256",
        )

    assert _code(refused) in DENIED


def test_letters_are_from_our_own_address_only(house: House) -> None:
    ses = house.client("SendMailFunction", "sesv2")

    with pytest.raises(ClientError) as refused:
        ses.send_email(
            FromEmailAddress="somebody@else.test",
            Destination={"ToAddresses": ["fan@example.com"]},
            Content={
                "Simple": {
                    "Subject": {"Data": "Hello"},
                    "Body": {"Text": {"Data": "Hello"}},
                }
            },
        )

    assert _code(refused) in DENIED


def _code(refused: pytest.ExceptionInfo[ClientError]) -> str:
    return str(refused.value.response["Error"]["Code"])
