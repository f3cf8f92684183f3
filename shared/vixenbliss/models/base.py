"""What every table has in common."""

from collections.abc import Mapping
from datetime import datetime
from enum import Enum, StrEnum
from typing import Annotated, Any, ClassVar
from uuid import UUID

from sqlalchemy import (
    BigInteger,
    CheckConstraint,
    DateTime,
    LargeBinary,
    MetaData,
    String,
    Text,
    Uuid,
    func,
)
from sqlalchemy import Enum as EnumType
from sqlalchemy.dialects.postgresql import ARRAY, JSONB
from sqlalchemy.orm import DeclarativeBase, Mapped, mapped_column

from vixenbliss.ids import new_id

Id = Annotated[UUID, mapped_column(primary_key=True, default=new_id)]
Json = dict[str, Any]
Micros = Annotated[int, mapped_column(BigInteger)]
"""An amount in millionths of its currency's unit."""
Minor = Annotated[int, mapped_column(BigInteger)]
"""An amount in a currency's smallest unit: cents, or whole yen."""
CurrencyCode = Annotated[str, mapped_column(String(3))]
"""A currency as Stripe spells it: ISO 4217 in lower case."""
StripeId = Annotated[str, mapped_column(String(255))]
"""How Stripe names an object; 255 characters at most, by its word."""
Born = Annotated[datetime, mapped_column(server_default=func.now())]
Touched = Annotated[
    datetime, mapped_column(server_default=func.now(), onupdate=func.now())
]
Version = Annotated[int, mapped_column(server_default="1")]
"""Counts the changes of a row; told as its ETag, asked for as If-Match."""


class Base(DeclarativeBase):
    """What the tables are gathered under, with names Alembic can rely on."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map: ClassVar[Mapping[Any, Any]] = {
        datetime: DateTime(timezone=True),
        str: Text(),
        bytes: LargeBinary(),
        UUID: Uuid(),
        Json: JSONB(),
        list[str]: ARRAY(Text()),
        # Text with a CHECK of ours: a new word is a new constraint, not a new type.
        Enum: EnumType(
            Enum,
            native_enum=False,
            create_constraint=False,
            length=20,
            values_callable=lambda words: [word.value for word in words],
        ),
    }


def one_of(column: str, words: type[StrEnum]) -> CheckConstraint:
    """Return the constraint that a text column holds one of the words."""
    listed = ", ".join(f"'{word}'" for word in words)
    return CheckConstraint(f"{column} IN ({listed})", name=f"{column}_known")


def within(column: str, *, at_least: int = 0, at_most: int) -> CheckConstraint:
    """Return the constraint that bounds a text column's length in characters."""
    return CheckConstraint(
        f"char_length({column}) BETWEEN {at_least} AND {at_most}",
        name=f"{column}_length",
    )


def in_currency(column: str = "currency") -> CheckConstraint:
    """Return the constraint that a text column spells a currency."""
    return CheckConstraint(f"{column} ~ '^[a-z]{{3}}$'", name=f"{column}_spelled")


__all__ = [
    "Base",
    "Born",
    "CurrencyCode",
    "Id",
    "Json",
    "Mapped",
    "Micros",
    "Minor",
    "StripeId",
    "Touched",
    "Version",
    "in_currency",
    "mapped_column",
    "one_of",
    "within",
]
