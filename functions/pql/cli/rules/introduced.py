"""What an introduction of rules found and did, for a terminal and as JSON."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

from pql.cli.plain_json import plain_json
from pql.cli.rules.checkpoint import Checkpoint
from pql.core.clean_text import cleaned, cut
from pql.core.keys import LeadKey, readable
from pql.core.lead import lead_id
from pql.core.lead_reference import reference
from pql.core.plain_words import ago, counted, iso, number
from pql.engine.slots import RuleSlot
from pql.flows.survey import Match, Survey

WHO_SHOWN = 40
LEFT_SHOWN = 20
_HEADINGS = ("RANK", "SCORE", "LAST SEEN", "WHO", "")
_SAID = {
    "lead": "is a lead now",
    "was_lead": "is a lead",
    "would": "would be a lead",
    "silent": "stays silent",
}


class Introduced(NamedTuple):
    """The end of an introduction: how many leads each rule wants, and whether they were to be made."""

    mark: Checkpoint
    slots: Mapping[str, RuleSlot]
    tops: Mapping[str, int]
    show: int
    apply: bool
    announce: bool

    def outcome(self, rule: str, rank: int, match: Match) -> str:
        """Return what became of a match, or would become of it."""
        if self.announce or match.outcome != "silent":
            return match.outcome
        return "would" if rank <= self.room(rule) else "silent"

    def room(self, rule: str) -> int:
        """Return how many leads are still to be made."""
        return max(0, self.tops[rule] - self.mark.surveys[rule].introduced)


def text(found: Introduced) -> Iterator[str]:
    """Yield the ranking of each rule, and what was written."""
    for rule, survey in found.mark.surveys.items():
        yield from _rule(found, rule, survey)
        yield ""
    yield from _uncounted(found)
    tally = found.mark.tally
    for rule, accounts in sorted(tally.due.items()):
        leads = counted(accounts, "lead")
        yield f"{leads} of {rule} will be made of what is past: if it is new, introduce it, too"
    settled = counted(tally.settled, "account")
    deeds = f"{settled} settled, {tally.woken} to be woken when time makes a rule true"
    if found.apply or found.announce:
        yield deeds
    else:
        yield f"nothing was written; --apply: {deeds}; --announce makes the leads as well"


def _rule(found: Introduced, rule: str, survey: Survey) -> Iterator[str]:
    slot = found.slots[rule]
    status = "" if slot.rule.status == "live" else f", status {slot.rule.status}"
    accounts = counted(found.mark.tally.accounts, "account")
    yield f"{rule}: {survey.matches} of {accounts} held already (baseline {slot.rule.baseline}{status})"
    rows = [_HEADINGS, *_rows(found, rule, survey)]
    widths = [max(len(row[place]) for row in rows) for place in range(len(_HEADINGS))]
    for row in rows if survey.ranked else []:
        rank, score, *words = row
        cells = [rank.rjust(widths[0]), score.rjust(widths[1])]
        cells += [word.ljust(width) for word, width in zip(words, widths[2:], strict=True)]
        yield "  ".join(cells).rstrip()
    if survey.matches > found.show:
        yield f"… and {survey.matches - found.show} more"
    if survey.leads or survey.barred:
        yield (
            f"{survey.leads} had become leads before, {survey.introduced_before} of them by this command;"
            f" {survey.barred} are held back by unless or suppress"
        )
    for subject, why in sorted(survey.left.items())[:LEFT_SHOWN]:
        yield f"left: {cleaned(subject)}: {why}"
    if len(survey.left) > LEFT_SHOWN:
        yield f"{counted(len(survey.left), 'account')} left in all"


def _uncounted(found: Introduced) -> Iterator[str]:
    """Yield the signals of these rules that nothing has been counted for: new ones have no past."""
    for name in sorted({name for slot in found.slots.values() for name in _unknown(found, slot)}):
        yield f"`{name}` is not counted in any account yet: a signal counts from its deployment on"


def _unknown(found: Introduced, slot: RuleSlot) -> Iterator[str]:
    """Yield the signals a rule looks at that no account remembers anything of."""
    for scope, element in slot.scope.through(slot.rule.when):
        for one in element.named():
            if one.what == "signal" and scope.signals[one.name].fingerprint not in found.mark.tally.counted:
                yield one.name


def _rows(found: Introduced, rule: str, survey: Survey) -> Iterator[tuple[str, ...]]:
    for rank, match in enumerate(survey.ranked[: found.show], 1):
        score = "" if match.score is None else number(match.score)
        seen = ago(match.seen, found.mark.at) if match.seen else ""
        who = cut(cleaned(_who(match.subject)), WHO_SHOWN)
        yield str(rank), score, seen, who, _SAID[found.outcome(rule, rank, match)]


def _who(subject: str) -> str:
    return readable(subject) if subject.startswith("a:") else subject


def document(found: Introduced) -> str:
    """Return it as JSON; fields may be added, none is renamed."""
    plain = {
        "at": iso(found.mark.at),
        "written": found.apply or found.announce,
        "accounts": found.mark.tally.accounts,
        "settled": found.mark.tally.settled,
        "woken": found.mark.tally.woken,
        "due": found.mark.tally.due,
        "rules": [_plain(found, rule, survey) for rule, survey in found.mark.surveys.items()],
    }
    return plain_json(plain)


def _plain(found: Introduced, rule: str, survey: Survey) -> dict[str, Any]:
    slot = found.slots[rule]
    return {
        "rule": rule,
        "checksum": slot.checksum,
        "status": slot.rule.status,
        "baseline": slot.rule.baseline,
        "matches": survey.matches,
        "barred": survey.barred,
        "leads": survey.leads,
        "introduced": survey.introduced,
        "left": dict(sorted(survey.left.items())),
        "ranked": [
            {
                "rank": rank,
                "account_id": readable(match.subject),
                "subject_key": match.subject,
                "score": match.score,
                "last_seen": iso(match.seen) if match.seen else None,
                "outcome": found.outcome(rule, rank, match),
                "lead": reference(LeadKey(match.subject, rule, 1)),
                "lead_id": lead_id(match.subject, rule, 1),
            }
            for rank, match in enumerate(survey.ranked[: found.show], 1)
        ],
    }
