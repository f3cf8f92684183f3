"""A client that names its requests, so that they may be sent again."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tests.support.api import Answer, Api


@dataclass(frozen=True, slots=True)
class KeyedApi(Api):
    """A client that sends one idempotency key with all that it sends."""

    key: str = ""

    def __call__(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes | None = None,
    ) -> Answer:
        named = {"idempotency-key": self.key} | dict(headers or {})
        return Api.__call__(self, method, path, body, headers=named, content=content)


def keyed(api: Api, key: str) -> KeyedApi:
    """Return the same client, under a key."""
    return KeyedApi(api.token, api.workspace_id, api.base, key=key)
