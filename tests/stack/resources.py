"""Make what the template asks AWS for: queues, buckets, keys and secrets.

Everything may exist already, on an endpoint that remembers; it is then brought to what
the template says. Names are the logical ids, so one endpoint serves one stack.
"""

import json
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from typing import cast

from mypy_boto3_kms.literals import KeySpecType, KeyUsageTypeType
from mypy_boto3_s3.literals import BucketLocationConstraintType
from mypy_boto3_s3.type_defs import CreateBucketConfigurationTypeDef
from mypy_boto3_sqs.literals import QueueAttributeNameType
from sqlalchemy import make_url

from tests.stack.aws import Aws
from tests.stack.errors import UnknownNameError
from tests.stack.intrinsics import Addresses
from tests.stack.template import Key, Queue, Secret, Template
from tests.stack.wire import Json

SENDER = "hello@vixenbliss.test"
_MAX_RECEIVE_COUNT = "maxReceiveCount"


def overridden(
    queues: Mapping[str, Queue], changes: Mapping[str, Mapping[str, int]]
) -> dict[str, Queue]:
    """Return the queues with some attributes changed, for tests that cannot wait.

    Besides SQS's attributes a test may change ``maxReceiveCount``.
    """
    changed = dict(queues)
    for name, attributes in changes.items():
        if name not in queues:
            raise UnknownNameError(name, "queue")
        texts = {key: str(value) for key, value in attributes.items()}
        count = texts.pop(_MAX_RECEIVE_COUNT, queues[name].max_receive_count)
        changed[name] = replace(
            queues[name],
            attributes={**queues[name].attributes, **texts},
            max_receive_count=None if count is None else int(count),
        )
    return changed


def create(
    aws: Aws,
    template: Template,
    *,
    secrets: Mapping[str, str],
    queues: Mapping[str, Queue],
) -> Addresses:
    """Create everything and return where it is; blocks for a few hundred ms."""
    addresses = Addresses(refs=_pseudo_parameters(aws))
    for queue in sorted(queues.values(), key=lambda queue: bool(queue.dead_letters)):
        _create_queue(aws, queue, addresses)
    for bucket in template.buckets:
        _create_bucket(aws, bucket, addresses)
    for key in template.keys.values():
        _create_key(aws, key, addresses)
    for secret in template.secrets.values():
        _create_secret(aws, secret, secrets.get(secret.name), addresses)
    for name in template.functions:
        addresses.add(name, name, Arn=aws.arn("lambda", f"function:{name}"))
    return addresses


def create_database(aws: Aws, name: str, url: str, addresses: Addresses) -> None:
    """Say where a database is, and store its owner's secret as RDS would."""
    parts = make_url(url)
    owner = json.dumps({"username": parts.username, "password": parts.password or ""})
    secret = Secret(name=f"{name}Owner", generate=None)
    secrets = Addresses()
    _create_secret(aws, secret, owner, secrets)
    attributes = {
        "Endpoint.Address": parts.host or "",
        "Endpoint.Port": str(parts.port or 5432),
        "MasterUserSecret.SecretArn": secrets.refs[secret.name],
        "DbiResourceId": "db-LOCAL",
    }
    addresses.add(name, name.lower(), **attributes)


def verified_sender(aws: Aws) -> str:
    """Return an address that letters may be from."""
    with suppress(aws.ses.exceptions.AlreadyExistsException):
        aws.ses.create_email_identity(EmailIdentity=SENDER)
    return SENDER


def _pseudo_parameters(aws: Aws) -> dict[str, str]:
    return {
        "AWS::AccountId": aws.account,
        "AWS::Partition": "aws",
        "AWS::Region": aws.region,
        "AWS::StackName": "local",
        "AWS::URLSuffix": "amazonaws.com",
    }


def _create_queue(aws: Aws, queue: Queue, addresses: Addresses) -> None:
    name = f"{queue.name}.fifo" if queue.is_fifo else queue.name
    attributes = {**queue.attributes}
    if queue.dead_letters is not None:
        redrive = {
            "deadLetterTargetArn": addresses.attributes[queue.dead_letters, "Arn"],
            _MAX_RECEIVE_COUNT: queue.max_receive_count,
        }
        attributes["RedrivePolicy"] = json.dumps(redrive)
    url = _existing_queue(aws, name)
    if url is None:
        fixed = {"FifoQueue": "true"} if queue.is_fifo else {}
        made = aws.sqs.create_queue(QueueName=name, Attributes=_typed(fixed))
        url = made["QueueUrl"]
    if attributes:
        aws.sqs.set_queue_attributes(QueueUrl=url, Attributes=_typed(attributes))
    arn = aws.arn("sqs", name)
    addresses.add(queue.name, url, Arn=arn, QueueName=name, QueueUrl=url)


def _existing_queue(aws: Aws, name: str) -> str | None:
    with suppress(aws.sqs.exceptions.QueueDoesNotExist):
        return aws.sqs.get_queue_url(QueueName=name)["QueueUrl"]
    return None


def _typed(attributes: Mapping[str, str]) -> dict[QueueAttributeNameType, str]:
    return cast("dict[QueueAttributeNameType, str]", dict(attributes))


def _create_bucket(aws: Aws, logical_id: str, addresses: Addresses) -> None:
    name = f"{logical_id.lower()}-{aws.account}"
    with suppress(
        aws.s3.exceptions.BucketAlreadyOwnedByYou,
        aws.s3.exceptions.BucketAlreadyExists,
    ):
        if aws.region == "us-east-1":  # the one region that must not be named
            aws.s3.create_bucket(Bucket=name)
        else:
            region = cast("BucketLocationConstraintType", aws.region)
            place = CreateBucketConfigurationTypeDef(LocationConstraint=region)
            aws.s3.create_bucket(Bucket=name, CreateBucketConfiguration=place)
    domain = f"{name}.s3.amazonaws.com"
    addresses.add(logical_id, name, Arn=f"arn:aws:s3:::{name}", DomainName=domain)


def _create_key(aws: Aws, key: Key, addresses: Addresses) -> None:
    alias = f"alias/{key.name}"
    try:
        described = aws.kms.describe_key(KeyId=alias)
        key_id = described["KeyMetadata"]["KeyId"]
    except aws.kms.exceptions.NotFoundException:
        spec, usage = cast("KeySpecType", key.spec), cast("KeyUsageTypeType", key.usage)
        made = aws.kms.create_key(KeySpec=spec, KeyUsage=usage)
        key_id = made["KeyMetadata"]["KeyId"]
        aws.kms.create_alias(AliasName=alias, TargetKeyId=key_id)
    addresses.add(key.name, key_id, Arn=aws.arn("kms", f"key/{key_id}"), KeyId=key_id)


def _create_secret(
    aws: Aws, secret: Secret, value: str | None, addresses: Addresses
) -> None:
    try:
        arn = aws.secrets.describe_secret(SecretId=secret.name)["ARN"]
    except aws.secrets.exceptions.ResourceNotFoundException:
        arn = aws.secrets.create_secret(Name=secret.name)["ARN"]
        if value is None and secret.generate is not None:
            value = _generated(aws, secret.generate)
    if value is not None:
        aws.secrets.put_secret_value(SecretId=arn, SecretString=value)
    addresses.add(secret.name, arn, Id=arn)


def _generated(aws: Aws, rules: Mapping[str, Json]) -> str:
    inner = dict(rules)
    template = inner.pop("SecretStringTemplate", None)
    key = inner.pop("GenerateStringKey", None)
    password = aws.secrets.get_random_password(**inner)["RandomPassword"]  # type: ignore[arg-type] # CloudFormation's names are the API's
    if template is None:
        return password
    return json.dumps(json.loads(str(template)) | {str(key): password})
