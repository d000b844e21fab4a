"""What AWS and the network throw, turned into pql's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, ParamValidationError

from pql.core.errors import Unavailable


@contextmanager
def outages(service: str) -> Iterator[None]:
    """Raise `Unavailable` for whatever `service` throws.

    Denied access and missing resources are outages too: somebody is about to repair them, and nothing
    may be dropped until then. A call we built wrongly stays the bug it is, and so does a condition
    that was not met: catch that one inside.
    """
    try:
        yield
    except ParamValidationError:
        raise
    except ClientError as error:
        raise Unavailable(f"{service}: {code(error)}") from error
    except BotoCoreError as error:
        raise Unavailable(f"{service}: {type(error).__name__}") from error


def code(error: ClientError) -> str:
    """Return the code by which AWS names an error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))
