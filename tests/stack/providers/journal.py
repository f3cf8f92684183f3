"""What each stand-in was asked, one JSON line per call, and how tests read it back.

Appended with O_APPEND in one write, so that several readers, and a writer that dies,
never see half a line that a later one completes.
"""

import json
import os
from collections import Counter
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from enum import StrEnum
from pathlib import Path


class Outcome(StrEnum):
    """What came of a call."""

    EFFECT = "effect"  # paid for, or visible to others
    READ = "read"  # answered, and nothing changed
    REFUSED = "refused"  # answered with an error, as the provider would
    FAULT = "fault"  # a scripted fault struck before anything could happen


@dataclass(frozen=True)
class Entry:
    """One call, as it went.

    ``status`` is null where no answer left; ``fault`` is the scripted action, also
    beside an effect that the caller was not told of.
    """

    at: str
    provider: str
    call: str
    outcome: str
    status: int | None
    id: str | None = None
    job: str | None = None
    keys: tuple[str, ...] = ()
    seed: int | None = None
    prompt_sha256: str | None = None
    fault: str | None = None


class JournalWriter:
    """Appends entries to one file."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True)
        flags = os.O_APPEND | os.O_CREAT | os.O_WRONLY
        self._file = os.open(path, flags, 0o644)

    def write(self, entry: Entry) -> None:
        """Append the entry in one piece."""
        line = json.dumps(asdict(entry), ensure_ascii=False)
        os.write(self._file, f"{line}\n".encode())

    def close(self) -> None:
        """Let go of the file."""
        os.close(self._file)


class Journal:
    """A journal as its readers see it; the file is read anew at each question.

    ``since`` is the byte of the file that it begins at.
    """

    def __init__(self, path: Path, since: int = 0) -> None:
        self.path = path
        self._since = since

    def from_now_on(self) -> "Journal":
        """Return the journal of what is yet to come."""
        return Journal(self.path, self._since + len(self._lines()))

    def entries(self, call: str | None = None) -> list[Entry]:
        """Return the calls of that name, or all of them, in their order."""
        return [entry for entry in self._read() if call in {None, entry.call}]

    def effects(self, call: str | None = None) -> list[Entry]:
        """Return the calls that were paid for or can be seen, told of or not."""
        return [e for e in self.entries(call) if e.outcome == Outcome.EFFECT]

    def jobs(self, call: str | None = None) -> Counter[str]:
        """Return how many effects each job had; more than one is a double effect."""
        return Counter(e.job for e in self.effects(call) if e.job is not None)

    def keys(self, call: str | None = None) -> Counter[str]:
        """Return in how many effects each request key was answered."""
        return Counter(key for e in self.effects(call) for key in e.keys)

    def outcomes(self, call: str | None = None) -> Counter[str]:
        """Return how often each outcome occurred."""
        return Counter(entry.outcome for entry in self.entries(call))

    def _read(self) -> Iterator[Entry]:
        for line in self._lines().splitlines():
            fields = json.loads(line)
            yield Entry(**fields | {"keys": tuple(fields["keys"])})

    def _lines(self) -> bytes:
        """Return the finished lines."""
        if not self.path.exists():
            return b""
        with self.path.open("rb") as file:
            file.seek(self._since)
            whole, newline, _unfinished = file.read().rpartition(b"\n")
        return whole + newline
