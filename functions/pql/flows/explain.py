"""Explain: why the account in a row is a lead under each rule, or what is missing."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from pql.core.account import Row
from pql.core.errors import NewerVersion
from pql.core.keys import LeadKey
from pql.core.lead import LeadRecord
from pql.engine.explain import Explainer, Explanation
from pql.engine.plan import Plan
from pql.flows.revision import Revision


def explain(
    plan: Plan, row: Row, now: int, lead: Callable[[LeadKey], LeadRecord | None], rules: Sequence[str] = ()
) -> Explanation:
    """Return how the account in `row` stands at `now` (epoch ms); nothing is written.

    What time alone has made true by then is judged first, so that it reads as if somebody had just
    looked. `lead` finds a stored lead; `rules` names the rules to explain, all if none. Raises
    `NewerVersion` for a row that a newer deployment wrote.
    """
    plan = plan.of(row.subject)
    if row.newer:
        raise NewerVersion("a newer deployment wrote the row")
    revision = Revision(plan, row)
    before = {key for key in _last_leads(plan, revision) if not rules or key.rule in rules}
    revision.wake(now)
    stored = (lead(key) for key in sorted(before))
    known = [*(one for one in stored if one is not None), *map(LeadRecord, revision.leads)]
    return Explainer(plan).explain(revision.account, now, known, rules)


def _last_leads(plan: Plan, revision: Revision) -> set[LeadKey]:
    account = revision.account
    return {
        LeadKey(account.subject, plan.rules[place].name, standing.cycle)
        for place, standing in account.standings.items()
        if standing.cycle
    }
