"""Rules: how they may fire again, where they stand in their life, and what they say of themselves."""

from __future__ import annotations

import pytest

from fakes.events import DAY, HOUR
from fakes.plans import plan_of
from pql.engine.plan import Plan
from pql.rules.faults import RulesRejected
from pql.rules.load import parse
from pql.rules.pack import Pack, RuleFile
from pql.rules.rule import Rule, TierByScore
from pql.rules.source import Source

FILE = """\
signals: {a: {count: Report Created}}
scores: {s: [{points: 5, per: a, up_to: 60}]}
rules:
  r: {when: {signal: a, at_least: 3}, MORE, title: t, reason: r}
tests:
  - {name: a, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: b, timeline: [0d Signed Up], expect: silent}
"""


def parsed(more: str) -> Rule:
    """Return the rule with these keys."""
    return parse({"r": FILE.replace("MORE", more)}).files["r"].rules["r"]


CASES = {
    "until": ("until: {signal: a}", "expected exactly one of at_least"),
    "until of nothing": ("until: {signal: b, at_most: 1}", "4:46: unknown signal `b`; there is a"),
    "unless": ("unless: {trait: plan, iss: x}", "unknown key `iss`; did you mean `is`?"),
    "requalify": ("requalify: {}", "4:50: expected `after`, or `signal` and `more`"),
    "requalify by half": ("requalify: {signal: a}", "4:50: `signal` and `more` belong together"),
    "requalify after": (
        "requalify: {after: 3}",
        "4:58: expected a number of days, hours or minutes such as 3d, 3h or 3m, got 3",
    ),
    "requalify unknown": ("requalify: {signal: b, more: 1}", "4:59: unknown signal `b`; there is a"),
    "requalify key": ("requalify: {afer: 3d}", "4:51: unknown key `afer`; did you mean `after`?"),
    "status": (
        "status: canary 101%",
        "4:47: expected one of draft, shadow, live or `canary 10%` (1 to 100), got 'canary 101%'",
    ),
    "a canary of nobody": (
        "status: canary 0%",
        "4:47: expected one of draft, shadow, live or `canary 10%` (1 to 100), got 'canary 0%'",
    ),
    "baseline": ("baseline: top 0", "4:49: expected one of silent, none or `top 20`, got 'top 0'"),
    "severity": (
        "severity: urgent",
        "4:49: expected `low`, `medium`, `high` or `critical`, found `urgent`",
    ),
    "tier": ("tier: boiling", "4:45: expected `hot`, `warm` or `cold`, found `boiling`"),
    "tier of no score": ("tier: {score: x, hot: 1}", "4:53: unknown score `x`; there is s"),
    "tier out of reach": (
        "tier: {score: s, hot: 61}",
        "4:61: score `s` can reach 60 at most, never 61",
    ),
    "tier that everybody reaches": (
        "tier: {score: s, hot: -1}",
        "4:61: score `s` is 0 at least, so that -1 says nothing; raise it",
    ),
    "tiers upside down": ("tier: {score: s, hot: 1, warm: 2}", "4:45: `hot` must begin above `warm`"),
    "tier key": ("tier: {score: s, hott: 1}", "4:56: unknown key `hott`; did you mean `hot`?"),
    "no tiers": ("tier: {score: s}", "4:45: expected the points for `hot`, for `warm` or for both"),
    "card": ('card: ["{b}"]', "4:46: unknown placeholder `b`"),
    "channels": ("channels: sales", "4:49: expected a list, such as [sales]"),
}


@pytest.mark.parametrize(("more", "fault"), CASES.values(), ids=CASES)
def test_a_fault_in_a_rule_names_its_place(more: str, fault: str) -> None:
    """Every option says what belongs in it."""
    with pytest.raises(RulesRejected) as rejected:
        parsed(more)

    told = [f"{one.line}:{one.column}: {one.message}" for one in rejected.value.faults]

    assert any(fault in one for one in told), told


def test_a_tier_may_begin_at_the_last_point_and_at_the_first() -> None:
    """A bound that is just within reach is no fault."""
    assert TierByScore(score="s", hot=60, warm=0) == parsed("tier: {score: s, hot: 60, warm: 0}").tier


def test_suppressions_are_checked_like_any_condition() -> None:
    """With their place in the file."""
    with pytest.raises(RulesRejected) as rejected:
        parse({"r": FILE.replace("MORE", "cooldown: 1d") + "suppress: [{signal: b, at_least: 1}]\n"})

    assert ["r:8:12: unknown signal `b`; there is a"] == str(rejected.value).splitlines()


def test_a_canary_grows_without_changing_who_is_in_it() -> None:
    """Its share is about as large as said, and a larger one holds all of a smaller one."""
    subjects = [f"a:account-{number}" for number in range(2_000)]
    rules = [parsed(f"status: canary {share}%") for share in (1, 10, 50, 100)]
    shares = [{one for one in subjects if rule.status_for("r", one) == "live"} for rule in rules]

    assert 2_000 == len(shares[3])
    assert 0 < len(shares[0]) <= 40
    assert 150 <= len(shares[1]) <= 250
    assert 900 <= len(shares[2]) <= 1_100
    assert shares[0] < shares[1] < shares[2]


def test_another_rule_has_another_canary() -> None:
    """The same accounts are not everybody's trial."""
    rule = parsed("status: canary 50%")
    chosen = [{n for n in range(200) if rule.status_for(name, f"a:{n}") == "live"} for name in ("r", "s")]

    assert chosen[0] != chosen[1]


@pytest.mark.parametrize(("status", "announced"), [("live", "live"), ("shadow", "shadow")])
def test_a_rule_in_shadow_announces_nothing(status: str, announced: str) -> None:
    """Its leads say so."""
    assert announced == parsed(f"status: {status}").status_for("r", "a:acme")


def test_a_lead_expires_by_its_own_time_and_not_by_the_cooldown() -> None:
    """Thirty days apart and ninety days open, unless the rule says otherwise."""
    usual, own = parsed("tier: hot"), parsed("cooldown: 2d, expires: 12h")

    assert (30 * DAY, 90 * DAY) == (usual.cooldown_ms, usual.expires_ms)
    assert (2 * DAY, 12 * HOUR) == (own.cooldown_ms, own.expires_ms)


def test_a_score_decides_the_tier() -> None:
    """The highest one reached, at its bound, or cold."""
    tiers = TierByScore(score="fit", hot=60, warm=30)

    assert ["cold", "warm", "warm", "hot"] == [tiers.of(points) for points in (29.5, 30, 59, 60)]


WORDS = ["owner: growth", "runbook: call them", "card: [more]", "channels: [x]", "severity: low"]
STAGES = ["status: shadow", "baseline: top 5"]
MEANT = [
    "until: {signal: a, at_most: 1}",
    "unless: {trait: plan, is: paid}",
    "requalify: {after: 90d}",
    "requalify: {signal: a, more: 2}",
    "tier: {score: s, hot: 50}",
    "cooldown: 2d",
]


def test_the_checksum_follows_what_decides_about_a_lead() -> None:
    """Not the words, not who is told, and not how far the rule has come."""
    plain, *others = (
        plan_of(FILE.replace("MORE, ", f"{more}, " if more else "")).rules[0].checksum
        for more in ["", *WORDS, *STAGES, *MEANT]
    )

    assert {plain} == set(others[: len(WORDS) + len(STAGES)])
    assert len(MEANT) + 1 == len({plain, *others[len(WORDS) + len(STAGES) :]})


def test_the_checksum_follows_the_rules_looked_at() -> None:
    """A change below a rule is a change of the rule, in whatever file it is made."""
    over = "rules: {over: {when: {rule: r}, title: t, reason: r}}"
    checksums = set()
    for bound in ("at_least: 3", "at_least: 4"):
        under = FILE.replace("MORE, ", "").replace("at_least: 3", bound)
        texts = {"over": over, "under": under}
        files = {name: RuleFile.model_validate(Source(name, text).data) for name, text in texts.items()}
        checksums |= {one.checksum for one in Plan(Pack(files)).rules if one.name == "over"}

    assert 2 == len(checksums)


def test_a_draft_is_live_in_the_tests_of_its_file() -> None:
    """What is rehearsed is the rule as it will be."""
    pack = parse({"r": FILE.replace("MORE", "status: draft")})

    assert "live" == pack.rehearsed().files["r"].rules["r"].status


MISFITS = {
    "a ratio of what flows": (
        "when: {ratio: silent, to_trait: seats, at_least: 1}",
        "6:21: signal `silent` changes all the time; compare it by `signal`",
    ),
    "one number of what flows": (
        "when: {signal: silent, is: 3}",
        "6:13: signal `silent` changes all the time, so that it is no number for long; write `at_least`",
    ),
    "evidence of what flows": (
        "when: {signal: exports, at_least: 1}, requalify: {signal: silent, more: 3}",
        "6:65: signal `silent` changes all the time, which is no new evidence; write `after`",
    ),
    "a forecast of a count": (
        "when: {forecast: exports, reaches: limit, within: 3d}",
        "6:24: a forecast reads a `gauge`, and this is a `count`",
    ),
    "a limit in quotes": (
        'when: {forecast: exports, reaches: "1,000", within: 3d}',
        "6:42: expected a number, without quotes, or the name of a trait",
    ),
    "a limit that is none": (
        "when: {forecast: exports, reaches: true, within: 3d}",
        "6:42: expected a number, or the name of a trait that holds one",
    ),
    "a limit below nothing": (
        "when: {forecast: exports, reaches: -5, within: 3d}",
        "6:42: expected a number, more than 0, or the name of a trait that holds one",
    ),
    "a count below nothing": (
        "when: {signal: exports, at_least: -5}",
        "6:41: signal `exports` is 0 at least, so that -5 says nothing; raise it",
    ),
    "a share below nothing": (
        "when: {ratio: exports, to_trait: seats, at_least: -0.5}",
        "6:57: signal `exports` is 0 at least, so that -0.5 says nothing; raise it",
    ),
    "a ratio to a number": (
        "when: {ratio: exports, to_trait: 100, at_least: 0.8}",
        "6:40: expected the name of a trait; hold a signal to a number by {signal: NAME, at_least: ...}",
    ),
    "a ratio to a number in quotes": (
        'when: {ratio: exports, to_trait: "80%", at_least: 0.8}',
        "6:40: expected the name of a trait; hold a signal to a number by {signal: NAME, at_least: ...}",
    ),
}


@pytest.mark.parametrize(("when", "fault"), MISFITS.values(), ids=MISFITS)
def test_a_signal_that_is_not_fit_for_its_use_is_refused(when: str, fault: str) -> None:
    """Where the value would have to be looked at every moment, or is none of the kind."""
    signals = "signals:\n  exports: {count: Exported}\n  silent: {days_since: any}\n"
    with pytest.raises(RulesRejected) as rejected:
        parse({"r.yaml": f"{signals}\nrules:\n  r: {{{when}, title: t, reason: r}}\n"})

    assert f"r.yaml:{fault}" in str(rejected.value)
