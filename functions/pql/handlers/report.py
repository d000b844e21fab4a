"""What every function but `ingest` says of a run: metrics by name, and every fault in the log."""

from __future__ import annotations

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from pql.flows.outcome import Outcome


class Report:
    """Metrics and log of one function; items are named as the outcome names them, never by content."""

    def __init__(self) -> None:
        self._log = Logger()
        self._metrics = EphemeralMetrics(namespace=None)

    def shadowed(self, rules: frozenset[str], request: str) -> None:
        """Write down which rules are in shadow by an override from now on."""
        self._log.warning("overridden", request_id=request, shadow=sorted(rules))

    def __call__(self, outcome: Outcome, request: str) -> None:
        """Write down what became of a batch."""
        for item, error in outcome.faults:
            self._log.error("failed", request_id=request, item=item, code=error.code, reason=str(error))
        if outcome.large:
            self._log.warning("large", request_id=request, accounts=outcome.large)
        counts = {name: count for name, count in outcome.counts.items() if count}
        if not counts:
            return
        self._log.info("done", request_id=request, counts=counts)
        for name, count in counts.items():
            self._metrics.add_metric(name=name, unit=MetricUnit.Count, value=count)
        self._metrics.flush_metrics()
