"""Introduce: what rules that are new find among the accounts there are, and what is made of that.

A rule with a baseline makes no lead of an account that holds already. This says who does, in an order;
makes leads of the first few, where the rule wants that; and wakes those of whom time alone would
make a lead later, which nobody would find who reads only accounts that something happens to.

All of it may be done again: an account's row and its lead are written in one transaction, on condition that
nobody else has written the row, and a lead that stands is counted as one of the few.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Literal, NamedTuple

import msgspec

from pql.core.account import Row, sooner, wake_second
from pql.core.errors import Conflict, LeadExists, NewerVersion, Poison, Unreadable, Unwritable
from pql.core.keys import LeadKey
from pql.core.lead import Lead
from pql.core.window import NEVER
from pql.engine.account import Account
from pql.engine.introduction import Newcomers, release
from pql.engine.lead import lead_of, main_score
from pql.engine.plan import Plan
from pql.engine.slots import RuleSlot
from pql.flows.editions import Editions
from pql.flows.ports import Leads, Store
from pql.flows.revision import LEADS_LIMIT, Revision
from pql.flows.survey import Match, Survey, Tally
from pql.flows.tries import TRIES
from pql.flows.unread import readable, why

Verdict = Literal["matches", "barred", "lead"]
Deed = Literal["none", "woken", "settled"]


class _Look(NamedTuple):
    """An account brought to the present: how it stands with each rule, and what is to be written.

    `wake` is what the row's becomes if it is not settled. `meets` says that there are rules which the
    account has not met: until that is written, what time makes of them is silent.
    """

    revision: Revision
    now: int
    verdicts: Mapping[str, Verdict]
    deed: Deed
    wake: int | None
    meets: bool = False


class Introducer:
    """Introduces rules of a plan as of a moment, `at` (epoch ms); without `write` it only looks."""

    def __init__(
        self, store: Store, leads: Leads, plan: Plan, rules: Sequence[str], at: int, *, write: bool
    ) -> None:
        self._store = store
        self._leads = leads
        self._plan = plan
        self._editions = Editions(store, plan)
        self._rules = frozenset(rules)
        self._at = at
        self._write = write

    def survey(self, rows: Sequence[Row], surveys: Mapping[str, Survey], tally: Tally) -> None:
        """Add to the surveys, by rule, what the accounts in `rows` say; wake or settle who needs it.

        An account whose counters or lead are damaged or a newer deployment's, or that grows beyond what the
        table takes, is `left` in the surveys. Raises `Conflict` when others wrote one again and again, and
        `Unavailable`.
        """
        if self._write:
            self._editions.declare()
        for row in rows:
            try:
                look = self._settled(row) if self._write else self._look(row)
            except (NewerVersion, Unreadable, Unwritable) as error:
                for slot in self._slots(row.subject):
                    surveys[slot.name].left[row.subject] = why(error)
                    surveys[slot.name].introduced += self._may_be_introduced(slot, row.subject)
                continue
            if look is not None:
                tally.accounts += 1
                tally.settled += look.deed == "settled"
                tally.woken += look.deed == "woken"
                tally.counted |= self._remembered(look.revision.account)
                for lead in look.revision.leads:
                    if lead.rule not in self._rules:
                        tally.due[lead.rule] = tally.due.get(lead.rule, 0) + 1
                for slot in self._slots(row.subject):
                    try:
                        self._note(slot, row, look, surveys[slot.name])
                    except Poison as error:
                        surveys[slot.name].left[row.subject] = str(error)
                        surveys[slot.name].introduced += 1  # it may be: no other is made in its place

    def announce(self, rule: str, survey: Survey, top: int) -> None:
        """Make leads of the best matches until there are `top`, those of earlier runs among them.

        Raises as `survey` does, and `Conflict` when others won again and again.
        """
        for place, match in enumerate(survey.ranked):
            if survey.introduced >= top:
                break
            slot = next(one for one in self._slots(match.subject) if one.name == rule)
            try:
                made = self._announced(slot, match.subject)
            except (NewerVersion, Poison, Unreadable, Unwritable) as error:
                survey.left[match.subject] = why(error)
                continue
            if made is not None:
                survey.introduced += 1
                outcome: Literal["lead", "was_lead"] = "lead" if made else "was_lead"
                survey.ranked[place] = msgspec.structs.replace(match, outcome=outcome)

    def _look(self, row: Row, standing: AbstractSet[LeadKey] = frozenset()) -> _Look | None:
        """Bring the account in a row to the present; rules that it has not met come this moment.

        None for a row that holds none: it was folded into another, say. Raises `NewerVersion`.
        """
        if not readable(row).state or row.moved:
            return None
        plan, slots = self._plan.of(row.subject), self._slots(row.subject)
        self._editions.recall([row])
        revision = Revision(plan, row, standing)
        account = revision.account
        now = max(self._at, account.clock)
        newcomers = Newcomers(plan, account)
        first = wake_second(revision.waking)
        if not revision.wake(now):
            # More is due than fits into one transaction, and the sweep's to make first.
            wake = sooner(row.wake, first)
            return _Look(revision, now, {}, "none" if wake == row.wake else "woken", wake)
        holding = newcomers.arrive(now)
        found = {slot.name: _verdict(slot, revision, holding) for slot in slots}
        # What is due by now and has nothing to do with these rules is the sweep's to find.
        wake = sooner(row.wake, first if revision.fired else wake_second(revision.waking))
        waits = newcomers.are_any and revision.waking < NEVER
        deed: Deed = "settled" if newcomers.became else "woken" if waits or wake != row.wake else "none"
        verdicts = {name: one for name, one in found.items() if one is not None}
        return _Look(revision, now, verdicts, deed, wake, newcomers.are_any)

    def _settled(self, row: Row) -> _Look | None:
        """Look at an account and write what must not wait until somebody else looks at it."""
        standing: frozenset[LeadKey] = frozenset()
        for _ in range(TRIES):
            look = self._look(row, standing)
            if look is None:
                return None
            try:
                if look.deed == "settled" or (look.deed == "woken" and look.meets):
                    look.revision.commit(self._store, look.revision.present())
                elif look.deed == "woken":
                    self._store.postpone(row, look.wake)
            except LeadExists as adopted:
                standing |= adopted.keys
            except Conflict:
                row = self._row(row.subject)
            else:
                return look
        raise Conflict(f"others wrote {row.subject} again and again")

    def _announced(self, slot: RuleSlot, subject: str) -> bool | None:
        """Make a lead of a match; return whether it was made now, None if it does not hold any more."""
        standing: frozenset[LeadKey] = frozenset()
        for _ in range(TRIES):
            row = self._row(subject)
            look = self._look(row, standing)
            if look is None or look.verdicts.get(slot.name) != "matches":
                return False if look is not None and self._is_introduced(slot, subject) else None
            plan, account = self._plan.of(subject), look.revision.account
            leads = [lead_of(plan, account, one) for one in release(plan, account, slot, look.now)]
            made = [_introduced(lead, slot.name) for lead in leads if lead.key not in standing]
            look.revision.leads += made
            if len(look.revision.leads) > LEADS_LIMIT:
                return None
            try:
                look.revision.commit(self._store, look.revision.present())
            except LeadExists as adopted:
                standing |= adopted.keys
            except Conflict:
                continue
            else:
                return any(lead.introduced for lead in made)
        raise Conflict(f"others wrote {subject} again and again")

    def _note(self, slot: RuleSlot, row: Row, look: _Look, survey: Survey) -> None:
        verdict = look.verdicts.get(slot.name)
        survey.barred += verdict == "barred"
        if verdict == "lead":
            survey.leads += 1
            made = self._is_introduced(slot, row.subject)
            survey.introduced += made
            survey.introduced_before += made
        elif verdict == "matches":
            survey.matches += 1
            account = look.revision.account
            score = main_score(slot.rule)
            told = None if score is None else account.score(slot.scope.score_places[score])
            people = [one.last for one in account.people.values()]
            survey.ranked.append(Match(row.subject, told, max(people, default=0)))

    def _is_introduced(self, slot: RuleSlot, subject: str) -> bool:
        """Return whether the account's first lead of the rule was made here."""
        record = self._leads.lead(LeadKey(subject, slot.name, 1))
        return record is not None and record.lead.introduced

    def _may_be_introduced(self, slot: RuleSlot, subject: str) -> bool:
        """Return whether an account that is left was introduced, as far as its lead says."""
        try:
            return self._is_introduced(slot, subject)
        except Poison:
            return True

    def _remembered(self, account: Account) -> set[int]:
        """Return the fingerprints of the signals of which an account holds anything."""
        signals = self._plan.of(account.subject).signals
        held = zip(signals, account.aggregates, strict=True)
        return {slot.fingerprint for slot, one in held if one is not None}

    def _slots(self, subject: str) -> list[RuleSlot]:
        """Return those of the rules that judge this subject."""
        return [slot for slot in self._plan.of(subject).rules if slot.name in self._rules]

    def _row(self, subject: str) -> Row:
        return self._store.rows([subject]).get(subject) or Row(subject)


def _verdict(slot: RuleSlot, revision: Revision, holding: int) -> Verdict | None:
    standing = revision.account.standings.get(slot.place)
    if standing is not None and standing.cycle:
        return "lead"
    if not holding & slot.bit:
        return None
    return "barred" if holding & slot.bar else "matches"


def _introduced(lead: Lead, rule: str) -> Lead:
    return msgspec.structs.replace(lead, introduced=True) if lead.rule == rule else lead
