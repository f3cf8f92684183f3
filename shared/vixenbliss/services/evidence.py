"""What our own records say of a disputed payment, and how the bank is told.

Nothing here asks anybody. Stripe's fields:
docs.stripe.com/api/disputes/evidence_object.
"""

from collections.abc import Sequence
from datetime import datetime

from vixenbliss.repositories.disputes import NamedFile
from vixenbliss.schemas.disputes import AccessRead, EvidenceRead

MOST_CHARACTERS = 20_000
"""What Stripe takes in one field (docs.stripe.com/disputes/responding)."""


def fields_of(
    evidence: EvidenceRead, *, text: str | None, files: Sequence[NamedFile]
) -> dict[str, str]:
    """Return evidence as Stripe's fields; what there is nothing to say of is left out.

    Files are named with their hashes; banks follow no links.
    """
    order = evidence.order
    said = {
        "customer_email_address": evidence.buyer.email,
        "product_description": "\n".join(
            f"{line.quantity} x {line.label}" for line in order.lines
        ),
        "service_date": f"{order.paid_at or order.created_at:%Y-%m-%d}",
        "access_activity_log": "\n".join(map(_of_access, evidence.access_log)),
        "refund_policy_disclosure": evidence.refund_policy,
        "uncategorized_text": "\n\n".join(_told(evidence, text, files)),
    }
    return {name: words[:MOST_CHARACTERS] for name, words in said.items() if words}


def _told(
    evidence: EvidenceRead, text: str | None, files: Sequence[NamedFile]
) -> Sequence[str]:
    order, buyer = evidence.order, evidence.buyer
    total = f"{order.total_minor} {order.currency.upper()} in minor units"
    told = [
        text,
        f"Order {order.number} of {_day(order.created_at)}: {total}.",
        f"The customer signed up on {_day(buyer.signed_up_at)}, and was signed in.",
        order.receipt_url and f"Receipt: {order.receipt_url}",
        evidence.disclosure and f"Shown before the purchase: {evidence.disclosure}",
        *map(_of_file, files),
    ]
    return [part for part in told if part]


def _of_access(access: AccessRead) -> str:
    ends = access.revoked_at or access.ends_at
    until = f"until {_day(ends)}" if ends else "and still open"
    return f"{access.name}: open from {_day(access.starts_at)} {until}"


def _of_file(file: NamedFile) -> str:
    made = _day(file.created_at)
    return f"On file: {file.kind} {file.id} of {made}, SHA-256 {file.sha256.hex()}"


def _day(instant: datetime) -> str:
    return f"{instant:%Y-%m-%d %H:%M} UTC"
