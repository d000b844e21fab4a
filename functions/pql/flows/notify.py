"""Notify: announce the leads that the table's stream reports as inserted."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pql.core.errors import Poison, Unavailable
from pql.core.lead_item import PREFIX, lead_key
from pql.flows.announce import announce
from pql.flows.outcome import Outcome

if TYPE_CHECKING:
    from pql.flows.ports import Outbox, Topic


def notify(
    records: Sequence[Mapping[str, Any]], outbox: Outbox, topic: Topic, clock: Callable[[], int]
) -> Outcome:
    """Announce every inserted lead in `records`, in order.

    Fails at most one record, the first that could not be announced: Lambda takes up the shard from
    there. An outage ends the batch, since every further call would meet it too; a record that is no
    lead does not keep the later ones waiting.
    """
    outcome = Outcome()
    for record in records:
        if not _is_new_lead(record):
            outcome.counts["StreamRecordsIgnored"] += 1
            continue
        sequence = record["dynamodb"]["SequenceNumber"]
        try:
            keys = record["dynamodb"]["Keys"]
            outcome.counts[announce(lead_key(keys["pk"]["S"], keys["sk"]["S"]), outbox, topic, clock)] += 1
        except (Poison, Unavailable) as error:
            outcome.faults.append((sequence, error))
            outcome.failed = outcome.failed or [sequence]
            if isinstance(error, Unavailable):
                outcome.stopped = error
                break
    return outcome


def _is_new_lead(record: Mapping[str, Any]) -> bool:
    # The mapping's filter says the same. Without it here too, a template edit would feed our own
    # status updates back to us.
    sk: str = record.get("dynamodb", {}).get("Keys", {}).get("sk", {}).get("S", "")
    return record.get("eventName") == "INSERT" and sk.startswith(PREFIX)
