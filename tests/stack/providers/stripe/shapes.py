"""Objects as they are when nothing is known of them: every field the SDK knows.

What the SDK calls optional is null, the rest is empty. Fields that Stripe shows on
demand only, or not at all to us, are left out.
"""

import json
from functools import cache
from importlib import import_module
from types import UnionType
from typing import Any, Union, get_args, get_origin

from stripe import StripeObject

type Json = dict[str, Any]

_CLASSES = {
    "balance": "stripe:Balance",
    "balance_transaction": "stripe:BalanceTransaction",
    "billing_portal.session": "stripe.billing_portal:Session",
    "charge": "stripe:Charge",
    "checkout.session": "stripe.checkout:Session",
    "customer": "stripe:Customer",
    "dispute": "stripe:Dispute",
    "event": "stripe:Event",
    "invoice": "stripe:Invoice",
    "invoice_payment": "stripe:InvoicePayment",
    "item": "stripe:LineItem",
    "line_item": "stripe:InvoiceLineItem",
    "payment_intent": "stripe:PaymentIntent",
    "payout": "stripe:Payout",
    "plan": "stripe:Plan",
    "price": "stripe:Price",
    "product": "stripe:Product",
    "radar.early_fraud_warning": "stripe.radar:EarlyFraudWarning",
    "refund": "stripe:Refund",
    "subscription": "stripe:Subscription",
    "subscription_item": "stripe:SubscriptionItem",
}
ON_DEMAND: dict[str, frozenset[str]] = {
    "charge": frozenset({"authorization_code", "refunds", "source"}),
    "checkout.session": frozenset({"line_items"}),
    "customer": frozenset(
        {"cash_balance", "sources", "subscriptions", "tax", "tax_ids"}
    ),
    "event": frozenset({"account", "context"}),
    "invoice": frozenset({"confirmation_secret", "payments"}),
    "plan": frozenset({"tiers"}),
    "price": frozenset({"currency_options", "tiers"}),
}
"""Fields that are shown if expanded, or to somebody else."""
_NEVER = frozenset({"OBJECT_NAME", "deleted"})
_PLAIN: dict[object, object] = {str: "", int: 0, bool: False, float: 0.0}


def class_of(kind: str) -> type[StripeObject]:
    """Return the SDK's class of a kind of object."""
    module, _, name = _CLASSES[kind].partition(":")
    found: type[StripeObject] = getattr(import_module(module), name)
    return found


def fields_of(kind: str) -> frozenset[str]:
    """Return the fields that an object of that kind always has."""
    known = class_of(kind).__annotations__.keys()
    return frozenset(known) - _NEVER - ON_DEMAND.get(kind, frozenset())


def blank(kind: str, **fields: object) -> Json:
    """Return an object with these fields, and all others empty.

    Raises:
        KeyError: A field that objects of that kind do not have.
    """
    made: Json = json.loads(_blank(kind))
    wrong = fields.keys() - fields_of(kind)
    if wrong:
        raise KeyError(kind, *wrong)
    return made | fields


@cache
def _blank(kind: str) -> str:
    """Return the empty object as text, which is quicker to copy."""
    left_out = ON_DEMAND.get(kind, frozenset())
    return json.dumps(_empty_object(class_of(kind), left_out) | {"object": kind})


def _empty_object(kind: type[Any], left_out: frozenset[str] = frozenset()) -> Json:
    return {
        name: _empty(hint)
        for name, hint in kind.__annotations__.items()
        if name not in _NEVER | left_out
    }


def _empty(hint: Any) -> object:
    origin, of = get_origin(hint), get_args(hint)
    if origin in {Union, UnionType}:
        return None if type(None) in of else _empty(of[-1])
    if origin is list:
        return []
    if hint in _PLAIN:
        return _PLAIN[hint]
    if isinstance(hint, type) and issubclass(hint, StripeObject):
        return _empty_object(hint)
    return {} if origin is not None and isinstance(origin, type) else None
