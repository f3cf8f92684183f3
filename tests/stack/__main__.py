"""``make run``: the whole product on this machine, and its main job."""

import argparse
import secrets
import sys
import time
from pathlib import Path

import httpx

from tests.stack import brief as briefs
from tests.stack import guide, interrupts, pages, selling
from tests.stack.brief import Brief, BrokenBriefError
from tests.stack.client import ApiError, sign_in
from tests.stack.errors import StackError
from tests.stack.guide import Owner
from tests.stack.harvest import UntrueFileError
from tests.stack.main_job import MainJob, StageFailedError
from tests.stack.options import Options
from tests.stack.posts import rows
from tests.stack.show import Screen
from tests.stack.stack import Stack

ROOT = Path(__file__).parents[2]
OWNER = "owner@example.com"
INTERRUPTED = 130  # as a shell says it


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make run", description=__doc__)
    parser.add_argument("--brief", type=Path, default=ROOT / "docs/campaign.yaml")
    mode = parser.add_mutually_exclusive_group()
    mode.add_argument("--once", action="store_true", help="the main job, then stop")
    mode.add_argument("--serve", action="store_true", help="only serve the API")
    return parser.parse_args()


async def _run(wanted: argparse.Namespace, brief: Brief | None, screen: Screen) -> int:
    begun = time.monotonic()
    screen.title("The stack, on this machine")
    options = Options(root=ROOT, on_stage=screen.on_stage)
    async with Stack(options) as stack:
        owner = await _seed(stack)
        if brief:
            await _work(stack, owner, brief, screen)
        screen.say(f"Done in {time.monotonic() - begun:.0f} s.")
        if not wanted.once:
            _show_the_way(stack, owner, screen)
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
    screen.title(f"The campaign of {brief.avatar.name}")
    async with httpx.AsyncClient(base_url=stack.api, timeout=40) as http:
        client = await sign_in(http, owner.email, owner.password)
        job = MainJob(client, brief, screen, out)
        posts = await job.run()
    screen.title(f"In {out}, each with its caption, signed statement and receipts")
    screen.table(["file", "caption", "status", "cost"], rows(posts))
    if stack.stand_ins and any(post.receipts for post in posts):
        page = await pages.write(out, posts, stack.stand_ins.control)
        screen.say(f"The posts as the platforms have them: {page}")
    if job.statement:
        screen.title(f"What {brief.avatar.name} has earned and cost")
        screen.table(selling.columns(job.statement), selling.rows(job.statement))


def _show_the_way(stack: Stack, owner: Owner, screen: Screen) -> None:
    screen.title("Where everything is")
    screen.places(guide.places(stack, owner))
    screen.title("Go on by hand")
    screen.commands(guide.commands(stack, owner))
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
        ended = interrupts.run(_run(wanted, brief, screen))
    except (StackError, StageFailedError, ApiError, UntrueFileError) as error:
        screen.fail(str(error))
        return 1
    if ended is None:
        screen.say("Stopped; nothing is left running.")
        return INTERRUPTED if wanted.once else 0
    return ended


if __name__ == "__main__":
    sys.exit(main())
