"""What takes the events, by the FrontDoor parameter."""

from __future__ import annotations

import pytest

from pql.handlers.door_keeper import DEADLINE
from stack import of_type, properties, template

API = {"IngestApi", "IngestIntegration", "IngestRoute", "IngestStage", "IngestApiPermission", "IngestApiLogs"}
URL = {"IngestFunctionUrl", "IngestUrlPermission", "IngestUrlInvokePermission"}


@pytest.mark.parametrize(
    ("door", "expected"), [("http-api", API), ("function-url", URL), ("both", API | URL)]
)
def test_doors(door: str, expected: set[str]) -> None:
    """An HTTP API, a Function URL or both are made, complete with what lets them call ingest."""
    assert expected == set(template(FrontDoor=door).resources) & (API | URL)


def test_every_path_reaches_ingest() -> None:
    """One route takes every method and path, the bare / too, and leaves CORS to ingest."""
    assert ["$default"] == [route["RouteKey"] for route in of_type("AWS::ApiGatewayV2::Route").values()]
    assert "CorsConfiguration" not in properties("IngestApi")
    assert "Cors" not in properties("IngestFunctionUrl", FrontDoor="both")


def test_only_ingest_is_public() -> None:
    """Nobody may be called from outside but ingest, where keys and signatures are checked."""
    permissions = of_type("AWS::Lambda::Permission", FrontDoor="both")

    assert {"Ingest"} == {each["FunctionName"] for each in permissions.values()}
    assert ["IngestFunctionUrl"] == list(of_type("AWS::Lambda::Url", FrontDoor="both"))


def test_who_calls_ingest_comes_through_its_door() -> None:
    """No API of somebody else's may call it, and nobody may invoke it past its address."""
    permissions = of_type("AWS::Lambda::Permission", FrontDoor="both")
    api, invoking, address = (permissions[name] for name in sorted(permissions))

    assert api["SourceArn"].endswith(":IngestApi/*")
    assert ("lambda:InvokeFunction", "apigateway.amazonaws.com") == (api["Action"], api["Principal"])
    assert ("lambda:InvokeFunction", True) == (invoking["Action"], invoking["InvokedViaFunctionUrl"])
    assert ("lambda:InvokeFunctionUrl", "NONE") == (address["Action"], address["FunctionUrlAuthType"])


def test_ingest_answers_before_anybody_gives_it_up() -> None:
    """Its sender, of whom Segment's webhooks do so after five seconds; Lambda; and the gateway."""
    timeout = properties("Ingest")["Timeout"]

    assert DEADLINE <= 4.0
    assert 5 < timeout < properties("IngestIntegration")["TimeoutInMillis"] / 1000


def test_fault_103_access_logs() -> None:
    """The access log holds neither query string nor header nor address: a key or a person may be in them."""
    logged = properties("IngestStage")["AccessLogSettings"]["Format"]

    assert not {
        word for word in ("query", "header", "authorization", "sourceIp", "userAgent") if word in logged
    }
    assert "$context.status" in logged


def test_fault_033_a_flood_is_turned_away_at_the_gateway() -> None:
    """Above a rate that is chosen the HTTP API answers 429, before anything of ours is paid for."""
    limits = properties("IngestStage", RequestsPerSecond="20", RequestBurst="40")["DefaultRouteSettings"]

    assert {"ThrottlingRateLimit": "20", "ThrottlingBurstLimit": "40"} == limits
