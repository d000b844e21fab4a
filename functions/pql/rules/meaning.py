"""What a rule means, whatever it is called and whatever it says to people."""

from __future__ import annotations

from typing import Any

from pql.rules.conditions import Condition
from pql.rules.element import digest
from pql.rules.named import Named
from pql.rules.pack import Pack, RuleFile


def checksum(pack: Pack, rule: str) -> str:
    """Return the hash of what the rule means: not its words, not its name, not its neighbours."""
    return digest(meaning(pack, rule))


def meaning(pack: Pack, rule: str) -> dict[str, Any]:
    """Return what the rule means as plain data: its own, its signals, its scores, the rules it looks at."""
    own, rules = _meaning(pack, rule)
    below: dict[str, Any] = {}
    while rules:
        name = rules.pop()
        if name != rule and name not in below:
            below[name], others = _meaning(pack, name)
            rules |= others
    return {**own, "rules": below} if below else own


def _meaning(pack: Pack, rule: str) -> tuple[dict[str, Any], set[str]]:
    """Return the meaning of a rule with its signals and scores, and the other rules it looks at."""
    file = next(file for file in pack.files.values() if rule in file.rules)
    found = _looked_at(file, rule)
    scores = sorted({one.name for one in found if one.what == "score"})
    signals = sorted({one.name for one in found if one.what == "signal"})
    own: dict[str, Any] = {
        "rule": file.rules[rule].meaning(),
        "scores": {name: [part.meaning() for part in file.scores[name]] for name in scores},
        "signals": {name: file.signals[name].meaning() for name in signals},
    }
    if file.subject != "account":
        own["subject"] = file.subject
    return own, {one.name for one in found if one.what in ("rule", "lead")}


def _looked_at(file: RuleFile, name: str) -> list[Named]:
    rule = file.rules[name]
    found = [one for _, one in rule.named()]
    for condition in (rule.when, rule.until, rule.unless):
        found += _named(condition)
    # Scores that scores build on are found as the list grows.
    for one in found:
        if one.what == "score":
            for part in file.scores[one.name]:
                found += part.named()
                for below in part.conditions():
                    found += _named(below)
    return found


def _named(condition: Condition | None) -> list[Named]:
    return [] if condition is None else [one for leaf in condition.leaves() for one in leaf.named()]
