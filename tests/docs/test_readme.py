"""What the documents show is what happens."""

from __future__ import annotations

import re
import shlex
from pathlib import Path

import pytest

from pql.cli.main import main
from pql.rules.load import parse
from pql.rules.source import Source

ROOT = Path(__file__).parents[2]
DOCUMENTS = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
FENCE = re.compile(r"^```(\w+)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\(([^)#\s]+)\)")


def fenced(*languages: str) -> list[tuple[str, str]]:
    """Return (document, block) for every fenced block in one of these languages."""
    return [
        (document.name, block)
        for document in DOCUMENTS
        for language, block in FENCE.findall(document.read_text())
        if language in languages
    ]


@pytest.mark.parametrize(("document", "block"), fenced("console"))
def test_a_command_prints_what_the_document_shows(
    document: str, block: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """Every `$ pql …` is run, and its output compared to the letter."""
    command, _, shown = block.partition("\n")
    words = shlex.split(command)

    assert ["$", "pql"] == words[:2], document
    assert (0, shown) == (main(words[2:]), capsys.readouterr().out)


@pytest.mark.parametrize(("document", "block"), fenced("yaml"))
def test_yaml_in_a_document_is_the_rule_language(document: str, block: str) -> None:
    """A block with rules loads as a file; any other is part of the shipped rules or plain YAML."""
    if "rules:" in block:
        assert ["block.yaml"] == list(parse({"block.yaml": block}).files), document
    elif document == "README.md":
        assert block in (ROOT / "functions" / "rules" / "activation.yaml").read_text()
    else:
        assert isinstance(Source(document, block).data, dict)


@pytest.mark.parametrize(("document", "block"), fenced("python"))
def test_python_in_a_document_compiles(document: str, block: str) -> None:
    """It is at least Python; the journeys drive the same client for real."""
    assert compile(block, document, "exec")


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: document.name)
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    """No document points at a file that is gone."""
    targets = [link for link in LINK.findall(document.read_text()) if "://" not in link]

    assert [] == [target for target in targets if not (document.parent / target).exists()]
