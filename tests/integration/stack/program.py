"""A program around a stack, for tests that kill programs."""

import os
import sys
from dataclasses import replace
from pathlib import Path

from tests.integration.stack.conftest import options
from tests.stack import interrupts
from tests.stack.stack import Stack


async def main(root: Path) -> None:
    """Run the stack until told to stop."""
    database = os.environ.get("DATABASE_URL")
    async with Stack(replace(options(root), database_url=database)) as stack:
        await stack.invoke("OddFunction", {})
        stack.note("ready", value=True)
        await interrupts.forever()


if __name__ == "__main__":
    interrupts.run(main(Path(sys.argv[1])))
