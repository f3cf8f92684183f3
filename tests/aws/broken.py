"""A copy of the templates in which one thing is broken, to see who finds it."""

import shutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.aws.whole import ROOT, SIZES, Rule, Whole

ROOT_STACK = "template.yaml"
IDENTITY, MONEY = "functions/identity.yaml", "functions/money.yaml"
OPERATIONS, PLATFORM = "functions/operations.yaml", "functions/platform.yaml"
PUBLISHING, STUDIO = "functions/publishing.yaml", "functions/studio.yaml"
QUEUES, WATCH = "shared/infrastructure/queues.yaml", "shared/infrastructure/watch.yaml"
_TEMPLATES = (ROOT_STACK, "functions/*.yaml", "shared/infrastructure/*.yaml")


@dataclass(frozen=True, slots=True)
class Copy:
    """The templates in a folder of their own, to be broken."""

    root: Path

    def change(self, path: str, old: str, new: str, *, within: str = "") -> None:
        """Write one thing otherwise; ``within`` says from which line on it is sought.

        Raises:
            ValueError: it is not there, so nothing would be broken.
        """
        file = self.root / path
        text = file.read_text(encoding="utf-8")
        begin = text.index(within)
        at = text.index(old, begin)
        file.write_text(text[:at] + new + text[at + len(old) :], encoding="utf-8")

    def cut(self, path: str, *lines: str) -> None:
        """Take out the lines that begin so, one each.

        Raises:
            ValueError: no line begins so, or more than one does.
        """
        for line in lines:
            self._cut(self.root / path, line)

    def findings(self, rule: Rule, size: str = "small") -> list[str]:
        """Return what a rule finds in the copy as it is now."""
        return list(rule(Whole(self.root, SIZES[size])))

    def _cut(self, file: Path, line: str) -> None:
        lines = file.read_text(encoding="utf-8").splitlines(keepends=True)
        (found,) = (n for n, text in enumerate(lines) if text.startswith(line))
        file.write_text("".join(lines[:found] + lines[found + 1 :]), encoding="utf-8")


type Fault = tuple[Callable[[Copy], None], Rule, str]
"""What breaks a copy, the rule that finds it, and words of what the rule says then."""
type Faults = Mapping[str, Fault]


def copied(folder: Path) -> Copy:
    """Return a copy in which nothing is broken yet."""
    for pattern in _TEMPLATES:
        for path in ROOT.glob(pattern):
            there = folder / path.relative_to(ROOT)
            there.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy(path, there)
    return Copy(folder)
