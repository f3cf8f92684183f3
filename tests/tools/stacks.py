"""Write what every stack of functions begins with into each of them.

CloudFormation knows no include that reaches Globals, so functions/head.yaml is copied
between the marks ``# begin: NAME`` and ``# end: NAME``.
"""

import argparse
import re
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
HEAD = ROOT / "functions/head.yaml"
_PART = re.compile(r"^ *# begin: (\w+).*?^ *# end: \1\n", re.MULTILINE | re.DOTALL)


def stacks() -> list[Path]:
    """Return the stacks that begin with the head."""
    others = sorted(set(HEAD.parent.glob("*.yaml")) - {HEAD})
    return [path for path in others if _PART.search(path.read_text())]


def renewed(stack: str, head: str) -> str:
    """Return a stack's text with the head's parts in it."""
    parts = {match[1]: match[0] for match in _PART.finditer(head)}
    return _PART.sub(lambda match: parts[match[1]], stack)


def main() -> int:
    """Return 1 if a stack was to be checked, and begins otherwise."""
    parser = argparse.ArgumentParser(prog="stacks", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing")
    wanted = parser.parse_args()
    head = HEAD.read_text()
    stale = [p for p in stacks() if renewed(p.read_text(), head) != p.read_text()]
    for path in stale:
        if wanted.check:
            sys.stderr.write(f"{path.relative_to(ROOT)} is stale: make stacks\n")
        else:
            path.write_text(renewed(path.read_text(), head))
    return int(wanted.check and bool(stale))


if __name__ == "__main__":
    sys.exit(main())
