"""Run the whole engine in this process: no AWS account, no Docker, no credentials."""

from __future__ import annotations

import argparse
import gc
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack, redirect_stdout
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from pql.cli.rules.places import directory, own_rules
from pql.core.errors import PqlError, RuleFault
from pql.dev.loopback import LOOPBACK
from pql.dev.stories import STORIES

if TYPE_CHECKING:
    from pql.dev.console import Console
    from pql.dev.server import Server
    from pql.dev.stories import Story
    from pql.dev.world import Watchers, World

HELP = "run the engine locally and watch it"
PORT = 8000
TOLD = "activation"
LAST_PORT = 65_535
SLACK = ("hooks.slack.com", "hooks.slack-gov.com")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql dev`."""
    story = parser.add_mutually_exclusive_group()
    story.add_argument(
        "--story",
        choices=STORIES,
        metavar="NAME",
        help=f"what to play at the start: {', '.join(STORIES)} (default {TOLD}; none to rules of your own)",
    )
    story.add_argument("--no-seed", action="store_true", help="play no story at the start")
    parser.add_argument(
        "--slack-webhook", type=_webhook, metavar="URL", help="post cards to this incoming webhook, for real"
    )
    parser.add_argument(
        "--port",
        type=_port,
        default=PORT,
        help=f"port on 127.0.0.1, 0 for any (default {PORT}); the table answers on the next one",
    )
    parser.add_argument(
        "directory",
        nargs="?",
        metavar="DIR",
        type=_directory,
        help="rule files to use instead of those that ship",
    )
    parser.add_argument("--rules", metavar="DIR", type=_directory, help="the same as DIR")
    parser.add_argument(
        "--write-key",
        type=_secret,
        metavar="KEY",
        default="local-write-key",
        help="key that events come in with",
    )
    parser.add_argument(
        "--webhook-secret",
        type=_secret,
        metavar="SECRET",
        default="local-webhook-secret",
        help="shared secret that webhooks are signed with",
    )


def run(chosen: argparse.Namespace) -> int:
    """Run the local world until Ctrl-C or SIGTERM; return 0, or 1 if it could not start or broke."""
    stopped = threading.Event()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stopped.set())
    if sys.stdout is not None:
        return _live(chosen, stopped)
    # As behind `>&-`: nobody reads, and it works all the same.
    with Path(os.devnull).open("w", encoding="utf-8") as nowhere, redirect_stdout(nowhere):
        return _live(chosen, stopped)


def _own_rules(chosen: argparse.Namespace) -> Path | None:
    """Return where the rules are that the command names, None for those that ship; they load."""
    from pql.rules.load import load  # noqa: PLC0415

    place = own_rules(chosen)
    if place is None:
        return None
    try:
        load(place)
    except RuleFault as fault:
        raise _StartFault(f"the rules in {place} do not load\n{fault}") from fault
    return place


def _live(chosen: argparse.Namespace, stopped: threading.Event) -> int:
    own = _own_rules(chosen)  # first: whoever has to mend one should not wait for a world
    # What ships plays to its own rules; those of others know nothing of it.
    story = None if chosen.no_seed or (own and not chosen.story) else STORIES[chosen.story or TOLD]

    # Imported here: moto and boto3 take a second, and `pql --help` should not.
    from pql.dev.console import Console  # noqa: PLC0415
    from pql.dev.narrator import Narrator, welcome  # noqa: PLC0415
    from pql.dev.world import Watchers  # noqa: PLC0415

    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # a card has box-drawing characters
    gc.freeze()  # what was imported stays: no collection of a start need look through it
    console = Console(sys.stdout, gone=lambda: _unread(stopped))
    narrator = Narrator(console)
    watchers = Watchers(narrator.logged, narrator.published, narrator.passed, stopped.set)
    with ExitStack() as stack:
        server, made = _started(chosen, own, story, watchers, stack)
        gc.freeze()  # and neither what was made
        narrator.attach(made)
        if stopped.is_set():
            return 0
        tables = _tables(chosen.port, made)
        stack.callback(tables.stop)
        server.start()
        tables.start()
        made.pump.start()
        console.line(welcome(server.url, tables.url, made, seeded=story is not None))
        if own and not story:
            console.line("no story is played to rules of your own; --story NAME plays one all the same")
        if story:
            _tell(story, server.url, made, console, stopped)
        stopped.wait()
        server.stop()
        made.pump.stop()
        console.end(f"stopped: {narrator.summary()}")
    return 0


def _started(
    chosen: argparse.Namespace, own: Path | None, story: Story | None, watchers: Watchers, stack: ExitStack
) -> tuple[Server, World]:
    """Return the front door, which lets nobody in yet, and the world behind it; `stack` ends both."""
    from pql.dev.server import Server  # noqa: PLC0415
    from pql.dev.template import TemplateFault  # noqa: PLC0415
    from pql.dev.world import Settings, world  # noqa: PLC0415

    settings = Settings(
        write_key=chosen.write_key,
        webhook_secret=chosen.webhook_secret,
        slack_webhook=chosen.slack_webhook,
        rules=own or _rules_for(story, stack),
        parameters={"LatenessDays": str(story.days)} if story else {},
    )
    try:
        # The port first: whoever has to choose another one should not wait for a world.
        server = Server(lambda request: made.answer(request), chosen.port)  # noqa: PLW0108 (made below)
    except OSError as fault:
        what = f"port {chosen.port} is not free ({fault.strerror})"
        raise _StartFault(f"{what}: type the same with --port 0 behind it, which takes any") from fault
    stack.callback(server.stop)
    try:
        made = stack.enter_context(world(settings, watchers))
    except (RuleFault, TemplateFault) as fault:
        raise _StartFault(str(fault)) from fault
    return server, made


def _unread(stopped: threading.Event) -> None:
    """Stop, for nobody reads: what is still buffered goes nowhere, and without a word."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    stopped.set()


def _tables(port: int, made: World) -> Server:
    """Return the server of the table: on the port after the front door's, or on any if that is taken."""
    from pql.dev.server import Server  # noqa: PLC0415
    from pql.dev.table_door import door  # noqa: PLC0415

    answer = door(made.resources.names(), made.settings.parameters)
    try:
        return Server(answer, port + 1 if 0 < port < LAST_PORT else 0)
    except OSError:
        return Server(answer, 0)


def _rules_for(story: Story | None, stack: ExitStack) -> Path | None:
    """Return where the shipped rules are with the story's rule live, or None if it is live as they are."""
    from pql.dev.stories.stage import is_live, staged  # noqa: PLC0415
    from pql.rules.directory import rules_directory  # noqa: PLC0415

    shipped = rules_directory(None)
    if story is None or is_live(shipped, story.rule):
        return None
    return staged(shipped, story.rule, Path(stack.enter_context(TemporaryDirectory(prefix="pql-rules-"))))


def _tell(story: Story, url: str, world: World, console: Console, stopped: threading.Event) -> None:
    from pql.dev.seed import StoryFault, play  # noqa: PLC0415

    def tell() -> None:
        try:
            play(url, world.settings.write_key, story.told(int(time.time() * 1000)), console.line, stopped)
        except (StoryFault, OSError) as fault:
            if not stopped.is_set():
                console.line(f"! story: {fault}")

    threading.Thread(target=tell, name="story", daemon=True).start()


class _StartFault(PqlError):
    """The local world cannot start, in words for whoever typed the command."""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > LAST_PORT:
        raise argparse.ArgumentTypeError(f"{text!r} is no port: 0 to 65535")
    return int(text)


def _secret(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("an empty secret lets nobody in")
    return text


def _webhook(text: str) -> str:
    parts = urlsplit(text.strip())
    loopback = (
        parts.scheme == "http" and parts.hostname in LOOPBACK and parts.netloc.rpartition(":")[2].isdigit()
    )
    if loopback or (parts.scheme == "https" and parts.hostname in SLACK and parts.port in {None, 443}):
        return text.strip()
    raise argparse.ArgumentTypeError("expected https://hooks.slack.com/services/… or http://127.0.0.1:PORT/…")


def _directory(text: str) -> Path:
    return directory(text).resolve()
