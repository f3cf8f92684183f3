"""The platforms' stand-ins report to a stack's doors, if it has them."""

from tests.stack.stand_ins import report_to
from tests.support.world import World
from vixenbliss.loop import run

API = "http://127.0.0.1:8000"


def test_the_platforms_know_the_doors_that_are_there(world: World) -> None:
    paths = ["/webhooks/tiktok", "/webhooks/replicate"]

    run(report_to(world.providers, API, paths))

    assert world.see("tiktok", "settings")["webhook_url"] == f"{API}/webhooks/tiktok"
    assert world.see("instagram", "settings")["webhook_url"] is None
