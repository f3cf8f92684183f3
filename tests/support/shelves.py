"""Items and categories, put on the shelves through the API as anybody would."""

from typing import Any

from tests.support.api import Answer
from tests.support.people import Person
from tests.support.selling import CHECKOUT, PAGES

ITEMS = "/api/items/"
CATEGORIES = "/api/categories/"
PRINT: dict[str, Any] = {"name": "Print", "price": 15, "quantity": 1, "currency": "eur"}


def item(owner: Person, **changes: Any) -> dict[str, Any]:
    """Put an item on the shelf, one print if nothing else is said."""
    return dict(owner.api("POST", ITEMS, PRINT | changes).ok(201)["data"])


def category(owner: Person, name: str = "Prints", **changes: Any) -> dict[str, Any]:
    """Make a category."""
    wanted = {"name": name} | changes
    return dict(owner.api("POST", CATEGORIES, wanted).ok(201)["data"])


def of_item(*item_ids: int, quantity: int = 1) -> dict[str, Any]:
    """Return what one sends to pay for items."""
    lines = [{"item_id": id_, "quantity": quantity} for id_ in item_ids]
    return {"lines": lines} | PAGES


def buy(fan: Person, *item_ids: int, quantity: int = 1) -> Answer:
    """Ask for the page on which a fan pays for items."""
    return fan.api("POST", CHECKOUT, of_item(*item_ids, quantity=quantity))


def left(owner: Person, item_id: int) -> int:
    """Return how many of an item are left, as its owner sees it."""
    path = f"{ITEMS}{item_id}?include_inactive=true"
    return int(owner.api("GET", path).ok()["data"]["quantity"])
