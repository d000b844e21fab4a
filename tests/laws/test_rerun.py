"""The rerun finds what the live engine finds, event by event: the same leads, and the same bytes."""

from __future__ import annotations

import random
from collections.abc import Sequence

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fakes.chances import chances, examples
from fakes.events import DAY, START
from fakes.histories import histories, packs
from fakes.people import ACCOUNTS, PEOPLE, pack_of
from fakes.plans import MIXED
from fakes.towns import BARRED, PEOPLE_TOO, delivered, town
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_leads import MemoryLeads
from pql.adapters.memory_store import MemoryStore
from pql.backtest.course import Course
from pql.backtest.rerun.rerun import Rerun
from pql.core.envelope import encode
from pql.core.event import Event
from pql.engine.plan import Plan
from pql.flows.convert import Converter
from pql.flows.count import Counter
from pql.flows.process import Processor
from pql.flows.wake import SETTLING, Waker
from pql.rules.pack import Pack

HORIZON = 7 * DAY
Lead = tuple[str, str, int, int, str | None, str, str | None, float | None]


class Live:
    """The live engine on the store in memory, an event at a time."""

    def __init__(self, pack: Pack) -> None:
        self.plan = Plan(pack)
        self.store = MemoryStore()
        self._processor = Processor(
            self.store,
            Counter(self.store, self.plan, 45, lambda _: None),
            MemoryArchive(),
            MemoryQuarantine(),
            horizon=HORIZON,
            pause=lambda _: None,
            converter=Converter(MemoryLeads(self.store.leads), pack.conversions),
        )
        self.counts: dict[str, int] = {}

    def take(self, events: Sequence[Event]) -> None:
        """Deliver the events one after the other."""
        for number, one in enumerate(events):
            outcome = self._processor.process(
                [("m", encode([one]))], f"b{number}", one.received, lambda: 60.0
            )
            assert not outcome.faults
            for name in ("EventsCounted", "EventsRepeated", "EventsLate"):
                self.counts[name] = self.counts.get(name, 0) + outcome.counts[name]

    def states(self) -> dict[str, bytes]:
        """Return the bytes of every account there is."""
        return {key: row.state for key, row in self.store.accounts.items() if row.state}

    def wake(self, until: int) -> None:
        """Judge what time alone has made true."""
        Waker(self.store, self.plan).run(until + SETTLING, lambda: 60_000)

    def leads(self) -> set[Lead]:
        """Return every lead that has been made."""
        return {
            (
                one.rule,
                one.subject_key,
                one.cycle,
                one.created,
                one.event_id,
                one.tier,
                one.score_name,
                one.score,
            )
            for one in (record.lead for record in self.store.leads.values())
        }


def leads_of(course: Course) -> set[Lead]:
    """Return the leads of a course."""
    return {
        (one.rule, one.subject, one.cycle, one.at, one.event, one.tier, one.score_name, one.score)
        for one in course.qualified
        if not one.suppressed
    }


def check(pack: Pack, events: Sequence[Event], live: int = 3) -> None:
    """Assert that the rerun and the live engine agree on everything."""
    real, again = Live(pack), Rerun(pack, horizon=HORIZON, rehearsed=False, live=live)
    real.take(events)
    for one in events:
        again.take(one)
    assert real.states() == {key: state for key, state in again.herd.states() if state}
    course = again.finish()
    real.wake(max((one.received for one in events), default=START))
    assert real.leads() == leads_of(course)
    assert len(leads_of(course)) == len([one for one in course.qualified if not one.suppressed])
    told = course.counted, course.repeats, course.late
    assert told == tuple(real.counts.get(f"Events{one}", 0) for one in ("Counted", "Repeated", "Late"))


@settings(max_examples=examples(28))
@given(histories(), packs() | st.just(MIXED) | st.just(BARRED))
def test_one_account(events: list[Event], text: str) -> None:
    """Whatever the rules remember, of one account and its users."""
    check(pack_of(text), delivered(events))


@pytest.mark.parametrize("texts", [(BARRED,), (ACCOUNTS, PEOPLE), (PEOPLE_TOO,), (MIXED, PEOPLE_TOO)])
@settings(max_examples=examples(28))
@given(rnd=chances())
def test_people_who_move(texts: tuple[str, ...], rnd: random.Random) -> None:
    """Users without accounts, devices that become users, several accounts, repeats and late events."""
    check(pack_of(*texts), delivered(town(rnd)))
