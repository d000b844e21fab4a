"""Doctor: say what is wrong with a deployment, and what to type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping
from typing import Literal, NamedTuple

from pql.core.plain_words import ago, counted
from pql.flows.redrive import Depth

Level = Literal["ok", "note", "wrong", "unknown"]
MINUTE = 60_000
# An alarm of the template says so after five minutes; a sweep comes every fifteen at the latest.
EVENTS_WAIT = 300
SWEEP_LATE = 30 * MINUTE


class Finding(NamedTuple):
    """One thing that was looked at: whether it is well, what was found, and what to type if it is not."""

    level: Level
    what: str
    said: str
    remedy: str = ""


class Table(NamedTuple):
    """What DynamoDB says of the table; `backups` is None where it does not say."""

    status: str
    indexes: Mapping[str, str]
    stream: bool
    expiry: str
    backups: bool | None


class Lag(NamedTuple):
    """Since when the oldest of what waits has waited (epoch ms), and the oldest event's age in seconds."""

    unpublished: int | None
    asleep: int | None
    events: float | None


class Dead(NamedTuple):
    """A queue in which messages wait for a person: what to type about them."""

    name: str
    remedy: str


def of_table(table: Table) -> Iterator[Finding]:
    """Say how the table stands."""
    if table.status != "ACTIVE":
        yield Finding("wrong", "table", f"it is {table.status}", "wait until it is ACTIVE")
    for index in ("outbox", "wake"):
        status = table.indexes.get(index)
        if status is None:
            yield Finding("wrong", "table", f"it has no index `{index}`", "sam deploy")
        elif status != "ACTIVE":
            yield Finding("wrong", "table", f"its index `{index}` is {status}", "wait until it is ACTIVE")
    if not table.stream:
        yield Finding("wrong", "table", "it has no stream: sweep alone announces leads", "sam deploy")
    if table.expiry != "expires":
        yield Finding("wrong", "table", "old ids never end: no TTL on `expires`", "sam deploy")
    if table.backups is False:
        yield Finding("note", "table", "it has no point-in-time recovery", "sam deploy")


def of_queues(depths: Mapping[str, Depth], dead: Collection[Dead]) -> Iterator[Finding]:
    """Say where messages wait for a person."""
    for one in dead:
        waiting = depths[one.name].waiting if one.name in depths else 0
        if waiting:
            yield Finding("wrong", "queues", f"{counted(waiting, 'message')} in {one.name}", one.remedy)


def of_backlog(channels: Mapping[str, Collection[str]]) -> Iterator[Finding]:
    """Say which channels keep leads waiting; `channels` are the codes of what waits, by channel."""
    for channel, codes in sorted(channels.items()):
        why = ", ".join(sorted(set(codes)))
        said = f"{counted(len(codes), 'lead')} for {channel}: {why}"
        yield Finding("wrong", "delivery", said, "mend the channel, then: pql queue redrive parked")


def of_lag(lag: Lag, now: int) -> Iterator[Finding]:
    """Say what has waited for too long."""
    if lag.events is not None and lag.events > EVENTS_WAIT:
        said = f"the oldest event has waited {int(lag.events / 60)} min"
        yield Finding("wrong", "lag", said, "look at the log of process")
    if lag.unpublished is not None and now - lag.unpublished > SWEEP_LATE:
        said = f"a lead made {ago(lag.unpublished, now)} is not announced"
        yield Finding("wrong", "lag", said, "look at the logs of notify and sweep")
    if lag.asleep is not None and now - lag.asleep > SWEEP_LATE:
        said = f"an account was to be woken {ago(lag.asleep, now)}"
        yield Finding("wrong", "lag", said, "look at the log of sweep")


def of_mappings(states: Mapping[str, str]) -> Iterator[Finding]:
    """Say which functions are handed nothing; `states` are those of event sources, by function."""
    for function, state in sorted(states.items()):
        if state not in {"Enabled", "Enabling", "Creating", "Updating"}:
            said = f"{function} is handed nothing: its event source is {state}"
            yield Finding("wrong", "functions", said, "enable the trigger in the console, or sam deploy")


def of_alarms(alarms: Collection[str]) -> Iterator[Finding]:
    """Say which alarms ring."""
    for alarm in sorted(alarms):
        yield Finding("wrong", "alarms", f"{alarm} rings", "its description says why")
