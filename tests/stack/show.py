"""What a person sees of it: stages with their times, then tables, then addresses."""

import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager

from rich.console import Console
from rich.table import Table


class Screen:
    """The terminal, or a file where nothing moves."""

    def __init__(self) -> None:
        self._console = Console(highlight=False)
        self._errors = Console(stderr=True, highlight=False)
        self._begun: dict[str, float] = {}

    def begin(self, what: str) -> None:
        self._begun[what] = time.monotonic()

    def end(self, what: str, detail: str = "") -> None:
        """Say that a stage is done, and how long it took."""
        took = time.monotonic() - self._begun.pop(what, time.monotonic())
        told = f" [dim]{detail}[/]" if detail else ""
        self._console.print(f"[green]✓[/] {what}{told} [dim]({took:.1f} s)[/]")

    def on_stage(self, name: str, detail: str) -> None:
        """Show a stage of the stack's start, told at its begin and at its end."""
        if detail:
            self.end(name, detail)
        else:
            self.begin(name)

    @contextmanager
    def stage(self, what: str) -> Iterator["Stage"]:
        """Show a stage while it runs."""
        self.begin(what)
        stage = Stage()
        with self._console.status(f"{what} …") as status:
            stage.on_change = lambda text: status.update(f"{what}: {text}")
            yield stage
        self.end(what, stage.detail)

    def table(self, title: str, columns: list[str], rows: list[list[str]]) -> None:
        table = Table(title=title, title_justify="left", title_style="bold")
        for column in columns:
            table.add_column(column, overflow="fold")
        for row in rows:
            table.add_row(*row)
        self._console.print()
        self._console.print(table)

    def places(self, title: str, named: Mapping[str, str]) -> None:
        """Say where things are, one a line."""
        self._console.print(f"\n[bold]{title}[/]")
        width = max(len(name) for name in named)
        for name, value in named.items():
            self._console.print(f"  {name:<{width}}  {value}", soft_wrap=True)

    def say(self, text: str) -> None:
        self._console.print(f"\n{text}", soft_wrap=True)

    def fail(self, text: str) -> None:
        self._errors.print(f"[red]✗[/] {text}", soft_wrap=True)


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
