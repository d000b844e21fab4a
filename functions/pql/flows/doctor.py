"""Doctor: say what is wrong with a deployment, and what to type."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping, Sequence
from typing import Literal, NamedTuple

from pql.core.plain_words import ago, counted
from pql.core.window import MINUTE
from pql.flows.mailbox import Depth

Level = Literal["ok", "note", "wrong", "unknown"]
# An alarm of the template says so after five minutes; a sweep comes every fifteen at the latest.
EVENTS_WAIT = 300
SWEEP_LATE = 30 * MINUTE
# What to type about an alarm, by how its name in the template begins; the first that fits.
_LOG = "aws logs tail /pql/{{stack}}/{0} --since 1h"
_QUOTA = "aws lambda get-account-settings, and ask AWS for more concurrency"
TYPED = {
    "EventsDeadLetters": "pql queue redrive events",
    "Quarantine": "pql replay quarantine",
    "NotifyFailures": "pql queue clear stream-failures",
    "SlackDeadLetters": "pql queue redrive slack",
    "WebhookDeadLetters": "pql queue redrive webhook",
    "SlackParked": "mend the channel, then: pql queue redrive parked",
    "WebhookParked": "mend the receiver, then: pql queue redrive parked",
    "LeadsTopic": "aws sns list-subscriptions-by-topic --topic-arn with the output LeadsTopicArn",
    "Rules": "pql metrics",
    "IngestThrottles": _QUOTA,
    "ProcessThrottles": _QUOTA,
    "Unauthorized": _LOG.format("ingest"),
    "Ingest": _LOG.format("ingest"),
    "LargeAccounts": _LOG.format("process"),
    "ContendedAccounts": _LOG.format("process"),
    "FailedAccounts": _LOG.format("process"),
    "EventsQueue": _LOG.format("process"),
    "Process": _LOG.format("process"),
    "Notify": _LOG.format("notify"),
    "Slack": _LOG.format("slack"),
    "Webhook": _LOG.format("webhook"),
    "Sweep": _LOG.format("sweep"),
    "Watch": _LOG.format("watch"),
}


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


class Listeners(NamedTuple):
    """How many have subscribed to a topic, and the addresses that were asked to confirm and have not."""

    confirmed: int
    pending: Sequence[str]


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


def of_lag(lag: Lag, now: int, stack: str) -> Iterator[Finding]:
    """Say what has waited for too long; the logs are those of `stack`."""
    if lag.events is not None and lag.events > EVENTS_WAIT:
        said = f"the oldest event has waited {int(lag.events / 60)} min"
        yield Finding("wrong", "lag", said, typed("Process", stack))
    if lag.unpublished is not None and now - lag.unpublished > SWEEP_LATE:
        said = f"a lead made {ago(lag.unpublished, now)} is not announced"
        yield Finding("wrong", "lag", said, typed("Sweep", stack))
    if lag.asleep is not None and now - lag.asleep > SWEEP_LATE:
        said = f"an account was to be woken {ago(lag.asleep, now)}"
        yield Finding("wrong", "lag", said, typed("Sweep", stack))


def of_mappings(states: Mapping[str, str]) -> Iterator[Finding]:
    """Say which functions are handed nothing; `states` are those of event sources, by function."""
    for function, state in sorted(states.items()):
        if state not in {"Enabled", "Enabling", "Creating", "Updating"}:
            said = f"{function} is handed nothing: its event source is {state}"
            yield Finding("wrong", "functions", said, "enable the trigger in the console, or sam deploy")


def of_schedules(rules: Mapping[str, tuple[str, str] | None]) -> Iterator[Finding]:
    """Say which functions nobody starts; `rules` are the name and the state of each one's schedule."""
    for function, rule in sorted(rules.items()):
        if rule is None:
            yield Finding("wrong", "schedules", f"{function} has no schedule", "sam deploy")
        elif rule[1] == "DISABLED":
            said = f"nobody starts {function}: its schedule is disabled"
            yield Finding("wrong", "schedules", said, f"aws events enable-rule --name {rule[0]}")


def of_listeners(listeners: Listeners, topic: str) -> Iterator[Finding]:
    """Say whether anybody hears the alarms that `topic`, an ARN, is told of."""
    if listeners.confirmed:
        return
    if listeners.pending:
        said = f"nobody hears alarms: {', '.join(sorted(listeners.pending))} has not confirmed"
        yield Finding("note", "alarm topic", said, "open the link in the mail from AWS Notifications")
        return
    typed = f"aws sns subscribe --topic-arn {topic} --protocol email --notification-endpoint ADDRESS"
    yield Finding("note", "alarm topic", "nobody hears alarms: the topic has no subscription", typed)


def of_alarms(alarms: Mapping[str, str], stack: str) -> Iterator[Finding]:
    """Say which alarms of `stack` ring; `alarms` are their descriptions, by name in the template."""
    for alarm, described in sorted(alarms.items()):
        yield Finding("wrong", "alarms", f"{alarm} rings: {described}", typed(alarm, stack))


def typed(alarm: str, stack: str) -> str:
    """Return what to type about an alarm, or about the function of that name."""
    found = next((typed for name, typed in TYPED.items() if alarm.startswith(name)), "")
    return found.format(stack=stack)
