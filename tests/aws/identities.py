"""Functions as IAM knows them: each with a role of its own, and its credentials."""

import contextlib
import json
from collections.abc import Generator, Iterable, Mapping

import boto3

from tests.aws.roles import Role
from tests.stack.aws import Aws

_HOUR_S = 3600


class Identities:
    """Creates the roles at an endpoint, and assumes each of them once, for an hour."""

    def __init__(self, aws: Aws, roles: Iterable[Role]) -> None:
        session = boto3.session.Session(
            aws_access_key_id=aws.environment["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=aws.environment["AWS_SECRET_ACCESS_KEY"],
            region_name=aws.region,
        )
        self._iam = session.client("iam", endpoint_url=aws.endpoint)
        self._sts = session.client("sts", endpoint_url=aws.endpoint)
        self.roles = {role.function: role for role in roles}
        self._credentials = {name: self._assume(r) for name, r in self.roles.items()}

    def credentials(self, function: str) -> Mapping[str, str]:
        """Return the variables by which boto3 is this function."""
        return self._credentials[function]

    def function_of(self, access_key: str) -> str:
        """Return whose key it is."""
        return self._names[access_key]

    @property
    def _names(self) -> dict[str, str]:
        return {c["AWS_ACCESS_KEY_ID"]: n for n, c in self._credentials.items()}

    @contextlib.contextmanager
    def changed(self, role: Role) -> Generator[None]:
        """Let a function have another role's policies while the block runs."""
        known = self.roles[role.function]
        self._put(known.function, known.policies, role.policies)
        try:
            yield
        finally:
            self._put(known.function, role.policies, known.policies)

    def _assume(self, role: Role) -> dict[str, str]:
        made = self._iam.create_role(
            RoleName=role.function, AssumeRolePolicyDocument=json.dumps(role.trust)
        )
        self._put(role.function, {}, role.policies)
        given = self._sts.assume_role(
            RoleArn=made["Role"]["Arn"],
            RoleSessionName=role.function,
            DurationSeconds=_HOUR_S,
        )["Credentials"]
        return {
            "AWS_ACCESS_KEY_ID": given["AccessKeyId"],
            "AWS_SECRET_ACCESS_KEY": given["SecretAccessKey"],
            "AWS_SESSION_TOKEN": given["SessionToken"],
        }

    def _put(
        self, name: str, before: Mapping[str, object], after: Mapping[str, object]
    ) -> None:
        for policy in before.keys() - after.keys():
            self._iam.delete_role_policy(RoleName=name, PolicyName=policy)
        for policy, document in after.items():
            if before.get(policy) != document:
                self._iam.put_role_policy(
                    RoleName=name,
                    PolicyName=policy,
                    PolicyDocument=json.dumps(document),
                )
