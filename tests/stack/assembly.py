"""The start of a stack, stage by stage; whatever was started ends with the exits."""

import asyncio
import json
import os
import socket
from collections.abc import Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path

from mypy_boto3_sqs import SQSClient

from tests.stack import (
    aws,
    children,
    cors,
    databases,
    gateway,
    locks,
    mappings,
    reload,
    resources,
    stand_ins,
    template,
)
from tests.stack.aws import Aws
from tests.stack.databases import Database
from tests.stack.errors import (
    InvocationError,
    PortTakenError,
    StageError,
    UnknownNameError,
)
from tests.stack.gateway import Gateway
from tests.stack.intrinsics import Addresses
from tests.stack.mappings import Feed
from tests.stack.options import Credentials, Options
from tests.stack.routes import Table
from tests.stack.runtime import Pool, Runtime
from tests.stack.schedules import Schedules
from tests.stack.stand_ins import StandIns
from tests.stack.surroundings import Surroundings
from tests.stack.template import Template

PARALLELISM = 4
"""Workers of a function whose mappings set no MaximumConcurrency."""

_PUBLIC_PARAMETER = "PublicApiBase"
_RETURN_PARAMETER = "ReturnOrigins"
_SENDER_PARAMETER = "MailFrom"
_MIGRATION = "MigrateFunction"
_ALL_FROM_ONE_ADDRESS = dict.fromkeys(
    ("LoginTriesPerAddress", "SignUpsPerAddress"), "1000000"
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Parts:
    """What a running stack consists of."""

    api: str
    template: Template
    addresses: Addresses
    aws: Aws
    database: Database | None
    stand_ins: StandIns | None
    credentials: Credentials
    runtime: Runtime
    schedules: Schedules


@dataclass(frozen=True, slots=True, kw_only=True)
class Foundations:
    """What the functions stand on."""

    aws: Aws
    database: Database | None
    stand_ins: StandIns | None


async def assemble(options: Options, exits: AsyncExitStack) -> Parts:
    """Start everything; the exits stop it in reverse order.

    Raises:
        StackError: in one sentence, what is in the way.
    """
    bound = exits.enter_context(_bound(options.port))
    api = f"http://127.0.0.1:{bound.getsockname()[1]}"
    product = template.read(options.root / "template.yaml", options.parameters)
    exits.enter_context(locks.held(options.folder))
    logs = _fresh_folder(options.folder / "logs", "*.log")
    foundations = await _lay(options, product, exits, logs)
    addresses = await _create(options, product, foundations)
    for name in product.apis:
        addresses.add(name, "local", ApiEndpoint=api)
    for parameter in (_PUBLIC_PARAMETER, _RETURN_PARAMETER):
        if not addresses.refs.get(parameter, api):
            addresses.refs[parameter] = api
    credentials = await _identify(options, foundations.aws, addresses)
    surroundings = Surroundings(
        options=options,
        aws=foundations.aws,
        addresses=addresses,
        credentials=credentials,
        database_url=foundations.database.url if foundations.database else None,
        logs=logs,
    )
    runtime = _runtime(product, surroundings)
    exits.push_async_callback(runtime.close)
    schedules = Schedules(
        product.schedules,
        runtime.invoke,
        account=foundations.aws.account,
        region=foundations.aws.region,
    )
    parts = Parts(
        api=api,
        template=product,
        addresses=addresses,
        aws=foundations.aws,
        database=foundations.database,
        stand_ins=foundations.stand_ins,
        credentials=credentials,
        runtime=runtime,
        schedules=schedules,
    )
    await _migrate(options, parts, logs)
    await _open(options, parts, exits, bound)
    await _wind_up(options, parts, exits, surroundings)
    return parts


def _bound(port: int) -> socket.socket:
    try:
        return children.bind(port)
    except OSError as error:
        raise PortTakenError(port) from error


def _fresh_folder(folder: Path, pattern: str) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    for file in folder.glob(pattern):
        file.unlink()
    return folder


async def _lay(
    options: Options, product: Template, exits: AsyncExitStack, logs: Path
) -> Foundations:
    """Start database, AWS and stand-ins side by side."""
    database = asyncio.create_task(_start_database(options, product, exits, logs))
    cloud = asyncio.create_task(_start_aws(options, exits, logs))
    providers = asyncio.create_task(_start_stand_ins(options, product, exits))
    await asyncio.gather(database, cloud, providers, return_exceptions=True)
    return Foundations(
        aws=cloud.result(), database=database.result(), stand_ins=providers.result()
    )


async def _start_database(
    options: Options, product: Template, exits: AsyncExitStack, logs: Path
) -> Database | None:
    if not product.databases:
        return None
    options.on_stage("postgres", "")
    database = await exits.enter_async_context(
        databases.opened(
            options.database_url,
            options.folder / "postgres",
            durable=options.durable,
            log=logs / "postgres.log",
        )
    )
    options.on_stage("postgres", database.detail)
    return database


async def _start_aws(options: Options, exits: AsyncExitStack, logs: Path) -> Aws:
    options.on_stage("aws", "")
    opening = aws.opened(
        options.aws_endpoint,
        log=logs / "aws.log",
        mail=_fresh_folder(options.folder / "mail", "*.txt"),
    )
    cloud = await exits.enter_async_context(opening)
    options.on_stage("aws", cloud.endpoint)
    return cloud


async def _start_stand_ins(
    options: Options, product: Template, exits: AsyncExitStack
) -> StandIns | None:
    is_wanted = stand_ins.are_needed(os.environ, product.parameters)
    if options.stand_ins is None or not is_wanted:
        return None
    options.on_stage("providers", "")
    serving = options.stand_ins(
        journal_dir=options.folder / "journals", faults_file=options.faults_file
    )
    providers = await exits.enter_async_context(serving)
    options.on_stage("providers", providers.control)
    return providers


async def _create(
    options: Options, product: Template, foundations: Foundations
) -> Addresses:
    options.on_stage("resources", "")
    wiring = stand_ins.wire(foundations.stand_ins, os.environ)
    for name in options.secrets.keys() - product.secrets.keys():
        raise UnknownNameError(name, "secret")
    for name in options.parameters.keys() - product.parameters.keys():
        raise UnknownNameError(name, "parameter")
    addresses = await asyncio.to_thread(
        resources.create,
        foundations.aws,
        product,
        secrets={**wiring.secrets, **options.secrets},
        queues=resources.overridden(product.queues, options.queue_attributes),
    )
    addresses.refs |= _parameters(
        product, {**_ALL_FROM_ONE_ADDRESS, **wiring.parameters, **options.parameters}
    )
    if addresses.refs.get(_SENDER_PARAMETER) == "":
        addresses.refs[_SENDER_PARAMETER] = await asyncio.to_thread(
            resources.verified_sender, foundations.aws
        )
    if foundations.database is not None:
        for name in product.databases:
            await asyncio.to_thread(
                resources.create_database,
                foundations.aws,
                name,
                foundations.database.url,
                addresses,
            )
    options.on_stage("resources", f"{len(product.queues)} queues")
    return addresses


async def _identify(options: Options, cloud: Aws, addresses: Addresses) -> Credentials:
    """Say who each function is to AWS."""
    if options.credentials is None:
        return lambda _function: {}
    return await asyncio.to_thread(options.credentials, cloud, addresses)


def _parameters(product: Template, given: Mapping[str, str]) -> dict[str, str]:
    defaults = product.parameters.items()
    known = {name: value for name, value in defaults if value is not None}
    return known | {n: v for n, v in given.items() if n in product.parameters}


def _runtime(product: Template, surroundings: Surroundings) -> Runtime:
    return Runtime(
        {
            name: Pool(
                surroundings.program(function),
                parallelism=product.parallelism(name, default=PARALLELISM),
            )
            for name, function in product.functions.items()
        }
    )


async def _migrate(options: Options, parts: Parts, logs: Path) -> None:
    if _MIGRATION not in parts.template.functions or parts.database is None:
        return
    stage = "migration"
    options.on_stage(stage, "")
    try:
        answer = await parts.runtime.invoke(_MIGRATION, b'{"action": "upgrade"}')
    except InvocationError as error:
        reason = f"{error} (see {logs / _MIGRATION}.log)"
        raise StageError(stage, reason) from error
    parts.runtime.reload([_MIGRATION])  # its memory is better used by others
    options.on_stage(stage, f"revision {json.loads(answer)['revision']}")


async def _open(
    options: Options, parts: Parts, exits: AsyncExitStack, bound: socket.socket
) -> None:
    """Let the world in, then the queues."""
    options.on_stage("gateway", "")
    door = Gateway(
        Table(parts.template.routes),
        parts.runtime,
        account=parts.aws.account,
        cors=cors.read(parts.template.cors, parts.addresses),
        integration_timeout_s=options.integration_timeout_s,
    )
    try:
        await exits.enter_async_context(gateway.serving(door, bound))
    except OSError as error:
        raise PortTakenError(options.port) from error
    options.on_stage("gateway", parts.api)
    if parts.stand_ins is not None:
        paths = {route.path for route in parts.template.routes}
        await stand_ins.report_to(parts.stand_ins, parts.api, paths)
    polling = mappings.polling(_feeds(parts), parts.aws, parts.runtime.invoke)
    await exits.enter_async_context(polling)
    options.on_stage("queues", f"{len(parts.template.sources)} pollers")


def _feeds(parts: Parts) -> list[Feed]:
    return [
        Feed(
            source=source,
            url=parts.addresses.refs[source.queue],
            arn=parts.addresses.attributes[source.queue, "Arn"],
            parallelism=source.max_concurrency or PARALLELISM,
            sqs=_poller(parts, source.function),
        )
        for source in parts.template.sources
    ]


def _poller(parts: Parts, function: str) -> SQSClient | None:
    credentials = parts.credentials(function)
    return parts.aws.queues_as(credentials) if credentials else None


async def _wind_up(
    options: Options, parts: Parts, exits: AsyncExitStack, surroundings: Surroundings
) -> None:
    """Start what acts by itself: the clock, and the reloader."""
    if options.schedules:
        await exits.enter_async_context(parts.schedules.ticking())
        options.on_stage("schedules", f"{len(parts.template.schedules)} schedules")
    if options.watch:
        roots = [options.root / "functions", options.root / "shared"]
        functions = parts.template.functions
        folders = {n: surroundings.folder(f) for n, f in functions.items()}
        await exits.enter_async_context(
            reload.watching(roots, folders, parts.runtime.reload)
        )
        options.on_stage("reload", "watching functions/ and shared/")
