"""What the template makes AWS keep, as far as AWS charges for it or limits it."""

import tomllib
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.stack import nesting
from tests.stack.tree import Place
from tests.stack.wire import Json
from tests.tools.cost.errors import CostError
from tests.tools.cost.rates import per_month

FUNCTION = "AWS::Serverless::Function"
OPERATIONS = "operations"
AMI_GB = 8.0
"""The disk of Amazon Linux 2023, where nobody asks for another."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Function:
    """A function, with what calls it by itself."""

    name: str
    kind: str
    """The folder of its folder: api, webhooks, workers, schedules, operations."""
    memory_mb: int
    timeout_s: int
    is_traced: bool
    secrets: int
    schedules_per_month: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """A queue that Lambda reads for a function."""

    function: str
    queue: str
    batch: int
    window_s: int
    most_at_once: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Database:
    """A Postgres instance."""

    class_: str
    storage_gb: float
    is_doubled: bool
    backup_days: float
    sampled_every_s: float
    """Enhanced monitoring; 0 for none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """Counts and sizes of one deployment."""

    architecture: str
    snapshots: bool
    functions: Mapping[str, Function]
    mappings: tuple[Source, ...]
    schedules: int
    databases: tuple[Database, ...]
    proxies: int
    secrets: int
    keys: int
    alarm_metrics: int
    metrics: int
    dashboards: int
    nat_gateways: int
    nat_machines: tuple[str, ...]
    """Their instance types."""
    disk_gb: float
    addresses: int
    endpoint_zones: int
    endpoints: int
    retention_days: float
    access_log: bool
    requests_per_second: float
    """At which the gateway begins to refuse."""


def parameters(samconfig: Path, environment: str) -> dict[str, str]:
    """Return what is passed to the template in an environment of samconfig.toml."""
    written = tomllib.loads(samconfig.read_text())
    passed = written[environment]["deploy"]["parameters"]["parameter_overrides"]
    return dict(one.split("=", 1) for one in passed)


def read(path: Path, chosen: Mapping[str, str]) -> House:
    """Read what a deployment of the template with these parameters consists of."""
    return _Reader(nesting.load(path, chosen), chosen).house()


class _Reader:
    """A flat tree, asked for what costs something."""

    def __init__(self, root: Place, parameters: Mapping[str, str]) -> None:
        self._resources = dict((root / "Resources").items())
        self._chosen = {
            name: (place / "Default").value
            for name, place in (root / "Parameters").items()
        } | dict(parameters)

    def house(self) -> House:
        properties = dict(self._of(FUNCTION))
        functions = {n: self._function(n, p) for n, p in properties.items()}
        return House(
            architecture=self._text(self._chosen.get("Architecture", "arm64")),
            snapshots=self._chosen.get("SnapStart") == "PublishedVersions",
            functions=functions,
            mappings=tuple(
                self._mapping(p) for _, p in self._of("AWS::Lambda::EventSourceMapping")
            ),
            schedules=sum(
                (event / "Type").text() == "ScheduleV2"
                for place in properties.values()
                for _, event in (place / "Events").items()
            ),
            databases=tuple(
                self._database(p) for _, p in self._of("AWS::RDS::DBInstance")
            ),
            proxies=self._count("AWS::RDS::DBProxy"),
            secrets=self._count("AWS::SecretsManager::Secret") + self._owner_secrets(),
            keys=self._count("AWS::KMS::Key"),
            alarm_metrics=sum(map(len, self._alarmed())),
            metrics=len(
                {m for seen in (*self._alarmed(), *self._filtered()) for m in seen if m}
            ),
            dashboards=self._count("AWS::CloudWatch::Dashboard"),
            nat_gateways=self._count("AWS::EC2::NatGateway"),
            nat_machines=tuple(
                self._text((p / "InstanceType").value)
                for _, p in self._of("AWS::EC2::Instance")
            ),
            disk_gb=sum(self._disks()),
            addresses=self._count("AWS::EC2::EIP") or self._count("AWS::EC2::Instance"),
            endpoint_zones=sum(self._zones()),
            endpoints=len(list(self._zones())),
            retention_days=float(
                self._text(self._chosen.get("LogRetentionDays", "30"))
            ),
            access_log=any(
                not (p / "AccessLogSettings").is_missing
                for _, p in self._of("AWS::ApiGatewayV2::Stage")
            ),
            requests_per_second=self._throttle(),
        )

    def _of(self, kind: str) -> Iterator[tuple[str, Place]]:
        for name, resource in self._resources.items():
            if (resource / "Type").text() == kind:
                yield name, resource / "Properties"

    def _count(self, kind: str) -> int:
        return sum(1 for _ in self._of(kind))

    def _function(self, name: str, place: Place) -> Function:
        variables = dict((place / "Environment" / "Variables").items())
        events = [event for _, event in (place / "Events").items()]
        return Function(
            name=name,
            kind=Path((place / "CodeUri").text()).parent.name,
            memory_mb=int(self._number((place / "MemorySize").value, 128)),
            timeout_s=int(self._number((place / "Timeout").value, 3)),
            is_traced=(place / "Tracing").value == "Active",
            secrets=sum(variable.endswith("_ARN") for variable in variables),
            schedules_per_month=sum(
                per_month((event / "Properties" / "ScheduleExpression").text())
                for event in events
                if (event / "Type").text() == "ScheduleV2"
            ),
        )

    def _mapping(self, given: Place) -> Source:
        most = (given / "ScalingConfig" / "MaximumConcurrency").value
        window = (given / "MaximumBatchingWindowInSeconds").value
        return Source(
            function=(given / "FunctionName").logical_id().removesuffix(".Alias"),
            queue=(given / "EventSourceArn").logical_id(),
            batch=int(self._number((given / "BatchSize").value, 10)),
            window_s=int(self._number(window, 0)),
            most_at_once=None if most is None else int(self._number(most, 0)),
        )

    def _database(self, place: Place) -> Database:
        return Database(
            class_=self._text((place / "DBInstanceClass").value),
            storage_gb=self._number((place / "AllocatedStorage").value, 20),
            is_doubled=self._text((place / "MultiAZ").value).lower() == "true",
            backup_days=self._number((place / "BackupRetentionPeriod").value, 1),
            sampled_every_s=self._number((place / "MonitoringInterval").value, 0),
        )

    def _disks(self) -> Iterator[float]:
        """Yield the GB of each machine's disk."""
        for _, place in self._of("AWS::EC2::Instance"):
            disks = (place / "BlockDeviceMappings").elements()
            sizes = [(disk / "Ebs" / "VolumeSize").value for disk in disks]
            yield sum(self._number(size, AMI_GB) for size in sizes) or AMI_GB

    def _owner_secrets(self) -> int:
        """Count the secrets that RDS keeps for the owners of its databases."""
        return sum(
            self._text((place / "ManageMasterUserPassword").value).lower() == "true"
            for _, place in self._of("AWS::RDS::DBInstance")
        )

    def _alarmed(self) -> Iterator[list[str | None]]:
        """Yield for each alarm the metrics that it looks at; None for AWS's own."""
        for _, place in self._of("AWS::CloudWatch::Alarm"):
            stats = [
                e / "MetricStat" / "Metric" for e in (place / "Metrics").elements()
            ]
            metrics = [stat for stat in stats if not stat.is_missing] or [place]
            yield [self._own_metric(metric) for metric in metrics]

    def _own_metric(self, metric: Place) -> str | None:
        namespace = (metric / "Namespace").value
        if isinstance(namespace, str) and namespace.startswith("AWS/"):
            return None
        return str((metric / "MetricName").value)

    def _filtered(self) -> Iterator[list[str | None]]:
        for _, place in self._of("AWS::Logs::MetricFilter"):
            yield [
                str((made / "MetricName").value)
                for made in (place / "MetricTransformations").elements()
            ]

    def _zones(self) -> Iterator[int]:
        """Yield for each interface endpoint in how many zones it is."""
        for _, place in self._of("AWS::EC2::VPCEndpoint"):
            if (place / "VpcEndpointType").value == "Interface":
                yield len((place / "SubnetIds").elements())

    def _throttle(self) -> float:
        stages = [
            p / "DefaultRouteSettings" for _, p in self._of("AWS::ApiGatewayV2::Stage")
        ]
        apis = [
            p / "DefaultRouteSettings" for _, p in self._of("AWS::Serverless::HttpApi")
        ]
        limits = [(s / "ThrottlingRateLimit").value for s in (*stages, *apis)]
        return max((self._number(limit, 0) for limit in limits), default=0)

    def _text(self, value: Json) -> str:
        """Return a value, or what was chosen for the parameter that it is."""
        match value:
            case {"Ref": str(name)} if name in self._chosen:
                return str(self._chosen[name])
            case None:
                return ""
            case str() | int() | float():
                return str(value)
        raise CostError(f"{value} is not known before the deployment")

    def _number(self, value: Json, default: float) -> float:
        return default if value is None else float(self._text(value))
