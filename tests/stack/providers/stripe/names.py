"""Ids as Stripe writes them: a prefix of the kind, and letters nobody else has."""

import secrets
from hashlib import blake2b

_PREFIXES = {
    "balance_transaction": "txn_",
    "billing_portal.session": "bps_",
    "charge": "ch_",
    "checkout.session": "cs_test_",
    "customer": "cus_",
    "dispute": "du_",
    "event": "evt_",
    "invoice": "in_",
    "invoice_item": "ii_",
    "invoice_payment": "inpay_",
    "item": "li_",
    "line_item": "il_",
    "payment_intent": "pi_",
    "payment_method": "pm_",
    "payout": "po_",
    "price": "price_",
    "product": "prod_",
    "radar.early_fraud_warning": "issfr_",
    "refund": "re_",
    "request": "req_",
    "subscription": "sub_",
    "subscription_item": "si_",
}
_LENGTH = 12


class Names:
    """New ids; equal seeds give equal ids, none gives ids of this run alone."""

    def __init__(self, seed: str | None = None) -> None:
        self._key = (seed or secrets.token_hex(8)).encode()
        self._given = 0

    def new(self, kind: str) -> str:
        """Return an id for an object of that kind."""
        self._given += 1
        count = self._given.to_bytes(8)
        letters = blake2b(count, key=self._key, digest_size=_LENGTH).hexdigest()
        return f"{_PREFIXES[kind]}{letters}"
