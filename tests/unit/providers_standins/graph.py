"""What the tests ask of the stand-in for Instagram over and over."""

from dataclasses import dataclass

import httpx

from tests.unit.providers_standins.host import Host, film, picture

USER = "luna.vega"
CALLBACK = "https://app.example/callback"


@dataclass(frozen=True)
class Refusal:
    """An error in Meta's envelope."""

    code: object
    subcode: object
    message: str


@dataclass(frozen=True)
class Graph:
    """An account of ours, with files to publish."""

    client: httpx.AsyncClient
    control: httpx.AsyncClient
    host: Host

    async def make(self, **parameters: object) -> httpx.Response:
        """Ask for a container."""
        return await self.client.post("me/media", data=_form(parameters))

    async def image(self, **more: object) -> str:
        """Return the id of a container with a picture that is fine."""
        url = self.host.put("/fine.jpg", picture())
        return its_id(await self.make(image_url=url, **more))

    async def reel(self, **more: object) -> str:
        """Return the id of a container with a video that is fine."""
        url = self.host.put("/fine.mp4", film())
        return its_id(await self.make(media_type="REELS", video_url=url, **more))

    async def publish(self, container_id: str) -> httpx.Response:
        """Publish a container."""
        return await self.client.post(
            "me/media_publish", data={"creation_id": container_id}
        )

    async def post(self, **more: object) -> str:
        """Return the id of a picture that is published."""
        return its_id(await self.publish(await self.image(**more)))

    async def status(self, container_id: str) -> object:
        """Return the status code of a container."""
        answer = await self.client.get(
            container_id, params={"fields": "status_code,status"}
        )
        return answer.json()["status_code"]

    async def set(self, **settings: object) -> None:
        """Change the platform's settings."""
        answer = await self.control.put("instagram/settings", json=settings)
        assert answer.status_code == 200, answer.text

    async def change(self, **account: object) -> None:
        """Change our account."""
        body = {"username": USER} | account
        answer = await self.control.put("instagram/accounts", json=body)
        assert answer.status_code == 200, answer.text

    async def later(self, seconds: float) -> None:
        """Put the platform's clock forward."""
        await self.control.post("clock", json={"advance_s": seconds})

    async def posts(self) -> list[dict[str, object]]:
        """Return what the control door knows of the posts."""
        found: list[dict[str, object]] = (
            await self.control.get("instagram/posts")
        ).json()
        return found


def its_id(answer: httpx.Response) -> str:
    """Return the id that a call answered with."""
    assert answer.status_code == 200, answer.text
    return str(answer.json()["id"])


def refusal(answer: httpx.Response) -> Refusal:
    """Return the error that a call answered with."""
    assert answer.status_code == 400, answer.text
    error = answer.json()["error"]
    return Refusal(error["code"], error.get("error_subcode"), error["message"])


def refused(answer: httpx.Response) -> tuple[object, object]:
    """Return the code and subcode of the error that a call answered with."""
    found = refusal(answer)
    return found.code, found.subcode


async def token_of(
    control: httpx.AsyncClient, username: str = USER, **more: object
) -> str:
    """Return a token for an account, past the login page."""
    answer = await control.post("instagram/tokens", json={"username": username} | more)
    assert answer.status_code == 200, answer.text
    return str(answer.json()["access_token"])


def _form(parameters: dict[str, object]) -> dict[str, str]:
    return {
        name: str(value).lower() if isinstance(value, bool) else str(value)
        for name, value in parameters.items()
    }
