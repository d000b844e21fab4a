"""What AWS and the network throw, turned into pql's own errors."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from botocore.exceptions import BotoCoreError, ClientError, EndpointConnectionError, ParamValidationError
from botocore.parsers import ResponseParserError

from pql.core.errors import Unavailable

_TABLE = "Table"
# What web servers answer, and the door of `pql dev`. Of AWS only S3 says so; others have words of their own.
_NOWHERE = ("404", "not_found")
NO_AWS = "what answers there is no AWS service; export PQL_ENDPOINT_URL as `pql dev` prints it, or unset it"
# Nothing of these is a secret, and both are what somebody meets who types a command for the first time.
REMEDIES = {
    "NoRegionError": "nobody says in which region; export AWS_REGION, such as AWS_REGION=eu-central-1, "
    "or what `pql dev` prints",
    "NoCredentialsError": "nobody says who is asking; export AWS_PROFILE, or AWS_ACCESS_KEY_ID and "
    "AWS_SECRET_ACCESS_KEY, or what `pql dev` prints",
}


class NoSuchTable(Unavailable):
    """DynamoDB knows no table of the name that was asked for; who asked may be told it (`naming_tables`)."""


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
            raise NoSuchTable(f"DynamoDB: there is no such table{_asked(error)}") from error
        is_another = service != "S3" and code(error) in _NOWHERE
        raise Unavailable(f"{service}: {NO_AWS if is_another else code(error)}") from error
    except ResponseParserError as error:
        raise Unavailable(f"{service}: {NO_AWS}") from error
    except BotoCoreError as error:
        name = type(error).__name__
        if isinstance(error, EndpointConnectionError):
            name = f"nothing answers at {error.kwargs.get('endpoint_url')}"
        raise Unavailable(f"{service}: {REMEDIES.get(name, name)}") from error


def naming_tables(client: Any, told: Callable[[str], str]) -> Any:
    """Return a DynamoDB client whose missing tables are told: their name, which DynamoDB's answer lacks.

    `told` says of a name what follows "there is no such table".
    """

    def asked(params: Mapping[str, Any], context: dict[str, Any], **_: Any) -> None:
        context[_TABLE] = _table_in(params)

    def answered(parsed: dict[str, Any], context: Mapping[str, Any], **_: Any) -> None:
        if context.get(_TABLE) and "Error" in parsed:
            parsed["Error"][_TABLE] = told(context[_TABLE])

    client.meta.events.register("before-parameter-build.dynamodb", asked)
    client.meta.events.register("after-call.dynamodb", answered)
    return client


def _table_in(params: Mapping[str, Any]) -> str | None:
    """Return the first table that a call names: by itself, as the key of some items, or inside of one."""
    named = params.get("TableName") or next(iter(params.get("RequestItems", ())), None)
    inner = (one["TableName"] for item in params.get("TransactItems", ()) for one in item.values())
    return named or next(inner, None)


def _asked(error: ClientError) -> str:
    return str(error.response.get("Error", {}).get(_TABLE, ""))


def code(error: ClientError) -> str:
    """Return the code by which AWS names an error."""
    return str(error.response.get("Error", {}).get("Code", "unknown"))
