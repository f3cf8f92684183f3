"""Benefits, products and grants, stored past the API, for tests that ask for less."""

from datetime import timedelta
from typing import Any

from psycopg import sql as spelling

from tests.support.database import Sql
from tests.support.people import Person
from vixenbliss.ids import new_id

_CUSTOMER = (
    "insert into customers (id, user_id) values (%s, %s)"
    " on conflict (user_id) do update set user_id = excluded.user_id returning id"
)
_GRANT = (
    "insert into grants (id, workspace_id, customer_id, benefit_id, source_type,"
    " source_id, starts_at, ends_at, revoked_at, revoke_reason)"
    " select %(id)s, workspace_id, %(customer_id)s, id, %(source_type)s, %(id)s,"
    " now() + %(starts_in)s, now() + %(ends_in)s::interval,"
    " now() + %(revoked_in)s::interval, %(revoke_reason)s"
    " from benefits where id = %(benefit_id)s"
)
_PRICE = (
    "insert into prices (id, product_id, amount_minor, currency, interval,"
    " stripe_price_id, is_active)"
    " values (%(id)s, %(product_id)s, %(amount_minor)s, %(currency)s, 'month',"
    " %(stripe_price_id)s, %(is_active)s)"
)


def benefit(sql: Sql, owner: Person, **changes: Any) -> str:
    """Store a benefit of the owner's workspace, by default the tier ``gold``."""
    columns = {"kind": "content_tier", "ref": "gold", "name": "Gold"} | changes
    columns |= {"id": new_id(), "workspace_id": owner.workspace_id}
    _insert(sql, "benefits", columns)
    return str(columns["id"])


def product(sql: Sql, owner: Person, *benefit_ids: str, **changes: Any) -> str:
    """Store a membership that is for sale and gives these benefits."""
    product_id = new_id()
    columns = {"kind": "membership", "name": "Gold", "is_active": True} | changes
    columns |= {"id": product_id, "workspace_id": owner.workspace_id}
    _insert(sql, "products", {"stripe_product_id": f"prod_{product_id.hex}"} | columns)
    for benefit_id in benefit_ids:
        row = {"product_id": product_id, "benefit_id": benefit_id}
        _insert(sql, "product_benefits", row)
    return str(product_id)


def price(sql: Sql, product_id: str, **changes: Any) -> str:
    """Store what a product costs a month."""
    price_id = new_id()
    columns = {"amount_minor": 900, "currency": "eur", "is_active": True} | changes
    columns |= {"id": price_id, "product_id": product_id}
    sql.execute(_PRICE.encode(), {"stripe_price_id": f"price_{price_id.hex}"} | columns)
    return str(price_id)


def grant(  # noqa: PLR0913 - three times, each by its name
    sql: Sql,
    fan: Person,
    benefit_id: str,
    *,
    starts: int = 0,
    ends: int | None = None,
    revoked: int | None = None,
    **changes: Any,
) -> str:
    """Store a grant; times are in hours from now, by the database's clock."""
    held = sql.execute(_CUSTOMER, (new_id(), fan.id)).fetchone() or {}
    grant_id = new_id()
    columns = {
        "id": grant_id,
        "customer_id": held["id"],
        "benefit_id": benefit_id,
        "source_type": "subscription",
        "starts_in": timedelta(hours=starts),
        "ends_in": _hours(ends),
        "revoked_in": _hours(revoked),
        "revoke_reason": None if revoked is None else "canceled",
    }
    sql.execute(_GRANT.encode(), columns | changes)
    return str(grant_id)


def _hours(hours: int | None) -> timedelta | None:
    return None if hours is None else timedelta(hours=hours)


def _insert(sql: Sql, table: str, columns: dict[str, Any]) -> None:
    names = map(spelling.Identifier, columns)
    values = map(spelling.Placeholder, columns)
    query = spelling.SQL("insert into {} ({}) values ({})").format(
        spelling.Identifier(table),
        spelling.SQL(", ").join(names),
        spelling.SQL(", ").join(values),
    )
    sql.execute(query, columns)
