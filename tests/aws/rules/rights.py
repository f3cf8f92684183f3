"""Rights: each function may do what its code does, and nothing else."""

from collections.abc import Iterator, Mapping
from collections.abc import Set as AbstractSet
from dataclasses import dataclass

from tests.aws import code
from tests.aws.whole import Findings, Rule, Whole, elements, points_to
from tests.stack.tree import Place
from tests.stack.wire import Json
from vixenbliss.jobs.messages import Queue

ALL_QUEUES = frozenset(f"{queue.title()}Queue" for queue in Queue)
SENDS_WHAT_OTHERS_WROTE = frozenset({"PushOutboxFunction", "SweepFunction"})
"""They push messages of the outbox, whoever has put them there."""
DECIDED_BY_THE_TEMPLATE = frozenset({"rds-db:connect"})
"""What no call to an SDK asks for: signing in to Postgres."""
POLLING = frozenset(
    {"sqs:DeleteMessage", "sqs:GetQueueAttributes", "sqs:ReceiveMessage"}
)
"""What Lambda does in a function's name with the queues that feed it.

Source: Amazon SQS Developer Guide, "Configuring an Amazon SQS queue to trigger an AWS
Lambda function"; kms:Decrypt is for queues under a key of KMS.
"""
READS_ONLY: Mapping[str, frozenset[str]] = {
    "PostPlansFunction": frozenset({"kms:GenerateDataKey", "TIKTOK_CLIENT"}),
    "PostsFunction": frozenset({"kms:GenerateDataKey", "TIKTOK_CLIENT"}),
}
"""What the code is taken to use and does not: these open a token as it is
(``access_if_good``), refreshing it is left to whoever publishes."""
OF_AWS: Mapping[str, str] = {
    "service-role/AWSLambdaBasicExecutionRole": "its log group; SAM adds it",
    "service-role/AWSLambdaVPCAccessExecutionRole": (
        "network interfaces, whose names nobody knows beforehand; SAM adds it"
    ),
    "AWSXrayWriteOnlyAccess": "traces, which are no resources; SAM adds it",
    "service-role/AWSCodeDeployRoleForLambda": "moves aliases; SAM adds it",
    "service-role/AmazonRDSEnhancedMonitoringRole": "one log group of RDS's own",
}
"""Policies that AWS has written, all with a ``*``, and what for."""
STARS: Mapping[str, str] = {
    "DataKey": "in a key's own policy * is the key",
    "InnerStorageEndpoint": "narrows by account what roles allow, and allows nothing",
    "KeysEndpoint": "narrows by account what roles allow, and allows nothing",
    "ProvenanceKey": "in a key's own policy * is the key",
    "QueuesEndpoint": "narrows by account what roles allow, and allows nothing",
    "SecretsEndpoint": "narrows by account what roles allow, and allows nothing",
    "TokenKey": "in a key's own policy * is the key",
}
"""Resources whose statements may say ``*``, and why."""
_DOCUMENTS = {
    "AWS::IAM::ManagedPolicy": "PolicyDocument",
    "AWS::IAM::Policy": "PolicyDocument",
    "AWS::KMS::Key": "KeyPolicy",
    "AWS::S3::BucketPolicy": "PolicyDocument",
    "AWS::SNS::TopicPolicy": "PolicyDocument",
    "AWS::SQS::QueuePolicy": "PolicyDocument",
    "AWS::EC2::VPCEndpoint": "PolicyDocument",
}
_SECRET_POLICY = "AWSSecretsManagerGetSecretValuePolicy"


@dataclass(frozen=True, slots=True)
class Grant:
    """One action on one resource."""

    action: str
    on: str
    """A logical id, if the statement names a resource of the house; else its text."""


def grants(whole: Whole, function: str) -> Iterator[Grant]:
    """Yield what a function may do, as the templates say it."""
    properties = whole.flat / "Resources" / function / "Properties"
    for policy in (properties / "Policies").elements():
        if managed := points_to(policy):
            document = whole.flat / "Resources" / managed / "Properties"
            yield from _of_document(document / "PolicyDocument")
        elif not (policy / _SECRET_POLICY).is_missing:
            secret = policy / _SECRET_POLICY / "SecretArn"
            yield Grant("secretsmanager:GetSecretValue", _named(secret))
        elif not (policy / "Statement").is_missing:
            yield from _of_document(policy)
        else:
            policy.refuse("expected a policy of ours, or SAM's to read a secret")


def _of_document(document: Place) -> Iterator[Grant]:
    for statement in elements(document / "Statement"):
        for action in elements(statement / "Action"):
            for resource in elements(statement / "Resource"):
                yield Grant(action.text(), _named(resource))


def _named(resource: Place) -> str:
    return points_to(resource) or str(resource.value)


def nobody_may_do_anything_or_with_everything(whole: Whole) -> Findings:
    """No ``*`` is an action or a resource, but where the table says why."""
    used = set[str]()
    for owner, statement in _all_statements(whole):
        name = owner.rpartition("/")[2]
        for finding in _stars_of(statement):
            if name in STARS:
                used.add(name)
            else:
                yield f"{owner}: {finding}"
    there = {n.rpartition("/")[2] for n in _all_resources(whole)}
    for name in STARS.keys() & there - used:
        yield f"{name}: needs no * any more, the table says it does"


def policies_of_aws_are_known(whole: Whole) -> Findings:
    """A policy that AWS has written may do too much: each is in the table."""
    used = set[str]()
    for name, role in whole.made_of_type("AWS::IAM::Role").items():
        for place in (role / "ManagedPolicyArns").elements():
            if points_to(place):
                continue
            policy = _text(place.value).partition(":policy/")[2]
            used.add(policy)
            if policy not in OF_AWS:
                yield f"{name}: {policy} is not known"
    for policy in OF_AWS.keys() - used:
        yield f"{policy}: nobody has it any more, the table says so"


def _all_resources(whole: Whole) -> dict[str, Place]:
    return {
        f"{stack}/{name}": place
        for stack, made in whole.made.items()
        for name, place in (made / "Resources").items()
    }


def _all_statements(whole: Whole) -> Iterator[tuple[str, Place]]:
    for owner, resource in _all_resources(whole).items():
        properties, kind = resource / "Properties", (resource / "Type").text()
        documents = [p / "PolicyDocument" for p in (properties / "Policies").elements()]
        if kind in _DOCUMENTS:
            documents = [properties / _DOCUMENTS[kind]]
        for document in documents:
            for statement in elements(document / "Statement"):
                if not statement.is_missing:
                    yield owner, statement


def _stars_of(statement: Place) -> Iterator[str]:
    if (statement / "Effect").value == "Deny":
        return
    for action in elements(statement / "Action"):
        if "*" in action.text():
            yield f"may {action.text()}"
    for resource in elements(statement / "Resource"):
        text = _text(resource.value)
        if text == "*" or text.endswith(":*"):
            yield f"may {_actions(statement)} on {text}"


def _actions(statement: Place) -> str:
    return ", ".join(action.text() for action in elements(statement / "Action"))


def _text(value: Json) -> str:
    match value:
        case str(text) | {"Fn::Sub": str(text)}:
            return text
        case {"Fn::Join": [str(separator), list(parts)]}:
            return separator.join(map(_text, parts))
    return ""


def a_function_may_do_what_its_code_does(whole: Whole) -> Findings:
    """Each call to AWS in the code has its action, and each action its call."""
    for name, function in whole.functions.items():
        used = code.uses(function.code_dir)
        needed = used.actions - {"secretsmanager:GetSecretValue"}
        needed -= READS_ONLY.get(name, frozenset())
        if not used.queues and name not in SENDS_WHAT_OTHERS_WROTE:
            needed -= {"sqs:SendMessage"}
        if whole.feeding(name):
            needed |= POLLING
        granted = {grant.action for grant in grants(whole, name)}
        granted -= {*DECIDED_BY_THE_TEMPLATE, "secretsmanager:GetSecretValue"}
        for action in needed - granted:
            yield f"{name}: lacks {action}"
        for action in granted - needed:
            yield f"{name}: may {action}, its code never does"


def a_function_sends_where_its_code_sends(whole: Whole) -> Findings:
    """Each queue of a message that is made may be sent to, and no other."""
    for name, function in whole.functions.items():
        needed = code.uses(function.code_dir).queues
        if name in SENDS_WHAT_OTHERS_WROTE:
            needed = ALL_QUEUES
        yield from _compared(whole, name, "sqs:SendMessage", needed)


def a_worker_reads_its_own_queues_only(whole: Whole) -> Findings:
    """Lambda may poll in its name what feeds it, all of that and nothing else."""
    for name, function in whole.functions.items():
        fed, asked = whole.feeding(name), code.uses(function.code_dir).actions
        for action in POLLING:
            granted = _on(whole, name, action)
            for queue in fed - granted:
                yield f"{name}: lacks {action} on {queue}"
            if action not in asked:
                for queue in granted - fed:
                    yield f"{name}: may {action} on {queue}, which does not feed it"


def a_worker_hides_messages_of_its_own_queues_only(whole: Whole) -> Findings:
    """ChangeMessageVisibility is on the queue that feeds it."""
    for name in whole.functions:
        granted = _on(whole, name, "sqs:ChangeMessageVisibility")
        fed = whole.feeding(name)
        if granted and granted != fed:
            yield f"{name}: hides messages of {sorted(granted)}, is fed by {fed}"


def a_function_reads_the_secrets_that_its_code_reads(whole: Whole) -> Findings:
    """What the code reads is in the environment, and a policy opens exactly that."""
    for name, function in whole.functions.items():
        read = code.uses(function.code_dir).settings
        told = {
            points_to(place) or str(place.value)
            for variable, place in function.environment.items()
            if variable.endswith("_ARN")
            and {variable, variable.removesuffix("_ARN")} & read
        }
        yield from _compared(whole, name, "secretsmanager:GetSecretValue", told)


def a_function_uses_the_keys_it_is_told_of(whole: Whole) -> Findings:
    """Keys of KMS: in the environment and in a policy, or in neither."""
    for name, function in whole.functions.items():
        told = {
            points_to(place)
            for variable, place in function.environment.items()
            if variable.endswith("_KEY_ID")
        }
        used = {g.on for g in grants(whole, name) if g.action.startswith("kms:")}
        for key in told ^ used:
            yield f"{name}: {key} is in its environment or in its policies, not both"


def who_signs_in_may(whole: Whole) -> Findings:
    """Whoever has a user for Postgres, and nobody else, may connect as that user."""
    for name, function in whole.functions.items():
        connects = any(g.action == "rds-db:connect" for g in grants(whole, name))
        if connects != ("DATABASE_USER" in function.environment):
            yield f"{name}: {'may' if connects else 'may not'} sign in to Postgres"


def _compared(
    whole: Whole, name: str, action: str, needed: AbstractSet[str]
) -> Findings:
    """Yield on what a function lacks an action, and on what it has it in vain."""
    granted = _on(whole, name, action)
    for one in needed - granted:
        yield f"{name}: lacks {action} on {one}"
    for one in granted - needed:
        yield f"{name}: may {action} on {one}, its code never does"


def _on(whole: Whole, function: str, action: str) -> set[str]:
    return {grant.on for grant in grants(whole, function) if grant.action == action}


RULES: tuple[Rule, ...] = (
    nobody_may_do_anything_or_with_everything,
    policies_of_aws_are_known,
    a_function_may_do_what_its_code_does,
    a_function_sends_where_its_code_sends,
    a_worker_reads_its_own_queues_only,
    a_worker_hides_messages_of_its_own_queues_only,
    a_function_reads_the_secrets_that_its_code_reads,
    a_function_uses_the_keys_it_is_told_of,
    who_signs_in_may,
)
