"""What a change of rules does to a history, on courses made by hand."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from pql.backtest.changes.change import Change, Judged, change, compared, matched
from pql.backtest.course import Course, Qualified, Subject
from pql.core.window import DAY
from pql.rules.load import parse
from pql.rules.pack import Pack

START = 1_735_689_600_000  # 1 Jan 2025
WEEKS = 8
RULES = """\
signals:
  reports: {{count: Report Created, within: 30d}}
rules:
  {name}:
    when: {{signal: reports, at_least: {bound}}}
    {more}
    title: "{title}"
    reason: r
tests:
  - {{name: nine of them, timeline: [0d Report Created x9], expect: fires at 0d}}
  - {{name: none, timeline: [0d Other], expect: silent}}
"""


def pack(name: str = "busy", bound: int = 3, more: str = "cooldown: 30d", title: str = "busy") -> Pack:
    """Return a pack of one rule."""
    return parse({"rules.yaml": RULES.format(name=name, bound=bound, more=more, title=title)})


def course(
    leads: dict[str, int],
    rule: str = "busy",
    converted: dict[str, int] | None = None,
    moved: dict[str, str] | None = None,
) -> Course:
    """Return a course of eight weeks in which subjects first were leads on these days."""
    wins = converted or {}
    everyone = {*leads, *wins, "a:idle"} - ({*(moved or {})} - {*wins})
    return Course(
        rules=[rule],
        first=START,
        last=START + 7 * WEEKS * DAY,
        subjects={
            key: Subject(
                key, START, START + 7 * WEEKS * DAY, 1, START + wins[key] * DAY if key in wins else None
            )
            for key in sorted(everyone)
        },
        moved=moved or {},
        qualified=[Qualified(rule, key, 1, START + day * DAY) for key, day in leads.items()],
    )


def made(old: dict[str, int], new: dict[str, int], converted: dict[str, int] | None = None) -> Change:
    """Return the change from `at_least: 3` to `at_least: 2`, in which these became leads on these days."""
    return change(
        Judged(pack(), course(old, converted=converted)),
        Judged(pack(bound=2), course(new, converted=converted)),
    )


def test_accounts_are_told_apart_by_what_the_change_does_to_them() -> None:
    """Gained, lost, earlier, later and unchanged, each in the order of time."""
    (found,) = made(
        {"a:lost": 9, "a:sooner": 9, "a:later": 2, "a:same": 4},
        {"a:sooner": 7, "a:later": 5, "a:same": 4, "a:b": 3, "a:a": 3},
    ).rules

    moved = {kind: getattr(found.entries, kind) for kind in ("gained", "lost", "earlier", "later")}
    assert {"gained": ["a:a", "a:b"], "lost": ["a:lost"], "earlier": ["a:sooner"], "later": ["a:later"]} == {
        kind: [one.subject for one in several] for kind, several in moved.items()
    }
    assert (-2 * DAY, 3 * DAY) == (found.entries.earlier[0].shift, found.entries.later[0].shift)
    assert 1 == found.entries.unchanged


def test_precision_recall_and_leads_a_week_stand_on_both_sides() -> None:
    """Two of four leads convert before, two of five after; one converted without a lead."""
    wins = {"a:1": 20, "a:2": 20, "a:idle": 20}
    old = {f"a:{one}": 10 for one in range(4)}
    (found,) = made(old, {**old, "a:4": 10}, wins).rules

    assert found.before is not None
    assert found.after is not None
    assert (0.5, 0.4) == (found.before.precision.rate, found.after.precision.rate)
    assert (2, 3) == (found.after.recall.hits, found.after.recall.of)
    assert (4 / WEEKS, 5 / WEEKS) == (found.before.per_week, found.after.per_week)


def test_whoever_converts_after_the_window_is_not_won() -> None:
    """Of three that are gained, one converts within ten days of its lead; what is announced says the same."""
    wins = {"a:soon": 15, "a:late": 16, "a:past": 4}
    days = dict.fromkeys(wins, 5)
    found = change(
        Judged(pack(), course({}, converted=wins)),
        Judged(pack(bound=2), course(days, converted=wins)),
        10 * DAY,
    )

    for entries in (found.rules[0].entries, found.announced):
        assert ["a:soon"] == [one.subject for one in entries.gained if one.wins]


def test_who_is_lost_has_converted_though_the_new_rules_are_not_about_them() -> None:
    """A rule about accounts becomes one about people."""
    old, new = course({"a:1": 3}, converted={"a:1": 20}), course({"p:1": 3}, converted={"p:1": 20})
    del new.subjects["a:idle"]
    found = change(Judged(pack(), old), Judged(pack(bound=2), new))

    for entries in (found.rules[0].entries, found.announced):
        assert [True, True] == [one.wins for one in (*entries.gained, *entries.lost)]


def test_what_is_new_in_a_rule_is_said_key_by_key() -> None:
    """As it would be found in the file; words that only people read are no change."""
    changed = change(Judged(pack(), course({})), Judged(pack(bound=2, more="cooldown: 7d"), course({})))
    reworded = change(Judged(pack(), course({})), Judged(pack(title="very busy"), course({})))

    assert ("changed", ["when.at_least: 3 → 2", "cooldown: 30d → 7d"]) == (
        changed.rules[0].kind,
        changed.rules[0].differences,
    )
    assert ("same", []) == (reworded.rules[0].kind, reworded.rules[0].differences)


def test_a_rule_with_a_new_name_alone_is_the_same_rule() -> None:
    """Its accounts are compared, not lost and gained."""
    (found,) = change(
        Judged(pack(), course({"a:1": 3})),
        Judged(pack("eager"), course({"a:1": 3}, rule="eager")),
    ).rules

    assert ("eager", "renamed", "busy", 1) == (
        found.rule,
        found.kind,
        found.formerly,
        found.entries.unchanged,
    )


def test_a_rule_that_is_there_on_one_side_only_gains_or_loses_all() -> None:
    """It has no figures on the other."""
    new, gone = change(
        Judged(pack("old"), course({"a:1": 3}, rule="old")),
        Judged(pack("new", bound=2), course({"a:2": 3}, rule="new")),
    ).rules

    assert ("new", "added", None, ["a:2"]) == (
        new.rule,
        new.kind,
        new.before,
        [one.subject for one in new.entries.gained],
    )
    assert ("old", "removed", None, ["a:1"]) == (
        gone.rule,
        gone.kind,
        gone.after,
        [one.subject for one in gone.entries.lost],
    )


def test_whoever_was_folded_into_an_account_stands_for_it() -> None:
    """A lead that was its user's before is no other account."""
    (found,) = change(
        Judged(pack(), course({"u:ada": 3, "a:acme": 9}, moved={"u:ada": "a:acme"})),
        Judged(pack(bound=4), course({"a:acme": 3})),
    ).rules

    assert 1 == found.entries.unchanged
    assert not found.entries.moves


def test_who_converted_before_they_were_folded_is_an_account_that_wins() -> None:
    """As in the figures of the rules."""
    sides = [course({"a:acme": day}, converted={"u:ada": 20}, moved={"u:ada": "a:acme"}) for day in (3, 9)]
    (found,) = change(Judged(pack(), sides[0]), Judged(pack(bound=4), sides[1])).rules

    assert [True] == [one.wins for one in found.entries.later]


def test_a_shadow_that_goes_live_is_announced_though_the_rule_is_the_same() -> None:
    """What people will be told is the change, and nothing of the rule's own leads."""
    leads = {"a:1": 3, "a:2": 9}
    found = change(
        Judged(pack(more="status: shadow"), course(leads)),
        Judged(pack(more="status: live"), course(leads)),
    )

    assert ("same", ("shadow", "live")) == (found.rules[0].kind, found.rules[0].stages)
    assert not found.rules[0].entries.moves
    assert ["a:1", "a:2"] == [one.subject for one in found.announced.gained]
    assert (0, 2) == (found.before.accounts, found.after.accounts)


def test_what_holds_for_all_rules_is_said_beside_them() -> None:
    """A bar in a file changes what every rule does, and the meaning of none."""
    barred = parse({"rules.yaml": RULES.format(name="busy", bound=3, more="cooldown: 30d", title="busy")
                    + "suppress: [{trait: plan, is: paid}]\n"})  # fmt: skip
    found = change(Judged(pack(), course({})), Judged(barred, course({})))

    assert "same" == found.rules[0].kind
    assert ['+ suppress: {"is": "paid", "trait": "plan"}'] == found.shared


def test_devices_that_nobody_is_known_of_are_in_no_list() -> None:
    """They are in no figure of the rule, and so they are none of its accounts."""
    found = change(
        Judged(pack(more="status: live"), course({"a:1": 3})),
        Judged(pack(bound=2, more="status: live"), course({"a:1": 3, "n:phone": 3})),
    )

    assert [False, False] == [one.moves for one in (found.rules[0].entries, found.announced)]
    assert (1, 1) == (found.after.accounts, found.after.leads)


def test_a_held_back_lead_is_none() -> None:
    """The bar keeps the account out on that side."""
    barred = course({"a:1": 3})
    barred.qualified = [Qualified("busy", "a:1", 0, START + 3 * DAY, suppressed=True)]
    (found,) = change(Judged(pack(), course({"a:1": 3})), Judged(pack(bound=4), barred)).rules

    assert ["a:1"] == [one.subject for one in found.entries.lost]


FIRSTS = st.dictionaries(st.sampled_from([f"a:{one}" for one in range(6)]), st.integers(0, 3))


@given(FIRSTS, FIRSTS)
def test_everybody_is_in_one_list_and_back_again_is_the_reverse(
    before: dict[str, int], after: dict[str, int]
) -> None:
    """No account falls between the lists, and undoing a change gains what it lost."""
    there, back = compared(before, after), compared(after, before)

    assert len({*before, *after}) == there.unchanged + sum(
        len(one) for one in (there.gained, there.lost, there.earlier, there.later)
    )
    for one, other in (("gained", "lost"), ("earlier", "later")):
        assert [entry.subject for entry in getattr(there, one)] == [
            entry.subject for entry in getattr(back, other)
        ]


NAMES = st.dictionaries(st.sampled_from("abcdef"), st.sampled_from("xyz"))


@given(NAMES, NAMES)
def test_every_rule_of_either_side_is_matched_once(old: dict[str, str], new: dict[str, str]) -> None:
    """And only by its name, or by its meaning where the name is new."""
    pairs = matched(old, new)

    assert sorted(old) == sorted(one for one, _ in pairs if one)
    assert sorted(new) == sorted(one for _, one in pairs if one)
    assert all(one == other or old[one] == new[other] for one, other in pairs if one and other)
