"""What can be sold together."""

import pytest

from vixenbliss.errors import ValidationError
from vixenbliss.ids import new_id
from vixenbliss.models.catalogue import ProductKind
from vixenbliss.repositories.offers import Offer
from vixenbliss.schemas.checkouts import LineCreate
from vixenbliss.services.goods import goods_of

_product, _workspace = new_id(), new_id()


def _priced(amount_minor: int) -> Offer:
    return Offer(
        id=new_id(),
        product_id=_product,
        workspace_id=_workspace,
        avatar_id=None,
        kind=ProductKind.ITEM,
        name="Print",
        stripe_product_id=None,
        amount_minor=amount_minor,
        min_amount_minor=None,
        max_amount_minor=None,
        currency="eur",
        interval=None,
        trial_days=0,
        stripe_price_id=None,
        item_id=7,
    )


def test_an_item_is_on_one_line_though_its_price_has_just_changed() -> None:
    before, after = _priced(1_500), _priced(1_800)
    lines = [LineCreate(price_id=before.id), LineCreate(item_id=7)]

    with pytest.raises(ValidationError, match="same item"):
        goods_of(lines, {before.id: before}, {7: after})
