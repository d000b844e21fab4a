"""What a function reads and what the template gives it are the same."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from importlib import import_module

import pytest

from stack import FUNCTIONS, properties

FOR_POWERTOOLS = {"POWERTOOLS_SERVICE_NAME", "POWERTOOLS_METRICS_NAMESPACE", "POWERTOOLS_LOG_LEVEL"}


class Noted(Mapping[str, str]):
    """An environment that remembers what was asked for."""

    def __init__(self, values: Mapping[str, str]) -> None:
        self._values = values
        self.asked: set[str] = set()

    def __getitem__(self, name: str) -> str:
        self.asked.add(name)
        return self._values[name]

    def __iter__(self) -> Iterator[str]:
        return iter(self._values)

    def __len__(self) -> int:
        return len(self._values)


def _declared(function: str) -> dict[str, str]:
    variables = properties(function)["Environment"]["Variables"]
    return {name: str(value) for name, value in variables.items()}


@pytest.mark.parametrize("function", FUNCTIONS)
def test_declared_is_read(function: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every variable that is declared is read while the handler is built, and no other one is."""
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
    for name, value in _declared(function).items():
        monkeypatch.setenv(name, value)
    env = Noted(_declared(function))
    handler = import_module(f"pql.handlers.{function.lower()}").build(env)

    assert callable(handler)
    assert set(_declared(function)) - FOR_POWERTOOLS == env.asked - FOR_POWERTOOLS


@pytest.mark.parametrize("function", FUNCTIONS)
def test_every_function_names_itself(function: str) -> None:
    """Logs and metrics carry the function's name, and the metrics those of the stack."""
    declared = _declared(function)

    assert function.lower() == declared["POWERTOOLS_SERVICE_NAME"]
    assert "pql/pql" == declared["POWERTOOLS_METRICS_NAMESPACE"]
    assert f"pql.handlers.{function.lower()}.handler" == properties(function)["Handler"]


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_103_no_secret_in_the_environment(function: str) -> None:
    """A function gets the address of a secret and never the secret, which the console would show."""
    planted = {
        "SlackWebhookUrl": "https://hooks.slack.com/services/T0/B0/planted",
        "SlackBotToken": "xoxb-planted",
        "SlackChannel": "C0",
        "LeadWebhookUrl": "https://planted.example.com",
        "LeadWebhookSecret": "whsec_planted",
    }

    assert "planted" not in str(properties(function, **planted))
