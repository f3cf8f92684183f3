"""The query by which people open the files of items. Global: fans belong nowhere."""

from collections.abc import Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import Text, and_, bindparam, cast, func, select

from vixenbliss.callers import Caller
from vixenbliss.database import Connection
from vixenbliss.models.assets import Asset, AssetKind, AssetStatus
from vixenbliss.models.avatars import Avatar, AvatarSheet
from vixenbliss.models.catalogue import Benefit, BenefitKind, Product, ProductBenefit
from vixenbliss.models.shop import Item
from vixenbliss.repositories.access import MEMBER, read, seen_by_member, works_in
from vixenbliss.repositories.benefit_offers import offers
from vixenbliss.repositories.entitlements import CUSTOMER, holds

_opens = and_(
    Benefit.workspace_id == Item.workspace_id,
    Benefit.kind == BenefitKind.ITEM,
    Benefit.ref == cast(Item.id, Text()),
)
"""Whether a benefit of the statement opens an item of it."""
_is_held = (
    select(Benefit.id)
    .where(_opens, holds(CUSTOMER, Benefit.id, func.now()))
    .correlate(Item, MEMBER)
    .exists()
)
_offers = offers(
    select(Benefit.id)
    .where(Benefit.id == ProductBenefit.benefit_id, _opens)
    .correlate(ProductBenefit, Item)
    .exists(),
    Item,
)
_disclosure = (
    select(AvatarSheet.sheet["disclosure"].astext)
    .join(Avatar, Avatar.id == AvatarSheet.avatar_id)
    .where(
        Avatar.id == func.coalesce(Asset.avatar_id, Item.avatar_id),
        AvatarSheet.version == Avatar.current_sheet_version,
    )
    .correlate(Asset, Item)
    .scalar_subquery()
)
_FILE = seen_by_member(
    select(
        Item.is_active,
        and_(Item.is_active, Item.price == 0).label("is_free"),
        works_in(Item.workspace_id).label("is_members"),
        _is_held.label("is_held"),
        _offers.label("offers"),
        Product.id.label("product_id"),
        Asset.s3_key,
        Asset.status,
        Asset.kind,
        Asset.content_type,
        Asset.ai_generated,
        _disclosure.label("disclosure"),
    )
    .select_from(Item)
    .outerjoin(Product, and_(Product.id == Item.product_id, Product.is_active))
    .outerjoin(
        Asset, and_(Asset.id == Item.download_asset_id, Asset.deleted_at.is_(None))
    )
    .where(Item.id == bindparam("id"))
    .correlate(MEMBER)
)


@dataclass(frozen=True, slots=True, kw_only=True)
class ItemFile:
    """An item's file, and by what right somebody may open it, if by any."""

    is_active: bool
    is_open: bool
    """To the one who asks."""
    offers: Sequence[str]
    """The products that would open it."""
    s3_key: str | None
    """None of an item that brings no file."""
    status: AssetStatus | None
    kind: AssetKind | None
    content_type: str | None
    ai_generated: bool | None
    disclosure: str | None


class ItemDownloadRepository:
    """Files of the items of all workspaces, for whoever may open them."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def find(self, caller: Caller, item_id: int) -> ItemFile | None:
        """Return an item's file, whether or not the caller may open it.

        Raises:
            UnauthorizedError: the session has ended.
        """
        rows = await read(self._connection, caller, _FILE, id=item_id)
        if not rows:
            return None
        row = rows[0]
        names = ItemFile.__dataclass_fields__.keys() - {"is_open", "offers"}
        return ItemFile(
            is_open=row["is_members"] or row["is_held"] or row["is_free"],
            offers=_ids(row["product_id"], row["offers"]),
            **{name: row[name] for name in names},
        )


def _ids(own: UUID | None, offered: Sequence[dict[str, str]]) -> list[str]:
    """Return the products that would open an item, its own one first."""
    first = [str(own)] if own else []
    return list(dict.fromkeys([*first, *(offer["product_id"] for offer in offered)]))
