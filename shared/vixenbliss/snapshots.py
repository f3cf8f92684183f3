"""What a container does before Lambda copies it, and each copy as it wakes (SnapStart).

Lambda starts a function once, keeps its memory, and wakes any number of clones from it,
for weeks. Whatever may be had by one of them alone, or grows old, is let go of: by whom
it is made, as it is made. Elsewhere nothing here does anything. Source: Lambda guide,
"Implement code before or after Lambda function snapshots". The environment is read here
and not through the settings, which are themselves among the things that are kept.
"""

import os
import random
from collections.abc import Callable

VARIABLE = "AWS_LAMBDA_INITIALIZATION_TYPE"  # Lambda guide, "Defined runtime ..."
SNAP_START = "snap-start"


def before_snapshot(action: Callable[[], object]) -> None:
    """Have something done before the container is copied; the last named goes first."""
    if os.environ.get(VARIABLE) == SNAP_START:
        # Only Lambda's own runtime has it, so nobody else can be asked to.
        from snapshot_restore_py import register_before_snapshot  # noqa: PLC0415

        register_before_snapshot(action)


def after_restore(action: Callable[[], object]) -> None:
    """Have something done by each clone before it takes its first event, in order."""
    if os.environ.get(VARIABLE) == SNAP_START:
        from snapshot_restore_py import register_after_restore  # noqa: PLC0415 - likewise

        register_after_restore(action)


def _draw_anew() -> None:
    """Seed both sources of luck that live in memory: Python's, and OpenSSL's.

    What is secret or an id is drawn from the kernel, which knows that it was copied;
    pauses come from ``random``, and handshakes from OpenSSL.
    """
    import ssl  # noqa: PLC0415 - only clones need it for this

    random.seed()
    ssl.RAND_add(os.urandom(32), 32.0)


# A schedule runs no line of ours before it is copied; but whatever it imports is this.
after_restore(_draw_anew)
