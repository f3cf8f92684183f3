"""What the checks have found out, told when they are through."""

from collections.abc import Callable, Sequence

import pytest

type Told = Callable[[str, Sequence[str]], None]

_told = pytest.StashKey[dict[str, list[str]]]()


@pytest.fixture(scope="session")
def told(pytestconfig: pytest.Config) -> Told:
    """Tell something at the end: a title, and its lines."""
    kept = pytestconfig.stash.setdefault(_told, {})

    def tell(title: str, lines: Sequence[str]) -> None:
        kept[title] = list(lines)

    return tell


def pytest_terminal_summary(
    terminalreporter: pytest.TerminalReporter, config: pytest.Config
) -> None:
    """Write down what was told (pytest)."""
    for title, lines in config.stash.get(_told, {}).items():
        terminalreporter.section(title)
        for line in lines:
            terminalreporter.write_line(line)
