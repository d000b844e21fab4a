"""What is deployed to ministack is the template, but for what ministack reads otherwise."""

from __future__ import annotations

import copy

import pytest
from dialect import BATCHES, translate

TEMPLATE = {
    "Parameters": {"Workers": {"Type": "Number", "Default": 5}},
    "Resources": {
        "Secret": {
            "Type": "AWS::SecretsManager::Secret",
            "Properties": {"GenerateSecretString": {"ExcludePunctuation": True}},
        },
        "Role": {
            "Type": "AWS::IAM::Role",
            "Properties": {
                "Statement": [
                    {"Effect": "Allow", "Action": "sqs:SendMessage", "Resource": {"Ref": "Secret"}},
                    {"Effect": "Deny", "Action": "sqs:SendMessage", "Resource": {"Ref": "Queue"}},
                ]
            },
        },
        "Function": {"Type": "F", "Properties": {"MaximumConcurrency": {"Ref": "Workers"}}},
        "Alarm": {
            "Type": "AWS::CloudWatch::Alarm",
            "Properties": {
                "Metrics": [
                    {"Id": "silence", "Expression": "FILL(runs, 0)"},
                    {
                        "Id": "runs",
                        "MetricStat": {"Metric": {"MetricName": "M"}, "Stat": "Sum", "Period": 60},
                    },
                ],
                "Threshold": 1,
            },
        },
    },
}


def test_each_rewriting_says_the_same_in_other_words() -> None:
    """A secret by its ARN, a number as one, a batch beside its parts, a metric; denials and the rest stay."""
    said = translate(copy.deepcopy(TEMPLATE))["Resources"]
    allowed, denied = said["Role"]["Properties"]["Statement"]

    assert {"Fn::GetAtt": ["Secret", "Id"]} == allowed["Resource"]
    assert ["sqs:SendMessage", "sqs:SendMessageBatch"] == allowed["Action"]
    assert TEMPLATE["Resources"]["Role"]["Properties"]["Statement"][1] == denied
    assert {"MaximumConcurrency": 5} == said["Function"]["Properties"]
    assert {"MetricName": "M", "Statistic": "Sum", "Period": 60, "Threshold": 1} == said["Alarm"][
        "Properties"
    ]
    assert {"ExcludeCharacters"} == said["Secret"]["Properties"]["GenerateSecretString"].keys()


def test_no_role_is_given_more_than_iam_would_give_it() -> None:
    """What is added is the batch of an action that is allowed, which IAM allows with it."""
    assert {one: f"{one}Batch" for one in BATCHES} == BATCHES


@pytest.mark.parametrize("gone", ["Secret", "Role", "Function", "Alarm"])
def test_a_rewriting_that_finds_nothing_is_to_be_taken_out(gone: str) -> None:
    """It would otherwise stay for ever, after the template or ministack has changed."""
    template = copy.deepcopy(TEMPLATE)
    del template["Resources"][gone]

    with pytest.raises(KeyError, match="nothing left"):
        translate(template)
