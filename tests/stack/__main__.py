"""``make run``: the whole product on this machine, and its main job."""

import argparse
import secrets
import sys
from dataclasses import dataclass
from pathlib import Path

import httpx

from tests.stack import brief as briefs
from tests.stack import interrupts, main_job
from tests.stack.brief import Brief, BrokenBriefError
from tests.stack.client import ApiError, sign_in
from tests.stack.errors import StackError
from tests.stack.main_job import MainJob, StageFailedError
from tests.stack.options import Options
from tests.stack.show import Screen
from tests.stack.stack import Stack

ROOT = Path(__file__).parents[2]
OWNER = "owner@example.com"
STAGES = {
    "postgres": "Start Postgres",
    "aws": "Start S3, SQS, KMS and Secrets Manager (moto)",
}


@dataclass(frozen=True, slots=True)
class Owner:
    """The demo's owner, who may also run the platform."""

    email: str
    password: str


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--brief", type=Path, default=ROOT / "docs/campaign.yaml")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="the main job, then stop")
    mode.add_argument("--serve", action="store_true", help="only serve the API")
    return parser.parse_args()


async def _run(wanted: argparse.Namespace, brief: Brief | None, screen: Screen) -> int:
    options = Options(root=ROOT, on_stage=screen.on_stage)
    async with Stack(options) as stack:
        owner = await _seed(stack)
        if brief:
            await _work(stack, owner, brief, screen)
        if not wanted.once:
            _show_places(stack, owner, screen)
            await interrupts.forever()
    return 0


async def _seed(stack: Stack) -> Owner:
    """Make the first owner; a database that is used again has one already."""
    owner = Owner(OWNER, secrets.token_urlsafe(12))
    event = {"email": owner.email, "password": owner.password}
    made = await stack.invoke("SeedFunction", {**event})
    if isinstance(made, dict) and not made["created"]:
        owner = Owner(f"owner-{secrets.token_hex(4)}@example.com", owner.password)
        event = {"email": owner.email, "password": owner.password}
        await stack.invoke("SeedFunction", {**event})
    stack.note("owner", {"email": owner.email, "password": owner.password})
    return owner


async def _work(stack: Stack, owner: Owner, brief: Brief, screen: Screen) -> None:
    out = stack.options.folder / "out"
    async with httpx.AsyncClient(base_url=stack.api, timeout=40) as http:
        client = await sign_in(http, owner.email, owner.password)
        posts = await MainJob(client, brief, screen, out).run()
    columns = ["image", "caption", "cost", "review"]
    screen.table(f"{brief.avatar.name}'s campaign", columns, main_job.rows(posts))
    screen.places("Look at it", {"images, captions, statements": str(out)})


def _show_places(stack: Stack, owner: Owner, screen: Screen) -> None:
    places = {
        "API": stack.api,
        "contract": f"{stack.api}/openapi.json",
        "owner": f"{owner.email} / {owner.password}",
        "database": stack.database_url,
        "AWS endpoint": stack.aws.endpoint,
    }
    if stack.stand_ins:
        places["stand-ins"] = stack.stand_ins.control
    places["logs"] = str(stack.options.folder / "logs")
    places["all of it"] = str(stack.options.folder / "stack.json")
    screen.places("Where everything is", places)
    screen.say("The API is served until Ctrl-C.")


def main() -> int:
    """Return 0 if all went well, 1 if a stage failed, 2 for a broken brief."""
    wanted, screen = _arguments(), Screen()
    try:
        brief = None if wanted.serve else briefs.read(wanted.brief)
    except BrokenBriefError as error:
        screen.fail(str(error))
        return 2
    try:
        return interrupts.run(_run(wanted, brief, screen)) or 0
    except (StackError, StageFailedError, ApiError) as error:
        screen.fail(str(error))
        return 1


if __name__ == "__main__":
    sys.exit(main())
