"""How a signal reads on a card, and what is said of one that is wrong."""

from __future__ import annotations

import pytest

from fakes.one_signal import CART, PAID, RULES, words_of
from pql.rules.faults import RulesRejected
from pql.rules.load import parse


def faults_of(signal: str) -> str:
    """Return what is said of a file with a faulty signal."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": RULES % signal})
    return "\n".join(map(str, rejected.value.faults))


@pytest.mark.parametrize(
    ("signal", "expected"),
    [
        ("min: n, of: A, within: 30m", "smallest n of A in the last 30 minutes"),
        ("first: plan, of: Signed Up", "first plan of Signed Up"),
        ("active_days: any, within: 14d", "days with any event in the last 14 days"),
        (
            "active_days: A, by: user, within: 14d",
            "days with A by the most regular person in the last 14 days",
        ),
        ("users_each: A, times: 2, within: 1d", "people with A 2 or more times in the last day"),
        (
            "users_each: [A, B], days: 3, within: 14d",
            "people with A or B on 3 or more days in the last 14 days",
        ),
        ("top_share: any, within: 30d", "the most active person's share of all events in the last 30 days"),
        ("sequence: [A, [B, C]], within: 3d", "A then B or C within 3 days"),
        (
            "sequence: [A, {event: B, where: {f: x}}], within: 1h, lasting: 30d",
            "A then B where f is x within 1 hour, completed in the last 30 days",
        ),
        (
            "changes: tier, of: A, from: free, to: [plus, pro]",
            "changes of tier from free to plus or pro in A",
        ),
        ("changes: seats, of: A, direction: up, within: 7d", "increases of seats in A in the last 7 days"),
    ],
)
def test_a_signal_reads_well_on_a_card(signal: str, expected: str) -> None:
    """Plain words, with the window at the end."""
    assert expected == words_of(signal)


@pytest.mark.parametrize(
    ("signal", "fault"),
    [
        ("active_days: any, within: 24h", "r.yaml:1:41: expected a number of days such as 14d, got '24h'"),
        ("active_days: any, by: user", "r.yaml:1:14: `by: user` needs a window, such as `within: 30d`"),
        (
            "users_each: any",
            "r.yaml:1:14: expected either `times` or `days`, such as `times: 2` or `days: 3`",
        ),
        (
            "users_each: any, days: 2, within: 48h",
            "r.yaml:1:14: `days` needs a window of days, such as `within: 14d`",
        ),
        (
            "users_each: any, days: 8, within: 7d",
            "r.yaml:1:14: `within` has fewer days than `days`; widen it or lower `days`",
        ),
        (
            "changes: n, of: A, to: 1, direction: up",
            "r.yaml:1:14: expected either `from` and `to` or `direction`, not both",
        ),
        (
            "changes: n, of: A, order: [a, b]",
            "r.yaml:1:14: `order` needs a direction, such as `direction: up`",
        ),
        (
            "changes: n, of: A, direction: up, order: [a, b, a]",
            "r.yaml:1:14: expected every value of `order` once",
        ),
        (
            f"changes: n, of: A, direction: up, order: [{'a' * 64}, {'a' * 64}b]",
            "r.yaml:1:14: expected every value of `order` once; of a word 64 characters count",
        ),
        (
            "changes: n, of: A, direction: up, order: [1, true, 1.0]",
            "r.yaml:1:14: expected every value of `order` once",
        ),
        (
            "changes: n, of: A, direction: up, order: [a]",
            "r.yaml:1:56: expected at least 2 in the list, found 1",
        ),
        (
            "trend: any, within: 721m",
            "r.yaml:1:35: a trend remembers twice its window, so at most 720m, 372h or 200d, got '721m'",
        ),
        ("trend: any, within: 373h", "r.yaml:1:35: a trend remembers twice its window"),
        ("trend: any, within: 201d", "r.yaml:1:35: a trend remembers twice its window"),
        (
            "decayed: any, half_life: 41d",
            "r.yaml:1:40: ten half-lives are remembered, so one has at most 40d, got '41d'",
        ),
        ("sequence: [A, {evnt: B}]", "r.yaml:1:30: unknown key `evnt`; did you mean `event`?"),
        ("sequence: [A, B], lasting: 2w", "r.yaml:1:42: expected a number of days, hours or minutes"),
    ],
)
def test_a_fault_names_its_place(signal: str, fault: str) -> None:
    """Also inside steps, and for options that do not go together."""
    assert fault in faults_of(signal)


@pytest.mark.parametrize(
    ("signal", "bound", "remedy"),
    [
        ("active_days: any, within: 7d", 8, "widen `within` or lower the bound"),
        ("top_share: any", 80, "a share is written as 0.8, not as 80"),
        (f"sequence: [{CART}, {PAID}]", 65, "set `keep` of the signal to 65"),
        ("changes: tier, of: any", 64, "raise `keep` of the signal"),
        ("users_each: any, times: 2", 65, "set `keep` of the signal to 65"),
    ],
)
def test_a_bound_out_of_reach_comes_with_a_remedy(signal: str, bound: int, remedy: str) -> None:
    """A rule that can never fire does not load."""
    text = (RULES % signal).replace("is: no", f"at_least: {bound}")
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": text})

    assert remedy in "\n".join(map(str, rejected.value.faults))
