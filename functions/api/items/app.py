"""/api/items: what is sold by the piece; anybody may look."""

from http import HTTPStatus
from typing import Annotated

from fastapi import Depends, Query, Response

from vixenbliss.api.app import create_app, lambda_handler
from vixenbliss.api.auth import Editor, allow, anybody_or
from vixenbliss.api.dependencies import Database, VersionIfSent, locate, publish, tag
from vixenbliss.api.responses import (
    ENVELOPED_READS,
    ENVELOPED_VERSIONED,
    ENVELOPED_WRITES,
    WITHOUT_TOKEN,
)
from vixenbliss.callers import EDITORS, Caller, Scope
from vixenbliss.schemas.base import Listing, Success
from vixenbliss.schemas.items import (
    ItemCreate,
    ItemDeleted,
    ItemId,
    ItemQuery,
    ItemRead,
    ItemReplace,
    ItemUpdate,
)
from vixenbliss.services.items import ItemService
from vixenbliss.settings import settings

ALL = "/api/items/"
ONE = "/api/items/{item_id}"
app = create_app("Items", needs=(settings().database, settings().jwt_secret))


async def _items(database: Database) -> ItemService:
    return ItemService(database)


Items = Annotated[ItemService, Depends(_items)]
Wanted = Annotated[ItemQuery, Query()]
Visitor = Annotated[Caller | None, Depends(anybody_or(Scope.ITEMS_READ))]
Writer = Annotated[Caller, Depends(allow(*EDITORS, key=Scope.ITEMS_WRITE))]


@app.get(ALL, responses=ENVELOPED_READS, openapi_extra=WITHOUT_TOKEN, tags=["shop"])
async def list_items(
    items: Items, caller: Visitor, wanted: Wanted, response: Response
) -> Success[Listing[ItemRead]]:
    """List what is for sale, newest first."""
    listed = await items.list(caller, wanted)
    if not wanted.include_inactive:
        publish(response, listed)
    return Success(data=listed)


@app.get(ONE, responses=ENVELOPED_READS, openapi_extra=WITHOUT_TOKEN, tags=["shop"])
async def read_item(
    item_id: ItemId,
    items: Items,
    caller: Visitor,
    response: Response,
    include_inactive: bool = False,  # noqa: FBT001, FBT002 - a parameter of the query
) -> Success[ItemRead]:
    """Return an item; members may ask for one that is not for sale any more, too."""
    shown = await items.show(caller, item_id, include_inactive=include_inactive)
    if not include_inactive:
        publish(response, shown.item)
    tag(response, shown.version)
    return Success(data=shown.item)


@app.post(
    ALL, status_code=HTTPStatus.CREATED, responses=ENVELOPED_WRITES, tags=["shop"]
)
async def create_item(
    body: ItemCreate, caller: Writer, items: Items, response: Response
) -> Success[ItemRead]:
    """Put an item on the shelf; if it costs something, it is for sale at once."""
    made = await items.create(caller, body)
    locate(response, f"{ALL}{made.item.id}")
    tag(response, made.version)
    return Success(data=made.item, message="Item created successfully")


@app.put(ONE, responses=ENVELOPED_WRITES, tags=["shop"])
async def replace_item(
    item_id: ItemId, body: ItemReplace, caller: Writer, items: Items, response: Response
) -> Success[ItemRead]:
    """Make an item what is sent; what is left out is as in a new one."""
    changed = await items.replace(caller, item_id, body)
    tag(response, changed.version)
    return Success(data=changed.item, message="Item updated successfully")


@app.patch(ONE, responses=ENVELOPED_VERSIONED, tags=["shop"])
async def update_item(
    item_id: ItemId,
    body: ItemUpdate,
    caller: Writer,
    items: Items,
    response: Response,
    seen: VersionIfSent,
) -> Success[ItemRead]:
    """Change what is sent of an item, unless it has moved on since it was read."""
    changed = await items.update(caller, item_id, body, seen=seen)
    tag(response, changed.version)
    return Success(data=changed.item, message="Item updated successfully")


@app.delete(ONE, responses=ENVELOPED_WRITES, tags=["shop"])
async def delete_item(
    item_id: ItemId, caller: Editor, items: Items
) -> Success[ItemDeleted]:
    """Take an item from sale for good; who has bought it keeps it."""
    await items.withdraw(caller, item_id)
    return Success(data=ItemDeleted(), message="Item deleted successfully")


handler = lambda_handler(app)
