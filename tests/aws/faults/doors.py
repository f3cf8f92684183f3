"""What does not lead to the function that should answer."""

from tests.aws.broken import OPERATIONS, PLATFORM, PUBLISHING, Faults
from tests.aws.rules import doors

ROUTE = "  TodosUnderRoute:"
TODOS_AS_BOARD = ("CodeUri: api/todos", "CodeUri: api/board")

FAULTS: Faults = {
    "a route is missing": (
        lambda copy: copy.cut(PLATFORM, ROUTE),
        doors.every_path_of_the_code_reaches_it,
        "GET /todos/: HealthFunction gets it, not TodosFunction",
    ),
    "a route has no twin": (
        lambda copy: copy.cut(PLATFORM, ROUTE),
        doors.every_path_is_there_twice,
        "ANY /todos: TodosFunction does not get what is under it",
    ),
    "the gateway may not call": (
        lambda copy: copy.cut(PLATFORM, "  TodosPermission:"),
        doors.every_door_has_one_integration_and_one_permission,
        "TodosFunction: 0 permissions of its alias instead of one",
    ),
    "a service may call a door": (
        lambda copy: copy.change(
            PLATFORM,
            "Principal: apigateway.amazonaws.com",
            "Principal: s3.amazonaws.com",
            within="  TodosPermission:",
        ),
        doors.only_operations_are_called_by_others,
        "TodosPermission: s3.amazonaws.com may call TodosFunction.Alias",
    ),
    "another API may call": (
        lambda copy: copy.change(
            PLATFORM,
            "SourceArn: !Ref ApiArn",
            'SourceArn: "arn:aws:execute-api:eu-west-1:123456789012:*"',
            within="  TodosPermission:",
        ),
        doors.what_leads_to_a_door_is_written_as_it_should_be,
        "TodosPermission: SourceArn is arn:aws:execute-api:eu-west-1:123456789012:*",
    ),
    "a door takes longer than the gateway waits": (
        lambda copy: copy.change(
            PUBLISHING, "Timeout: 29", "Timeout: 30", within="  SocialAccountsFunction:"
        ),
        doors.doors_answer_while_the_gateway_waits,
        "SocialAccountsFunction: may run 30 s, the gateway waits 30.0 s",
    ),
    "a function is called by nobody": (
        lambda copy: copy.cut(PLATFORM, "  TodosRoute:", "  TodosUnderRoute:"),
        doors.every_function_is_called,
        "TodosFunction: nobody calls it",
    ),
    "code is no function's": (
        lambda copy: copy.change(PLATFORM, *TODOS_AS_BOARD),
        doors.all_code_is_deployed,
        "functions/api/todos: no function has this code",
    ),
    "code is two functions'": (
        lambda copy: copy.change(PLATFORM, *TODOS_AS_BOARD),
        doors.all_code_is_deployed,
        "functions/api/board: 2 functions, no app.py or one",
    ),
    "the gateway may call what is not live": (
        lambda copy: copy.change(
            PLATFORM,
            "!Ref TodosFunction.Alias",
            "!Ref TodosFunction",
            within="  TodosPermission:",
        ),
        doors.every_door_has_one_integration_and_one_permission,
        "TodosFunction: not the alias of a door",
    ),
    "events are of another version": (
        lambda copy: copy.change(
            PLATFORM, '"2.0"', '"1.0"', within="  TodosIntegration:"
        ),
        doors.what_leads_to_a_door_is_written_as_it_should_be,
        "TodosIntegration: PayloadFormatVersion is 1.0",
    ),
    "a service may call for every account": (
        lambda copy: copy.cut(
            OPERATIONS, "      SourceAccount:", "      SourceArn: !Ref JwtSecret"
        ),
        doors.only_operations_are_called_by_others,
        "RotateSecretPermission: from every account",
    ),
}
