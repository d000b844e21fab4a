"""docs/deploy.md says what the template says.

Its table of parameters is written anew by `PYTHONPATH=functions:tests python tests/template/test_docs.py`.
"""

from __future__ import annotations

import re

from stack import ROOT, of_type, template

PAGE = ROOT / "docs" / "deploy.md"
_TABLE = re.compile(
    r"(?<=<!-- parameters: written from template.yaml -->\n).*?(?=<!-- end of parameters -->)", re.DOTALL
)


def table() -> str:
    """Return the table of parameters in Markdown."""
    rows = ["| parameter | default | what it is |", "| --- | --- | --- |"]
    for name, parameter in template().document["Parameters"].items():
        default = f"`{parameter['Default']}`" if parameter["Default"] != "" else "empty"
        choices = (
            ", ".join(map(str, parameter.get("AllowedValues", []))) if parameter["Type"] == "String" else ""
        )
        words = " ".join(parameter["Description"].split()).replace("|", "\\|")
        rows.append(f"| `{name}` | {default} | {words}{f' ({choices})' if choices else ''} |")
    return "\n".join(rows) + "\n"


def test_parameters_are_described() -> None:
    """The page lists every parameter with its default, as the template has it."""
    written = _TABLE.search(PAGE.read_text())

    assert written
    assert table() == written[0]


def test_alarms_are_explained() -> None:
    """The page says what to do about every alarm."""
    page = PAGE.read_text()
    alarms = set(of_type("AWS::CloudWatch::Alarm", FrontDoor="both"))
    unexplained = {name for name in alarms if f"`{name}`" not in page and not name.endswith("ErrorsAlarm")}

    assert set() == unexplained


def test_outputs_exist() -> None:
    """Outputs that the page names are outputs of the template."""
    named = set(re.findall(r"^\| `(\w+)` \|", PAGE.read_text().split("Try it")[0], re.MULTILINE))

    assert named
    assert set() == named - set(template().document["Outputs"])


if __name__ == "__main__":
    PAGE.write_text(_TABLE.sub(lambda _: table(), PAGE.read_text()))
