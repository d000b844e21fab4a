"""What DynamoDB answers to a write on condition, turned into pql's own errors."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError

from pql.adapters.outages import code
from pql.core.errors import Conflict, LeadExists, Unavailable, Unwritable
from pql.core.lead import Lead

_CANCELED = "TransactionCanceledException"
_CONDITION = "ConditionalCheckFailed"
_DENIED = frozenset({"AccessDeniedException", "ResourceNotFoundException"})
_INVALID = "ValidationException"
_TOO_LARGE = "ValidationError"  # what a transaction says of one item


@contextmanager
def unknown_outcomes(writes: int = 1, leads: Sequence[Lead] = ()) -> Iterator[None]:
    """Turn what a conditional write can answer into `Conflict`, for whoever reads again is never wrong.

    A timeout or a 5xx says neither that the write happened nor that it did not. What the table refuses
    as it is raises `Unwritable`, and a table that may not be written `Unavailable`. In a transaction
    `leads` come after so many other `writes`; if they alone stand already it is `LeadExists`.
    """
    try:
        yield
    except ClientError as error:
        name = code(error)
        if name == _INVALID:
            raise Unwritable(f"DynamoDB: {name}") from error
        if name in _DENIED:
            raise Unavailable(f"DynamoDB: {name}") from error
        if name == _CANCELED:
            _explain(error, writes, leads)
        raise Conflict(f"DynamoDB: {name}") from error
    except BotoCoreError as error:
        raise Conflict(f"DynamoDB: {type(error).__name__}") from error


def _explain(error: ClientError, writes: int, leads: Sequence[Lead]) -> None:
    """Raise what the reasons of a canceled transaction say beyond a conflict."""
    reasons = [one.get("Code") for one in error.response.get("CancellationReasons", [])]
    if _CONDITION in reasons[:writes]:
        return
    if _TOO_LARGE in reasons:
        raise Unwritable(f"DynamoDB: {_TOO_LARGE}") from error
    of_leads = zip(leads, reasons[writes:], strict=False)
    standing = {lead.key for lead, reason in of_leads if reason == _CONDITION}
    if standing:
        raise LeadExists(frozenset(standing)) from error
