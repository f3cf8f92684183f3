"""docs/authz.json, tried cell by cell: each operation, by each caller, on each thing.

A team's day (``tests.contract.day``) leaves a call of every operation behind that went
well. Here it is made again by everybody, first on the thing that it was about, then on
one that was never there.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum
from http import HTTPStatus
from typing import Any

import jwt

from tests.contract.day import ELSEWHERE, Call, Watched, live_a_day
from tests.support.api import ROOT, Answer, Api
from tests.support.contract import Operation, operations
from tests.support.database import Sql
from tests.support.mailbox import Postman
from tests.support.material import NOBODYS
from tests.support.people import PASSWORD, Person, sign_up
from tests.support.workers import Workers
from tests.support.world import World
from vixenbliss.settings import settings

TABLE = json.loads((ROOT / "docs" / "authz.json").read_text())["operations"]
ROLES = ("analyst", "reviewer", "editor")
NEVER = {"uuid": NOBODYS, "integer": "2147483646", "string": "never-was"}
LEAST_CELLS = 10
LEAST_THERE = 0.5
A_WORKSPACE = r"workspaces/[0-9a-f-]{36}"
NAMES_ARE_PUBLIC = {"GET /api/v1/learning/courses/{slug}"}
"""What is there is no secret, only who takes part in it."""
ALIKE_FOR_ALL = {"GET /api/items/", "GET /api/items/{item_id}"}
"""Public; a token, even one whose time is over, changes nothing of them."""
ENDS_A_SESSION = {"POST /api/auth/logout", "POST /api/auth/logout-all"}
"""After which whoever called signs in again."""
NOT_IT = "not the password"
IN_VAIN = {
    "DELETE /api/v1/users/me": {"password": NOT_IT},
    "POST /api/v1/users/me/password": {
        "current_password": NOT_IT,
        "new_password": "another horse entirely",
    },
}
"""Let in, and refused for the password: nobody is to be gone for the next cell."""


class Fate(StrEnum):
    """What becomes of a call."""

    UNKNOWN = "401"
    FORBIDDEN = "403"
    HIDDEN = "404"
    LET_IN = "let in"


@dataclass(slots=True)
class Caller:
    """Somebody, and how they stand to the workspace whose day it was."""

    name: str
    api: Api
    is_known: bool = True
    role: str | None = None
    """In that workspace."""
    is_staff: bool = False
    works_at_home: bool = False
    """In their own workspace, not in that one."""
    is_author: bool = False
    """Whether the day was theirs."""


def expected(entry: Mapping[str, Any], caller: Caller, one: Operation) -> Fate:
    """Return what the table says of a caller who asks about the day's own thing."""
    who = entry["who"]
    is_nobody = who == "anybody" and caller.name == "anonymous"
    if who == "public" or str(one) in ALIKE_FOR_ALL or is_nobody:
        return Fate.LET_IN
    if not caller.is_known:
        return Fate.UNKNOWN
    if who == "anybody" or (caller.is_staff and entry["staff"]):
        return Fate.LET_IN
    return OF[who](entry, caller, one)


def _of_staff(_: Mapping[str, Any], __: Caller, ___: Operation) -> Fate:
    return Fate.FORBIDDEN


def _of_user(entry: Mapping[str, Any], caller: Caller, one: Operation) -> Fate:
    is_let_in = caller.is_author or caller.role in entry["roles"]
    if is_let_in or not ids_of(one) or entry["foreign"] is None:
        return Fate.LET_IN
    return Fate(str(entry["foreign"]))


def _of_member(entry: Mapping[str, Any], caller: Caller, one: Operation) -> Fate:
    if caller.role is None:
        is_at_home = caller.works_at_home and not ids_of(one)
        return Fate.LET_IN if is_at_home else Fate.HIDDEN
    roles = entry["roles"] or ["owner"]
    return Fate.LET_IN if caller.role in roles else Fate.FORBIDDEN


OF = {
    "staff": _of_staff,
    "signed_in": _of_user,
    "own_or_owner": _of_member,
    "member": _of_member,
}


def fate_of(answer: Answer) -> Fate | str:
    """Return what became of a call; anything odd as it is."""
    if answer.status == HTTPStatus.UNAUTHORIZED and answer.code == "UNAUTHORIZED":
        return Fate.UNKNOWN
    if answer.status == HTTPStatus.FORBIDDEN and answer.code == "FORBIDDEN":
        return Fate.FORBIDDEN
    if answer.status == HTTPStatus.NOT_FOUND:
        return Fate.HIDDEN
    if answer.status >= HTTPStatus.INTERNAL_SERVER_ERROR and answer.code != (
        "UPSTREAM_ERROR"
    ):
        return answer.content.decode()
    return Fate.LET_IN


def never_was(call: Call, one: Operation) -> Call:
    """Return a call about something that was never there."""
    kinds = {p["name"]: p["schema"] for p in one.said.get("parameters", ())}
    at = one.path
    for name in ids_of(one):
        schema = kinds.get(name, {})
        kind = schema.get("format") or schema.get("type", "string")
        at = at.replace(f"{{{name}}}", NEVER.get(kind, NEVER["string"]))
    _, mark, query = call.path.partition("?")
    return replace(call, path=at + mark + query)


def make(call: Call, api: Api) -> Answer:
    return api(
        call.method, call.path, call.body, headers=call.headers, content=call.content
    )


def alike(one: Answer, other: Answer) -> bool:
    """Tell whether two answers differ in nothing but whose request it was."""
    return (one.status, _told(one)) == (other.status, _told(other))


def _told(answer: Answer) -> str:
    text = answer.content.decode()
    return re.sub(r'"(request_id|timestamp)":"[^"]*"', "", text)


def expired(person: Person) -> str:
    """Return a person's token as it would be after its time."""
    key = settings().jwt_secret.current()
    claims = jwt.decode(person.api.token or "", options={"verify_signature": False})
    age = int(timedelta(hours=1).total_seconds())
    old = {name: claims[name] - age for name in ("iat", "nbf", "exp")}
    return jwt.encode(claims | old, key, "HS256")


def callers(boss: Person, sql: Sql) -> Iterator[Caller]:
    """Yield everybody; the author of the day first, to see what is left of it."""
    there = boss.workspace_id
    yield Caller("owner", boss.api.working_in(there), role="owner", is_author=True)
    yield Caller("anonymous", Api(), is_known=False)
    yield Caller("expired", Api(expired(boss)), is_known=False)
    gone = joined(boss, "owner", sql)
    sql.execute("update users set is_active = false where id = %s", (gone.id,))
    yield Caller("deactivated", gone.api.working_in(there), is_known=False)
    yield Caller("stranger", sign_up().api, works_at_home=True)
    yield Caller("stranger at the door", sign_up().api.working_in(there))
    staff = sign_up()
    sql.execute("update users set platform_role='admin' where id=%s", (staff.id,))
    yield Caller("admin", staff.api.working_in(there), is_staff=True)
    for role in ROLES:
        yield Caller(role, joined(boss, role, sql).api.working_in(there), role=role)


def joined(boss: Person, role: str, sql: Sql) -> Person:
    """Return a new member of the boss's workspace."""
    person = sign_up()
    sql.execute(
        "insert into workspace_members (workspace_id, user_id, role)"
        " values (%s, %s, %s)",
        (boss.workspace_id, person.id, role),
    )
    return person


def test_every_cell_of_the_table_is_so(  # noqa: PLR0913, PLR0917 - all the world
    luna: Person,
    workers: Workers,
    world: World,
    aws: dict[str, str],
    sql: Sql,
    mail: Postman,
) -> None:
    boss, watched = live_a_day(luna, workers, world, sql, mail)
    sql.execute("update users set platform_role = 'member'")
    boss = replace(boss, api=Api(boss.api.token))
    trial = Trial(dict(reachable(watched, boss)))

    for caller in callers(boss, sql):
        trial.of(caller)

    assert trial.wrong == []
    assert trial.cells > len(operations()) * LEAST_CELLS
    assert trial.there > len(operations()) * LEAST_THERE


def reachable(
    watched: Watched, boss: Person
) -> Iterator[tuple[str, tuple[Operation, Call]]]:
    """Yield what people and programs call, each operation with a call of it."""
    for one in operations():
        if TABLE[str(one)]["who"] != "provider" and str(one) not in ELSEWHERE:
            made = watched.calls.get(str(one)) or _bare(one)
            path = re.sub(A_WORKSPACE, f"workspaces/{boss.workspace_id}", made.path)
            yield str(one), (one, replace(made, path=path))


def _bare(one: Operation) -> Call:
    return Call(one.method, one.at(), None, {}, None)


class Trial:
    """Calls made again by everybody, and what was wrong with the answers."""

    def __init__(self, calls: Mapping[str, tuple[Operation, Call]]) -> None:
        self._calls = calls
        self._gone: set[str] = set()
        """What is not there any more in the evening, for its author either."""
        self.wrong: list[str] = []
        self.cells = 0

    @property
    def there(self) -> int:
        """Of how many operations the author was let in to what they are about."""
        return len(self._calls) - len(self._gone)

    def of(self, caller: Caller) -> None:
        """Make all calls as somebody; the author comes first."""
        for name, (one, call) in self._calls.items():
            wanted = expected(TABLE[name], caller, one)
            made = self._let_in if wanted is Fate.LET_IN else self._kept_out
            for complaint in made(one, call, caller):
                self.cells += 1
                if complaint:
                    self.wrong.append(f"{one} by {caller.name}: {complaint}")

    def _kept_out(self, one: Operation, call: Call, caller: Caller) -> Iterator[str]:
        wanted = expected(TABLE[str(one)], caller, one)
        answer = make(call, caller.api)
        is_gone = str(one) in self._gone and fate_of(answer) is Fate.HIDDEN
        yield "" if is_gone else _complaint(answer, wanted)
        if wanted is Fate.HIDDEN and ids_of(one) and str(one) not in NAMES_ARE_PUBLIC:
            other = make(never_was(call, one), caller.api)
            yield "" if alike(answer, other) else f"{_told(answer)} != {_told(other)}"

    def _let_in(self, one: Operation, call: Call, caller: Caller) -> Iterator[str]:
        """Make a call that may be made; one that changes something, in vain."""
        if one.method != "GET":
            call = replace(never_was(call, one), body=IN_VAIN.get(str(one), call.body))
        email = me(caller) if str(one) in ENDS_A_SESSION else ""
        answer = make(call, caller.api)
        fate = fate_of(answer)
        is_made_up = one.method != "GET" and ids_of(one)
        if caller.is_author and fate is Fate.HIDDEN and not is_made_up:
            self._gone.add(str(one))
        yield (
            "" if self._is_fine(one, caller, fate) else _complaint(answer, Fate.LET_IN)
        )
        if email:
            caller.api = replace(caller.api, token=signed_in(email))

    def _is_fine(self, one: Operation, caller: Caller, fate: Fate | str) -> bool:
        """Tell whether somebody who may make a call was let in to it.

        What was made up, is gone, or is another workspace's by its id in the body, is
        not there for them, which they are told after they were let in.
        """
        if fate is Fate.HIDDEN:
            is_made_up = one.method != "GET" and ids_of(one)
            return bool(is_made_up) or caller.works_at_home or str(one) in self._gone
        is_public = TABLE[str(one)]["who"] == "public" or str(one) in ALIKE_FOR_ALL
        return fate is Fate.LET_IN or (is_public and fate is Fate.UNKNOWN)


def ids_of(one: Operation) -> list[str]:
    """Return what in an operation's path names somebody's thing."""
    return [name for name in one.names_in_path if name != "platform"]


def me(caller: Caller) -> str:
    """Return a caller's address; nothing, if they are nobody."""
    answer = caller.api("GET", "/api/v1/users/me")
    return str(answer.json.get("email", ""))


def signed_in(email: str) -> str:
    """Return the token of another session."""
    wanted = {"email": email, "password": PASSWORD}
    return str(Api()("POST", "/api/auth/login", wanted).ok()["data"]["token"])


def _complaint(answer: Answer, wanted: Fate) -> str:
    fate = fate_of(answer)
    return "" if fate == wanted else f"{fate}, not {wanted}: {answer.content[:200]!r}"
