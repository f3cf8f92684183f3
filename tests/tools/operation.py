"""What a deployment calls, called by hand: ``python -m tests.tools.operation migrate``.

Works on the database that DATABASE_URL names.
"""

import argparse
import json
import os
import secrets
import sys
from typing import Any


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="operation")
    operations = parser.add_subparsers(dest="operation", required=True)
    migrate = operations.add_parser("migrate", help="bring the schema up to date")
    way = migrate.add_mutually_exclusive_group()
    way.add_argument("--downgrade", metavar="REVISION", help="back to it, or to base")
    way.add_argument("--revision", help="how far, other than to the newest")
    seed = operations.add_parser("seed", help="make the first owner")
    seed.add_argument("--email", default="owner@example.com")
    seed.add_argument("--password", help="made up and printed if it is left out")
    return parser.parse_args()


def _migrate(wanted: argparse.Namespace) -> dict[str, Any]:
    from functions.operations.migrate.app import handler  # noqa: PLC0415 - needs the URL

    event = {"action": "upgrade", "revision": wanted.revision or "head"}
    if wanted.downgrade is not None:
        event = {"action": "downgrade", "revision": wanted.downgrade}
    return dict(handler(event, None))


def _seed(wanted: argparse.Namespace) -> dict[str, Any]:
    from functions.operations.seed.app import handler  # noqa: PLC0415 - needs the URL

    password = wanted.password or secrets.token_urlsafe(12)
    made = handler({"email": wanted.email, "password": password}, None)
    return made | ({"password": password} if made["created"] else {})


def main() -> int:
    wanted = _arguments()
    if not os.environ.get("DATABASE_URL"):
        sys.stderr.write("Say which database: DATABASE_URL=postgresql://... make ...\n")
        return 2
    done = {"migrate": _migrate, "seed": _seed}[wanted.operation](wanted)
    sys.stdout.write(json.dumps(done) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
