"""What the tests of TikTok's stand-in ask over and over, and a shelf it pulls from."""

import asyncio
import io
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import httpx
from PIL import Image

from tests.unit.providers_standins.asking import as_object

VIDEO = b"\x00\x00\x00\x18ftypisom" + bytes(4_000)
VIDEO_INIT = "post/publish/video/init/"
DRAFT_INIT = "post/publish/inbox/video/init/"
PHOTO_INIT = "post/publish/content/init/"
STATUS = "post/publish/status/fetch/"
CREATOR_INFO = "post/publish/creator_info/query/"
CANCEL = "post/publish/cancel/"
REDIRECT = "http://127.0.0.1:9/social/tiktok/callback"
PUBLIC = "PUBLIC_TO_EVERYONE"


def picture(width: int = 64, height: int = 64, kind: str = "JPEG") -> bytes:
    """Return a small picture file."""
    file = io.BytesIO()
    Image.new("RGB", (width, height), (200, 40, 90)).save(file, kind)
    return file.getvalue()


def sent(size: int = len(VIDEO), chunk: int | None = None) -> dict[str, object]:
    """Return the source of a video that is sent."""
    chunk = chunk or size
    return {
        "source": "FILE_UPLOAD",
        "video_size": size,
        "chunk_size": chunk,
        "total_chunk_count": size // chunk,
    }


def video_of(**info: object) -> dict[str, object]:
    """Return the body of the init of a video that is sent whole."""
    told = {"title": "Luna #vxjob-1", "privacy_level": PUBLIC, "is_aigc": True} | info
    return {"post_info": told, "source_info": sent()}


def photos_of(
    *urls: str, mode: str = "DIRECT_POST", **info: object
) -> dict[str, object]:
    """Return the body of the init of photos."""
    told = {"description": "Luna #vxjob-1", "privacy_level": PUBLIC} | info
    source = {"source": "PULL_FROM_URL", "photo_images": list(urls)}
    return {
        "media_type": "PHOTO",
        "post_mode": mode,
        "post_info": told,
        "source_info": source | {"photo_cover_index": 0},
    }


def code_of(answer: httpx.Response) -> str:
    """Return the code in an answer's envelope."""
    error = as_object(answer)["error"]
    assert isinstance(error, dict)
    assert set(error) == {"code", "message", "log_id"}
    return str(error["code"])


def data_of(answer: httpx.Response) -> dict[str, object]:
    """Return the data of a success."""
    assert (answer.status_code, code_of(answer)) == (200, "ok"), answer.text
    data = as_object(answer)["data"]
    assert isinstance(data, dict)
    return data


async def token_for(
    control: httpx.AsyncClient, username: str, *scopes: str
) -> dict[str, str]:
    """Return the header of a user's new token, with all scopes if none are named."""
    wanted = {"scopes": scopes} if scopes else {}
    pair = await control.post("tiktok/tokens", json={"username": username} | wanted)
    return {"authorization": f"Bearer {pair.json()['access_token']}"}


async def put_chunk(
    client: httpx.AsyncClient,
    url: object,
    content: bytes = VIDEO,
    *,
    first: int = 0,
    total: int | None = None,
) -> httpx.Response:
    """Send one chunk, or a whole video."""
    total = total or len(content)
    return await client.put(
        str(url),
        content=content,
        headers={
            "content-type": "video/mp4",
            "content-range": f"bytes {first}-{first + len(content) - 1}/{total}",
        },
    )


async def begun(client: httpx.AsyncClient, **info: object) -> dict[str, object]:
    """Begin a video, and return its publish_id and upload_url."""
    return data_of(await client.post(VIDEO_INIT, json=video_of(**info)))


async def posted(client: httpx.AsyncClient, **info: object) -> str:
    """Begin a video, send it whole, and return its publish_id."""
    data = await begun(client, **info)
    answer = await put_chunk(client, data["upload_url"])
    assert answer.status_code == 201, answer.text
    return str(data["publish_id"])


async def status_of(client: httpx.AsyncClient, publish_id: object) -> dict[str, object]:
    """Return what the status call answers."""
    return data_of(await client.post(STATUS, json={"publish_id": publish_id}))


@dataclass
class Shelf:
    """Files by their paths; whatever else is asked for is not there."""

    base: str = ""
    files: dict[str, bytes] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)

    def put(self, path: str, content: bytes) -> str:
        """Put a file there, and return its address."""
        self.files[path] = content
        return f"{self.base}{path}"

    async def answer(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter
    ) -> None:
        """Give one file, and close."""
        head = (await reader.readuntil(b"\r\n\r\n")).decode()
        path = head.split()[1]
        self.asked.append(path)
        content = self.files.get(path)
        status = "404 Not Found" if content is None else "200 OK"
        length = len(content or b"")
        writer.write(
            f"HTTP/1.1 {status}\r\ncontent-length: {length}\r\n"
            "connection: close\r\n\r\n".encode()
            + (content or b"")
        )
        await writer.drain()
        writer.close()


@asynccontextmanager
async def a_shelf() -> AsyncIterator[Shelf]:
    """Run a shelf on a free port."""
    shelf = Shelf()
    server = await asyncio.start_server(shelf.answer, "127.0.0.1", 0)
    shelf.base = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    async with server:
        yield shelf
