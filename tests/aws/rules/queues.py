"""Queues: nothing is lost in them, nothing is worked on twice at once."""

import json

from tests.aws.whole import Findings, Rule, Whole, is_said, points_to
from tests.stack.template import QueueSource
from tests.stack.tree import Place
from vixenbliss.jobs.messages import Queue

BURIER = "BuryDeadLettersFunction"
TRIES = 5
LONGEST_RETENTION_S = 14 * 24 * 60 * 60  # SQS, "Message retention period"
VISIBLE_AGAIN_AFTER = 6
"""Times the function's timeout (Lambda's guide, "Using Lambda with Amazon SQS")."""
LEAST_CONCURRENCY = 2  # ScalingConfig of an SQS event source
OF_SCHEDULES = "SchedulesDeadLetters"


def every_message_has_a_queue(whole: Whole) -> Findings:
    """The queues of the code are those of the template, and each feeds a worker."""
    named = {f"{queue.title()}Queue" for queue in Queue}
    written = {n for n in whole.house.queues if n.endswith("Queue")}
    for name in named ^ written:
        yield f"{name}: known to the code or to the template, not to both"
    workers = [s.queue for s in whole.house.sources if s.function != BURIER]
    for name in sorted(written):
        if workers.count(name) != 1:
            yield f"{name}: feeds {workers.count(name)} workers instead of one"


def what_nobody_can_read_is_kept_and_buried(whole: Whole) -> Findings:
    """Each queue has dead letters of its own, and a grave."""
    buried = {s.queue for s in whole.house.sources if s.function == BURIER}
    for name, queue in whole.house.queues.items():
        if not name.endswith("Queue"):
            continue
        own = f"{name.removesuffix('Queue')}DeadLetters"
        if (queue.dead_letters, queue.max_receive_count) != (own, TRIES):
            yield f"{name}: its letters do not die in {own} after {TRIES} tries"
        if own not in whole.house.queues.keys() & buried:
            yield f"{own}: missing, or nobody buries them"


def dead_letters_are_kept_as_long_as_can_be(whole: Whole) -> Findings:
    """Somebody may be on holiday."""
    for name, properties in whole.of_type("AWS::SQS::Queue").items():
        kept_s = (properties / "MessageRetentionPeriod").value
        if name.endswith("DeadLetters") and kept_s != LONGEST_RETENTION_S:
            yield f"{name}: kept for {kept_s} s"
    if OF_SCHEDULES not in whole.house.queues:
        yield f"{OF_SCHEDULES}: missing"


def dead_letters_come_from_their_own_queue(whole: Whole) -> Findings:
    """A queue's dead letters take nobody else's."""
    queues = whole.of_type("AWS::SQS::Queue")
    for name, properties in queues.items():
        if not name.endswith("DeadLetters") or name == OF_SCHEDULES:
            continue
        source = f"{name.removesuffix('DeadLetters')}Queue"
        policy = properties / "RedriveAllowPolicy"
        permission = (policy / "redrivePermission").value
        if permission != "byQueue":
            yield f"{name}: redrivePermission is {permission}"
        queue_name = _text((queues[source] / "QueueName").value)
        arns = [_text(place.value) for place in (policy / "sourceQueueArns").elements()]
        if [arn.partition("AccountId}:")[2] for arn in arns] != [queue_name]:
            yield f"{name}: takes letters from {arns}, not from {queue_name} alone"


def queues_are_named_after_the_house(whole: Whole) -> Findings:
    """An operator and an alarm find them by name; two houses have two of each."""
    for name, properties in whole.of_type("AWS::SQS::Queue").items():
        said = _text((properties / "QueueName").value)
        if said != f"${{AWS::StackName}}-{_spelled(name)}":
            yield f"{name}: is called {said or 'by chance'}"


def queues_are_encrypted(whole: Whole) -> Findings:
    """Nothing lies readable at AWS."""
    for name, properties in whole.of_type("AWS::SQS::Queue").items():
        key = (properties / "KmsMasterKeyId").value
        if (properties / "SqsManagedSseEnabled").value is not True and not is_said(key):
            yield f"{name}: not encrypted"


def no_message_is_seen_while_it_is_worked_on(whole: Whole) -> Findings:
    """Visibility is six times the timeout of the worker, and its window besides."""
    for source in whole.house.sources:
        worker = whole.functions[source.function]
        wanted_s = VISIBLE_AGAIN_AFTER * worker.timeout_s + source.window_s
        hidden = whole.house.queues[source.queue].attributes.get("VisibilityTimeout")
        if int(hidden or 30) < wanted_s:
            yield f"{source.queue}: hidden for {hidden} s, {wanted_s} s are needed"


def a_bad_message_takes_no_good_one_with_it(whole: Whole) -> Findings:
    """Each worker reports failures one by one."""
    for source in whole.house.sources:
        if not source.reports_item_failures:
            yield f"{_of(source)}: ReportBatchItemFailures is missing"


def no_queue_takes_all_of_lambda(whole: Whole) -> Findings:
    """Each source says how many of its worker may run at once."""
    for source in whole.house.sources:
        if (source.max_concurrency or 0) < LEAST_CONCURRENCY:
            yield f"{_of(source)}: MaximumConcurrency is {source.max_concurrency}"


def filters_are_json(whole: Whole) -> Findings:
    """CloudFormation takes any text for a pattern; Lambda does not."""
    for source in whole.house.sources:
        for pattern in source.patterns:
            try:
                json.loads(pattern)
            except ValueError:
                yield f"{_of(source)}: no JSON: {pattern}"


def alarms_watch_what_there_is(whole: Whole) -> Findings:
    """A queue, a database or an API that an alarm names exists."""
    there = {
        "QueueName": _queue_names(whole),
        "DBInstanceIdentifier": set(whole.of_type("AWS::RDS::DBInstance")),
        "ApiId": set(whole.of_type("AWS::ApiGatewayV2::Api")),
    }
    for alarm, properties in whole.of_type("AWS::CloudWatch::Alarm").items():
        for name, value in _dimensions(properties):
            said = points_to(value) or _text(value.value)
            if name in there and said not in there[name]:
                yield f"{alarm}: watches {said}, of which there is none"


def all_dead_letters_are_watched(whole: Whole) -> Findings:
    """An alarm counts, of each queue to which nothing should ever come, all it counts.

    One that adds up figures of two queues watches neither.
    """
    watched = {
        counted[0]
        for properties in whole.of_type("AWS::CloudWatch::Alarm").values()
        if len(counted := _queues_counted(properties)) == 1
    }
    for name in sorted(_queue_names(whole) - watched):
        if name.endswith("-dead-letters"):
            yield f"{name}: nobody watches"


def _queues_counted(alarm: Place) -> list[str]:
    return list({_text(v.value) for key, v in _dimensions(alarm) if key == "QueueName"})


def _queue_names(whole: Whole) -> set[str]:
    queues = whole.of_type("AWS::SQS::Queue")
    return {_text((place / "QueueName").value) for place in queues.values()}


def _dimensions(alarm: Place) -> list[tuple[str, Place]]:
    metrics = [query / "MetricStat" / "Metric" for query in _queries(alarm)]
    found = [d for place in [alarm, *metrics] for d in _elements(place / "Dimensions")]
    return [((d / "Name").text(), d / "Value") for d in found]


def _queries(alarm: Place) -> list[Place]:
    return _elements(alarm / "Metrics")


def _elements(place: Place) -> list[Place]:
    return place.elements() if isinstance(place.value, list) else []


def _of(source: QueueSource) -> str:
    return f"{source.function} of {source.queue}"


def _text(value: object) -> str:
    match value:
        case str(text) | {"Fn::Sub": str(text)}:
            return text
        case {"Ref": str(name)}:
            return f"${{{name}}}"
    return ""


def _spelled(name: str) -> str:
    """``GenerateQueue`` is ``generate``, its dead letters ``generate-dead-letters``."""
    stem = name.removesuffix("Queue").removesuffix("DeadLetters").lower()
    return f"{stem}-dead-letters" if name.endswith("DeadLetters") else stem


RULES: tuple[Rule, ...] = (
    every_message_has_a_queue,
    what_nobody_can_read_is_kept_and_buried,
    dead_letters_are_kept_as_long_as_can_be,
    dead_letters_come_from_their_own_queue,
    queues_are_named_after_the_house,
    queues_are_encrypted,
    no_message_is_seen_while_it_is_worked_on,
    a_bad_message_takes_no_good_one_with_it,
    no_queue_takes_all_of_lambda,
    filters_are_json,
    alarms_watch_what_there_is,
    all_dead_letters_are_watched,
)
