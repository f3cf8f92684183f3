"""What functions are told wrongly, or not at all."""

from tests.aws.broken import IDENTITY, MONEY, OPERATIONS, PLATFORM, PUBLISHING, Faults
from tests.aws.rules import surroundings

TOLD_OF_STRIPE = """\
      Environment: {Variables: {STRIPE_API_BASE: "https://api.stripe.com"}}
"""

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
    "a function is told what it does not ask for": (
        lambda copy: copy.change(
            PLATFORM, "CodeUri: api/health\n", f"CodeUri: api/health\n{TOLD_OF_STRIPE}"
        ),
        surroundings.what_is_told_to_one_is_read_by_it,
        "HealthFunction: is told STRIPE_API_BASE and never reads it",
    ),
    "a function does not know who it is to Postgres": (
        lambda copy: copy.change(
            OPERATIONS,
            "          DATABASE_USER: vixenbliss\n",
            "",
            within="  SeedFunction:",
        ),
        surroundings.everybody_can_sign_in,
        "SeedFunction: signs in to Postgres in 0 ways",
    ),
    "letters go to another queue": (
        lambda copy: copy.change(
            IDENTITY,
            "QUEUE_URL_MAIL: !Ref MailQueue",
            "QUEUE_URL_MAIL: !Ref PrivacyQueue",
        ),
        surroundings.who_sends_knows_where,
        "RecoveryFunction: QUEUE_URL_MAIL does not say where MailQueue is",
    ),
    "a function is spared what it does not need": (
        lambda copy: copy.change(
            PUBLISHING, "CodeUri: api/posts\n", "CodeUri: api/board\n"
        ),
        surroundings.tables_are_of_use,
        "PostsFunction: is spared kms:GenerateDataKey, which its code does not use",
    ),
    "a provider is out of reach": (
        lambda copy: copy.change(
            MONEY,
            "      VpcConfig: {SubnetIds: !Ref OuterSubnets, "
            "SecurityGroupIds: !Ref OuterSecurityGroup}\n",
            "",
            within="  SendRefundsFunction:",
        ),
        surroundings.only_who_calls_out_has_a_way_out,
        (
            "SendRefundsFunction: in ['InnerSubnetA', 'InnerSubnetB'] with "
            "InnerSecurityGroup, not Outer"
        ),
    ),
}
