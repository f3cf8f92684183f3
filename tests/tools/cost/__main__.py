"""What the house costs a month, in docs/cost.md and in a paragraph of the README.

``python -m tests.tools.cost --check`` says whether they are what prices, workload and
template make of it; ``--write`` writes them.
"""

import argparse
import re
import sys
from pathlib import Path

from tests.tools.cost.estimate import Estimate
from tests.tools.cost.report import Report

ROOT = Path(__file__).parents[3]
WRITTEN = ROOT / "docs" / "cost.md"
README = ROOT / "README.md"
PARAGRAPH = re.compile(r"(?ms)^\*\*What it costs\*\*.*?(?=\n\n)")


def main() -> int:
    """Return 0 if both are what their inputs say, or were written."""
    parser = argparse.ArgumentParser(prog="cost")
    mode = parser.add_mutually_exclusive_group(required=True)
    mode.add_argument("--write", action="store_true")
    mode.add_argument("--check", action="store_true")
    is_to_write = parser.parse_args().write
    report = Report(Estimate(ROOT))
    readme = PARAGRAPH.sub(lambda _: report.headline(), README.read_text())
    wanted = {WRITTEN: report.text(), README: readme}
    stale = [p for p, text in wanted.items() if not _holds(p, text)]
    if is_to_write:
        for path in stale:
            path.write_text(wanted[path])
        return 0
    for path in stale:
        name = path.relative_to(ROOT)
        sys.stderr.write(f"{name} is not what its inputs say; run `make cost`.\n")
    return 1 if stale else 0


def _holds(path: Path, text: str) -> bool:
    return path.exists() and path.read_text() == text


if __name__ == "__main__":
    sys.exit(main())
