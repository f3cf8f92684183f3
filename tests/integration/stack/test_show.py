"""The terminal: whatever people write is shown as they wrote it."""

import pytest

from tests.stack.show import STARTS, WIDTH, Screen

COLUMNS = ["file", "caption", "status", "cost"]


@pytest.fixture
def screen(monkeypatch: pytest.MonkeyPatch) -> Screen:
    monkeypatch.setenv("COLUMNS", "60")
    return Screen()


@pytest.mark.parametrize("text", ["[red]", "[/b]", "a [b] c", "\\[x]"])
def test_brackets_are_no_markup(
    text: str, screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    with screen.stage("Make it") as stage:
        stage.tell(text)
        stage.detail = text
    screen.title(text)
    screen.table(COLUMNS, [[text] * 4])
    screen.places({"here": text})
    screen.commands({text: text})
    screen.say(text)
    screen.fail(text)

    shown = capsys.readouterr()

    assert shown.out.count(text) == 1 + 1 + 4 + 1 + 2 + 1
    assert text in shown.err


def test_in_a_narrow_terminal_the_caption_gives_way(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    row = ["01-a-beach.png", "many words " * 20, "approved", "$0.0035"]

    screen.table(COLUMNS, [row])

    _, line = capsys.readouterr().out.splitlines()
    assert line.startswith("01-a-beach.png  many words")
    assert line.endswith("…  approved  $0.0035")


def test_a_stage_that_was_never_begun_has_no_time(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.on_stage("schedules", "2 schedules")

    words = capsys.readouterr().out.split()
    assert words == ["✓", "Schedules", "2", "schedules"]


def test_a_stage_has_a_time_and_what_happened(
    screen: Screen, capsys: pytest.CaptureFixture[str]
) -> None:
    screen.on_stage("postgres", "")
    screen.on_stage("postgres", "as given")

    words = capsys.readouterr().out.split()
    assert words[:2] + words[3:] == ["✓", "Postgres", "s", "as", "given"]


def test_every_name_fits_its_column() -> None:
    assert max(map(len, STARTS.values())) <= WIDTH
