"""Sweep: announce what the stream lost."""

from __future__ import annotations

from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING

from pql.core.errors import Poison, Unavailable
from pql.flows.announce import announce
from pql.flows.outcome import Outcome

if TYPE_CHECKING:
    from pql.flows.ports import Outbox, Topic

# Young leads are still on their way through the stream, which also retries.
AGE = 10 * 60 * 1_000
LIMIT = 500
ENOUGH = 5_000


def sweep(
    outbox: Outbox, topic: Topic, clock: Callable[[], int], remaining: Callable[[], int], limit: int = LIMIT
) -> Outcome:
    """Announce the leads older than ten minutes that the topic does not have, oldest first.

    Looks at `limit` leads at most and stops when `remaining` milliseconds run short; the next run
    goes on. An item that is no lead is reported and passed over; an outage ends the run.
    """
    outcome = Outcome()
    try:
        for key in islice(outbox.unpublished(clock() - AGE), limit):
            if remaining() < ENOUGH:
                break
            try:
                outcome.counts[announce(key, outbox, topic, clock)] += 1
            except Poison as error:
                outcome.faults.append((f"{key.rule}#{key.cycle}", error))
    except Unavailable as error:
        outcome.stopped = error
    outcome.counts["LeadsSwept"] = outcome.counts["LeadsPublished"]
    return outcome
