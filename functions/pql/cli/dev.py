"""Run the whole engine in this process: no AWS account, no Docker, no credentials."""

from __future__ import annotations

import argparse
import os
import signal
import sys
import threading
import time
from contextlib import ExitStack
from pathlib import Path
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from pql.dev.console import Console
    from pql.dev.world import World

HELP = "run the engine locally and watch it"
PORT = 8000
SLACK = ("hooks.slack.com", "hooks.slack-gov.com")
LOOPBACK = ("127.0.0.1", "localhost")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql dev`."""
    parser.add_argument(
        "--no-seed", action="store_true", help="send no story of a trial account at the start"
    )
    parser.add_argument(
        "--slack-webhook", type=_webhook, metavar="URL", help="post cards to this incoming webhook, for real"
    )
    parser.add_argument(
        "--port", type=_port, default=PORT, help=f"port on 127.0.0.1, 0 for any (default {PORT})"
    )
    parser.add_argument(
        "--rules", metavar="DIR", type=_directory, help="rule files to use instead of the shipped ones"
    )
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
    try:
        return _live(chosen, stopped)
    except _StartFault as fault:
        print(f"pql dev: {fault}", file=sys.stderr)
        return 1


def _live(chosen: argparse.Namespace, stopped: threading.Event) -> int:
    # Imported here: moto and boto3 take a second, and `pql --help` should not.
    from pql.core.errors import RuleFault  # noqa: PLC0415
    from pql.dev.console import Console  # noqa: PLC0415
    from pql.dev.narrator import Narrator, welcome  # noqa: PLC0415
    from pql.dev.server import Server  # noqa: PLC0415
    from pql.dev.template import TemplateFault  # noqa: PLC0415
    from pql.dev.world import Settings, Watchers, world  # noqa: PLC0415

    sys.stdout.reconfigure(errors="replace")  # type: ignore[union-attr] # a card has box-drawing characters

    def gone() -> None:
        # Nobody reads: what is still buffered goes nowhere, and without a word.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        stopped.set()

    console = Console(sys.stdout, gone=gone)
    narrator = Narrator(console)
    settings = Settings(
        write_key=chosen.write_key,
        webhook_secret=chosen.webhook_secret,
        slack_webhook=chosen.slack_webhook,
        rules=chosen.rules,
    )
    watchers = Watchers(narrator.logged, narrator.published, narrator.passed, stopped.set)
    with ExitStack() as stack:
        try:
            # The port first: whoever has to choose another one should not wait for a world.
            server = Server(lambda request: made.answer(request), chosen.port)  # noqa: PLW0108 (made below)
            stack.callback(server.stop)
            made = stack.enter_context(world(settings, watchers))
        except (RuleFault, TemplateFault) as fault:
            raise _StartFault(str(fault)) from fault
        except OSError as fault:
            raise _StartFault(
                f"port {chosen.port} is not free ({fault.strerror}): try pql dev --port 0, which takes any"
            ) from fault
        narrator.attach(made)
        if stopped.is_set():
            return 0
        server.start()
        made.pump.start()
        console.line(welcome(server.url, made, seeded=not chosen.no_seed))
        if not chosen.no_seed:
            _tell(server.url, made, console, stopped)
        stopped.wait()
        server.stop()
        made.pump.stop()
        console.end(f"stopped: {narrator.summary(made.depth())}")
    return 0


def _tell(url: str, world: World, console: Console, stopped: threading.Event) -> None:
    from pql.dev.seed import StoryFault, play, story  # noqa: PLC0415

    def tell() -> None:
        try:
            play(url, world.settings.write_key, story(int(time.time() * 1000)), console.line, stopped)
        except (StoryFault, OSError) as fault:
            if not stopped.is_set():
                console.line(f"! story: {fault}")

    threading.Thread(target=tell, name="story", daemon=True).start()


class _StartFault(Exception):
    """The local world cannot start, in words for whoever typed the command."""


def _port(text: str) -> int:
    if not (text.isascii() and text.isdigit()) or int(text) > 65_535:
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
    path = Path(text).resolve()
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no directory")
    return path
