"""What functions print, told apart from what a person should read."""

from __future__ import annotations

import json
import sys
import threading
from typing import Any

import pytest

from pql.dev.logs import Logs

METRIC = {
    "_aws": {
        "CloudWatchMetrics": [
            {"Namespace": "pql", "Dimensions": [["service"]], "Metrics": [{"Name": "EventsCounted"}]}
        ]
    },
    "EventsCounted": [3.0, 4.0],
}


def test_metrics_are_summed_and_lines_handed_on(capsys: pytest.CaptureFixture[str]) -> None:
    """An EMF line adds to its metric, a JSON line is handed on as an object, any other as text."""
    lines: list[Any] = []
    logs = Logs(lambda function, entry: lines.append((function, entry)))
    with logs.of("process"):
        sys.stdout.write(json.dumps(METRIC) + "\n")
        sys.stdout.write(json.dumps({"level": "INFO"}) + "\n")
        sys.stdout.write("plain\n")
        sys.stdout.write("without an end")
    sys.stdout.write("for a person\n")
    logs.stop()

    assert logs.metrics == {"EventsCounted": 7.0}
    assert lines == [("process", {"level": "INFO"}), ("process", "plain"), ("process", "without an end")]
    assert capsys.readouterr().out == "for a person\n"


def test_another_thread_prints_for_itself(capsys: pytest.CaptureFixture[str]) -> None:
    """Only the thread that runs a function is listened to."""
    lines: list[Any] = []
    logs = Logs(lambda function, entry: lines.append(entry))
    with logs.of("process"):
        other = threading.Thread(target=sys.stdout.write, args=("from elsewhere\n",))
        other.start()
        other.join()
    logs.stop()

    assert lines == []
    assert capsys.readouterr().out == "from elsewhere\n"


def test_stdout_is_given_back() -> None:
    """After the world stopped, stdout is the one from before."""
    before = sys.stdout
    logs = Logs()
    with logs.of("process"):
        assert sys.stdout is not before
    logs.stop()

    assert sys.stdout is before


def test_an_error_is_logged_with_its_trace() -> None:
    """What a function raised is handed on like a log line of level ERROR."""
    lines: list[Any] = []
    Logs(lambda function, entry: lines.append((function, entry))).error("process", ValueError("boom"))

    ((function, entry),) = lines
    assert (function, entry["level"], entry["message"]) == ("process", "ERROR", "ValueError('boom')")
    assert "boom" in entry["exception"]
