"""Tables that a run of the storms leaves behind, printed when all is over."""

from collections.abc import Iterator

ALL: list["Table"] = []


class Table:
    """Rows of words, as wide as they need."""

    def __init__(self, title: str) -> None:
        self.title = title
        self._rows: list[tuple[str, ...]] = []
        ALL.append(self)

    def add(self, *cells: object) -> None:
        """Add a row."""
        self._rows.append(tuple("" if cell is None else str(cell) for cell in cells))

    def lines(self) -> Iterator[str]:
        """Yield the table, a line for each row."""
        widths = [max(map(len, column)) for column in zip(*self._rows, strict=True)]
        for row in sorted(self._rows):
            cells = (cell.ljust(n) for cell, n in zip(row, widths, strict=True))
            yield "  ".join(cells).rstrip()
