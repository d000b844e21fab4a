"""From the template's events and routes to what drives the functions."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pql.dev.function import Function
from pql.dev.pump import Source
from pql.dev.queue_source import QueueSource
from pql.dev.resources import Resources
from pql.dev.schedule_source import ScheduleSource
from pql.dev.stream_source import StreamSource
from pql.dev.template import Template, TemplateFault


def sources(
    template: Template, resources: Resources, functions: Mapping[str, Function], client: Callable[[str], Any]
) -> list[Source]:
    """Return a source for every event a function declares, in the order of the template."""
    found: list[Source] = []
    for function in functions.values():
        for event in function.properties.get("Events", {}).values():
            mapping = template.resolve(event.get("Properties", {}), resources)
            found.append(_source(event["Type"], mapping, function, client))
    return found


def _source(
    kind: str, mapping: Mapping[str, Any], function: Function, client: Callable[[str], Any]
) -> Source:
    if kind == "SQS":
        return QueueSource(client("sqs"), function, mapping)
    if kind == "DynamoDB":
        return StreamSource(client("dynamodbstreams"), client("sqs"), function, mapping)
    if kind in {"Schedule", "ScheduleV2"}:
        return ScheduleSource(function, mapping)
    raise TemplateFault(f"{function.name}: the local world knows no event of type {kind}")


def routes(
    template: Template, resources: Resources, functions: Mapping[str, Function]
) -> list[tuple[str, Function]]:
    """Return the HTTP API's route keys, each with the function behind it."""
    by_arn = {function.arn: function for function in functions.values()}
    integrations = {
        name: template.resolve(resource["Properties"]["IntegrationUri"], resources)
        for name, resource in template.of_type("AWS::ApiGatewayV2::Integration").items()
    }
    found = []
    for resource in template.of_type("AWS::ApiGatewayV2::Route").values():
        route = template.resolve(dict(resource["Properties"]), resources)
        integration = route["Target"].removeprefix("integrations/")
        found.append((route["RouteKey"], by_arn[integrations[integration]]))
    if not found:
        raise TemplateFault("the template has no route: nothing could be sent to it")
    return found
