"""What a person sees of it: stages with their times, then tables, then addresses.

Texts are shown as they are: what stands in brackets is no markup, whoever wrote it.
"""

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager

from rich.console import Console
from rich.markup import escape
from rich.table import Table

WIDTH = 28
"""Of the stages' names, so that times and details stand in columns."""

STARTS = {
    "postgres": "Postgres",
    "aws": "S3, SQS, KMS and secrets",
    "providers": "Stand-ins for the providers",
    "resources": "Queues, bucket and keys",
    "migration": "Schema",
    "gateway": "API",
    "queues": "Workers on their queues",
    "schedules": "Schedules",
    "reload": "Reload on save",
}
"""What the stages of the stack's start are called."""


class Screen:
    """The terminal, or a file where nothing moves."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._errors = Console(stderr=True, highlight=False)
        self._begun: dict[str, float] = {}

    def on_stage(self, name: str, detail: str) -> None:
        """Show a stage of the stack's start, told at its begin and at its end."""
        if detail:
            self._end(STARTS.get(name, name), detail)
        else:
            self._begin(STARTS.get(name, name))

    @contextmanager
    def stage(self, what: str) -> Iterator["Stage"]:
        """Show a stage while it runs, and how it ended."""
        self._begin(what)
        stage = Stage()
        with self._console.status(f"{what} …") as status:
            stage.on_change = lambda text: status.update(f"{what}: {escape(text)}")
            yield stage
        self._end(what, stage.detail)

    def title(self, text: str) -> None:
        """Begin a part."""
        self._console.print(f"\n[bold]{escape(text)}[/]")

    def table(self, columns: Sequence[str], rows: Sequence[Sequence[str]]) -> None:
        """Show one line for each row; the second column gives way where it is narrow.

        The last row sums up.
        """
        table = Table(
            show_edge=False, pad_edge=False, header_style="dim", box=None, expand=True
        )
        for number, column in enumerate(columns):
            gives_way = number == 1
            table.add_column(
                column,
                no_wrap=True,
                overflow="ellipsis",
                ratio=1 if gives_way else None,
                min_width=0 if gives_way else max(len(row[number]) for row in rows),
            )
        for row in rows:
            style = "bold" if row is rows[-1] else None
            table.add_row(*map(escape, row), style=style)
        self._console.print(table)

    def places(self, named: Mapping[str, str]) -> None:
        """Say where things are, one a line."""
        width = max(len(name) for name in named)
        for name, value in named.items():
            self._line(f"  {name:<{width}}  {escape(value)}")

    def commands(self, told: Mapping[str, str]) -> None:
        """Show commands to copy, each under what it does."""
        for what, command in told.items():
            self._line(f"  [dim]# {escape(what)}[/]\n  {escape(command)}")

    def step(self, text: str) -> None:
        """Show a small step that was taken."""
        self._line(f"[green]✓[/] {escape(text)}")

    def say(self, text: str) -> None:
        """Say a sentence."""
        self._line(f"\n{escape(text)}")

    def fail(self, text: str) -> None:
        """Say on standard error what is wrong."""
        self._errors.print(f"[red]✗[/] {escape(text)}", soft_wrap=True)

    def _begin(self, what: str) -> None:
        self._begun[what] = time.monotonic()

    def _end(self, what: str, detail: str) -> None:
        begun = self._begun.pop(what, None)
        took = f"{time.monotonic() - begun:.1f} s" if begun else ""
        told = f"{what:<{WIDTH}} [dim]{took:>7}[/]  {escape(detail)}"
        self._line(f"[green]✓[/] {told}")

    def _line(self, text: str) -> None:
        self._console.print(text, soft_wrap=True)


class Stage:
    """A stage that is under way."""

    def __init__(self) -> None:
        self.detail = ""
        self.on_change: Callable[[str], None] = _nothing

    def tell(self, text: str) -> None:
        """Say how far it has come."""
        self.on_change(text)


def _nothing(_text: str) -> None:
    """Show nothing."""
