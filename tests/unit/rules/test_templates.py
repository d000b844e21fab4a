"""What titles and reasons name is filled in, and what nobody has told is said so."""

from __future__ import annotations

import pytest

from fakes.events import event, group
from fakes.plans import plan_of
from pql.engine.lead import lead_of
from pql.engine.step import step

RULE = """\
signals:
  exports: {{count: Report Exported}}
rules:
  heavy:
    when: {{signal: exports, at_least: 1}}
    title: t
    reason: "{reason}"
"""


@pytest.mark.parametrize(
    ("reason", "told"),
    [
        ("{exports} on {traits.plan}", "1 on trial"),
        ("{traits.seats} seats", "nothing seats"),
        ("{traits.seats|some} seats", "some seats"),
        ("on {traits.plan|no plan}", "on trial"),
        ("{account}{traits.seats|}", "acme"),
        ("{traits.Pl-An|none}", "trial"),
    ],
)
def test_a_trait_that_nobody_has_told_may_be_told_otherwise(reason: str, told: str) -> None:
    """Behind a bar stands what to say instead of "nothing"."""
    plan = plan_of(RULE.format(reason=reason))
    account = plan.account("a:acme")
    step(plan, account, group(0, plan="trial"))
    (fired,) = step(plan, account, event(1, "Report Exported"))

    assert told == lead_of(plan, account, fired).reason
