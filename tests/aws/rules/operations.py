"""Operations: what a deployment waits for, who is told, what Secrets Manager calls."""

from itertools import combinations

from tests.aws.rules.doors import OPERATIONS
from tests.aws.whole import Findings, Rule, Whole, elements, points_to
from tests.stack.template import Function
from vixenbliss.postgres import MIGRATION_TIMEOUT_MS
from vixenbliss.worker.resources import ANSWER_S

MIGRATES = "MigrateFunction"
TELL_EC2 = ("NatReboot", "NatRecovery")
"""Alarms whose action is one of EC2's own."""


def a_deployment_hears_what_became_of_the_schema(whole: Whole) -> Findings:
    """Postgres gives up first, then the function, then Lambda, then CloudFormation."""
    runs_s = whole.functions[MIGRATES].timeout_s
    if runs_s - ANSWER_S <= MIGRATION_TIMEOUT_MS / 1000:
        yield f"{MIGRATES}: gives up after {runs_s} s, while Postgres still works"
    for name, migration in whole.of_type("Custom::Migration").items():
        if points_to(migration / "ServiceToken") != MIGRATES:
            yield f"{name}: done by {points_to(migration / 'ServiceToken')}"
        if (migration / "ServiceTimeout").number(0) <= runs_s:
            yield f"{name}: CloudFormation does not wait for {MIGRATES}"
        if "CommonLayer" not in str((migration / "Release").value):
            yield f"{name}: not looked at when something new is deployed"


def functions_wait_for_the_schema(whole: Whole) -> Findings:
    """No stack of functions is deployed before the one that migrates."""
    for name, waits in _waits_of_functions(whole).items():
        if "Operations" not in waits:
            yield f"{name}: does not wait for Operations"


def stacks_write_to_the_api_in_turn(whole: Whole) -> Findings:
    """API Gateway refuses one of two that change an API at the same time."""
    waits = _waits_of_functions(whole)
    for one, other in combinations(waits, 2):
        if one not in _all(waits, other) and other not in _all(waits, one):
            yield f"{one} and {other}: neither waits for the other"


def _waits_of_functions(whole: Whole) -> dict[str, list[object]]:
    """Return what the stacks of functions behind the API wait for."""
    return {
        name: [point.value for point in elements(stack / "DependsOn")]
        for name, stack in (whole.files["template.yaml"] / "Resources").items()
        if str((stack / "Properties" / "Location").value).startswith("functions/")
        and name != "Operations"
    }


def _all(waits: dict[str, list[object]], name: object) -> set[object]:
    """Return what a stack waits for, and what that waits for."""
    direct = waits.get(str(name), [])
    return {*direct, *(it for one in direct for it in _all(waits, one))}


def every_alarm_tells_somebody(whole: Whole) -> Findings:
    """That it rings, and that it is over; to our own topic."""
    for name, alarm in whole.of_type("AWS::CloudWatch::Alarm").items():
        for key in ("AlarmActions", "OKActions"):
            told = [points_to(action) for action in (alarm / key).elements()]
            if told != ["AlarmTopic"] and name not in TELL_EC2:
                yield f"{name}: {key} tell {told or 'nobody'}"


def who_is_let_in_is_who_signs_in(whole: Whole) -> Findings:
    """The role that migrations make signs in, and to the database that they are of."""
    database = _told(whole.functions[MIGRATES], "DATABASE_NAME")
    made = _told(whole.functions[MIGRATES], "DATABASE_APP_USER")
    for name, function in whole.functions.items():
        if _told(function, "DATABASE_USER") not in {None, made}:
            yield f"{name}: signs in as another than migrations let in: {made}"
        if _told(function, "DATABASE_NAME") not in {None, database}:
            yield f"{name}: signs in to another database than {database}"


def who_rotates_a_secret_may_be_called_for_it(whole: Whole) -> Findings:
    """Secrets Manager tries the function as the schedule is made, and only for it."""
    permissions = whole.of_type("AWS::Lambda::Permission")
    for name, place in permissions.items():
        if points_to(place / "FunctionName") in OPERATIONS and (
            (place / "Principal").value != "secretsmanager.amazonaws.com"
            or (place / "SourceArn").is_missing
        ):
            yield f"{name}: not Secrets Manager alone, for one secret"
    for name, place in whole.of_type("AWS::SecretsManager::RotationSchedule").items():
        secret, function = place / "SecretId", place / "RotationLambdaARN"
        allowed = {
            (points_to(other / "SourceArn"), points_to(other / "FunctionName"))
            for other in permissions.values()
        }
        if (points_to(secret), points_to(function)) not in allowed:
            yield f"{name}: nobody may call {points_to(function)}"


def _told(function: Function, name: str) -> object:
    told = function.environment.get(name)
    return told.value if told else None


RULES: tuple[Rule, ...] = (
    a_deployment_hears_what_became_of_the_schema,
    functions_wait_for_the_schema,
    stacks_write_to_the_api_in_turn,
    every_alarm_tells_somebody,
    who_is_let_in_is_who_signs_in,
    who_rotates_a_secret_may_be_called_for_it,
)
