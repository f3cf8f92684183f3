"""What a deployment does not wait for."""

from tests.aws.broken import MONEY, OPERATIONS, ROOT_STACK, Faults
from tests.aws.rules import operations

FAULTS: Faults = {
    "another service may call what rotates": (
        lambda copy: copy.change(
            OPERATIONS, "secretsmanager.amazonaws.com", "s3.amazonaws.com"
        ),
        operations.who_rotates_a_secret_may_be_called_for_it,
        "RotateSecretPermission: not Secrets Manager alone, for one secret",
    ),
    "CloudFormation does not wait for the schema": (
        lambda copy: copy.change(
            OPERATIONS, "ServiceTimeout: 360", "ServiceTimeout: 30"
        ),
        operations.a_deployment_hears_what_became_of_the_schema,
        "Migration: CloudFormation does not wait for MigrateFunction",
    ),
    "functions come before their tables": (
        lambda copy: copy.change(
            ROOT_STACK, "[Operations, Publishing]", "Publishing", within="  Money:"
        ),
        operations.functions_wait_for_the_schema,
        "Money: does not wait for Operations",
    ),
    "two stacks write to the API at once": (
        lambda copy: copy.change(
            ROOT_STACK, "[Operations, Publishing]", "Operations", within="  Money:"
        ),
        operations.stacks_write_to_the_api_in_turn,
        "Publishing and Money: neither waits for the other",
    ),
    "an alarm tells nobody": (
        lambda copy: copy.change(
            MONEY,
            "      AlarmActions: [!Ref AlarmTopic]\n",
            "",
            within="  FailuresAlarm:",
        ),
        operations.every_alarm_tells_somebody,
        "MoneyFailuresAlarm: AlarmActions tell nobody",
    ),
    "nobody can sign in as whom migrations let in": (
        lambda copy: copy.change(
            OPERATIONS, "DATABASE_USER: vixenbliss", "DATABASE_USER: somebody"
        ),
        operations.who_is_let_in_is_who_signs_in,
        "SeedFunction: signs in as another than migrations let in: vixenbliss",
    ),
    "Postgres works on when a migration has given up": (
        lambda copy: copy.change(OPERATIONS, "Timeout: 300", "Timeout: 60"),
        operations.a_deployment_hears_what_became_of_the_schema,
        "MigrateFunction: gives up after 60 s, while Postgres still works",
    ),
    "functions sign in to another database": (
        lambda copy: copy.change(
            OPERATIONS,
            "DATABASE_NAME: vixenbliss",
            "DATABASE_NAME: another",
            within="  SeedFunction:",
        ),
        operations.who_is_let_in_is_who_signs_in,
        "SeedFunction: signs in to another database than vixenbliss",
    ),
    "nobody may call what rotates": (
        lambda copy: copy.change(
            OPERATIONS,
            "SourceArn: !Ref JwtSecret",
            "SourceArn: !Ref DatabaseOwnerSecret",
        ),
        operations.who_rotates_a_secret_may_be_called_for_it,
        "JwtSecretRotation: nobody may call RotateSecretFunction",
    ),
}
