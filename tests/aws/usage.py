"""What functions have asked IAM for, and what they may do but never have."""

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from fnmatch import fnmatchcase

from tests.aws.identities import Identities
from tests.aws.ministack import Decision


@dataclass(frozen=True, slots=True, order=True)
class Lack:
    """A function was refused something."""

    function: str
    action: str
    resource: str
    reason: str

    def __str__(self) -> str:
        """Say so in a sentence."""
        said = f"{self.function} lacks {self.action} on {self.resource}"
        return said if self.reason == "ImplicitDeny" else f"{said} ({self.reason})"


def lacks(decisions: Iterable[Decision], identities: Identities) -> list[Lack]:
    """Return what was refused, each once."""
    refused = {
        Lack(identities.function_of(d.key), d.action, d.resource, d.refusal)
        for d in decisions
        if d.refusal
    }
    return sorted(refused)


def lines(decisions: Sequence[Decision], identities: Identities) -> Iterator[str]:
    """Yield a table of functions and actions: how often allowed, how often refused."""
    allowed: Counter[tuple[str, str]] = Counter()
    refused: Counter[tuple[str, str]] = Counter()
    for decision in decisions:
        count = refused if decision.refusal else allowed
        count[identities.function_of(decision.key), decision.action] += 1
    yield f"{'function':28}{'action':36}{'allowed':>8}{'refused':>8}"
    for function, action in sorted(allowed | refused):
        asked = function, action
        yield f"{function:28}{action:36}{allowed[asked]:>8}{refused[asked]:>8}"


def unused(
    decisions: Iterable[Decision], identities: Identities
) -> Mapping[str, list[str]]:
    """Return the grants that no call has needed, by function; only of those that ran.

    A line for each action: what it is granted on, by the ends of the ARNs.
    """
    asked: dict[str, set[tuple[str, str]]] = {}
    for decision in decisions:
        function = identities.function_of(decision.key)
        asked.setdefault(function, set()).add((decision.action, decision.resource))
    return {
        function: _by_action(
            grant
            for grant in identities.roles[function].grants()
            if not any(_covers(grant, call) for call in calls)
        )
        for function, calls in sorted(asked.items())
    }


def _by_action(grants: Iterable[tuple[str, str]]) -> list[str]:
    resources: dict[str, list[str]] = {}
    for action, resource in grants:
        resources.setdefault(action, []).append(resource.rpartition(":")[2])
    return [f"{action:32}{', '.join(named)}" for action, named in resources.items()]


def _covers(grant: tuple[str, str], call: tuple[str, str]) -> bool:
    return all(
        fnmatchcase(said, pattern) for said, pattern in zip(call, grant, strict=True)
    )
