"""All mirrors, by how the names of what they look at begin."""

from vixenbliss.providers.stripe import Stripe
from vixenbliss.providers.stripe_balance import StripeBalance
from vixenbliss.providers.stripe_billing import StripeBilling
from vixenbliss.providers.stripe_catalogue_reads import StripeCatalogueReads
from vixenbliss.providers.stripe_checkout import StripeCheckout
from vixenbliss.providers.stripe_payments import StripePayments
from vixenbliss.services.applying import Mirrors
from vixenbliss.services.mirror_catalogue import PriceMirror, ProductMirror
from vixenbliss.services.mirror_checkouts import CheckoutMirror
from vixenbliss.services.mirror_customers import CustomerMirror
from vixenbliss.services.mirror_disputes import DisputeMirror, WarningMirror
from vixenbliss.services.mirror_invoices import InvoiceMirror
from vixenbliss.services.mirror_payments import PaymentMirror
from vixenbliss.services.mirror_payouts import PayoutMirror
from vixenbliss.services.mirror_refunds import RefundMirror
from vixenbliss.services.mirror_renewals import RenewalMirror
from vixenbliss.services.mirror_subscriptions import SubscriptionMirror
from vixenbliss.services.stripe_events import UPCOMING
from vixenbliss.settings import Settings


def all_mirrors(settings: Settings, stripe: Stripe) -> Mirrors:
    """Return the mirrors; objects that none of them knows are ignored."""
    billing = StripeBilling(stripe)
    catalogue = StripeCatalogueReads(stripe)
    payments = StripePayments(stripe)
    return {
        "cs_": CheckoutMirror(StripeCheckout(stripe)),
        "cus_": CustomerMirror(catalogue),
        "dp_": DisputeMirror(payments),
        "du_": DisputeMirror(payments),
        "in_": InvoiceMirror(billing),
        "issfr_": WarningMirror(payments),
        "pi_": PaymentMirror(payments, billing),
        "po_": PayoutMirror(StripeBalance(stripe)),
        "price_": PriceMirror(catalogue),
        "prod_": ProductMirror(catalogue),
        "pyr_": RefundMirror(payments),
        "re_": RefundMirror(payments),
        "sub_": SubscriptionMirror(settings, billing),
        UPCOMING: RenewalMirror(billing),
    }
