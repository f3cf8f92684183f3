"""Doors: what the gateway hands to whom, and what else calls a function."""

import re
from collections import Counter
from collections.abc import Iterator

from tests.aws.whole import ROOT, Findings, Rule, Whole, points_to
from tests.stack.routes import Table
from tests.stack.template import DEFAULT_ROUTE
from tests.stack.tree import Place

OPERATIONS = frozenset({"MigrateFunction", "RotateSecretFunction", "SeedFunction"})
"""What a deployment, Secrets Manager or a person calls."""
PATIENCE_OF_GATEWAY_S = 30
"""HTTP APIs, "Quotas": the integration timeout can be no longer."""
TWIN = "/{proxy+}"
_GATEWAY = "apigateway.amazonaws.com"
_SAID = re.compile(r'@app\.(get|post|put|patch|delete)\(\s*"([^"]+)"')
_VARIABLE = re.compile(r"\{[^}]*\}")
_CALLS = "arn:${AWS::Partition}:execute-api:${AWS::Region}:${AWS::AccountId}:${Api}/*/*"


def every_function_is_called(whole: Whole) -> Findings:
    """By a route, a queue, a schedule, or as a named operation."""
    called = {
        *(route.function for route in whole.house.routes),
        *(source.function for source in whole.house.sources),
        *(schedule.function for schedule in whole.house.schedules),
        *OPERATIONS,
    }
    for name in whole.functions.keys() - called:
        yield f"{name}: nobody calls it"


def all_code_is_deployed(whole: Whole) -> Findings:
    """Each folder with an app.py is one function's."""
    written = {path.parent for path in ROOT.glob("functions/*/*/app.py")}
    deployed = Counter(ROOT / f.code_dir for f in whole.functions.values())
    for folder in written - deployed.keys():
        yield f"{folder.relative_to(ROOT)}: no function has this code"
    for folder, count in deployed.items():
        if folder not in written or count > 1:
            yield f"{folder.relative_to(ROOT)}: {count} functions, no app.py or one"


def every_path_is_there_twice(whole: Whole) -> Findings:
    """Bare and with {proxy+} (docs/decisions/0012), each to the same function."""
    routes = {(r.method, r.path): r.function for r in whole.house.routes}
    if len(routes) != len(whole.house.routes):
        yield "routes: a key is there twice"
    for (method, path), function in routes.items():
        if path == DEFAULT_ROUTE or path.endswith(TWIN):
            continue
        if routes.get((method, path + TWIN)) != function:
            yield f"{method} {path}: {function} does not get what is under it"


def every_path_of_the_code_reaches_it(whole: Whole) -> Findings:
    """What an ``app.py`` answers, the gateway hands to it, with a last slash or not."""
    table = Table(whole.house.routes)
    for name, function in whole.functions.items():
        app = ROOT / function.code_dir / "app.py"
        for method, path in _SAID.findall(app.read_text(encoding="utf-8")):
            for asked in {path, f"{path.rstrip('/')}/"}:
                match = table.find(method.upper(), _VARIABLE.sub("1", asked))
                owner = match.route.function if match else "nobody"
                if owner != name:
                    yield f"{method.upper()} {asked}: {owner} gets it, not {name}"


def every_door_has_one_integration_and_one_permission(whole: Whole) -> Findings:
    """The gateway calls the alias, and may."""
    doors = {route.function for route in whole.house.routes}
    integrations = whole.of_type("AWS::ApiGatewayV2::Integration")
    permissions = _of_the_gateway(whole)
    targets = Counter(points_to(p / "IntegrationUri") for p in integrations.values())
    allowed = Counter(points_to(p / "FunctionName") for p in permissions.values())
    for name in sorted(doors):
        for what, counts in (("integration", targets), ("permission", allowed)):
            count = counts[f"{name}.Alias"]
            if count != 1:
                yield f"{name}: {count} {what}s of its alias instead of one"
    for name in (targets | allowed).keys() - {f"{door}.Alias" for door in doors}:
        yield f"{name}: not the alias of a door"


def what_leads_to_a_door_is_written_as_it_should_be(whole: Whole) -> Findings:
    """Events of version 2.0, and calls from no path but those of this API."""
    for name, place in whole.of_type("AWS::ApiGatewayV2::Integration").items():
        yield from _of_integration(name, place)
    for name, place in _of_the_gateway(whole).items():
        yield from _of_permission(name, place)


def only_operations_are_called_by_others(whole: Whole) -> Findings:
    """Whoever else may call is one of AWS's services, about a thing of ours."""
    others = whole.of_type("AWS::Lambda::Permission")
    for name, place in others.items():
        if name in _of_the_gateway(whole):
            continue
        called = points_to(place / "FunctionName")
        if called not in OPERATIONS:
            yield f"{name}: {(place / 'Principal').value} may call {called}"
        if not {"SourceAccount", "SourceArn"} & dict(place.items()).keys():
            yield f"{name}: from every account"


def _of_the_gateway(whole: Whole) -> dict[str, Place]:
    return {
        name: place
        for name, place in whole.of_type("AWS::Lambda::Permission").items()
        if (place / "Principal").value == _GATEWAY
    }


def doors_answer_while_the_gateway_waits(whole: Whole) -> Findings:
    """A function that runs longer than the gateway waits works for nobody."""
    integrations = whole.of_type("AWS::ApiGatewayV2::Integration").values()
    patience_ms = {
        points_to(place / "IntegrationUri").removesuffix(".Alias"): (
            place / "TimeoutInMillis"
        ).number(PATIENCE_OF_GATEWAY_S * 1000)
        for place in integrations
    }
    for name in {route.function for route in whole.house.routes}:
        timeout_s = whole.functions[name].timeout_s
        waits_s = min(patience_ms.get(name, 0) / 1000, PATIENCE_OF_GATEWAY_S)
        if timeout_s >= waits_s:
            yield f"{name}: may run {timeout_s} s, the gateway waits {waits_s} s"


def _of_integration(name: str, integration: Place) -> Iterator[str]:
    wanted = {"IntegrationType": "AWS_PROXY", "PayloadFormatVersion": "2.0"}
    for key, value in wanted.items():
        if (integration / key).value != value:
            yield f"{name}: {key} is {(integration / key).value}"
    if points_to(integration / "ApiId") != "Api":
        yield f"{name}: of another API"


def _of_permission(name: str, permission: Place) -> Iterator[str]:
    wanted = {
        "Action": "lambda:InvokeFunction",
        "SourceArn": {"Fn::Sub": _CALLS},
    }
    for key, value in wanted.items():
        if (permission / key).value != value:
            yield f"{name}: {key} is {(permission / key).value}"


RULES: tuple[Rule, ...] = (
    every_function_is_called,
    all_code_is_deployed,
    every_path_is_there_twice,
    every_path_of_the_code_reaches_it,
    every_door_has_one_integration_and_one_permission,
    what_leads_to_a_door_is_written_as_it_should_be,
    only_operations_are_called_by_others,
    doors_answer_while_the_gateway_waits,
)
