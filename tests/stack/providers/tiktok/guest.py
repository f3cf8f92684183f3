"""TikTok's stand-in as the server knows it."""

from http import HTTPStatus

from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from tests.stack.providers.guests import Door
from tests.stack.providers.tiktok import errors
from tests.stack.providers.tiktok.display import DisplayApi
from tests.stack.providers.tiktok.doors import Doors
from tests.stack.providers.tiktok.engine import TikTok
from tests.stack.providers.tiktok.oauth import OAuthApi
from tests.stack.providers.tiktok.publishing import PublishingApi
from tests.stack.providers.tiktok.settings import TikTokSettings
from tests.stack.providers.tiktok.uploads import UploadApi
from tests.stack.providers.world import World

API = "/tiktok/open"
AUTH = "/tiktok/www"


class TikTokGuest:
    """All calls and doors."""

    prefix = "/tiktok/"

    def __init__(self, world: World) -> None:
        self._tiktok = TikTok(world)

    def routes(self) -> list[Route]:
        """Return the calls, each with its path."""
        return [
            *OAuthApi(self._tiktok).routes(AUTH, API),
            *PublishingApi(self._tiktok).routes(API),
            *UploadApi(self._tiktok).routes(),
            *DisplayApi(self._tiktok).routes(API),
        ]

    def doors(self) -> list[Door]:
        """Return the doors below ``/control/tiktok``."""
        return Doors(self._tiktok).table()

    def unknown_path(self, path: str) -> Response:
        """Answer a path that TikTok does not have; slashes at the end matter."""
        del path
        status = HTTPStatus.NOT_FOUND
        return JSONResponse(errors.body_of(status), status)

    def forget(self) -> None:
        """Let go of tokens, posts and creators."""
        self._tiktok.forget()

    def reset(self) -> None:
        """Take back all settings."""
        self._tiktok.settings = TikTokSettings()

    async def close(self) -> None:
        """Close the connections to the outside."""
        await self._tiktok.close()
