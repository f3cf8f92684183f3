"""A day at the board, from the first note to a clean table; every call is made once."""

from tests.support.people import Person

CARDS = "/api/v1/board/cards"


def work_off_the_board(boss: Person) -> None:
    """Note something to do, give it away, do it, and throw the notes away."""
    todo = boss.api("POST", "/todos/", {"title": "Buy lemons"}).ok()
    path = f"/todos/{todo['id']}"
    boss.api("PUT", path, {"title": "Buy limes", "completed": False}).ok()
    boss.api("GET", "/todos/?completed=false").ok()
    card = boss.api("POST", CARDS, {"title": "Light", "assignee_id": boss.id}).ok(201)
    after = {"column": "backlog", "after_id": todo["id"]}
    boss.api("POST", f"{CARDS}/{card['id']}/move", after).ok()
    boss.api("PATCH", f"{CARDS}/{card['id']}", {"title": "More light"}).ok()
    boss.api("GET", f"/api/v1/board?assignee={boss.id}").ok()
    boss.api("POST", f"{CARDS}/{card['id']}/move", after).ok()
    boss.api("PATCH", path, {"completed": True}).ok()
    boss.api("POST", f"{CARDS}/{card['id']}/move", after).ok(409)
    boss.api("GET", path).ok()
    boss.api("DELETE", path).ok(204)
    boss.api("GET", path).ok(404)
