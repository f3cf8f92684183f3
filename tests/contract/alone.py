"""What a module finds by itself: its statements, compiled where nobody helps it.

In the tests' own process every model is known, because somebody has imported it; in
Lambda a function knows the models that it imports, and no others. So this is a program:
it loads what others wrote, and then, for each module in a process of its own, ours.
"""

import importlib
import json
import multiprocessing
import sys
from collections.abc import Iterator, Mapping, Sequence

import boto3
import fastapi
import httpx
import mangum
import psycopg
from sqlalchemy import ClauseElement, Executable, make_url
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.types import NullType

LOADED_ONCE = (boto3, fastapi, httpx, mangum, psycopg)
"""Slow to import, and none of ours."""
AT_ONCE = 2
DIALECT = make_url("postgresql+psycopg://").get_dialect()
OURS = "vixenbliss"

type Found = dict[str, str | None]
"""Each statement and column that a module knows, and what is wrong with it."""


def statements() -> Iterator[tuple[str, ClauseElement]]:
    """Yield the statements of all repositories that this process has imported."""
    repositories = f"{OURS}.repositories."
    for name in sorted(n for n in sys.modules if n.startswith(repositories)):
        for attribute, value in vars(sys.modules[name]).items():
            if isinstance(value, ClauseElement) and isinstance(value, Executable):
                yield f"{name.removeprefix(repositories)}.{attribute}", value


def look(module: str) -> Found:
    """Import one module and compile what it may send to the database."""
    assert OURS not in sys.modules
    importlib.import_module(module)
    known = {name: _complaint(statement) for name, statement in statements()}
    return known | dict.fromkeys(untyped(), "it has no type")


def untyped() -> Iterator[str]:
    """Yield the columns that wait for another table to tell them their type."""
    base = sys.modules.get(f"{OURS}.models.base")
    for table in base.Base.metadata.tables.values() if base else ():
        yield from (str(c) for c in table.columns if isinstance(c.type, NullType))


def _complaint(statement: ClauseElement) -> str | None:
    try:
        statement.compile(dialect=DIALECT())
    except SQLAlchemyError as error:
        return str(error)
    return None


def look_at_all(modules: Sequence[str]) -> Mapping[str, Found]:
    """Return what each module finds, in a process that has seen no other."""
    fork = multiprocessing.get_context("fork")
    with fork.Pool(AT_ONCE, maxtasksperchild=1) as pool:
        return dict(zip(modules, pool.map(look, modules, chunksize=1), strict=True))


if __name__ == "__main__":
    json.dump(look_at_all(sys.argv[1:]), sys.stdout)
