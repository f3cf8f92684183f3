"""Operations: what a deployment waits for, and what Secrets Manager calls."""

from tests.aws.rules.doors import OPERATIONS
from tests.aws.whole import Findings, Rule, Whole, elements, points_to
from tests.stack.template import Function
from vixenbliss.postgres import MIGRATION_TIMEOUT_MS
from vixenbliss.worker.resources import ANSWER_S

MIGRATES = "MigrateFunction"


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
    for name, stack in (whole.files["template.yaml"] / "Resources").items():
        location = (stack / "Properties" / "Location").value
        waits = [point.value for point in elements(stack / "DependsOn")]
        is_of_functions = str(location).startswith("functions/")
        if is_of_functions and name != "Operations" and "Operations" not in waits:
            yield f"{name}: does not wait for Operations"


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
    who_is_let_in_is_who_signs_in,
    who_rotates_a_secret_may_be_called_for_it,
)
