"""Small conditions that many statements share."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Interval, bindparam, cast, func, or_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import InstrumentedAttribute
from sqlalchemy.sql import any_


def wish(column: InstrumentedAttribute[Any], bind: str) -> ColumnElement[bool]:
    """Return the condition that a filter of the client's holds, if it was sent."""
    sent = bindparam(bind, type_=column.type, value=None)
    return or_(cast(sent, column.type).is_(None), column == sent)


def among(column: InstrumentedAttribute[Any], bind: str) -> ColumnElement[bool]:
    """Return the condition that a column is one of a list bound as one array."""
    return column == any_(bindparam(bind, type_=ARRAY(column.type)))


def from_now(bind: str) -> ColumnElement[datetime]:
    """Return the instant so long after now, by the database's clock."""
    return func.now() + bindparam(bind, type_=Interval())


def before_now(bind: str) -> ColumnElement[datetime]:
    """Return the instant so long before now, by the database's clock."""
    return func.now() - bindparam(bind, type_=Interval())
