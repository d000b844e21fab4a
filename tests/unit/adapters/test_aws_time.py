"""Every worker has the time of DynamoDB, whatever its own clock says."""

from __future__ import annotations

from collections.abc import Callable
from email.utils import formatdate
from typing import Any

import boto3
import pytest
from botocore.awsrequest import AWSResponse

from pql.adapters.aws_time import AwsTime
from pql.adapters.dynamo_outbox import DynamoOutbox
from pql.core.errors import Unavailable
from pql.core.keys import LeadKey

TRUE = 1_795_316_400.0
HOUR = 3_600.0
Answer = tuple[AWSResponse, dict[str, Any]]
KEY = LeadKey("a:acme", "busy", 1)


def client_of(answer: Callable[[], Answer]) -> Any:
    """Return a client of a DynamoDB that answers every call so."""
    own = {"aws_access_key_id": "testing", "aws_secret_access_key": "testing"}
    client = boto3.client("dynamodb", region_name="eu-west-1", **own)
    client.meta.events.register("before-call.dynamodb", lambda **_: answer())
    return client


def dated(date: str | None, status: int = 200, **parsed: Any) -> Callable[[], Answer]:
    """Return an answer with this `Date`."""
    headers = {} if date is None else {"Date": date}
    return lambda: (AWSResponse("", status, headers, None), parsed)


@pytest.mark.parametrize("ahead", [-2 * HOUR, -60.0, 0.0, 3.0, 60.0, 2 * HOUR])
def test_fault_109_a_clock_that_is_wrong_is_put_right_by_the_first_answer(ahead: float) -> None:
    """Of two workers none takes over a lease that holds by the clock of the other."""
    client = client_of(dated(formatdate(TRUE, usegmt=True)))
    time = AwsTime(client, lambda: TRUE + ahead)
    DynamoOutbox(client, "pql").lead(KEY)

    assert TRUE == pytest.approx(time(), abs=5)


def test_fault_109_the_grain_of_a_clock_that_is_right_is_kept() -> None:
    """`Date` has seconds; where it agrees the worker's own milliseconds stand."""
    client = client_of(dated(formatdate(TRUE, usegmt=True)))
    time = AwsTime(client, lambda: TRUE + 0.789)
    DynamoOutbox(client, "pql").lead(KEY)

    assert TRUE + 0.789 == time()


@pytest.mark.parametrize("date", [None, "", "yesterday", "Sun, 99 Nov 2026 25:00:00 GMT"])
def test_an_answer_without_a_date_says_nothing(date: str | None) -> None:
    """An engine that stands in for DynamoDB may leave it out."""
    client = client_of(dated(date))
    time = AwsTime(client, lambda: TRUE)
    DynamoOutbox(client, "pql").lead(KEY)

    assert TRUE == time()


def test_fault_109_signatures_of_another_time_are_an_outage() -> None:
    """A clock that is hours off gets nothing done, so that nothing it would do is done wrongly."""
    error = {"Code": "InvalidSignatureException", "Message": "Signature not yet current"}
    client = client_of(dated(None, status=400, Error=error))

    with pytest.raises(Unavailable, match="InvalidSignatureException"):
        DynamoOutbox(client, "pql").claim(KEY, "slack", 1, 2)
