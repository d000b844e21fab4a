"""Events that are given for conversions by mistake, and lists that only look like events."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from fakes.pipes import piped
from pql.cli.backtest_list import need_list
from pql.cli.main import main
from pql.cli.refused import Mistyped

ROOT = Path(__file__).parents[3]
RULES, EVENTS = ROOT / "tests/bench/purchase_days.yaml", ROOT / "tests/data/purchases/events.jsonl"


def written(path: Path, *items: object) -> str:
    """Return a file of these, one a line."""
    path.write_text("\n".join(map(json.dumps, items)), encoding="utf-8")
    return str(path)


def call(kind: str, name: str | None = None, **more: object) -> dict[str, object]:
    """Return a call that has all that a row of a list must have."""
    named = {} if name is None else {"event": name}
    return {"type": kind, **named, "userId": "ada", "timestamp": "2026-03-01T00:00:00Z", **more}


@pytest.mark.parametrize(
    ("items", "names"),
    [
        (
            [call("track", "Seen"), call("track", "Seen"), call("track", "Deal Won")],
            "one of 'Seen', 'Deal Won'",
        ),
        ([call("identify"), call("track", "Deal Won")], "one of 'Deal Won'"),
        ([call("identify"), call("identify")], "the name of the event that converts"),
    ],
)
def test_events_are_no_list_of_conversions(tmp_path: Path, items: list[object], names: str) -> None:
    """The refusal has the names that they do have: everybody would convert with the first call of theirs."""
    given = written(tmp_path / "events.jsonl", *items)
    with pytest.raises(Mistyped) as caught:
        need_list([given], [])

    assert f"{given} holds events and no list of conversions; --conversions takes " in str(caught.value)
    assert str(caught.value).endswith(names)


@pytest.mark.parametrize(
    "items",
    [
        [call("track", "Deal Won"), call("track", "Deal Won", userId="ben")],
        [call("track", "Seen", converted_at="2026-03-02"), call("identify", converted_at="2026-03-02")],
        [{"account_id": "acme", "converted_at": "2026-03-01"}],
        [{"id": "acme", "date": "2026-03-01", "type": "upgrade"}, {"id": "b", "date": "2026-03-01"}],
        [["no", "object"]],
        [],
    ],
)
def test_a_list_may_look_like_events(tmp_path: Path, items: list[object]) -> None:
    """Calls of the one event that converts, a time of the conversion in each, a type that is no call's."""
    need_list([written(tmp_path / "won.jsonl", *items), "Deal Won"], ["events.jsonl"])


def test_a_pipe_is_left_to_whoever_reads_it() -> None:
    """There would be nothing left in it."""
    text = "\n".join(map(json.dumps, [call("identify"), call("track", "Seen")]))
    with piped(text) as pipe:
        need_list([pipe], [])

        assert text == Path(pipe).read_text()


def test_one_file_is_not_both(tmp_path: Path) -> None:
    """By whatever path, and where all its calls are of one event."""
    given = written(tmp_path / "events.jsonl", call("track", "Deal Won"))

    with pytest.raises(Mistyped, match=r"is among EVENTS, too; .* one of 'Deal Won'$"):
        need_list([given], [str(tmp_path / "." / "events.jsonl")])


@pytest.mark.parametrize("command", ["backtest", "calibrate"])
def test_the_commands_refuse_it(command: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """With the code of what was mistyped, before an event is read."""
    others = written(tmp_path / "others.jsonl", call("identify"), call("track", "Seen"))
    for given in (str(EVENTS), others):
        code = main([command, str(RULES), str(EVENTS), "--conversions", given])

        assert 2 == code
        assert f"pql {command}: {given} " in capsys.readouterr().err
