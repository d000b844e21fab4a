"""Why an account is a lead under each rule, or what is missing.

Conditions are looked at part by part, by their own `holds` and not by the function that judges events;
tests hold the two together. Nothing fires here.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import msgspec

from pql.core.keys import readable
from pql.core.lead import Lead, Operand
from pql.engine.account import Account
from pql.engine.alarm import alarm
from pql.engine.literal import holds
from pql.engine.missing import Missing
from pql.engine.operands import Words, operands
from pql.engine.outlook import Outlook
from pql.engine.plan import Plan
from pql.engine.reasons import State, reasons, state_of
from pql.engine.scope import Ruled
from pql.engine.wants import Want
from pql.engine.ways import joined, nearness, ways
from pql.rules.conditions import Condition

_ORDER: Sequence[State] = ("qualified", "due", "held_back", "missing")


class Explained(msgspec.Struct, frozen=True):
    """How an account stands with one rule; all times are epoch ms.

    `state` is `qualified` (a lead, and nothing has ended that), `due` (everything holds, and the next
    look makes it a lead), `held_back` (the condition holds, and `reasons` say what holds it back) or
    `missing`. `met` says whether the condition holds, `barred` whether `unless` or `suppress` do.
    `nearness` is 1 while the first does and the second does not, less the more is missing, and 0 if that
    is not `possible` any more. `wants` are what is missing on the nearest of so many `ways`; at `comes`
    time alone brings everything. `operands` are the condition as it stands, then what must not bar it.
    `cycle` and `fired` are the last lead, `lead` is that lead itself if it is known.
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
        self, account: Account, now: int, leads: Sequence[Lead] = (), rules: Sequence[str] = ()
    ) -> Explanation:
        """Return how the account stands at `now` (epoch ms), or at its clock if that is later.

        What time alone made true until then must have been judged (`step.wake`). `leads` are those that
        are known, `rules` names the rules to explain, all if none. Leads stand first, then what is
        nearest to becoming one.
        """
        outlook = Outlook(self._plan, account, readable(account.subject), now, self._alarm)
        known = {(lead.rule, lead.cycle): lead for lead in leads}
        found = [self._rule(name, outlook, known) for name in rules or self.rules]
        found.sort(key=_rank)
        return Explanation(readable(account.subject), account.subject, outlook.now, found)

    def _rule(self, name: str, outlook: Outlook, leads: dict[tuple[str, int], Lead]) -> Explained:
        account, now = outlook.account, outlook.now
        rule, scope = self.rules[name]
        slot = self._slots.get(name)
        standing = account.standings.get(slot.place) if slot else None
        words = Words(account, scope, readable(account.subject), now)
        met, barred = holds(rule.when, words), self._is_barred(name, words)
        asked = [ways(rule.when, words)]
        asked += [ways(one, there, turned=True) for one, there in self._bars(name, words)]
        found = joined(asked)
        open_ = not met or barred
        wants = Missing(outlook).of_way(found[0]) if found and open_ else []
        possible = bool(found) and all(one.possible for one in wants)
        cycle = standing.cycle if standing else 0
        fired = standing.fired if standing and cycle else None
        over = (fired or 0) + rule.cooldown_ms
        comes = outlook.first(words, lambda then: self._would_fire(name, then)) if open_ else None
        return Explained(
            rule=name,
            status=rule.status,
            state=state_of(slot, standing, account, now, met=met, barred=barred),
            met=met,
            barred=barred,
            nearness=round(nearness(found[0]), 3) if possible else float(not open_),
            possible=possible,
            wants=wants,
            ways=len(found),
            comes=comes,
            operands=_once(self._operands(name, words)),
            reasons=[*reasons(name, rule, slot, account, words, met=met)],
            cycle=cycle,
            fired=fired,
            cooldown_until=over if fired is not None and over > now else None,
            lead=leads.get((name, cycle)),
        )

    def _bars(self, name: str, words: Words) -> Iterator[tuple[Condition, Words]]:
        """Yield what must not hold, each with the names of its own file."""
        rule, scope = self.rules[name]
        if rule.unless is not None:
            yield rule.unless, words
        for _, file, conditions in scope.book.muted:
            yield from ((one, words.of(file)) for one in conditions)

    def _is_barred(self, name: str, words: Words) -> bool:
        return any(holds(one, there) for one, there in self._bars(name, words))

    def _would_fire(self, name: str, words: Words) -> bool:
        return holds(self.rules[name].rule.when, words) and not self._is_barred(name, words)

    def _operands(self, name: str, words: Words) -> Iterator[Operand]:
        yield from operands(self.rules[name].rule.when, words)
        for one, there in self._bars(name, words):
            yield from operands(one, there, turned=True)


def _once(found: Iterator[Operand]) -> list[Operand]:
    """Return each operand once: a score may stand in several conditions."""
    return list({msgspec.json.encode(one): one for one in found}.values())


def together(explanations: Sequence[Explanation]) -> Explanation:
    """Return several explanations of one subject as one: a user may be counted as a person besides."""
    rules = [one for explanation in explanations for one in explanation.rules]
    return msgspec.structs.replace(explanations[0], rules=sorted(rules, key=_rank))


def _rank(one: Explained) -> tuple[int, float, str]:
    return _ORDER.index(one.state), -one.nearness, one.rule
