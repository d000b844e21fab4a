"""What AWS and the network throw, in words of whoever typed the command."""

from __future__ import annotations

from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import boto3
import pytest

from pql.adapters.outages import NO_AWS, outages
from pql.core.errors import Unavailable


class Elsewhere(BaseHTTPRequestHandler):
    """A web server that is no AWS service, as the one of `pql dev` that takes events."""

    def do_POST(self) -> None:
        """Answer that there is nothing here."""
        body = b'{"code": "not_found", "message": "there is nothing here"}'
        self.send_response(404)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    do_GET = do_POST  # noqa: N815 - names of the standard library

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    """Return where it is."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.mark.parametrize(
    ("service", "call"),
    [
        ("dynamodb", lambda client: client.describe_table(TableName="pql")),
        ("cloudformation", lambda client: client.describe_stacks(StackName="pql")),
        ("cloudwatch", lambda client: client.describe_alarms()),
        ("sqs", lambda client: client.list_queues()),
        ("lambda", lambda client: client.list_functions()),
        ("secretsmanager", lambda client: client.list_secrets()),
    ],
)
def test_whoever_names_the_wrong_port_is_told_so(
    service: str, call: object, elsewhere: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A server that is no AWS answers in another form, or with a code that the service does not have."""
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "testing")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "testing")
    client = boto3.client(service, region_name="eu-central-1", endpoint_url=elsewhere)
    with pytest.raises(Unavailable) as told, outages("DynamoDB" if service == "dynamodb" else "AWS"):
        call(client)  # type: ignore[operator]

    assert str(told.value).endswith(NO_AWS)
