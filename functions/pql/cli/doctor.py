"""Look at a deployment, say what is wrong with it, and what to type.

```console
$ pql doctor
$ pql doctor --stack pql-staging --rules functions/rules --json
```

It looks at the stack, the rules, the table, the secrets, the queues, the channels, what has waited for too
long, the functions, their schedules, the alarms and who hears them. Nothing is written. The exit code is 0
if nothing is wrong, else 1.
"""

from __future__ import annotations

import argparse
import time
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.mailboxes import QUEUES, depths_of
from pql.cli.plain_json import plain_json
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.cli.table import is_here
from pql.core.errors import PqlError, Unavailable

if TYPE_CHECKING:
    from pql.flows.doctor import Finding, Level

HELP = "say what is wrong with a deployment, and what to type"
NEEDED = (
    "Table",
    "EventsQueue",
    "EventsDeadLetters",
    "Quarantine",
    "SlackQueue",
    "SlackDeadLetters",
    "LeadsTopic",
    "Archive",
    "WriteKeySecret",
    "WebhookSecret",
    "SlackSecret",
)
FED = ("Process", "Notify", "Slack", "Webhook")
# SAM names the rule of a schedule after its function and the event.
SCHEDULES = {"Sweep": "SweepOften", "Watch": "WatchSeldom"}
# A stand-in for AWS has none of these, and who may not look at them may still look at the rest.
OPTIONAL = {"functions", "schedules", "alarm topic", "alarms"}
# `pql dev` starts its functions itself, and no alarm of this machine rings.
NOT_HERE = {"schedules", "alarm topic"}
UNSEEN = "cannot be looked at: "
INSIDE = "`pql dev` runs the functions itself, and has no alarms"
MARKS = {"ok": "✓", "note": "·", "wrong": "✗", "unknown": "?"}
Check = Callable[[Deployment, argparse.Namespace], "Iterator[Finding]"]


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    declare_deployed(parser, "rule files")
    declare_json(parser)
    declare_stack(parser)


def run(chosen: argparse.Namespace) -> int:
    """Look at everything; return 0 if nothing is wrong, else 1."""
    deployment = Deployment(chosen)
    found = [
        finding
        for name, check in CHECKS.items()
        if not (name in NOT_HERE and is_here(chosen))
        for finding in _looked(name, check, deployment, chosen)
    ]
    if chosen.json:
        print(plain_json([finding._asdict() for finding in found]))
    else:
        for finding in _once(found):
            print(f"{MARKS[finding.level]} {finding.what}: {finding.said}")
            if finding.remedy:
                print(f"    {finding.remedy}")
    return 1 if any(finding.level == "wrong" for finding in found) else 0


def _once(found: Sequence[Finding]) -> Iterator[Finding]:
    """Yield the findings; where one reason keeps from looking at several things, it is told of the first.

    The others are named below it, by their levels. What `pql dev` does itself comes last, in one.
    """
    inside = [finding for finding in found if finding.said == INSIDE]
    told: dict[str, list[Finding]] = {}
    for finding in found:
        if finding in inside:
            continue
        _, unseen, error = finding.said.partition(UNSEEN)
        why = error.partition(": ")[2] or error  # without the service, of which each asks another
        same = told.setdefault(why, []) if unseen else []
        if not same:
            yield finding
        same.append(finding)
    for first, *others in told.values():
        levels: dict[Level, list[str]] = {}
        for one in others:
            levels.setdefault(one.level, []).append(one.what)
        for level, names in levels.items():
            said = f"cannot be looked at either, for the same reason as {first.what}"
            yield first._replace(level=level, what=", ".join(names), said=said, remedy="")
    if inside:
        yield inside[0]._replace(what=", ".join(one.what for one in inside))


def _looked(name: str, check: Check, deployment: Deployment, chosen: argparse.Namespace) -> Iterator[Finding]:
    """Yield what a check finds; one that cannot look is told and keeps no other from looking."""
    from pql.flows.doctor import Finding  # noqa: PLC0415

    well = True
    try:
        for finding in check(deployment, chosen):
            well = False
            yield finding
    except PqlError as error:
        if name in OPTIONAL and is_here(chosen) and "UnknownOperation" in str(error):
            yield Finding("note", name, INSIDE)
            return
        level: Level = "unknown" if name in OPTIONAL else "wrong"
        yield Finding(level, name, f"{UNSEEN}{error}", _remedy(error))
        return
    if well:
        yield Finding("ok", name, "well")


def _remedy(error: PqlError) -> str:
    """Return what to type so that something can be looked at."""
    return "docs/operations.md, What an operator may do" if "AccessDenied" in str(error) else ""


def _stack(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.flows.doctor import Finding  # noqa: PLC0415

    for name in NEEDED:
        if deployment.get(name) is None:
            yield Finding("wrong", "stack", f"it has no {name}", "sam deploy")


def _rules(_deployment: Deployment, chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.flows.doctor import Finding  # noqa: PLC0415
    from pql.rules.faults import RulesRejected  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    try:
        load(chosen.rules)
    except RulesRejected as rejected:
        for fault in rejected.faults:
            yield Finding("wrong", "rules", str(fault), f"pql rules check {chosen.rules}")


def _shadow(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.dynamo_overrides import DynamoOverrides  # noqa: PLC0415
    from pql.cli.rules.shadow import said  # noqa: PLC0415
    from pql.flows.doctor import Finding  # noqa: PLC0415

    held = DynamoOverrides(deployment.client("dynamodb"), deployment.table, time.sleep).overrides()
    for rule in sorted(held.holding(now_ms())):
        yield Finding("note", "shadow", said(rule, held), f"pql rules live {rule}")


def _table(deployment: Deployment, chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import table  # noqa: PLC0415
    from pql.adapters.dynamo_rebuild import Rebuild  # noqa: PLC0415
    from pql.flows.doctor import Finding, of_table  # noqa: PLC0415

    client, name = deployment.client("dynamodb"), deployment.table
    found = table(client, name)
    # A table of this machine is gone with its process: nobody can restore it, or deploy it again.
    yield from of_table(found._replace(backups=None) if is_here(chosen) else found)
    if Rebuild(client, name).is_on():
        yield Finding(
            "wrong", "table", "a rebuild has not ended", f"pql replay archive --rebuild --table {name}"
        )


def _secrets(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    import urllib3  # noqa: PLC0415

    from pql.adapters.secrets import Malformed, SecretsManagerSecrets  # noqa: PLC0415
    from pql.adapters.slack_secret import chats_from  # noqa: PLC0415
    from pql.adapters.webhook_channel import webhooks_from  # noqa: PLC0415
    from pql.core.errors import Undeliverable  # noqa: PLC0415
    from pql.flows.doctor import Finding  # noqa: PLC0415

    client = deployment.client("secretsmanager")
    for name in ("WriteKeySecret", "WebhookSecret"):
        try:
            SecretsManagerSecrets(client).values(deployment[name])
        except Malformed:
            said = f"{name} has no usable value: nobody can send"
            yield Finding("wrong", "secrets", said, 'put {"current": "…", "previous": []} into it')
    secrets = SecretsManagerSecrets(client, optional=True)
    try:
        if chats_from(secrets.values(deployment["SlackSecret"]), (), urllib3.PoolManager()) is None:
            yield Finding("note", "secrets", "Slack is not set up", "docs/leads.md, Slack")
    except (Malformed, Undeliverable) as error:
        yield Finding("wrong", "secrets", f"SlackSecret: {error}", "docs/leads.md, Slack")
    if deployment.get("LeadWebhook"):
        try:
            webhooks_from(secrets.values(deployment["LeadWebhook"]), (), 1)
        except (Malformed, Undeliverable) as error:
            yield Finding("wrong", "secrets", f"LeadWebhook: {error}", "docs/leads.md, A webhook")


def _queues(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.flows.doctor import Dead, of_queues  # noqa: PLC0415

    yield from of_queues(
        depths_of(deployment), [Dead(name, remedy) for name, (_, remedy) in QUEUES.items() if remedy]
    )


def _delivery(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.dynamo_backlog import DynamoBacklog  # noqa: PLC0415
    from pql.flows.doctor import of_backlog  # noqa: PLC0415

    codes: dict[str, list[str]] = {}
    backlog = DynamoBacklog(deployment.client("dynamodb"), deployment.table, time.time)
    for channel, waiting in backlog.every():
        codes.setdefault(channel, []).append(waiting.code)
    yield from of_backlog(codes)


def _lag(deployment: Deployment, chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import asleep, oldest_message, unpublished  # noqa: PLC0415
    from pql.flows.doctor import Finding, Lag, of_lag  # noqa: PLC0415

    client, table, now = deployment.client("dynamodb"), deployment.table, now_ms()
    queue = deployment["EventsQueue"].rpartition("/")[2]
    events = None
    try:
        events = oldest_message(deployment.client("cloudwatch"), queue, now / 1000)
    except Unavailable as error:
        if not is_here(chosen):  # a stand-in for AWS has no metrics
            yield Finding("unknown", "lag", f"{UNSEEN}{error}", _remedy(error))
    lag = Lag(unpublished(client, table), asleep(client, table), events)
    yield from of_lag(lag, now, deployment.stack)


def _functions(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import event_sources  # noqa: PLC0415
    from pql.flows.doctor import of_mappings  # noqa: PLC0415

    functions = {name: found for name in FED if (found := deployment.get(name))}
    yield from of_mappings(event_sources(deployment.client("lambda"), functions))


def _schedules(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import schedule  # noqa: PLC0415
    from pql.flows.doctor import of_schedules  # noqa: PLC0415

    client = deployment.client("events")
    named = {function: deployment.get(rule) for function, rule in SCHEDULES.items()}
    yield from of_schedules(
        {function: (rule, schedule(client, rule)) if rule else None for function, rule in named.items()}
    )


def _listeners(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import listeners  # noqa: PLC0415
    from pql.flows.doctor import of_listeners  # noqa: PLC0415

    topic = deployment.get("Alarms") or deployment.parameter("AlarmTopicArn")
    if topic:
        yield from of_listeners(listeners(deployment.client("sns"), topic), topic)


def _alarms(deployment: Deployment, _chosen: argparse.Namespace) -> Iterator[Finding]:
    from pql.adapters.diagnosis import ringing  # noqa: PLC0415
    from pql.flows.doctor import of_alarms  # noqa: PLC0415

    yield from of_alarms(ringing(deployment.client("cloudwatch"), deployment.stack), deployment.stack)


CHECKS: dict[str, Check] = {
    "stack": _stack,
    "rules": _rules,
    "table": _table,
    "shadow": _shadow,
    "secrets": _secrets,
    "queues": _queues,
    "delivery": _delivery,
    "lag": _lag,
    "functions": _functions,
    "schedules": _schedules,
    "alarm topic": _listeners,
    "alarms": _alarms,
}
