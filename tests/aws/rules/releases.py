"""Releases: what is deployed is published, watched, rolled back, and called on time."""

import re
from collections.abc import Iterator, Mapping

from tests.aws.rules.doors import OPERATIONS
from tests.aws.whole import FUNCTION, Findings, Rule, Whole, elements, points_to
from tests.stack import expressions
from tests.stack.errors import TemplateError
from tests.stack.tree import Place

LOGS_WITHOUT_A_KEY: Mapping[str, str] = {
    "RefusedLogGroup": "addresses of our own network; the key comes after the network",
}
"""Log groups that CloudWatch encrypts with a key of its own, and why."""
_VERSION, _ALIAS = "AWS::Lambda::Version", "AWS::Lambda::Alias"
_RATE = re.compile(r"rate\((\d+) (minute|hour|day)(s?)\)")


def every_function_is_as_its_head_says(whole: Whole) -> Findings:
    """Processor, snapshots, traces, logs: what Globals say reaches each of them."""
    for name, properties in whole.of_type(FUNCTION).items():
        wanted: dict[str, object] = {
            "Architectures": [{"Ref": "Architecture"}],
            "Handler": "app.handler",
            "Runtime": "python3.13",
            "Tracing": "Active",
        }
        if name not in OPERATIONS:
            wanted["SnapStart"] = {"ApplyOn": {"Ref": "SnapStart"}}
        for key, value in wanted.items():
            if (properties / key).value != value:
                yield f"{name}: {key} is {(properties / key).value}"
        layers = [points_to(layer) for layer in (properties / "Layers").elements()]
        if layers[:2] != ["DependenciesLayer", "CommonLayer"]:
            yield f"{name}: lies on {layers}"


def every_function_is_published_behind_its_alias(whole: Whole) -> Findings:
    """Whoever calls calls ``live``; only a deployment calls what it has just made."""
    for name, properties in whole.of_type(FUNCTION).items():
        alias, digest = properties / "AutoPublishAlias", "AutoPublishCodeSha256"
        if name in OPERATIONS:
            if not alias.is_missing:
                yield f"{name}: has an alias, of which a deployment knows nothing"
        elif alias.value != "live" or (properties / digest).is_missing:
            yield f"{name}: a new layer publishes no version of it"


def a_new_layer_publishes_all(whole: Whole) -> Findings:
    """Another release has other versions, the same release the same ones."""
    for stack, made in whole.made.items():
        first, again = _versions(made), _versions(whole.made_again[stack])
        later = _versions(whole.made_next[stack])
        for version in first ^ again:
            yield f"{stack}/{version}: published though nothing is new"
        for version in first & later:
            yield f"{stack}/{version}: not published though the layer is new"
        functions = _named(made, "AWS::Lambda::Function") - OPERATIONS
        if len(first) != len(functions) or len(later) != len(functions):
            yield f"{stack}: {len(first)} versions of {len(functions)} functions"


def an_alarm_rolls_back(whole: Whole) -> Findings:
    """Each alias moves by CodeDeploy, which its stack's own alarm stops."""
    for stack, made in whole.made.items():
        resources = made / "Resources"
        alarms = _named(made, "AWS::CloudWatch::Alarm")
        for name, resource in resources.items():
            if (resource / "Type").value != _ALIAS:
                continue
            update = resource / "UpdatePolicy" / "CodeDeployLambdaAliasUpdate"
            group = resources / points_to(update / "DeploymentGroupName") / "Properties"
            stops = (_usual(group / "AlarmConfiguration") / "Alarms").elements()
            events = (group / "AutoRollbackConfiguration" / "Events").value or []
            watched = {points_to(alarm / "Name") for alarm in stops}
            if not watched or not watched <= alarms:
                yield f"{stack}/{name}: no alarm of its stack stops its deployment"
            if "DEPLOYMENT_STOP_ON_ALARM" not in str(events):
                yield f"{stack}/{name}: is not rolled back"


def _usual(place: Place) -> Place:
    """Return what is so unless ``RollBack`` is turned off for one deployment."""
    match place.value:
        case {"Fn::If": ["RollsBack", usual, _]}:
            return Place(str(place), usual)
        case _:
            return place


def alarms_count_what_functions_report(whole: Whole) -> Findings:
    """A deployment's alarm looks at the metric of its own stack's log group."""
    filters = whole.of_type("AWS::Logs::MetricFilter")
    counted = {
        str((part / "MetricName").value): points_to(place / "LogGroupName")
        for place in filters.values()
        for part in (place / "MetricTransformations").elements()
    }
    alarms = whole.of_type("AWS::CloudWatch::Alarm")
    for name, properties in whole.of_type(FUNCTION).items():
        stops = (properties / "DeploymentPreference" / "Alarms").elements()
        logs = points_to(properties / "LoggingConfig" / "LogGroup")
        for alarm in stops:
            metric = alarms[points_to(alarm)] / "MetricName"
            if counted.get(str(metric.value)) != logs:
                yield f"{name}: {points_to(alarm)} does not count what is in {logs}"


def every_function_logs_where_we_keep(whole: Whole) -> Findings:
    """JSON, into a group of the house, which nobody keeps for ever."""
    groups = whole.of_type("AWS::Logs::LogGroup")
    for name, properties in whole.of_type(FUNCTION).items():
        logging = properties / "LoggingConfig"
        if (logging / "LogFormat").value != "JSON":
            yield f"{name}: does not log in JSON"
        if points_to(logging / "LogGroup") not in groups:
            yield f"{name}: logs where Lambda would keep it for ever"


def logs_end_and_are_encrypted(whole: Whole) -> Findings:
    """Each log group forgets after a while, and lies under our key."""
    groups = whole.of_type("AWS::Logs::LogGroup")
    for name, properties in groups.items():
        if (properties / "RetentionInDays").is_missing:
            yield f"{name}: kept for ever"
        has_key = bool(points_to(properties / "KmsKeyId"))
        if has_key == (name in LOGS_WITHOUT_A_KEY):
            yield f"{name}: {'has' if has_key else 'lacks'} a key of ours"


def schedules_are_understood(whole: Whole) -> Findings:
    """EventBridge has its own grammar: ``rate(1 minute)``, and never ``1 minutes``."""
    for schedule in whole.house.schedules:
        said = schedule.expression
        try:
            expressions.parse(said, schedule.timezone)
        except TemplateError as error:
            yield f"{schedule.function}: {error}"
        rate = _RATE.fullmatch(said)
        if rate and (int(rate[1]) == 1) == bool(rate[3]):
            yield f"{schedule.function}: {said} is not spelt as EventBridge wants it"


def schedules_are_one_houses(whole: Whole) -> Findings:
    """SAM would name a schedule after its function: two houses could not have it."""
    for name, schedule in whole.made_of_type("AWS::Scheduler::Schedule").items():
        if not (schedule / "Name").is_missing:
            yield f"{name}: is called {(schedule / 'Name').value} in every house"


def a_schedule_that_fails_leaves_a_letter(whole: Whole) -> Findings:
    """It calls the alias, tries again, and may write to whom it tells in the end."""
    for stack, made in whole.made.items():
        for name, schedule in _of_type(made, "AWS::Scheduler::Schedule").items():
            for finding in _of_target(schedule / "Target", made / "Resources"):
                yield f"{stack}/{name}: {finding}"


def _of_target(target: Place, resources: Place) -> Findings:
    role = resources / points_to(target / "RoleArn") / "Properties"
    letters = points_to(target / "DeadLetterConfig" / "Arn")
    called, allowed = points_to(target / "Arn"), set(_allowed(role))
    if ("sqs:SendMessage", letters) not in allowed or not letters:
        yield f"leaves no letter in {letters or 'any queue'}"
    if ("lambda:InvokeFunction", called) not in allowed:
        yield f"may not call {called}"
    if not called.endswith("Aliaslive"):
        yield f"calls {called}, not what is live"
    if (target / "RetryPolicy" / "MaximumRetryAttempts").is_missing:
        yield "does not say how often it tries"


def a_call_that_nobody_waits_for_leaves_a_letter(whole: Whole) -> Findings:
    """What a schedule hands to Lambda is kept there, tried, and told when it failed."""
    scheduled = {schedule.function for schedule in whole.house.schedules}
    for stack, made in whole.made.items():
        configured = {
            points_to(place / "FunctionName"): place
            for place in _of_type(made, "AWS::Lambda::EventInvokeConfig").values()
        }
        for name in sorted(scheduled & _named(made, "AWS::Lambda::Function")):
            config = configured.get(name, Place(name, None))
            told = config / "DestinationConfig" / "OnFailure" / "Destination"
            role = made / "Resources" / f"{name}Role" / "Properties"
            sent = {on for action, on in _allowed(role) if action == "sqs:SendMessage"}
            if told.is_missing or _said(told) not in sent:
                yield f"{stack}/{name}: a call that fails leaves no letter"
            if (config / "Qualifier").value != "live":
                yield f"{stack}/{name}: only what is not live is looked after"


def sources_feed_what_is_live(whole: Whole) -> Findings:
    """Queues feed the alias, in batches that may fail in part."""
    for name, place in whole.made_of_type("AWS::Lambda::EventSourceMapping").items():
        if not points_to(place / "FunctionName").endswith("Aliaslive"):
            yield f"{name}: feeds {points_to(place / 'FunctionName')}"
        if "ReportBatchItemFailures" not in str(
            (place / "FunctionResponseTypes").value
        ):
            yield f"{name}: ReportBatchItemFailures is missing"


def sources_wait_for_their_rights(whole: Whole) -> Findings:
    """Lambda refuses a mapping whose function may not read its queue yet.

    A mapping waits for an alias, that for a version, a function, a role; the role is
    there when its own policies are. One that is attached from outside may come later.
    """
    for stack, made in whole.made.items():
        resources = made / "Resources"
        for name, place in _of_type(made, "AWS::Lambda::EventSourceMapping").items():
            function = _version_of(resources, place / "FunctionName") / "FunctionName"
            role = _pointed_to(resources, _pointed_to(resources, function) / "Role")
            queue = _said(place / "EventSourceArn")
            if ("sqs:ReceiveMessage", queue) not in set(_allowed(role)):
                yield f"{stack}/{name}: made before {queue} may be read"


def _version_of(resources: Place, alias: Place) -> Place:
    return _pointed_to(resources, _pointed_to(resources, alias) / "FunctionVersion")


def _pointed_to(resources: Place, place: Place) -> Place:
    return resources / points_to(place) / "Properties"


def _said(place: Place) -> str:
    """Return what is pointed to; some values SAM writes out, here as examples."""
    return points_to(place) or str(place.value)


def _allowed(role: Place) -> Iterator[tuple[str, str]]:
    for policy in (role / "Policies").elements():
        for statement in elements(policy / "PolicyDocument" / "Statement"):
            for action in elements(statement / "Action"):
                for resource in elements(statement / "Resource"):
                    yield action.text(), _said(resource)


def _of_type(made: Place, kind: str) -> dict[str, Place]:
    return {
        name: resource / "Properties"
        for name, resource in (made / "Resources").items()
        if (resource / "Type").value == kind
    }


def _named(made: Place, kind: str) -> set[str]:
    return set(_of_type(made, kind))


def _versions(made: Place) -> set[str]:
    return _named(made, _VERSION)


RULES: tuple[Rule, ...] = (
    every_function_is_as_its_head_says,
    every_function_is_published_behind_its_alias,
    a_new_layer_publishes_all,
    an_alarm_rolls_back,
    alarms_count_what_functions_report,
    every_function_logs_where_we_keep,
    logs_end_and_are_encrypted,
    schedules_are_understood,
    schedules_are_one_houses,
    a_schedule_that_fails_leaves_a_letter,
    a_call_that_nobody_waits_for_leaves_a_letter,
    sources_feed_what_is_live,
    sources_wait_for_their_rights,
)
