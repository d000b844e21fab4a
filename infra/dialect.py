"""The built template in ministack's dialect: `python infra/dialect.py BUILT > WRITTEN`.

What is deployed to AWS is never touched. Each rewriting stands for one thing in which ministack 1.5
reads a template otherwise than CloudFormation does, and none of them gives a role anything that AWS
would not give it.
"""

from __future__ import annotations

import json
import string
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import yaml

# IAM authorises a batch of messages by the action of one; ministack asks for an action of its own,
# which IAM does not know.
BATCHES = {
    "sqs:ChangeMessageVisibility": "sqs:ChangeMessageVisibilityBatch",
    "sqs:DeleteMessage": "sqs:DeleteMessageBatch",
    "sqs:SendMessage": "sqs:SendMessageBatch",
}


def translate(template: dict[str, Any]) -> dict[str, Any]:
    """Return the template with every rewriting applied; raises `KeyError` where one finds nothing to do."""
    for rewriting in (_secrets_by_arn, _numbers, _batches, _plain_keys, _plain_alarms):
        if not rewriting(template):
            raise KeyError(f"nothing left for {rewriting.__name__}: take it out")
    return template


def _secrets_by_arn(template: dict[str, Any]) -> int:
    """`Ref` of a secret is its ARN; ministack gives its name, which no policy matches."""
    secrets = {
        name for name, one in template["Resources"].items() if one["Type"] == "AWS::SecretsManager::Secret"
    }

    def by_arn(node: dict[str, Any]) -> bool:
        if node.keys() != {"Ref"} or node["Ref"] not in secrets:
            return False
        node["Fn::GetAtt"] = [node.pop("Ref"), "Id"]
        return True

    return _each(template, by_arn)


def _numbers(template: dict[str, Any]) -> int:
    """Parameters arrive as text and CloudFormation makes numbers of them; ministack does not everywhere."""
    parameters = template["Parameters"]

    def number(node: dict[str, Any]) -> bool:
        named = node.get("MaximumConcurrency")
        if not isinstance(named, dict):
            return False
        node["MaximumConcurrency"] = parameters[named["Ref"]]["Default"]
        return True

    return _each(template, number)


def _batches(template: dict[str, Any]) -> int:
    def with_batches(node: dict[str, Any]) -> bool:
        actions = node.get("Action", [])
        listed = actions if isinstance(actions, list) else [actions]
        more = [BATCHES[action] for action in listed if action in BATCHES]
        if node.get("Effect") != "Allow" or not more:
            return False
        node["Action"] = [*listed, *more]
        return True

    return _each(template, with_batches)


def _plain_keys(template: dict[str, Any]) -> int:
    """`ExcludePunctuation` is ignored in templates; a list of characters is not."""

    def plain(node: dict[str, Any]) -> bool:
        if not node.pop("ExcludePunctuation", False):
            return False
        node["ExcludeCharacters"] = string.punctuation
        return True

    return _each(template, plain)


def _plain_alarms(template: dict[str, Any]) -> int:
    """An alarm on an expression is refused; one on the only metric in it is taken."""

    def plain(node: dict[str, Any]) -> bool:
        if not isinstance(node.get("Metrics"), list):
            return False
        (stat,) = (one["MetricStat"] for one in node.pop("Metrics") if "MetricStat" in one)
        node.update(stat["Metric"], Statistic=stat["Stat"], Period=stat["Period"])
        return True

    return _each(template, plain)


def _each(template: dict[str, Any], rewrite: Callable[[dict[str, Any]], bool]) -> int:
    return sum(rewrite(node) for node in [*_mappings(template)])


def _mappings(node: Any) -> Iterator[dict[str, Any]]:
    if isinstance(node, dict):
        yield node
    for inner in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from _mappings(inner)


if __name__ == "__main__":
    print(json.dumps(translate(yaml.safe_load(Path(sys.argv[1]).read_text())), default=str))
