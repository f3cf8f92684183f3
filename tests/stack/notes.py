"""``stack.json``: where a running stack answers, for other programs to read."""

import json
from pathlib import Path

from tests.stack.wire import Json, JsonObject


class Notes:
    """The file; it exists while the stack runs."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._values: JsonObject = {}

    def write(self, **values: Json) -> None:
        """Add or replace entries; a reader never sees half a file."""
        self._values |= values
        draft = self._path.with_suffix(".tmp")
        draft.write_text(json.dumps(self._values, indent=2) + "\n", encoding="utf-8")
        draft.replace(self._path)

    def remove(self) -> None:
        """Say that the stack is gone."""
        self._path.unlink(missing_ok=True)
