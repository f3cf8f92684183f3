"""``make client``: a typed client walks the README's way through the product."""

import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.stack.errors import StackError
from tests.stack.options import Options
from tests.stack.running import running_stack
from tests.stack.show import Screen
from tests.walk import script, typed
from tests.walk.typed import Walker, WalkError

ROOT = Path(__file__).parents[2]


@contextmanager
def _folder() -> Iterator[Path]:
    """Lend a folder that Postgres, too, may enter."""
    folder = Path(tempfile.mkdtemp(prefix="vixenbliss-client-"))
    folder.chmod(0o755)
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def _walk(folder: Path, screen: Screen) -> None:
    screen.title("The client, from docs/openapi.json")
    with screen.stage("Make it") as stage:
        typed.generate(ROOT / "docs/openapi.json", folder)
        stage.detail = f"{sum(1 for _ in folder.rglob('*.py'))} files, none kept"
    screen.title("The stack, on this machine")
    options = Options(root=ROOT, port=0, local=folder, on_stage=screen.on_stage)
    with running_stack(options) as stack:
        screen.title("The walk")
        lines = script.read(script.block(ROOT / "README.md"))
        Walker(folder, stack.api, screen.step).walk(lines)


def main() -> int:
    """Return 0 if the walk led to its end."""
    screen = Screen()
    try:
        with _folder() as folder:
            _walk(folder, screen)
    except (StackError, WalkError) as error:
        screen.fail(str(error))
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
