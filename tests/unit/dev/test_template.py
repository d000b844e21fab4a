"""The template loader: the intrinsics that template.yaml uses."""

from __future__ import annotations

from pathlib import Path

import pytest
import yaml

from pql.dev.template import Template, TemplateFault, load

TEXT = """
Parameters:
  Stage: {Type: String, Default: local}
  Size: {Type: Number, Default: 1000}
  Required: {Type: String}
Conditions:
  Local: !Equals [!Ref Stage, local]
  Deployed: !Not [!Condition Local]
  Either: !Or [!Condition Local, !Condition Deployed]
  Both: !And [!Condition Local, !Condition Deployed]
Mappings:
  Names: {us-east-1: {short: use1}}
Globals:
  Function:
    Timeout: 3
    Environment: {Variables: {SHARED: yes-it-is, LEVEL: INFO}}
Resources:
  One:
    Type: AWS::Serverless::Function
    Properties: {Timeout: 9, Environment: {Variables: {LEVEL: DEBUG, OWN: !Ref Queue}}}
  Queue: {Type: AWS::SQS::Queue}
  Skipped: {Type: AWS::SQS::Queue, Condition: Deployed}
"""


class Made:
    """Resources whose ids say what was asked for."""

    def ref(self, name: str) -> str:
        """Return `ref-` and the name."""
        return f"ref-{name}"

    def attribute(self, name: str, attribute: str) -> str:
        """Return name and attribute."""
        return f"{name}-{attribute}"


def template(tmp_path: Path, **overrides: str) -> Template:
    """Return the template above, read from a file."""
    path = tmp_path / "template.yaml"
    path.write_text(TEXT)
    return load(path, overrides)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("!Ref Stage", "local"),
        ("!Ref Queue", "ref-Queue"),
        ("!Ref AWS::Region", "us-east-1"),
        ("!GetAtt Queue.Arn", "Queue-Arn"),
        ("!GetAtt [Queue, Arn]", "Queue-Arn"),
        ('!Sub "${Stage}/${Queue}/${Queue.Arn}/${!kept}"', "local/ref-Queue/Queue-Arn/${kept}"),
        ("!Sub ${AWS::AccountId}", "123456789012"),
        ('!Sub ["${Own}-${Stage}", {Own: !Ref Queue}]', "ref-Queue-local"),
        ("!If [Local, yes-local, no]", "yes-local"),
        ("!If [Deployed, {a: 1}, {b: !Ref Size}]", {"b": 1000}),
        ("!If [Either, 1, 2]", 1),
        ("!If [Both, 1, 2]", 2),
        ("{a: !Ref AWS::NoValue, b: [1, !Ref AWS::NoValue]}", {"b": [1]}),
        ('!Join ["-", [a, !Ref Stage]]', "a-local"),
        ('!Select [1, !Split [",", "a,b"]]', "b"),
        ("!FindInMap [Names, !Ref AWS::Region, short]", "use1"),
        ("{Fn::GetAtt: [Queue, Arn]}", "Queue-Arn"),
    ],
)
def test_intrinsics(tmp_path: Path, text: str, expected: object) -> None:
    """An intrinsic becomes what CloudFormation would put in its place."""
    path = tmp_path / "value.yaml"
    path.write_text(f"Resources: {{}}\nMetadata:\n  value: {text}\n")
    value = load(path).document["Metadata"]["value"]

    assert expected == template(tmp_path).resolve(value, Made())


def test_globals_are_merged_under_a_function(tmp_path: Path) -> None:
    """A function's own property wins over Globals, and environments are merged by variable."""
    properties = template(tmp_path).resources["One"]["Properties"]

    assert properties["Timeout"] == 9
    assert properties["Environment"]["Variables"] == {
        "SHARED": "yes-it-is",
        "LEVEL": "DEBUG",
        "OWN": {"Ref": "Queue"},
    }


def test_a_false_condition_leaves_its_resource_out(tmp_path: Path) -> None:
    """A resource exists only where its condition holds, which a parameter may decide."""
    assert "Skipped" not in template(tmp_path).resources
    assert "Skipped" in template(tmp_path, Stage="prod").resources


def test_a_parameter_without_value_is_a_fault(tmp_path: Path) -> None:
    """A parameter without default must be given, and is named when it was not."""
    with pytest.raises(TemplateFault, match="Required has no default"):
        template(tmp_path).resolve({"Ref": "Required"}, Made())

    assert template(tmp_path, Required="x").resolve({"Ref": "Required"}, Made()) == "x"


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ({"Fn::Cidr": ["10.0.0.0/16", 1, 8]}, "does not know the function Fn::Cidr"),
        ({"Fn::If": ["Nowhere", 1, 2]}, "no condition Nowhere"),
    ],
)
def test_what_is_not_known_is_refused_by_name(tmp_path: Path, value: object, words: str) -> None:
    """The local world guesses nothing: it names what it does not know."""
    with pytest.raises(TemplateFault, match=words):
        template(tmp_path).resolve(value, Made())


def test_an_unknown_override_is_refused(tmp_path: Path) -> None:
    """A parameter the template does not have is a mistake of whoever gives it."""
    with pytest.raises(TemplateFault, match="no parameter Typo"):
        template(tmp_path, Typo="x")


@pytest.mark.parametrize("text", ["- [", "just text", "a: 1"])
def test_a_file_that_is_no_template_is_a_fault(tmp_path: Path, text: str) -> None:
    """A broken template says so instead of raising a parser's error."""
    path = tmp_path / "template.yaml"
    path.write_text(text)

    with pytest.raises(TemplateFault, match=r"template\.yaml"):
        load(path)


def test_a_tag_cannot_make_a_python_object(tmp_path: Path) -> None:
    """A tag is a CloudFormation function and never one of Python's."""
    path = tmp_path / "template.yaml"
    path.write_text("Resources: {}\nX: !!python/object/apply:os.getcwd []\n")

    with pytest.raises((TemplateFault, yaml.YAMLError)):
        load(path)
