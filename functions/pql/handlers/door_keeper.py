"""What the front door says: routes, status codes, and the log line of each request."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus
from typing import Any

from aws_lambda_powertools.logging import Logger
from aws_lambda_powertools.metrics import EphemeralMetrics, MetricUnit

from pql.core import http_answer
from pql.core.errors import Refused, Unavailable
from pql.core.http_request import Request, is_http, request_from
from pql.flows.ingest import KINDS, WEBHOOK, Door, Receipt, receive, receive_invocation

DEADLINE = 4.0  # Segment's own webhooks give up after 5 s
_HEALTH = "health"


class DoorKeeper:
    """The Lambda handler of the front door; no client input makes it answer 5xx.

    `clock` is epoch seconds, `monotonic` seconds; `namespace` and `service` name its metrics.
    """

    def __init__(
        self,
        door: Door,
        clock: Callable[[], float],
        monotonic: Callable[[], float],
        *,
        namespace: str,
        service: str,
    ) -> None:
        self._door = door
        self._clock = clock
        self._monotonic = monotonic
        self._namespace = namespace
        self._service = service
        self._log = Logger(service=service)

    def __call__(self, event: Any, context: Any) -> dict[str, Any]:
        """Answer a request with a proxy answer, or a direct invocation with the body of one.

        A direct invocation raises `Unavailable`, so that its sender tries again.
        """
        fallback = str(getattr(context, "aws_request_id", ""))
        if is_http(event):
            return self._answer(request_from(event, fallback))
        return self._invoked(event, fallback)

    def _answer(self, request: Request) -> dict[str, Any]:
        name = request.last_segment
        if request.method == "OPTIONS":
            return http_answer.http(204, None)
        if name != _HEALTH and name not in KINDS:
            return http_answer.refusal(Refused(404, "not_found", "no such path"), request.id)
        allowed = _methods(name)
        if request.method not in allowed:
            refusal = Refused(405, "method_not_allowed", f"the path takes {', '.join(allowed)}")
            return http_answer.refusal(refusal, request.id, ", ".join(("OPTIONS", *allowed)))
        if name == _HEALTH:
            return http_answer.http(200, {"status": "ok", "request_id": request.id})
        return self._received(request, KINDS[name])

    def _received(self, request: Request, kind: str) -> dict[str, Any]:
        try:
            receipt = receive(self._door, request, kind, self._now(), self._deadline())
        except Refused as error:
            self._refused(request.id, kind, error)
            return http_answer.refusal(error, request.id)
        except Unavailable as error:
            self._log.error("unavailable", request_id=request.id, path=kind, reason=str(error))
            self._publish(RequestsUnavailable=1)
            return http_answer.unavailable(error, request.id)
        except Exception as error:  # noqa: BLE001 - the last line of defence still owes an answer
            # The type alone: a message or a traceback's values could hold what somebody sent.
            self._log.error("failed", request_id=request.id, path=kind, error=type(error).__name__)
            self._publish(RequestsFailed=1)
            body = http_answer.error_body("internal_error", "this is our mistake", request.id)
            return http_answer.http(500, body)
        self._received_some(request.id, kind, receipt)
        if receipt.accepted:
            return http_answer.http(200, http_answer.accepted(*receipt, request.id))
        return http_answer.http(400, http_answer.none_accepted(receipt.rejected, request.id))

    def _invoked(self, event: Any, request: str) -> dict[str, Any]:
        try:
            receipt = receive_invocation(self._door, event, request, self._now(), self._deadline())
        except Refused as error:
            self._refused(request, "invoke", error)
            return http_answer.error_body(error.code, str(error), request)
        self._received_some(request, "invoke", receipt)
        if receipt.accepted:
            return http_answer.accepted(*receipt, request)
        return http_answer.none_accepted(receipt.rejected, request)

    def _received_some(self, request: str, path: str, receipt: Receipt) -> None:
        rejected = len(receipt.rejected)
        self._log.info(
            "received", request_id=request, path=path, accepted=receipt.accepted, rejected=rejected
        )
        self._publish(EventsAccepted=receipt.accepted, EventsRejected=rejected)

    def _refused(self, request: str, path: str, error: Refused) -> None:
        self._log.info("refused", request_id=request, path=path, code=error.code)
        # A key that is wrong everywhere loses every event of its sender, who need not notice.
        unauthorized = {"RequestsUnauthorized": 1} if error.status == HTTPStatus.UNAUTHORIZED else {}
        self._publish(RequestsRefused=1, **unauthorized)

    def _publish(self, **counts: int) -> None:
        metrics = EphemeralMetrics(namespace=self._namespace, service=self._service)
        for name, value in counts.items():
            metrics.add_metric(name=name, unit=MetricUnit.Count, value=value)
        metrics.flush_metrics()

    def _now(self) -> int:
        return int(self._clock() * 1000)

    def _deadline(self) -> float:
        return self._monotonic() + DEADLINE


def _methods(name: str) -> tuple[str, ...]:
    if name == _HEALTH:
        return ("GET", "HEAD")
    return ("POST", "PUT", "PATCH") if KINDS[name] == WEBHOOK else ("POST",)
