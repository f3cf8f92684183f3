"""Lists: a page of rows and their total, in one round trip."""

from collections.abc import Sequence
from typing import Any

from pydantic import BaseModel
from sqlalchemy import (
    ColumnElement,
    FromClause,
    Integer,
    Select,
    UnaryExpression,
    bindparam,
    func,
    literal,
    select,
    true,
)
from sqlalchemy.orm import InstrumentedAttribute

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.repositories.access import MEMBER, WHO, confirmed
from vixenbliss.schemas.base import Listing, PageQuery


def page_seen_by_member(
    columns: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    *where: ColumnElement[bool],
    order_by: Sequence[UnaryExpression[Any]],
    sources: Sequence[FromClause] = (),
) -> Select[*tuple[Any, ...]]:
    """Return the statement for one page of what a member may see, and the total.

    The total is counted once, beside the page and not on each of its rows, and is
    right on a page beyond the last one too. Columns of several tables come from
    ``sources``, which join them.
    """
    rows = (
        select(*columns, literal(1).label("_found"))
        .select_from(*sources)
        .where(*where)
        .order_by(*order_by)
        .limit(bindparam("_limit", type_=Integer()))
        .offset(bindparam("_offset", type_=Integer()))
    )
    found = rows.correlate(MEMBER).lateral("found")
    every = select(columns[0]).select_from(*sources).where(*where).correlate(MEMBER)
    counted = (
        select(func.count().label("total"))
        .select_from(every.subquery("every"))
        .lateral("counted")
    )
    return select(
        *WHO,
        counted.c.total.label("_total"),
        found,
    ).select_from(MEMBER.join(counted, true()).outerjoin(found, true()))


def page_seen_by_anybody(
    columns: Sequence[ColumnElement[Any] | InstrumentedAttribute[Any]],
    *where: ColumnElement[bool],
    order_by: Sequence[UnaryExpression[Any]],
    sources: Sequence[FromClause] = (),
) -> Select[*tuple[Any, ...]]:
    """Return the statement for one page of what is public, and the total."""
    rows = (
        select(*columns, literal(1).label("_found"))
        .select_from(*sources)
        .where(*where)
        .order_by(*order_by)
        .limit(bindparam("_limit", type_=Integer()))
        .offset(bindparam("_offset", type_=Integer()))
        .subquery("found")
    )
    every = select(columns[0]).select_from(*sources).where(*where)
    counted = (
        select(func.count().label("total"))
        .select_from(every.subquery("every"))
        .subquery("counted")
    )
    return select(counted.c.total.label("_total"), rows).select_from(
        counted.outerjoin(rows, true())
    )


async def read_public_page[Item: BaseModel](
    connection: Connection,
    statement: Select[*tuple[Any, ...]],
    page: PageQuery,
    item: type[Item],
    **binds: object,
) -> Listing[Item]:
    """Return a page of a ``page_seen_by_anybody`` statement, as the outside sees it."""
    window = {"_limit": page.per_page, "_offset": (page.page - 1) * page.per_page}
    rows = await connection.all(statement, **binds, **window)
    items = [item.model_validate(dict(row)) for row in rows if row["_found"]]
    return page.listing(items, rows[0]["_total"])


async def read_page[Item: BaseModel](
    connection: Connection,
    caller: Caller,
    statement: Select[*tuple[Any, ...]],
    page: PageQuery,
    item: type[Item],
    **binds: object,
) -> Listing[Item]:
    """Return a page of a ``page_seen_by_member`` statement, as the outside sees it."""
    window = {"_limit": page.per_page, "_offset": (page.page - 1) * page.per_page}
    rows = await confirmed(connection, caller, statement, **binds, **window)
    items = [item.model_validate(dict(row)) for row in rows if row["_found"]]
    return page.listing(items, rows[0]["_total"])
