"""template.yaml as the laws of tests/template read it: parameters decided, mentions by name.

`!Ref Table` reads as `Table` and `!GetAtt Table.Arn` as `Table.Arn`.
"""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

from pql.dev.template import Template, load

ROOT = Path(__file__).resolve().parent.parent
FUNCTIONS = ("Ingest", "Notify", "Process", "Slack", "Sweep", "Watch", "Webhook")
# With these everything is there that the template can make of its functions.
WHOLE = {
    "LeadWebhookUrl": "https://hooks.example.com/leads",
    "LeadWebhookSecret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
}


class _Names:
    def ref(self, name: str) -> str:
        return name

    def attribute(self, name: str, attribute: str) -> str:
        return f"{name}.{attribute}"


@cache
def template(**parameters: str) -> Template:
    """Return the whole template with these parameters."""
    return load(ROOT / "template.yaml", {**WHOLE, **parameters})


def properties(name: str, **parameters: str) -> dict[str, Any]:
    """Return the resolved properties of one resource."""
    chosen = template(**parameters)
    found: dict[str, Any] = chosen.resolve(dict(chosen.resources[name].get("Properties", {})), _Names())
    return found


def of_type(kind: str, **parameters: str) -> dict[str, dict[str, Any]]:
    """Return the resolved properties of every resource of one type, by logical id."""
    return {name: properties(name, **parameters) for name in template(**parameters).of_type(kind)}


def events(kind: str, **parameters: str) -> dict[str, dict[str, Any]]:
    """Return the event sources of one kind, by the function they start."""
    return {
        function: source["Properties"]
        for function in FUNCTIONS
        for source in properties(function, **parameters).get("Events", {}).values()
        if source["Type"] == kind
    }


def statements(policy: dict[str, Any]) -> list[dict[str, Any]]:
    """Return the statements of a policy document, each with a list of actions and of resources."""
    return [
        {**each, "Action": _listed(each["Action"]), "Resource": _listed(each.get("Resource", []))}
        for each in policy["Statement"]
    ]


def allowed(function: str) -> dict[str, set[str]]:
    """Return the actions that the function's role allows, by resource."""
    return permitted(properties(f"{function}Role"))


@cache
def backtest() -> Template:
    """Return the template of the backtest machines, over an archive named `archive`."""
    return load(ROOT / "infra" / "backtest" / "template.yaml", {"ArchiveBucket": "archive"})


def backtest_properties(name: str) -> dict[str, Any]:
    """Return the resolved properties of one resource of the backtest machines."""
    found: dict[str, Any] = backtest().resolve(dict(backtest().resources[name]["Properties"]), _Names())
    return found


def permitted(role: dict[str, Any]) -> dict[str, set[str]]:
    """Return the actions that the policies of a role allow, by resource."""
    found: dict[str, set[str]] = {}
    for policy in role["Policies"]:
        for statement in statements(policy["PolicyDocument"]):
            for resource in statement["Resource"]:
                found.setdefault(resource, set()).update(statement["Action"])
    return found


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]
