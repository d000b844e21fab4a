"""What is said of one rule file that is wrong."""

from __future__ import annotations

import pytest

from pql.rules.faults import RulesRejected
from pql.rules.load import parse


def faults_of(text: str) -> list[str]:
    """Return the faults of a file, as they are printed."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": text})
    return str(rejected.value).splitlines()
