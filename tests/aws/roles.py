"""The execution roles of all functions, exactly as SAM makes them of the template.

AWS's own managed policies are not in the template: a role only names them. Those that
every function has (basic execution, VPC access, X-Ray) are about logs, network
interfaces and traces, of which nothing here is AWS; they stand for nothing. Any other
is refused, so all that a function can do here is what the template itself allows.
"""

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from tests.aws import references
from tests.stack.intrinsics import Addresses, resolve
from tests.stack.tree import Place
from tests.stack.wire import JsonObject

STANDING_FOR_NOTHING = frozenset(
    {
        "AWSLambdaBasicExecutionRole",
        "AWSLambdaVPCAccessExecutionRole",
        "AWSXrayWriteOnlyAccess",
        "AWSXRayDaemonWriteAccess",
    }
)
_TRANSFORM = Path(__file__).with_name("sam_transform.py")


class UnknownPolicyError(Exception):
    """A role names a policy of which nobody here knows what it allows."""

    def __init__(self, role: str, policy: str) -> None:
        super().__init__(f"{role}: what does {policy} allow?")


@dataclass(frozen=True, slots=True)
class Role:
    """What a function may do: documents by name, all references resolved."""

    function: str
    trust: JsonObject
    policies: Mapping[str, JsonObject]

    def grants(self) -> Iterator[tuple[str, str]]:
        """Yield each action with each resource that a statement names for it."""
        for document in self.policies.values():
            for statement in _list(document["Statement"]):
                for action in _list(statement["Action"]):
                    for resource in _list(statement["Resource"]):
                        yield str(action), str(resource)

    def without(self, action: str, resource: str = "") -> "Role":
        """Return the role with an action taken out of the statements on a resource.

        Raises:
            UnknownPolicyError: it never had it.
        """
        changed = {
            name: {**document, "Statement": _cut(document, action, resource)}
            for name, document in self.policies.items()
        }
        kept = {n: d for n, d in changed.items() if d["Statement"]}
        less = replace(self, policies=kept)
        if [*less.grants()] == [*self.grants()]:
            raise UnknownPolicyError(self.function, action)
        return less

    def narrowed(self, key: str, values: list[str]) -> "Role":
        """Return the role with fewer values in each condition on a key.

        Raises:
            UnknownPolicyError: it has no such condition.
        """
        changed = {n: _narrowed(d, key, values) for n, d in self.policies.items()}
        if changed == self.policies:
            raise UnknownPolicyError(self.function, key)
        return replace(self, policies=changed)


def transformed(
    tools: Path, template: Place, parameters: Mapping[str, str], *, region: str
) -> Place:
    """Return what SAM makes of a template; ``tools`` is SAM's virtual environment."""
    done = subprocess.run(  # noqa: S603 - our own program
        [str(tools / "bin/python"), "-P", str(_TRANSFORM)],
        input=json.dumps({"template": template.value, "parameters": dict(parameters)}),
        env={"PATH": os.environ["PATH"], "AWS_DEFAULT_REGION": region},
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        timeout=60,
    )
    return Place("", json.loads(done.stdout))


def read(template: Place, addresses: Addresses) -> dict[str, Role]:
    """Return the roles of a transformed template's functions, by function.

    Raises:
        UnknownPolicyError: a role has a managed policy that is not known here.
        TemplateError: a policy points to something that was not created.
    """
    resources = dict((template / "Resources").items())
    known = Addresses({**addresses.refs}, {**addresses.attributes})
    return {
        name: _Reader(resources, known).role(name, resource / "Properties")
        for name, resource in resources.items()
        if (resource / "Type").text() == "AWS::Lambda::Function"
    }


@dataclass(frozen=True, slots=True)
class _Reader:
    resources: Mapping[str, Place]
    addresses: Addresses

    def role(self, function: str, properties: Place) -> Role:
        role = self.resources[(properties / "Role").logical_id()] / "Properties"
        policies: dict[str, JsonObject] = {}
        for place in (role / "ManagedPolicyArns").elements():
            policies |= self._managed(function, place)
        for policy in (role / "Policies").elements():
            document = policy / "PolicyDocument"
            policies[(policy / "PolicyName").text()] = self._object(document)
        trust = self._object(role / "AssumeRolePolicyDocument")
        return Role(function, trust, policies)

    def _managed(self, function: str, place: Place) -> dict[str, JsonObject]:
        """Return what a managed policy allows, the template's own or AWS's."""
        match place.value:
            case {"Ref": str(name)} if name in self.resources:
                policy = self.resources[name] / "Properties"
                return {name: self._object(policy / "PolicyDocument")}
        name = str(resolve(place, self.addresses)).rpartition("/")[2]
        if name in STANDING_FOR_NOTHING:
            return {}
        raise UnknownPolicyError(function, name)

    def _object(self, place: Place) -> JsonObject:
        for name, attribute in references.within(place.value):
            self._stand_in(name, attribute)
        value = resolve(place, self.addresses)
        if not isinstance(value, dict):
            place.refuse("expected a mapping")
        return value

    def _stand_in(self, name: str, attribute: str) -> None:
        """Name what is only on AWS, as a database, as nothing else is named."""
        made_up = f"only-on-aws-{name}"
        if not attribute:
            self.addresses.refs.setdefault(name, made_up)
        else:
            value = f"{made_up}-{attribute}"
            self.addresses.attributes.setdefault((name, attribute), value)


def _cut(document: JsonObject, action: str, resource: str) -> list[Any]:
    left = []
    for statement in _list(document["Statement"]):
        is_meant = any(resource in str(named) for named in _list(statement["Resource"]))
        actions = [a for a in _list(statement["Action"]) if not is_meant or a != action]
        if actions:
            left.append({**statement, "Action": actions})
    return left


def _narrowed(document: JsonObject, key: str, values: list[str]) -> JsonObject:
    copy: JsonObject = json.loads(json.dumps(document))
    for statement in _list(copy["Statement"]):
        for tested in statement.get("Condition", {}).values():
            if key in tested:
                tested[key] = values
    return copy


def _list(value: Any) -> list[Any]:
    return list(value) if isinstance(value, list) else [value]
