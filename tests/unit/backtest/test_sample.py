"""A sample of events says what there is, who qualifies, and which rules say the same."""

from __future__ import annotations

import json
from typing import Any

from pql.backtest.rerun.sample import Sample
from pql.rules.load import parse
from pql.rules.source import Source

TEXT = """\
signals:
  reports: {count: Report Created, within: 7d}
  exports: {count: Report Exported}
rules:
  busy: {when: {signal: reports, at_least: 2}, title: t, reason: r}
  keen: {when: {signal: exports, at_least: 1}, title: t, reason: r, status: draft}
tests:
  - {name: a, rule: busy, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: b, rule: busy, timeline: [0d Report Created], expect: silent}
  - {name: c, rule: keen, timeline: [0d Report Exported], expect: fires at 0d}
  - {name: d, rule: keen, timeline: [0d Report Created], expect: silent}
"""


def line(name: str, day: int, user: str = "ada", **more: Any) -> bytes:
    """Return one event as an SDK sends it."""
    event = {"type": "track", "event": name, "userId": user, "messageId": f"{name}{day}{user}"}
    return json.dumps({**event, "timestamp": f"2026-01-{day:02d}T12:00:00Z", **more}).encode()


def sample(lines: list[bytes]) -> Sample:
    """Return what the lines say about the pack."""
    return Sample(parse({"r.yaml": TEXT}), lines)


def told(lines: list[bytes]) -> list[str]:
    """Return the overlaps in the lines, as they are printed."""
    return [str(one) for one in sample(lines).overlaps({"r.yaml": Source("r.yaml", TEXT)})]


def used(account: str, *, exports: bool) -> list[bytes]:
    """Return two reports of an account and, perhaps, an export."""
    named = {"context": {"groupId": account}, "user": account}
    lines = [line("Report Created", 1, **named), line("Report Created", 2, **named)]
    return [*lines, line("report_exported", 3, **named)] if exports else lines


def test_rules_that_find_the_same_accounts_are_told() -> None:
    """More than nine of ten accounts, drafts included; at the name of the later rule."""
    lines = [one for account in range(19) for one in used(f"a{account}", exports=True)]

    words = (
        "overlap: of 20 accounts in the sample that qualify under `busy` or `keen` 19 (95 %) "
        "qualify under both"
    )

    assert [f"r.yaml:6:3: {words}"] == told([*lines, *used("b", exports=False)])


def test_rules_that_part_in_every_tenth_account_are_let_be() -> None:
    """Nine of ten is not more than nine of ten."""
    lines = [one for account in range(9) for one in used(f"a{account}", exports=True)]

    assert [] == told([*lines, *used("b", exports=False)])


def test_a_few_accounts_prove_nothing() -> None:
    """Four accounts may qualify under the same rules by chance."""
    assert [] == told([one for account in range(4) for one in used(f"a{account}", exports=True)])


def test_events_are_judged_at_their_own_time() -> None:
    """Two reports eight days apart are not two within seven days, whenever the sample is read."""
    apart = [line("Report Created", 1), line("Report Created", 9)]
    near = [line("Report Created", 1), line("Report Created", 7)]

    assert [set(), {"u:ada"}] == [sample(lines).qualified["busy"] for lines in (apart, near)]


def test_an_event_is_counted_once_and_for_the_account_of_its_user() -> None:
    """A repeat counts nothing; who has been grouped counts for the account from then on."""
    group = json.dumps({"type": "group", "userId": "ada", "groupId": "acme", "messageId": "g"}).encode()
    lines = [group, line("Report Created", 1), line("Report Created", 1), b"", b"{", b"[]"]

    assert set() == sample(lines).qualified["busy"]
    assert {"a:acme"} == sample([*lines, line("Report Created", 2)]).qualified["busy"]
    assert 2 == sample(lines).unread


def test_a_sample_knows_the_names_in_it() -> None:
    """By type and folded name, as they were first written."""
    page = json.dumps({"type": "page", "name": "Pricing", "userId": "ada", "messageId": "p"}).encode()

    assert {"track": {"reportcreated": "Report Created"}, "page": {"pricing": "Pricing"}} == sample(
        [line("Report Created", 1), line("report_created", 2), page]
    ).names
