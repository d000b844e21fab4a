"""docs/leads.md names every metric that the functions send, and no other."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "leads.md").read_text(encoding="utf-8")
SENDERS = [*(ROOT / "functions/pql/flows").glob("*.py"), *(ROOT / "functions/pql/handlers").glob("*.py")]
# How the name of a metric begins; AWS has names of this form as well, and begins them otherwise.
METRIC = re.compile(
    r"Conflicts|LargeAccounts|(Accounts|Events|Leads|Messages|Requests|Rules|Sightings|Slack|StreamRecords|Wakes|Webhook)[A-Z][A-Za-z]+"
)
# What the verbs of `pql lead` and the buttons come to, which nobody sends yet, and names of alarms.
UNSENT = {"leads.py", "doctor.py"}


def named(tree: ast.AST) -> Iterator[str]:
    """Yield the metrics that a module names, in a string or as a keyword."""
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield from (f"{one.value}ForPeople" for one in node.values[:1] if isinstance(one, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.keyword) and node.arg:
            yield node.arg


def test_every_metric_stands_on_the_page() -> None:
    """Each once, with what it counts."""
    sent = {
        name
        for path in SENDERS
        if path.name not in UNSENT
        for name in named(ast.parse(path.read_text(encoding="utf-8")))
        if METRIC.fullmatch(name)
    }
    section = PAGE.partition("\n## Metrics\n")[2].partition("\n## ")[0]
    told = [
        name
        for row in section.splitlines()
        if row[:1] == "|"
        for name in re.findall(r"`(\w+)`", row.split("|")[1])
    ]

    assert sorted(sent) == sorted(told)
