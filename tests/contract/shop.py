"""A day in the shop, from the shelf to the till; every call of it is made once."""

from tests.support.people import Person
from tests.support.shelves import CATEGORIES, ITEMS, PRINT, buy, category, item


def keep_shop_for_a_day(boss: Person, asset_id: str) -> None:
    """Have the boss keep a shop, and buy in it as well."""
    shelf = category(boss)
    path = f"{CATEGORIES}{shelf['id']}"
    boss.api("GET", path).ok()
    boss.api("PATCH", path, {"name": "Posters"}).ok()
    boss.api("GET", f"{CATEGORIES}?workspace_id={boss.workspace_id}").ok()
    made = item(boss, category_id=shelf["id"], download_asset_id=asset_id)
    boss.api("GET", f"{ITEMS}?category=prints&min_price=0&q=print").ok()
    boss.api("GET", f"{ITEMS}?include_inactive=true").ok()
    path = f"{ITEMS}{made['id']}"
    seen = {"If-Match": boss.api("GET", path).headers["etag"]}
    boss.api("PATCH", path, {"price": 12.5}, headers=seen).ok()
    boss.api("PATCH", path, {"price": 13}, headers=seen).ok(412)
    boss.api("PUT", path, PRINT).ok()
    boss.api("GET", f"{path}/download").ok()
    buy(boss, made["id"]).ok(201)
    buy(boss, made["id"]).ok(409)
    boss.api("DELETE", path).ok()
    boss.api("DELETE", f"{CATEGORIES}{shelf['id']}").ok()
