"""The deliveries of one run to one channel, what became of each, and what is noted of those that wait."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from pql.core.errors import Poison, PqlError, Undeliverable
from pql.core.keys import LeadKey
from pql.core.lead_message import LeadMessage
from pql.core.plain_words import epoch
from pql.flows.backoff import LONGEST
from pql.flows.channels import Backlog, Waiting
from pql.flows.outcome import Outcome

LOOK = 1_000


class Verdict(NamedTuple):
    """What became of one delivery: its metric, and the error that kept it back.

    One that failed waits at least `named` seconds, or as long as its queue says where that is nothing.
    """

    metric: str
    error: PqlError | None = None
    named: float | None = None

    @property
    def done(self) -> bool:
        """Return whether nothing is left to do."""
        return self.metric in {"LeadsDelivered", "LeadsAlreadyDelivered"}


def failed(error: PqlError, seconds: float = 0.0) -> Verdict:
    """Return the verdict on a delivery that `error` prevented, and that is to wait for so long."""
    if isinstance(error, (Undeliverable, Poison)):
        return Verdict("LeadsParked", error, LONGEST)
    return Verdict("LeadsPostponed", error, seconds)


@dataclass
class Docket:
    """What a channel is to get: the `mine` of this run, and what others left waiting.

    Every change may raise `Unavailable`, as the backlog does.
    """

    name: str
    backlog: Backlog
    outcome: Outcome
    mine: dict[LeadKey, LeadMessage]
    verdicts: dict[LeadKey, Verdict] = field(default_factory=dict)
    _listed: dict[LeadKey, Waiting] = field(default_factory=dict, init=False)

    def look(self) -> int:
        """Read what stands of the channel; return until when it rests, epoch ms."""
        standby = self.backlog.look(self.name, LOOK)
        self._listed = {waiting.key: waiting for waiting in standby.waiting}
        return standby.rests

    def queue(self) -> Sequence[LeadKey]:
        """Return what is to be delivered, oldest first: all of mine, and of the others what is not parked."""
        waits = [(one.created, one.key) for one in self._listed.values() if not one.parked]
        own = [(epoch(message.created_at), key) for key, message in self.mine.items()]
        return list(dict.fromkeys(key for _, key in sorted([*waits, *own])))

    def finish(self, key: LeadKey, metric: str) -> None:
        """Count a delivery that nothing is left to do for, and cross it out."""
        waiting = self._listed.pop(key, None)
        if waiting:
            self.backlog.remove(self.name, waiting.created, key)
        if key in self.mine:
            self.settle(key, Verdict(metric))
        elif metric == "LeadsDelivered":
            self.outcome.counts[metric] += 1

    def settle(self, key: LeadKey, verdict: Verdict) -> None:
        """Say what became of a delivery, if it is mine; others have messages of their own."""
        if key in self.mine:
            self.verdicts[key] = verdict

    def park(self, message: LeadMessage, error: Undeliverable) -> None:
        """Set one delivery aside, for what is in it."""
        self._wait(message, error.code, parked=True)
        self.settle(message.key, failed(error))

    def hold(self, error: PqlError, until: int, seconds: float) -> None:
        """Let the channel rest until then (epoch ms), and write down that whatever of mine is left waits."""
        self.backlog.rest(self.name, until)
        self.note(error, seconds)

    def note(self, error: PqlError, seconds: float) -> None:
        """Write down that whatever of mine is left waits, and give it back."""
        for key, message in self.mine.items():
            if key not in self.verdicts:
                self._wait(message, error.code, parked=False)
        self.leave(error, seconds)

    def leave(self, error: PqlError, seconds: float) -> None:
        """Give back whatever of mine is left."""
        for key in self.mine.keys() - self.verdicts.keys():
            self.verdicts[key] = failed(error, seconds)

    def _wait(self, message: LeadMessage, code: str, *, parked: bool) -> None:
        waiting = Waiting(epoch(message.created_at), message.key, code, parked)
        if self._listed.get(message.key) != waiting:
            self.backlog.add(self.name, waiting)
