"""What AWS and the network throw, turned into pql's own errors."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ParamValidationError

from pql.core.errors import Unavailable

# Nothing of these is a secret, and both are what somebody meets who types a command for the first time.
REMEDIES = {
    "NoRegionError": "nobody says in which region; export AWS_REGION, such as AWS_REGION=eu-central-1, "
    "or what `pql dev` prints",
    "NoCredentialsError": "nobody says who is asking; export AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or what `pql dev` prints",
}


class NoSuchTable(Unavailable):
    """DynamoDB knows no table of the name that was asked for; its answer does not repeat the name."""


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
        if service == "DynamoDB" and code(error) == "ResourceNotFoundException":
            raise NoSuchTable("DynamoDB: there is no such table") from error
        raise Unavailable(f"{service}: {code(error)}") from error
    except BotoCoreError as error:
        name = type(error).__name__
        if isinstance(error, EndpointConnectionError):
            name = f"nothing answers at {error.kwargs.get('endpoint_url')}"
        raise Unavailable(f"{service}: {REMEDIES.get(name, name)}") from error


def code(error: ClientError) -> str:
    """Return the code by which AWS names an error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))
