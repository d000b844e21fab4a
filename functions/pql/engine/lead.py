"""The lead for a rule that fired: every operand's value and bound, who did it and who was most active."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pql.core.aggregates.distinct import hash_of
from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, person_key, readable, user_key, visitor_key
from pql.core.lead import ROLES, Lead, Operand, Person, Role, Subject, Tier, lead_id
from pql.core.window import MINUTE
from pql.engine.account import PERSON_ID_LIMIT, Account
from pql.engine.judge import Fired
from pql.engine.operands import once, operands
from pql.engine.plan import Plan
from pql.engine.words import Words
from pql.rules.conditions import ScoreCondition
from pql.rules.names import folded
from pql.rules.rule import Rule, TierByScore

PEOPLE_SHOWN = 5
# Of an id that nobody gave on purpose: a lead stands in a transaction with up to 98 others, of 4 MB in all.
ACCOUNT_ID_LIMIT = 1_000
TITLE_LIMIT = 500
REASON_LIMIT = 2_000
LINE_LIMIT = 300
_SUBJECTS: dict[str, Subject] = {
    "a": "account",
    "u": "user",
    "n": "anonymous",
    "p": "user",
    "v": "anonymous",
}


def lead_of(plan: Plan, account: Account, fired: Fired) -> Lead:
    """Return the lead for a rule that has just fired, as the account stands now."""
    event, slot = fired.event, fired.rule
    rule = slot.rule
    subject = _SUBJECTS[account.subject[0]]
    account_id = (_named(event, account.subject) or readable(account.subject))[:ACCOUNT_ID_LIMIT]
    words = Words(account, slot.scope, account_id, fired.at)
    score = main_score(rule)
    people = (
        _people(rule, words, account, event) if plan.subject == "account" else _alone(account, account_id)
    )
    return Lead(
        id=lead_id(account.subject, slot.name, fired.cycle),
        subject=subject,
        subject_key=account.subject,
        account_id=account_id,
        rule=slot.name,
        checksum=slot.checksum,
        cycle=fired.cycle,
        tier=_tier(rule, words),
        created=fired.at,
        title=words.filled(rule.title)[:TITLE_LIMIT],
        reason=words.filled(rule.reason)[:REASON_LIMIT],
        event_id=None if event is None else event.id,
        score=words.score(score) if score else None,
        score_name=score,
        evidence=once(_operands(rule, words)),
        people=people[:PEOPLE_SHOWN],
        people_partial=plan.subject == "account" and (account.crowded or len(people) > PEOPLE_SHOWN),
        traits={
            name: account.traits[folded(name)][2] for name in plan.shown if folded(name) in account.traits
        },
        status="shadow" if slot.name in plan.shadowed else rule.status_for(slot.name, account.subject),
        severity=rule.severity,
        channels=[*rule.channels],
        owner=rule.owner,
        runbook=None if rule.runbook is None else words.filled(rule.runbook)[:REASON_LIMIT],
        card=[words.filled(line)[:LINE_LIMIT] for line in rule.card],
        expires=rule.expires_ms,
    )


def _named(event: Event | None, subject: str) -> str | None:
    """Return the subject's id as the event says it: of a long one the key is a hash."""
    if event is None:
        return None
    named = (
        (account_key, event.account),
        (user_key, event.user),
        (person_key, event.user),
        (anonymous_key, event.anonymous),
        (visitor_key, event.anonymous),
    )
    return next((one for key_of, one in named if one is not None and key_of(one) == subject), None)


def _operands(rule: Rule, words: Words) -> Iterator[Operand]:
    """Yield what qualified the account, then what did not keep it from being a lead."""
    yield from operands(rule.when, words)
    if isinstance(rule.tier, TierByScore):
        yield from operands(ScoreCondition(score=rule.tier.score, at_least=_bound(rule.tier, words)), words)
    if rule.unless is not None:
        yield from operands(rule.unless, words, turned=True)


def main_score(rule: Rule) -> str | None:
    """Return the score that a card names beside the tier: the one that decides it, or the first asked."""
    if isinstance(rule.tier, TierByScore):
        return rule.tier.score
    return next((leaf.score for leaf in rule.when.leaves() if isinstance(leaf, ScoreCondition)), None)


def _tier(rule: Rule, words: Words) -> Tier:
    return rule.tier.of(words.score(rule.tier.score)) if isinstance(rule.tier, TierByScore) else rule.tier


def _bound(tiers: TierByScore, words: Words) -> float:
    """Return where the tier reached begins, or for a cold lead the lowest there is."""
    bounds = sorted(bound for bound in (tiers.warm, tiers.hot) if bound is not None)
    return max((bound for bound in bounds if bound <= words.score(tiers.score)), default=bounds[0])


def _people(rule: Rule, words: Words, account: Account, event: Event | None) -> list[Person]:
    """Return who did it, then whom the rule's signals are about, then the others, the most active first."""
    # In whole minutes, as the row has them: who is first must not hang on who was read from it.
    known = {person: (one.events, _minute(one.last)) for person, one in account.people.items()}
    roles = _roles(rule, words, known)
    if event is not None and event.actor:
        did = event.actor[:PERSON_ID_LIMIT]
        known.setdefault(did, (0, _minute(event.time)))
        roles[did] = "did"
    ranked = [
        Person(id=person, events=events, last=last, role=roles.get(person))
        for person, (events, last) in sorted(known.items(), key=lambda one: (-one[1][0], -one[1][1], one[0]))
    ]
    return sorted(ranked, key=lambda one: ROLES.index(one.role) if one.role else len(ROLES))


def _roles(rule: Rule, words: Words, people: Iterable[str]) -> dict[str, Role]:
    """Return what people have to do with the signals of a rule: to be the champion says most."""
    by_hash: dict[int, Role] = {}
    for role, whom in words.people(rule.when):
        by_hash |= {one: role for one in whom if by_hash.get(one) != "champion"}
    return {person: by_hash[found] for person in people if (found := hash_of(person)) in by_hash}


def _alone(account: Account, person: str) -> list[Person]:
    """Return the one person it is about, with what was counted under their ids, of 16 devices at most."""
    events = sum(one.events for one in account.people.values())
    last = max((one.last for one in account.people.values()), default=account.clock)
    return [Person(id=person, events=events, last=_minute(last))]


def _minute(moment: int) -> int:
    return moment // MINUTE * MINUTE
