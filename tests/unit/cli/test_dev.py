"""`pql dev` refuses what could never work, before anything starts."""

from __future__ import annotations

import errno
import socket
from pathlib import Path
from typing import NoReturn

import pytest

from pql.cli.main import main
from pql.dev.template import TemplateFault
from pql.dev.world import Settings
from pql.rules.directory import rules_directory


@pytest.mark.parametrize(
    "options",
    [
        ["--slack-webhook", "notaurl"],
        ["--slack-webhook", "hooks.slack.com/services/T/B/X"],
        ["--slack-webhook", "http://hooks.slack.com/services/T/B/X"],
        ["--slack-webhook", "https://discord.com/api/webhooks/1"],
        ["--slack-webhook", "https://hooks.slack.com:8443/services/T"],
        ["--slack-webhook", "http://127.0.0.1/hook"],
        ["--write-key", ""],
        ["--webhook-secret", "  "],
        ["--port", "²"],
        ["--port", "70000"],
        ["--rules", "no/such/directory"],
    ],
    ids=" ".join,
)
def test_an_option_that_cannot_work_is_refused(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    """The message names the option, and the exit code is that of a usage error."""
    with pytest.raises(SystemExit) as left:
        main(["dev", *options])

    assert 2 == left.value.code
    assert f"\npql dev: error: argument {options[0]}: " in capsys.readouterr().err


@pytest.mark.parametrize("way", [["--rules"], []], ids=["option", "argument"])
def test_rules_that_do_not_load_are_told_before_anything_starts(
    way: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """No port is taken, and no world made."""
    (tmp_path / "a.yaml").write_text("rules: {a: {wen: 1}}", encoding="utf-8")
    monkeypatch.setattr("pql.dev.world.world", None)

    assert 1 == main(["dev", *way, str(tmp_path)])
    told = capsys.readouterr().err.splitlines()
    assert f"pql dev: the rules in {tmp_path} do not load" == told[0]
    assert "a.yaml:1:13: unknown key `wen`; did you mean `when`?" in told


def test_a_world_is_made_of_what_was_chosen(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each option reaches what it is for, so that recorded requests can be replayed against it."""
    made: list[Settings] = []

    def world(settings: Settings, _watchers: object) -> NoReturn:
        made.append(settings)
        raise TemplateFault("seen enough")

    monkeypatch.setattr("pql.dev.world.world", world)
    monkeypatch.setattr("pql.cli.dev.signal.signal", lambda *_: None)
    rules, webhook = rules_directory(None).resolve(), "http://127.0.0.1:9/hook"
    secrets = ["--write-key", "a key", "--webhook-secret", "a secret"]
    code = main(["dev", "--port", "0", "--rules", str(rules), "--slack-webhook", webhook, *secrets])
    chosen = Settings(write_key="a key", webhook_secret="a secret", slack_webhook=webhook, rules=rules)

    assert (1, [chosen]) == (code, made)


def test_a_disk_that_is_full_is_no_port_that_is_taken(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Whoever tried another port would meet the same."""

    def full(*_: object) -> NoReturn:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("pql.dev.world.world", full)
    monkeypatch.setattr("pql.cli.dev.signal.signal", lambda *_: None)
    code = main(["dev", "--port", "0", "--no-seed"])
    told = capsys.readouterr().err

    assert (1, True, False) == (code, "No space left on device" in told, "port" in told)


def test_it_starts_although_nobody_reads(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """As behind `>&-`: the front door is there all the same."""

    def world(*_: object) -> NoReturn:
        raise TemplateFault("seen enough")

    monkeypatch.setattr("pql.dev.world.world", world)
    monkeypatch.setattr("pql.cli.dev.signal.signal", lambda *_: None)
    monkeypatch.setattr("sys.stdout", None)

    assert (1, "pql dev: seen enough\n") == (main(["dev", "--port", "0"]), capsys.readouterr().err)


def test_a_port_that_is_taken_says_what_can_be_typed_here(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """The same, whatever that was: by infra or by `pql`, with rules of one's own."""
    monkeypatch.setattr("pql.cli.dev.signal.signal", lambda *_: None)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        assert 1 == main(["dev", "--port", str(taken.getsockname()[1])])

    assert "type the same with --port 0 behind it, which takes any" in capsys.readouterr().err
