"""Surroundings: what a function is told and reads, and whom it can reach."""

from collections.abc import Mapping

from tests.aws import code, variables
from tests.aws.rules.rights import READS_ONLY
from tests.aws.whole import Findings, Rule, Whole, elements, points_to
from tests.stack.tree import Place

OF_THE_RUNTIME = frozenset({"POWERTOOLS_METRICS_NAMESPACE"})
"""What libraries read by themselves."""
TOLD_TO_ALL = frozenset(
    {
        "DATABASE_HOST",
        "DATABASE_NAME",
        "DATABASE_PORT",
        "DATABASE_USER",
        "DATABASE_VIA_PROXY",
        "JWT_SECRET_ARN",
        "MEDIA_BUCKET",
    }
)
"""What functions/head.yaml tells everybody, and besides it the queues."""
HAVE_A_DEFAULT: Mapping[str, str] = {
    "AWS_ENDPOINT_URL": "only at home it is not AWS itself",
    "CAPTION_INPUT_PRICE_MICROS": "a price of today, in the settings",
    "CAPTION_MODEL": "a model of today, in the settings",
    "CAPTION_OUTPUT_PRICE_MICROS": "a price of today, in the settings",
    "DATABASE_APP_USER": "only whoever migrates lets others in",
    "DATABASE_SECRET_ARN": "only the owner has a password",
    "DATABASE_URL": "only at home a URL tells everything",
    "DATABASE_USER": "only the owner signs in with a password",
    "GRACE_DAYS": "a rule of the house, in the settings",
    "IMAGE_MODEL": "a model of today, in the settings",
    "IMAGE_PRICE_MICROS": "a price of today, in the settings",
    "LEASE_S": "tests/contract/test_functions.py holds it against the timeout",
    "MODERATION_MODEL": "a model of today, in the settings",
    "REQUEST_TIMEOUT_S": "20 s fit whoever is not in a hurry",
    "RETRY_DELAYS_S": "a rule of the house, in the settings",
}
"""What a function need not be told though it reads it, and why."""
_QUEUES = "QUEUE_URL_"


def what_is_told_is_known_to_the_settings(whole: Whole) -> Findings:
    """A variable that nobody reads is a misspelt one."""
    known = variables.known_variables() | OF_THE_RUNTIME
    for name, function in whole.functions.items():
        for variable in function.environment:
            plain = variable.removesuffix("_ARN")
            if not {variable, plain} & known and not variable.startswith(_QUEUES):
                yield f"{name}: {variable} is read by nobody"


def what_is_told_to_one_is_read_by_it(whole: Whole) -> Findings:
    """A variable of a function's own is one that its code comes to."""
    for name, function in whole.functions.items():
        read = code.uses(function.code_dir).settings
        for variable in function.environment.keys() - TOLD_TO_ALL - OF_THE_RUNTIME:
            plain = variable.removesuffix("_ARN")
            is_for_all = variable.startswith(_QUEUES)
            if not is_for_all and not {variable, plain} & read:
                yield f"{name}: is told {variable} and never reads it"


def what_is_read_is_told(whole: Whole) -> Findings:
    """A function is told all that its code comes to, but what has a good default."""
    for name, function in whole.functions.items():
        told = {v.removesuffix("_ARN") for v in function.environment}
        spared = tuple(READS_ONLY.get(name, ()))
        read = code.uses(function.code_dir).settings
        for variable in read - told - HAVE_A_DEFAULT.keys() - {_QUEUES}:
            if not variable.startswith(spared):
                yield f"{name}: reads {variable} and is not told"


def everybody_can_sign_in(whole: Whole) -> Findings:
    """With a token as the house's user, or with the owner's password."""
    for name, function in whole.functions.items():
        if "DATABASE_HOST" not in code.uses(function.code_dir).settings:
            continue
        told = function.environment.keys()
        ways = {"DATABASE_USER", "DATABASE_SECRET_ARN"} & told
        if len(ways) != 1 or "DATABASE_HOST" not in told:
            yield f"{name}: signs in to Postgres in {len(ways)} ways"


def who_sends_knows_where(whole: Whole) -> Findings:
    """A queue that code sends to, or is fed by, is known by its URL."""
    for name, function in whole.functions.items():
        fed = whole.feeding(name)
        uses = code.uses(function.code_dir)
        hides = fed if "sqs:ChangeMessageVisibility" in uses.actions else set()
        for queue in uses.queues | hides:
            variable = f"{_QUEUES}{queue.removesuffix('Queue').upper()}"
            place = function.environment.get(variable)
            if place is None or place.value != {"Ref": queue}:
                yield f"{name}: {variable} does not say where {queue} is"


def tables_are_of_use(whole: Whole) -> Findings:
    """What the tables here spare a function is something that it would need."""
    known = variables.known_variables()
    for variable in HAVE_A_DEFAULT.keys() - known:
        yield f"{variable}: has a default, and is read by nobody"
    for name, spared in READS_ONLY.items():
        uses = code.uses(whole.functions[name].code_dir)
        for word in spared:
            if not any(it.startswith(word) for it in uses.actions | uses.settings):
                yield f"{name}: is spared {word}, which its code does not use"


def only_who_calls_out_has_a_way_out(whole: Whole) -> Findings:
    """Outer subnets are for functions whose code makes a client of somebody outside."""
    for name, function in whole.functions.items():
        place = whole.flat / "Resources" / name / "Properties" / "VpcConfig"
        wanted = "Outer" if code.uses(function.code_dir).outside else "Inner"
        (group,) = elements(place / "SecurityGroupIds")
        names = {points_to(subnet) for subnet in _subnets(place / "SubnetIds")}
        expected = {f"{wanted}SubnetA", f"{wanted}SubnetB"}
        if points_to(group) != f"{wanted}SecurityGroup" or not names <= expected:
            yield f"{name}: in {sorted(names)} with {points_to(group)}, not {wanted}"
        if not names:
            yield f"{name}: in no subnet"


def _subnets(place: Place) -> list[Place]:
    """Return the subnets of a list, of a joined text, or the one that is written."""
    match place.value:
        case {"Fn::Split": [_, inner]}:
            return _subnets(Place(place.path, inner))
        case {"Fn::Join": [_, list(parts)]}:
            return [Place(place.path, part) for part in parts]
    return elements(place)


RULES: tuple[Rule, ...] = (
    what_is_told_is_known_to_the_settings,
    what_is_told_to_one_is_read_by_it,
    what_is_read_is_told,
    everybody_can_sign_in,
    who_sends_knows_where,
    tables_are_of_use,
    only_who_calls_out_has_a_way_out,
)
