"""Every code a client may see is explained."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent.parent
SOURCES = [
    *(
        ROOT / "functions/pql/core" / f"{name}.py"
        for name in ("body", "strict_json", "shapes", "canonical", "http_answer")
    ),
    ROOT / "functions/pql/flows/admission.py",
    ROOT / "functions/pql/flows/ingest.py",
    ROOT / "functions/pql/handlers/door_keeper.py",
]
CODE = re.compile(r'(?:Refused\(\s*\d+,\s*|error_body\(\s*|Flaw\()"(\w+)"|"(missing_event|bad_field)"')


def test_each_code_is_in_the_documentation() -> None:
    """A code that the source can answer stands in docs/ingest.md, and none stands there that it cannot."""
    answered = {code for path in SOURCES for pair in CODE.findall(path.read_text()) for code in pair if code}
    table = (ROOT / "docs/ingest.md").read_text().partition("## Answers")[2].partition("## What is made")[0]
    cells = re.findall(r"^\| (?:[45]\d\d[, \d]* \| )?((?:`\w+` ?)+)\|", table, re.MULTILINE)

    assert answered == {code for cell in cells for code in re.findall(r"\w+", cell)}
