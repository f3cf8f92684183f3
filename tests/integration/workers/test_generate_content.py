"""Queue generate, and what follows: from a wish to an asset."""

from tests.support.people import Person, active_avatar
from tests.support.workers import Workers
from tests.support.world import World


def test_an_image_goes_from_wish_to_asset(
    luna: Person, workers: Workers, world: World, aws: dict[str, str]
) -> None:
    avatar_id = active_avatar(luna, workers)
    wish = {"avatar_id": avatar_id, "kind": "image", "prompt": "on a beach at sunset"}
    job_id = luna.api("POST", "/api/v1/content/generate", wish).ok(202)["job_id"]

    workers.deliver("generate")
    world.wait()
    workers.run("finish", job_id)

    job = luna.api("GET", f"/api/v1/content/jobs/{job_id}").ok()
    assert job["status"] == "succeeded", str(job)
    asset = luna.api("GET", f"/api/v1/assets/{job['asset_id']}").ok()
    assert asset["status"] == "ready"
    stated = luna.api("GET", f"/api/v1/provenance/{asset['sha256']}").ok()
    assert stated["statement"]["sha256"] == asset["sha256"]


def test_captions_are_written_with_one_request(
    luna: Person, workers: Workers, world: World
) -> None:
    avatar_id = active_avatar(luna, workers)
    wish = {"avatar_id": avatar_id, "kind": "caption", "prompt": "sunset", "count": 3}
    made = luna.api("POST", "/api/v1/content/generate", wish).ok(202)

    workers.deliver("generate")

    jobs = luna.api("GET", f"/api/v1/content/jobs?batch_id={made['batch_id']}").ok()
    assert [j["status"] for j in jobs["items"]] == ["succeeded"] * 3, jobs
