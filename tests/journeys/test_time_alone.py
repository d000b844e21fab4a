"""An account goes quiet: no event comes, and its card is posted all the same."""

from __future__ import annotations

import json
import time
from pathlib import Path

from fakes.local_world import WRITE_KEY, local_world
from pql.dev.gateway import Request
from pql.handlers import sweep

DAY = 86_400
PACK = """
signals:
  reports: {count: Report Created, within: 7d, label: reports this week}
  ever: {count: Report Created, label: reports ever}
rules:
  quiet:
    when: {all: [{signal: ever, at_least: 2}, {signal: reports, less_than: 1}]}
    title: "{account} has gone quiet"
    reason: "{ever} reports so far, {reports} this week."
tests:
  - {name: a silent week, timeline: [0d Report Created x2, 9d nothing], expect: fires at 7d}
  - {name: one report, timeline: [0d Report Created, 9d nothing], expect: silent}
"""


class Clock:
    """The wall clock, `ahead` by so many days."""

    ahead = 0

    def __call__(self) -> float:
        """Return the time."""
        return time.time() + self.ahead * DAY


def test_a_week_of_silence_is_one_card(tmp_path: Path) -> None:
    """The sweep of the right day makes the lead and posts its card; those before and after make none."""
    (tmp_path / "quiet.yaml").write_text(PACK)
    clock = Clock()
    builds = {"Sweep": lambda env: sweep.build(env, clock=clock)}
    with local_world(rules=tmp_path, builds=builds) as live:
        calls = [
            {"type": "track", "userId": "ava", "event": "Report Created", "context": {"groupId": "acme"}}
        ] * 2
        body = json.dumps({"batch": calls, "writeKey": WRITE_KEY}).encode()
        headers = [("Content-Type", "application/json")]
        answer = live.world.answer(Request("POST", "/v1/batch", headers, body))
        found = []
        for clock.ahead in (0, 6, 9, 10, 40):
            live.world.drain()
            live.world.fire_schedules()
            found.append([lead.title for lead in live.leads("acme")])
        (lead,) = live.leads("acme")

        assert 200 == answer.status
        assert [[], [], *[["acme has gone quiet"]] * 3] == found
        assert (None, "2 reports so far, 0 this week.") == (lead.event_id, lead.reason)
        assert 1 == len(live.cards(lead.lead_id))
