"""`pql dev` refuses what could never work, before anything starts."""

from __future__ import annotations

import pytest

from pql.cli.main import main


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
    assert options[0] in capsys.readouterr().err
