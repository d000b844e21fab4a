"""Every finding of a security tool is mended or accepted with a reason, which docs/security.md repeats.

Its tables are written anew by
`PYTHONPATH=functions:tests:infra python tests/template/test_inspection.py`.
"""

from __future__ import annotations

import json
import re

import inspection
import pytest
from inspection import Acceptance, Finding

from stack import FUNCTIONS, ROOT, allowed, backtest, backtest_properties, of_type, permitted, properties

PAGE = ROOT / "docs" / "security.md"
_PARTS = {
    name: re.compile(
        rf"(?<=<!-- {name}: written from {source} -->\n).*?(?=<!-- end of {name} -->)", re.DOTALL
    )
    for name, source in (
        ("accepted", "infra/audit/accepted.toml"),
        ("roles", "template.yaml"),
        ("backtest", "infra/backtest/template.yaml"),
    )
}
FINDING = Finding("bandit", "B404", "infra/gate.py", "subprocess")


def tables() -> dict[str, str]:
    """Return the tables of the page in Markdown."""
    machines = ("Tie", "Plan", "Count", "Merge", "Machine")
    return {
        "accepted": _accepted(),
        "roles": _roles({name: allowed(name) for name in FUNCTIONS}),
        "backtest": _roles({name: permitted(backtest_properties(f"{name}Role")) for name in machines}),
    }


def _accepted() -> str:
    rows = ["| tool | check | where | reason |", "| --- | --- | --- | --- |"]
    for one in inspection.accepted():
        where = ", ".join(f"`{place}`" for place in one.where) or "everywhere"
        rows.append(f"| {one.tool} | {one.check} | {where} | {one.reason} |")
    return "\n".join(rows) + "\n"


def _roles(allowances: dict[str, dict[str, set[str]]]) -> str:
    rows = ["| function | may | on |", "| --- | --- | --- |"]
    for function, allowance in allowances.items():
        for resource, actions in sorted(allowance.items()):
            named = ", ".join(f"`{action}`" for action in sorted(actions))
            rows.append(f"| {function} | {named} | `{resource}` |")
    return "\n".join(rows) + "\n"


@pytest.mark.parametrize("name", _PARTS)
def test_fault_106_107_the_page_says_what_is_accepted_and_who_may_do_what(name: str) -> None:
    """Whoever decides about a deployment reads it there, and it is what is so."""
    written = _PARTS[name].search(PAGE.read_text())

    assert written
    assert tables()[name] == written[0]


def test_every_acceptance_has_a_reason_and_is_there_once() -> None:
    """And names only what exists."""
    accepted = inspection.accepted()
    resources = {
        name
        for kind in ("AWS::Serverless::Function", "AWS::SNS::Topic", "AWS::S3::Bucket")
        for name in (*of_type(kind), *backtest().of_type(kind))
    }
    places = [place for one in accepted for place in one.where]

    assert len(accepted) == len({(one.tool, one.check) for one in accepted})
    assert all(len(one.reason) > 30 for one in accepted)
    assert [] == [place for place in places if place not in resources and not (ROOT / place).exists()]


@pytest.mark.parametrize(
    ("where", "covered"),
    [
        ((), True),
        (("infra/gate.py",), True),
        (("infra/",), True),
        (("infra",), False),
        (("functions/",), False),
    ],
)
def test_an_acceptance_covers_its_places_only(where: tuple[str, ...], covered: bool) -> None:  # noqa: FBT001 - a column
    """A file or resource, a folder with its slash, or everything."""
    accepted = Acceptance("bandit", "B404", where, "because")

    assert covered == accepted.covers(FINDING)
    assert ([] if covered else [FINDING]) == inspection.unexplained([FINDING, FINDING], [accepted])
    assert not accepted.covers(FINDING._replace(check="B405"))
    assert not accepted.covers(FINDING._replace(tool="checkov"))


@pytest.mark.parametrize(
    ("said", "known"),
    [
        ({"dependencies": [{"name": "a", "vulns": []}, {"name": "b", "skip_reason": "not found"}]}, True),
        ({"dependencies": [{"name": "a", "skip_reason": "not found"}]}, False),
        ({"dependencies": []}, False),
        ({}, False),
    ],
)
def test_fault_107_no_advisories_are_not_taken_for_no_flaws(said: object, known: bool) -> None:  # noqa: FBT001 - a column
    """Without a way to the advisories the step says that it was skipped."""
    assert known == (inspection.advisories(json.dumps(said)) is not None)
    assert inspection.advisories("Connection refused") is None


def test_fault_107_every_function_runs_what_the_bundle_is_built_for() -> None:
    """One runtime for functions and layer; cfn-lint fails the day it is deprecated."""
    runtimes = {properties(function)["Runtime"] for function in FUNCTIONS}

    assert runtimes == set(properties("Dependencies")["CompatibleRuntimes"])


def main() -> None:
    """Write the tables anew."""
    text = PAGE.read_text()
    for name, table in tables().items():
        text = _PARTS[name].sub(lambda _, made=table: made, text)
    PAGE.write_text(text)


if __name__ == "__main__":
    main()
