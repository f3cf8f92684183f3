"""What functions are told wrongly, or not at all."""

from tests.aws.broken import MONEY, PUBLISHING, Faults
from tests.aws.rules import surroundings

FAULTS: Faults = {
    "a variable is misspelt": (
        lambda copy: copy.change(PUBLISHING, "TIKTOK_CLIENT_KEY:", "TIKTOK_KEY:"),
        surroundings.what_is_told_is_known_to_the_settings,
        "SocialConnectionsFunction: TIKTOK_KEY is read by nobody",
    ),
    "a variable is forgotten": (
        lambda copy: copy.change(
            MONEY,
            "          STRIPE_API_BASE: !Ref StripeApiBase\n",
            "",
            within="  ReconcileLedgerFunction:",
        ),
        surroundings.what_is_read_is_told,
        "ReconcileLedgerFunction: reads STRIPE_API_BASE and is not told",
    ),
}
