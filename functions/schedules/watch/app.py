"""Every minute: look how the house is, and tell CloudWatch."""

from typing import Any

from aws_lambda_powertools.metrics import EphemeralMetrics

from vixenbliss.loop import run
from vixenbliss.services.watching import look


def handler(_event: dict[str, Any], _context: object) -> dict[str, float]:
    """Measure what alarms are about; what is measured is also the answer.

    The namespace is what ``POWERTOOLS_METRICS_NAMESPACE`` says; without one nothing is
    measured, and the run fails.
    """
    metrics = EphemeralMetrics(service="vixenbliss")
    facts = run(look())
    for fact in facts:
        metrics.add_metric(fact.name, fact.unit, fact.value)
    metrics.flush_metrics()
    return {fact.name: fact.value for fact in facts}
