"""Why an account is a lead under each rule, or what is missing.

Conditions are looked at part by part, by their own `holds` and not by the function that judges events;
tests hold the two together. Nothing fires here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pql.core.keys import readable
from pql.core.lead import Lead, LeadRecord, Operand
from pql.core.lead_state import Life
from pql.engine.account import Account, Standing
from pql.engine.alarm import alarm
from pql.engine.bars import bars, is_barred
from pql.engine.demand import holds
from pql.engine.missing import Missing
from pql.engine.operands import once, operands, spelled, tested
from pql.engine.outlook import Outlook
from pql.engine.plan import Plan
from pql.engine.reasons import State, is_held_open, reasons, state_of
from pql.engine.scope import Ruled
from pql.engine.wants import Want
from pql.engine.ways import Way, joined, ways_to
from pql.engine.words import Words
from pql.rules.rule import Rule

_ORDER: Sequence[State] = ("qualified", "due", "closed", "held_back", "missing")
_ALMOST = 0.999


class Explained(msgspec.Struct, frozen=True):
    """How an account stands with one rule; all times are epoch ms.

    `state` is `qualified` (a lead, and nothing has ended that), `due` (everything holds, and the next
    look makes it a lead), `closed` (a lead that was converted, dismissed or has expired, and holds yet),
    `held_back` (the condition holds, and `reasons` say what holds it back) or `missing`. `met` says
    whether the condition holds, `barred` whether `unless` or `suppress` do. `nearness` is 1 while the
    first does and the second does not, less the more is missing, 0 for whom nothing is known of, and 0
    if it is not `possible` any more. `wants` are what is missing on the nearest of so many `ways`; at
    `comes` time alone brings everything. `operands` are the condition as it stands, then what must not
    bar it. `cycle` and `fired` are the last lead; `lead` is that lead itself if it is known, and `life`
    what has been made of it.
    """

    rule: str
    status: str
    state: State
    met: bool
    barred: bool
    nearness: float
    possible: bool
    wants: list[Want]
    ways: int
    comes: int | None
    operands: list[Operand]
    reasons: list[str]
    cycle: int
    fired: int | None
    cooldown_until: int | None
    lead: Lead | None = None
    life: Life | None = None


class Explanation(msgspec.Struct, frozen=True):
    """How an account stands with rules, as of `as_of` (epoch ms)."""

    account: str
    subject: str
    as_of: int
    rules: list[Explained]


class Explainer:
    """Explains accounts by the rules of one plan, drafts among them."""

    def __init__(self, plan: Plan) -> None:
        self._plan = plan
        self.rules: dict[str, Ruled] = {}
        for scope in plan.scopes.values():
            self.rules.update(scope.book.rules)
        self._slots = {slot.name: slot for slot in plan.rules}
        self._alarm, _ = alarm([*self.rules.values()], plan.constants)

    def explain(
        self, account: Account, now: int, leads: Sequence[LeadRecord] = (), rules: Sequence[str] = ()
    ) -> Explanation:
        """Return how the account stands at `now` (epoch ms), or at its clock if that is later.

        What time alone made true until then must have been judged (`step.wake`). `leads` are those that
        are known, `rules` names the rules to explain, all if none. Leads stand first, then what is
        nearest to becoming one.
        """
        outlook = Outlook(self._plan, account, readable(account.subject), now, self._alarm)
        known = {(record.lead.rule, record.lead.cycle): record for record in leads}
        found = [self._rule(name, outlook, known) for name in rules or self.rules]
        found.sort(key=_rank)
        return Explanation(readable(account.subject), account.subject, outlook.now, found)

    def _rule(self, name: str, outlook: Outlook, leads: dict[tuple[str, int], LeadRecord]) -> Explained:
        account, now = outlook.account, outlook.now
        rule, scope = self.rules[name]
        slot = self._slots.get(name)
        standing = account.standings.get(slot.place) if slot else None
        shadowed = slot is not None and name in self._plan.shadowed
        words = Words(account, scope, readable(account.subject), now, outlook.blank)
        met, barred = holds(rule.when, words), is_barred(rule, words)
        first = self._first(name, standing, words, met=met)
        asked = [ways_to(rule.when, words)]
        asked += [ways_to(bar.condition, bar.words, turned=True) for bar in bars(rule, words)]
        found = joined(asked)
        open_ = not met or barred
        missing = Missing(outlook)
        wants = missing.of_way(found[0]) if found and open_ else []
        possible = bool(found) and all(one.possible for one in wants)
        nearest = found[0] if found else Way()
        if first is not None:
            wants = [*missing.of_way(first), _again(rule, words)]
            nearest = Way((*first.demands, *nearest.demands))
        cycle = standing.cycle if standing else 0
        fired = standing.fired if standing and cycle else None
        over = (fired or 0) + rule.cooldown_ms
        comes = outlook.first(words, lambda then: _would_fire(rule, then)) if open_ else None
        record = leads.get((name, cycle))
        life = record.at(now) if record else None
        return Explained(
            rule=name,
            status="shadow" if shadowed else rule.status,
            state=state_of(slot, standing, life, account, now, met=met, barred=barred),
            met=met,
            barred=barred,
            nearness=_rounded(nearest, open_=open_) if possible else float(not open_),
            possible=possible,
            wants=wants,
            ways=len(found),
            comes=None if first is not None else comes,
            operands=once(_operands(rule, words)),
            reasons=[*reasons(name, rule, slot, account, words, met=met, shadowed=shadowed)],
            cycle=cycle,
            fired=fired,
            cooldown_until=over if fired is not None and over > now else None,
            lead=record.lead if record else None,
            life=life,
        )

    def _first(self, name: str, standing: Standing | None, words: Words, *, met: bool) -> Way | None:
        """Return the nearest way to what a rule is held open by and must be seen to hold before all else."""
        rule = self.rules[name].rule
        if met or rule.until is None or not is_held_open(rule, standing):
            return None
        return next(iter(ways_to(rule.until, words)), None)


def _would_fire(rule: Rule, words: Words) -> bool:
    return holds(rule.when, words) and not is_barred(rule, words)


def _operands(rule: Rule, words: Words) -> Iterator[Operand]:
    yield from operands(rule.when, words)
    for bar in bars(rule, words):
        yield from operands(bar.condition, bar.words, turned=True)


def _again(rule: Rule, words: Words) -> Want:
    """Return that the condition must hold once more, from whatever it will stand at by then."""
    told = spelled(rule.when, lambda one: f"{one.words} {tested(one)}", words)
    return Want("all", f"then again {told}", "")


def _rounded(way: Way, *, open_: bool) -> float:
    """Return how near a way is, and 1 only if it is not `open_`."""
    return min(_ALMOST, round(way.nearness, 3)) if open_ else 1.0


def together(explanations: Sequence[Explanation]) -> Explanation:
    """Return several explanations of one subject as one: a user may be counted as a person besides."""
    rules = [one for explanation in explanations for one in explanation.rules]
    return msgspec.structs.replace(explanations[0], rules=sorted(rules, key=_rank))


def _rank(one: Explained) -> tuple[int, float, str]:
    return _ORDER.index(one.state), -one.nearness, one.rule
