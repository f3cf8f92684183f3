"""What template.yaml says, as far as a local stack needs it.

Everything here is unresolved: an environment variable may still be ``{"Ref": ...}``.
Resources of other types (roles, alarms, layers) are passed over; pointing at one from
an environment is an error when the value is resolved.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.stack import nesting
from tests.stack.tree import Place
from tests.stack.wire import Json

DEFAULT_ROUTE = "$default"
_HTTP_APIS = ("AWS::Serverless::HttpApi", "AWS::ApiGatewayV2::Api")
_INTEGRATIONS = "integrations/"
_ALIAS = ".Alias"
_MAPPING_BATCH_SIZE = 10  # Lambda's default for SQS.


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """An AWS::Serverless::Function with what Globals adds to it."""

    name: str
    code_dir: str
    handler: str
    timeout_s: int
    memory_mb: int
    log_format: str
    snap_starts: bool
    """Its published versions start from a snapshot."""
    environment: Mapping[str, Place]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route:
    """One route of the HTTP API; the path is ``$default`` for the catch-all."""

    function: str
    method: str
    path: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSource:
    """One event source mapping: which queue feeds which function, and how."""

    function: str
    queue: str
    batch_size: int
    window_s: int
    reports_item_failures: bool
    max_concurrency: int | None
    patterns: tuple[str, ...]
    """Filter patterns in JSON; a message has to match one of them."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """One ScheduleV2 (EventBridge Scheduler) or Schedule (EventBridge rule) event."""

    function: str
    name: str
    kind: str
    expression: str
    timezone: str
    input: str | None
    is_enabled: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """An AWS::SQS::Queue with its attributes as the SQS API spells them."""

    name: str
    is_fifo: bool
    attributes: Mapping[str, str]
    dead_letters: str | None = None
    max_receive_count: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """An AWS::KMS::Key."""

    name: str
    spec: str
    usage: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Secret:
    """An AWS::SecretsManager::Secret; without ``generate`` it starts empty."""

    name: str
    generate: Mapping[str, Json] | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Template:
    """Everything the stack knows of the product."""

    functions: Mapping[str, Function]
    routes: tuple[Route, ...]
    sources: tuple[QueueSource, ...]
    schedules: tuple[Schedule, ...]
    queues: Mapping[str, Queue]
    buckets: tuple[str, ...]
    keys: Mapping[str, Key]
    secrets: Mapping[str, Secret]
    databases: tuple[str, ...]
    """Every AWS::RDS::DBInstance."""
    apis: tuple[str, ...]
    cors: Place
    """The CorsConfiguration of the one API."""
    parameters: Mapping[str, str | None]
    """Parameter to its default, None where one has to be given."""

    def parallelism(self, function: str, *, default: int) -> int:
        """Return how many copies of a function may run at once.

        The sum of its mappings' MaximumConcurrency, if they say one.
        """
        limits = [s.max_concurrency for s in self.sources if s.function == function]
        return sum(filter(None, limits)) or default


def read(path: Path, parameters: Mapping[str, str] | None = None) -> Template:
    """Read a template file, and the stacks that are nested in it.

    ``parameters`` are those that differ from their defaults.

    Raises:
        TemplateError: something is missing, or not of the kind it should be.
    """
    root = nesting.load(path, parameters)
    functions = _of_type(root, "AWS::Serverless::Function")
    apis = {n: p for kind in _HTTP_APIS for n, p in _of_type(root, kind).items()}
    return Template(
        functions={
            n: _function(n, p, root / "Parameters") for n, p in functions.items()
        },
        routes=(*_events(functions, {"HttpApi": _route}), *_routes(root)),
        sources=(*_events(functions, {"SQS": _event}), *_mappings(root, functions)),
        schedules=tuple(
            _events(functions, {"ScheduleV2": _schedule, "Schedule": _rule})
        ),
        queues={n: _queue(n, p) for n, p in _of_type(root, "AWS::SQS::Queue").items()},
        buckets=tuple(_of_type(root, "AWS::S3::Bucket")),
        keys={n: _key(n, p) for n, p in _of_type(root, "AWS::KMS::Key").items()},
        secrets={
            n: _secret(n, p)
            for n, p in _of_type(root, "AWS::SecretsManager::Secret").items()
        },
        databases=tuple(_of_type(root, "AWS::RDS::DBInstance")),
        apis=tuple(apis),
        cors=next(iter(apis.values()), Place("", None)) / "CorsConfiguration",
        parameters={n: _default(p) for n, p in (root / "Parameters").items()},
    )


def _of_type(root: Place, kind: str) -> dict[str, Place]:
    return {
        name: resource / "Properties"
        for name, resource in (root / "Resources").items()
        if (resource / "Type").text() == kind
    }


def _default(parameter: Place) -> str | None:
    value = (parameter / "Default").value
    return None if value is None else str(value)


def _function(name: str, properties: Place, parameters: Place) -> Function:
    snap_start = _chosen(properties / "SnapStart" / "ApplyOn", parameters)
    return Function(
        name=name,
        code_dir=(properties / "CodeUri").text(),
        handler=(properties / "Handler").text(),
        timeout_s=(properties / "Timeout").number(3),
        memory_mb=(properties / "MemorySize").number(128),
        log_format=(properties / "LoggingConfig" / "LogFormat").text("Text"),
        snap_starts=snap_start.text("None") == "PublishedVersions",
        environment=dict((properties / "Environment" / "Variables").items()),
    )


def _chosen(place: Place, parameters: Place) -> Place:
    """Return a value, or that of the parameter which it refers to."""
    match place.value:
        case {"Ref": str(name)}:
            return parameters / name / "Default"
    return place


def _events[E](
    functions: Mapping[str, Place],
    readers: Mapping[str, Callable[[str, str, Place], E]],
) -> list[E]:
    return [
        readers[kind](function, name, event / "Properties")
        for function, properties in functions.items()
        for name, event in (properties / "Events").items()
        if (kind := (event / "Type").text()) in readers
    ]


def _route(function: str, _name: str, event: Place) -> Route:
    return Route(
        function=function,
        method=(event / "Method").text("ANY").upper(),
        path=(event / "Path").text(DEFAULT_ROUTE),
    )


def _routes(root: Place) -> list[Route]:
    """Return the routes that are resources of their own."""
    integrations = _of_type(root, "AWS::ApiGatewayV2::Integration")
    routes = []
    for place in _of_type(root, "AWS::ApiGatewayV2::Route").values():
        integration = _integration(place / "Target")
        if integration not in integrations:
            (place / "Target").refuse("expected an integration of this template")
        function = _called(integrations[integration] / "IntegrationUri")
        method, _, path = (place / "RouteKey").text().rpartition(" ")
        routes.append(Route(function=function, method=method or "ANY", path=path))
    return routes


def _integration(target: Place) -> str:
    match target.value:
        case {"Fn::Sub": str(text)} if text.startswith(_INTEGRATIONS):
            return text.removeprefix(f"{_INTEGRATIONS}${{").removesuffix("}")
    return target.refuse("expected !Sub integrations/${...}")


def _called(place: Place) -> str:
    """Return the function that is called, be it by its alias."""
    return place.logical_id().removesuffix(_ALIAS)


def _event(function: str, _name: str, event: Place) -> QueueSource:
    return _source(function, (event / "Queue").logical_id(), event)


def _mappings(root: Place, functions: Mapping[str, Place]) -> list[QueueSource]:
    """Return the mappings that are resources of their own."""
    queues = _of_type(root, "AWS::SQS::Queue")
    sources = []
    for mapping in _of_type(root, "AWS::Lambda::EventSourceMapping").values():
        function = _called(mapping / "FunctionName")
        queue = (mapping / "EventSourceArn").logical_id()
        if function not in functions:
            (mapping / "FunctionName").refuse("expected a function of this template")
        if queue not in queues:
            (mapping / "EventSourceArn").refuse("expected a queue of this template")
        sources.append(_source(function, queue, mapping))
    return sources


def _source(function: str, queue: str, mapping: Place) -> QueueSource:
    limit = mapping / "ScalingConfig" / "MaximumConcurrency"
    types = [place.text() for place in (mapping / "FunctionResponseTypes").elements()]
    filters = (mapping / "FilterCriteria" / "Filters").elements()
    return QueueSource(
        function=function,
        queue=queue,
        batch_size=(mapping / "BatchSize").number(_MAPPING_BATCH_SIZE),
        window_s=(mapping / "MaximumBatchingWindowInSeconds").number(0),
        reports_item_failures="ReportBatchItemFailures" in types,
        max_concurrency=None if limit.is_missing else limit.number(0),
        patterns=tuple((place / "Pattern").text() for place in filters),
    )


def _schedule(function: str, name: str, event: Place) -> Schedule:
    return Schedule(
        function=function,
        name=(event / "Name").text(f"{function}{name}"),
        kind="ScheduleV2",
        expression=(event / "ScheduleExpression").text(),
        timezone=(event / "ScheduleExpressionTimezone").text("UTC"),
        input=None if (event / "Input").is_missing else (event / "Input").text(),
        is_enabled=(event / "State").text("ENABLED") == "ENABLED",
    )


def _rule(function: str, name: str, event: Place) -> Schedule:
    return Schedule(
        function=function,
        name=(event / "Name").text(f"{function}{name}"),
        kind="Schedule",
        expression=(event / "Schedule").text(),
        timezone="UTC",
        input=None if (event / "Input").is_missing else (event / "Input").text(),
        is_enabled=(event / "State").text("ENABLED") == "ENABLED"
        and (event / "Enabled").value is not False,
    )


_QUEUE_ATTRIBUTES = (
    "ContentBasedDeduplication",
    "DelaySeconds",
    "MaximumMessageSize",
    "MessageRetentionPeriod",
    "ReceiveMessageWaitTimeSeconds",
    "VisibilityTimeout",
)


def _queue(name: str, properties: Place) -> Queue:
    redrive = properties / "RedrivePolicy"
    attributes = {
        key: str(value).lower() if isinstance(value, bool) else str(value)
        for key in _QUEUE_ATTRIBUTES
        if (value := (properties / key).value) is not None
    }
    return Queue(
        name=name,
        is_fifo=(properties / "FifoQueue").value is True,
        attributes=attributes,
        dead_letters=None
        if redrive.is_missing
        else (redrive / "deadLetterTargetArn").logical_id(),
        max_receive_count=None
        if redrive.is_missing
        else (redrive / "maxReceiveCount").number(10),
    )


def _key(name: str, properties: Place) -> Key:
    return Key(
        name=name,
        spec=(properties / "KeySpec").text("SYMMETRIC_DEFAULT"),
        usage=(properties / "KeyUsage").text("ENCRYPT_DECRYPT"),
    )


def _secret(name: str, properties: Place) -> Secret:
    generate = properties / "GenerateSecretString"
    value = generate.value
    return Secret(name=name, generate=value if isinstance(value, dict) else None)
