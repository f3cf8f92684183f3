"""Every function as ``sam build`` made it, under Lambda's emulator and runtime client.

All are started once, two at a time, before the first test looks at what they answered.
"""

import json
import os
import socket
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import asdict, dataclass
from pathlib import Path

import psycopg
import pytest
from psycopg.rows import dict_row

from tests.aws import built, emulator, questions
from tests.aws.built import LOCAL, Built, Parts
from tests.aws.conftest import Told
from tests.aws.questions import OPERATIONS, REQUESTS, ROTATION, SCHEDULED, Request
from tests.stack.options import Options
from tests.stack.running import RunningStack, running_stack
from tests.stack.surroundings import Surroundings
from tests.stack.template import QueueSource
from tests.stack.wire import Json, JsonObject
from tests.stack.worker import Program
from tests.support.api import ROOT, Api, product

AT_ONCE = 2
MORE_TIME = 3
"""What takes its time on Lambda takes more where two start beside other work."""
WATCHER = str(emulator.WATCHER)
FUNCTIONS = product().functions
SOURCES = {source.function: source for source in reversed(product().sources)}
SCHEDULES = {schedule.function for schedule in product().schedules}


@dataclass(frozen=True, slots=True)
class Measured:
    """How long a function took, and how much memory at most."""

    function: str
    kind: str
    cold_ms: float
    warm_ms: float
    memory_mb: int
    rss_mb: float


@dataclass(frozen=True, slots=True)
class Run:
    """What a function answered, first cold and then warm, and what it read for that."""

    cold: Json
    warm: Json
    measured: Measured
    compiled: list[str]
    strange: list[str]


class House:
    """What was built, and a stack whose database, AWS and providers it is run on."""

    def __init__(self, made: Built, stack: RunningStack) -> None:
        self.made = made
        parts = stack.stack.parts
        self._surroundings = Surroundings(
            options=stack.stack.options,
            aws=parts.aws,
            addresses=parts.addresses,
            credentials=lambda _function: {},
            database_url=stack.database_url,
            logs=stack.stack.options.folder / "logs",
        )
        stack.invoke("SeedFunction", questions.SEED)
        self.rotation = questions.rotation(
            parts.aws.secrets, stack.stack.ref("JwtSecret")
        )
        anybody = Api(base=stack.api)
        login = anybody("POST", "/api/auth/login", questions.SEED).ok()
        self.token: str = login["data"]["token"]
        owned = anybody.signed_in(self.token)("GET", "/api/v1/workspaces").ok()
        self.workspace_id: str = owned["items"][0]["id"]
        with psycopg.connect(
            stack.database_url, autocommit=True, row_factory=dict_row
        ) as sql:
            self.ended = questions.over(sql, self.workspace_id)

    def program(self, function: str) -> Program:
        return self._surroundings.program(FUNCTIONS[function])

    def request(self, request: Request) -> JsonObject:
        return questions.http(request, token=self.token, workspace_id=self.workspace_id)

    def events(self, function: str) -> tuple[str, JsonObject, JsonObject]:
        """Return the function's kind, what it is asked first, and what then."""
        if function in REQUESTS:
            event = self.request(REQUESTS[function])
            return "http", event, event
        if function in OPERATIONS:
            event, _ = OPERATIONS[function]
            event = self.rotation if function == ROTATION else event
            return "operation", event, event
        if function in SCHEDULES:
            return "schedule", SCHEDULED, SCHEDULED
        source = SOURCES[function]
        first = questions.nothing_to_do(source, self.ended)
        return "queue", first, questions.unreadable(source, self.ended)

    def run(self, function: str) -> Run:
        """Start a function, ask it twice, and stop it."""
        kind, first, second = self.events(function)
        its = FUNCTIONS[function]
        patience_s = MORE_TIME * its.timeout_s
        with emulator.running(
            its, self.program(function), self.made, timeout_s=patience_s
        ) as container:
            cold = container.call(first)
            warm = container.call(second)
            measured = Measured(
                function=function,
                kind=kind,
                cold_ms=round(cold.took_ms, 1),
                warm_ms=round(warm.took_ms, 1),
                memory_mb=its.memory_mb,
                rss_mb=round(container.peak_mb, 1),
            )
            return Run(
                cold=cold.answer,
                warm=warm.answer,
                measured=measured,
                compiled=container.findings("compiled"),
                strange=container.findings("strange"),
            )


@pytest.fixture(scope="session")
def house(tmp_path_factory: pytest.TempPathFactory) -> Iterator[House]:
    options = Options(
        root=ROOT,
        port=0,
        local=tmp_path_factory.mktemp("built"),
        database_url=None,
        aws_endpoint=None,
        schedules=False,
        watch=False,
    )
    made = built.build()
    with running_stack(options) as stack:
        yield House(made, stack)


@pytest.fixture(scope="session")
def runs(house: House, told: Told) -> Mapping[str, Run]:
    with ThreadPoolExecutor(AT_ONCE) as pool:
        done = dict(zip(FUNCTIONS, pool.map(house.run, FUNCTIONS), strict=True))
    measured = [run.measured for run in done.values()]
    figures = json.dumps([asdict(one) for one in measured], indent=1)
    (LOCAL / "durations.json").write_text(figures + "\n")
    told(
        "Functions as built, under Lambda's emulator on this machine", _table(measured)
    )
    return done


def _table(measured: list[Measured]) -> list[str]:
    rows = [
        f"{m.function:28} {m.kind:10} {m.cold_ms:8.0f} {m.warm_ms:8.1f}"
        f" {m.memory_mb:6} {m.rss_mb:6.0f}"
        for m in sorted(measured, key=lambda m: m.cold_ms)
    ]
    head = "function                     kind        cold ms  warm ms     MB RSS MB"
    return [head, *rows]


def test_something_is_asked_of_every_function(house: House) -> None:
    asked = REQUESTS.keys() | OPERATIONS.keys() | SOURCES.keys() | SCHEDULES

    assert asked == FUNCTIONS.keys()
    assert house.made.parts.keys() == FUNCTIONS.keys()


@pytest.mark.parametrize("function", REQUESTS)
def test_a_door_answers_as_it_was_built(function: str, runs: Mapping[str, Run]) -> None:
    asked, run = REQUESTS[function], runs[function]

    for answer in (run.cold, run.warm):
        assert isinstance(answer, dict)
        assert answer["statusCode"] == asked.status, answer
        body = json.loads(str(answer["body"]))
        assert body == [] if asked.key is None else asked.key in body


@pytest.mark.parametrize("source", SOURCES.values(), ids=lambda s: str(s.function))
def test_a_worker_hands_back_only_what_it_cannot_read(
    source: QueueSource, runs: Mapping[str, Run], house: House
) -> None:
    run = runs[source.function]

    assert run.cold == questions.NO_FAILURES
    assert run.warm == questions.unreadable_is_back(source, house.ended)


@pytest.mark.parametrize("function", sorted(SCHEDULES))
def test_a_schedule_says_how_much_it_has_done(
    function: str, runs: Mapping[str, Run]
) -> None:
    for answer in (runs[function].cold, runs[function].warm):
        assert isinstance(answer, dict)
        assert answer
        assert all(isinstance(count, int | float) for count in answer.values()), answer


@pytest.mark.parametrize("function", OPERATIONS)
def test_an_operation_says_what_it_has_done(
    function: str, runs: Mapping[str, Run]
) -> None:
    _, key = OPERATIONS[function]

    for answer in (runs[function].cold, runs[function].warm):
        if key is None:
            assert answer is None
        else:
            assert isinstance(answer, dict)
            assert key in answer, answer


@pytest.mark.parametrize("function", FUNCTIONS)
def test_of_a_function_nothing_but_itself_is_compiled(
    function: str, runs: Mapping[str, Run], house: House
) -> None:
    own = str(house.made.folder(function) / "app.py")

    assert runs[function].compiled == [own]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_a_function_reads_no_code_but_what_lambda_has(
    function: str, runs: Mapping[str, Run]
) -> None:
    assert runs[function].strange == []


def test_a_layer_that_is_missing_is_missed(house: House) -> None:
    code, (_, common) = house.made.folder("TodosFunction"), _layers(house)
    made = Built({"TodosFunction": Parts(code, (common,))})
    todos, program = FUNCTIONS["TodosFunction"], house.program("TodosFunction")

    with emulator.running(todos, program, made) as container:
        called = container.call(house.request(REQUESTS["TodosFunction"]))

    assert isinstance(called.answer, dict)
    assert called.answer["errorType"] == "Runtime.ImportModuleError"


def test_code_from_elsewhere_is_found_out(house: House, tmp_path: Path) -> None:
    code, elsewhere = tmp_path / "code", tmp_path / "elsewhere"
    for folder in (code, elsewhere):
        folder.mkdir()
    (code / "app.py").write_text("import stray\n\ndef handler(*_): return 7\n")
    (elsewhere / "stray.py").touch()
    made = Built({"TodosFunction": Parts(code, _layers(house))})
    path = os.pathsep.join([made.python_path("TodosFunction"), WATCHER, str(elsewhere)])
    todos, program = FUNCTIONS["TodosFunction"], house.program("TodosFunction")
    changes = {"PYTHONPATH": path}

    with emulator.running(todos, program, made, changes=changes) as container:
        called = container.call({})

    assert called.answer == 7
    assert str(elsewhere / "stray.py") in container.findings("strange")
    assert container.findings("compiled")[-1] == str(elsewhere / "stray.py")


def test_a_function_that_hangs_is_stopped(house: House) -> None:
    todos, program = FUNCTIONS["TodosFunction"], house.program("TodosFunction")
    with socket.create_server(("127.0.0.1", 0)) as silent:
        port = silent.getsockname()[1]
        changes = {"DATABASE_URL": f"postgresql://nobody@127.0.0.1:{port}/nowhere"}

        with emulator.running(
            todos, program, house.made, timeout_s=3, changes=changes
        ) as container:
            called = container.call(house.request(REQUESTS["TodosFunction"]))

    assert isinstance(called.answer, str)
    assert "Task timed out after 3.00 seconds" in called.answer
    assert called.took_ms < 10_000


def _layers(house: House) -> tuple[Path, ...]:
    return house.made.parts["TodosFunction"].layers
