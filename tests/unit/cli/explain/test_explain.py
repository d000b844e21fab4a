"""`pql explain`: what somebody reads who asks why."""

from __future__ import annotations

import json
import shlex
from pathlib import Path

import msgspec
import pytest

from fakes.events import DAY, HOUR, event
from fakes.explaining import HISTORY, NOT, RULES, Captured, asked, with_tests
from pql.cli.rules.places import DOCS
from pql.engine.explain import Explained, Explanation
from pql.engine.wants import Want

LINES = """\
acme as of 4 Jan 2025, 00:00 UTC

✓ lively: hot lead since 3 Jan 2025, 00:00 UTC (1st time)
    another lead is possible once it has ceased to hold
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC
    derive it again: pql explain acme lively --events archive --rules rules --at 2025-01-03T00:00:00.000Z

{NOT} broad: 75% of the way
    needs 2 more active users in the next 13 days (what counts now counts until 17 Jan 2025, 00:00 UTC)
    {NOT} active users in the last 14 days: 2 (at least 4) · event {project} of 4 Jan 2025, 00:00 UTC
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} calm: 75% of the way
    needs billing views in the last 7 days: less than 2 by itself in 4 days, on 8 Jan 2025, 00:00 UTC
    if nothing more happens it comes by itself in 4 days, on 8 Jan 2025, 00:00 UTC
    {NOT} billing views in the last 7 days: 2 (less than 2) · event {billing} of 1 Jan 2025, 01:00 UTC
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} either: 50% of the way
    needs 1 more report created in the next 29 days (what counts now counts until 2 Feb 2025, 00:00 UTC)
    that is the nearest of 2 ways
    {NOT} projects created: 1 (at least 9) · event {project} of 4 Jan 2025, 00:00 UTC
    {NOT} reports created in the last 30 days: 1 (at least 2) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} ending: 38% of the way
    needs days until trial_ends: at most 3 by itself in 5 days, on 9 Jan 2025, 00:00 UTC
    if nothing more happens it comes by itself in 5 days, on 9 Jan 2025, 00:00 UTC
    it is in shadow: its leads are kept and not announced
    {NOT} days until trial_ends: 8 (at most 3)
""".format(
    NOT=NOT,
    **{name: HISTORY[place].id[:16] for name, place in (("report", 3), ("project", 4), ("billing", 1))},
)


def test_it_reads_like_this(here: tuple[str, ...], capsys: Captured) -> None:
    """Leads first, then what is nearest to becoming one; each with what is missing and until when."""
    code, out, err = asked(capsys, "acme", *here)

    assert (0, "pql explain: passed over 1 line without an event and its time\n") == (code, err)
    assert LINES.splitlines() == out.splitlines()[: len(LINES.splitlines())]


def test_the_page_shows_what_is_printed(here: tuple[str, ...], capsys: Captured) -> None:
    """Each paragraph in the documentation is one of the output."""
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("\n```")[0].split("\n\n")
    _, out, _ = asked(capsys, "acme", *here)

    assert shown == [one for one in out.strip().split("\n\n") if one in shown]


def test_the_page_names_every_field() -> None:
    """Whatever programs may rely on is in the documentation."""
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    fields = [*Explanation.__struct_fields__, *Explained.__struct_fields__, *Want.__struct_fields__]

    assert [] == [name for name in fields if f"`{name}`" not in page]


BOTH = "1 more report created in the next 29 days (+20) and 1 more project created (+5)"
COUNTS = "what counts now counts until"
NEEDS = "needs 25 more points of activation"
WORDS = {
    "scored": [f"{NEEDS}: {BOTH} ({COUNTS} 2 Feb 2025, 00:00 UTC)"],
    "paying": ["needs plan to be one of paid, pro (it is trial)"],
    "fresh": [
        "needs projects created to fall from 1 to less than 1, and what was counted stays counted",
        "needs plan not to be trial (it is trial)",
    ],
}


@pytest.mark.parametrize(("rule", "words"), WORDS.items())
def test_one_rule_can_be_asked_for(
    rules: Path, archive: Path, rule: str, words: list[str], capsys: Captured
) -> None:
    """Nothing else is told then."""
    _, out, _ = asked(capsys, "acme", rule, "--events", archive, "--rules", rules)

    assert words == [line.strip() for line in out.splitlines() if "needs" in line]
    assert out.count("\n\n") == 1


def test_programs_read_the_same(rules: Path, archive: Path, capsys: Captured) -> None:
    """Stable fields, and times as ISO 8601."""
    _, out, _ = asked(capsys, "acme", "broad", "--events", archive, "--rules", rules, "--json")
    found = json.loads(out)
    (rule,) = found.pop("rules")
    (want,) = rule["wants"]

    assert {"account": "acme", "subject": "a:acme", "as_of": "2025-01-04T00:00:00.000Z"} == found
    assert ("more", "people", 2, "2025-01-17T00:00:00.000Z") == (
        want["kind"], want["of"], want["by"], want["until"],
    )  # fmt: skip
    assert ("missing", 0.75, False) == (rule["state"], rule["nearness"], rule["met"])


CONVERTING = "conversions: [Subscription Started]\n"


def test_what_has_been_made_of_a_lead_is_told(rules: Path, archive: Path, capsys: Captured) -> None:
    """One that was converted is no open lead, in words and in JSON; it is found in the log as in a table."""
    (rules / "rules.yaml").write_text(CONVERTING + RULES + with_tests(), encoding="utf-8")
    bought = event("bought", "Subscription Started", at=3 * DAY + HOUR)
    (archive / "bought.json").write_bytes(msgspec.json.encode(bought))
    words = ("acme", "lively", "--events", archive, "--rules", rules)
    _, out, _ = asked(capsys, *words)
    _, told, _ = asked(capsys, *words, "--json")
    (rule,) = json.loads(told)["rules"]

    assert (
        [
            "× lively: was a hot lead from 3 Jan 2025, 00:00 UTC on (1st time)",  # noqa: RUF001 (for reading)
            f"    its lead is converted after 1 day by event {bought.id}",
        ]
        == out.splitlines()[2:4]
    )
    assert ("closed", "converted", "2025-01-04T01:00:00.000Z") == (
        rule["state"], rule["life"]["state"], rule["life"]["converted_at"],
    )  # fmt: skip


def test_an_id_may_begin_with_a_dash(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Behind `--`, and so is the command that makes its lead again."""
    log = tmp_path / "log.json"
    log.write_bytes(msgspec.json.encode(event(1, account="-x")))
    _, out, _ = asked(capsys, "--events", log, "--rules", rules, "--", "-x", "lively")
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    assert (0, out, "") == asked(capsys, *shlex.split(command)[2:])


def test_what_follows_an_option_is_still_an_argument(here: tuple[str, ...], capsys: Captured) -> None:
    """The rule may stand before the options, between them and behind."""
    expected = asked(capsys, "acme", "broad", *here)

    assert [expected] * 2 == [
        asked(capsys, "acme", *here, "broad"),
        asked(capsys, *here[:2], "acme", *here[2:], "broad"),
    ]
