"""Give rules and signals that are new on a live deployment the past that the archive holds. Nobody is told.

```console
$ pql backfill --rule keen quiet --rules rules --dry-run      # look
$ pql backfill --rule keen quiet --rules rules                # do it
$ pql rules introduce keen quiet --rules rules --announce     # leads of the best, if you want any
```

Deploy the rules first: from then on events count for them, and this adds what came before. It reads the
whole archive, and every row twice. A row is written on condition that nobody else has written it, and only if
the archive holds everything that it has counted; so events may go on. Rules that hold by what is past stand
as behind their baseline. It may be stopped and typed again.
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from pql.cli.clock import now_ms
from pql.cli.lateness import declare_lateness, lateness
from pql.cli.plain_json import plain_json
from pql.cli.refused import Mistyped
from pql.cli.rules.deployed import need_deployed, whence
from pql.cli.rules.places import declare_deployed, declare_json
from pql.cli.stack import Deployment, declare_stack
from pql.core.errors import PqlError
from pql.core.plain_words import counted, iso
from pql.core.times import day_of

if TYPE_CHECKING:
    from pql.engine.plan import Plan
    from pql.flows.past import Backfilled
    from pql.rules.pack import Pack

HELP = "give new rules and signals the past that the archive holds"
LEFT_SHOWN = 20


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options."""
    parser.add_argument("--rule", nargs="+", default=[], metavar="NAME", help="rules, with all they look at")
    parser.add_argument(
        "--signal", nargs="+", default=[], metavar="NAME", help="signals: usage, or file:usage for one file's"
    )
    declare_deployed(parser)
    parser.add_argument("--dry-run", action="store_true", help="write nothing and say what would be")
    declare_lateness(parser, "as deployed")
    declare_stack(parser)
    declare_json(parser)


def run(chosen: argparse.Namespace) -> int:
    """Backfill; return 0, 1 if something was wrong or a row was left as it is, or 2 if mistyped."""
    from pql.engine.plan import Plan  # noqa: PLC0415
    from pql.rules.load import load  # noqa: PLC0415

    pack = load(chosen.rules)
    plan = Plan(pack)
    _mistaken(chosen, plan)
    found = _backfilled(Deployment(chosen), chosen, pack, plan)
    print(_document(found, chosen) if chosen.json else "\n".join(_text(found, chosen)))
    return 1 if found.left else 0


def _backfilled(deployment: Deployment, chosen: argparse.Namespace, pack: Pack, plan: Plan) -> Backfilled:
    from pql.adapters.dynamo_accounts import DynamoAccounts  # noqa: PLC0415 - botocore takes a second
    from pql.adapters.dynamo_leads import DynamoLeads  # noqa: PLC0415
    from pql.adapters.dynamo_overrides import DynamoOverrides  # noqa: PLC0415
    from pql.adapters.dynamo_seen import DynamoSeen  # noqa: PLC0415
    from pql.adapters.dynamo_store import DynamoStore  # noqa: PLC0415
    from pql.adapters.s3_lines import S3Lines  # noqa: PLC0415
    from pql.adapters.s3_log import S3Log  # noqa: PLC0415
    from pql.flows.backfill import Backfill  # noqa: PLC0415
    from pql.flows.convert import Converter  # noqa: PLC0415
    from pql.flows.overrides import Shadowing  # noqa: PLC0415
    from pql.flows.past import Settings  # noqa: PLC0415

    client, table, now = deployment.client("dynamodb"), deployment.table, now_ms()
    store = DynamoStore(client, table, time.sleep)
    need_deployed(store, plan, chosen, table, writes=not chosen.dry_run)
    shadowing = Shadowing(DynamoOverrides(client, table, time.sleep), plan)
    settings = Settings(
        frozenset(chosen.rule),
        frozenset(chosen.signal),
        now,
        lateness(chosen, deployment),
        Converter(DynamoLeads(client, table), pack.conversions).is_conversion,
        write=not chosen.dry_run,
        refresh=lambda: shadowing.refresh(now_ms()),
    )
    return Backfill(
        store,
        DynamoAccounts(client, table),
        DynamoSeen(client, table),
        S3Lines(S3Log(deployment.client("s3"), deployment["Archive"])),
        plan,
        settings,
        _progress if sys.stderr is not None and sys.stderr.isatty() else _silence,
    ).run()


def _mistaken(chosen: argparse.Namespace, plan: Plan) -> None:
    """Raise `PqlError` for names that say nothing."""
    from pql.rules.nearest import unknown  # noqa: PLC0415

    rules = sorted(slot.name for one in plan.every for slot in one.rules)
    if not chosen.rule and not chosen.signal:
        example = rules[0] if rules else "NAME"
        raise Mistyped(f"name what is new, such as --rule {example}, or --signal NAME")
    signals = {
        name
        for one in plan.every
        for file, scope in one.scopes.items()
        for signal in scope.signals
        for name in (signal, f"{file.rpartition('.')[0]}:{signal}")
    }
    for kind, names, known in (("rule", chosen.rule, rules), ("signal", chosen.signal, sorted(signals))):
        for name in names:
            if name not in known:
                raise PqlError(f"{unknown(kind, name, known)}; asked were {whence(chosen.rules)}")


def _text(found: Backfilled, chosen: argparse.Namespace) -> Iterator[str]:
    from pql.flows.past import AHEAD  # noqa: PLC0415

    since = "" if found.first is None else f", the first of {day_of(found.first)}"
    yield f"{counted(found.events, 'event')} in {counted(found.objects, 'object')} of the archive{since}"
    verb = "would be written" if chosen.dry_run else "written"
    yield f"{counted(found.written, 'row')} {verb}, {found.same} held it all"
    for rule, accounts in sorted(found.silent.items()):
        yield f"{rule}: {accounts} {'holds' if accounts == 1 else 'hold'} by what is past; nobody was told"
    if found.leads:
        yield f"{counted(found.leads, 'lead')} of other rules, which time had made"
    for subject, why in sorted(found.left.items())[:LEFT_SHOWN]:
        yield f"left: {subject}: {why}"
    if found.left:
        yield (
            f"{counted(len(found.left), 'row')} left as they were: type it again in a few minutes;"
            " if that does not help, look at `pql queue status`"
        )
        if any(AHEAD in why for why in found.left.values()):
            yield (
                "an erasure takes events out of the archive that rows have counted: such a row is left each"
                " time, until their ids are gone as well, after 128 days"
            )
        yield (
            "what cannot be read is left each time: use the pql of the version that is deployed;"
            " if this is it, the row is damaged"
        )


def _document(found: Backfilled, chosen: argparse.Namespace) -> str:
    return plain_json(
        {
            "written": not chosen.dry_run,
            "objects": found.objects,
            "events": found.events,
            "first": None if found.first is None else iso(found.first),
            "rows": found.written,
            "same": found.same,
            "leads": found.leads,
            "silent": dict(sorted(found.silent.items())),
            "left": dict(sorted(found.left.items())),
        }
    )


def _progress(what: str, done: int, of: int) -> None:
    """Say on one line how far it is."""
    if done == of or not done % 50:
        share = f" of {of:,}" if of else ""
        print(f"\r{done:,}{share} {what} ", end="\n" if done == of else "", file=sys.stderr, flush=True)


def _silence(what: str, done: int, of: int) -> None:
    """Say nothing: nobody is looking."""
