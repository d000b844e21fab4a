"""`pql diff` says what a change of rules does: to a person, to a program and to a pull request."""

from __future__ import annotations

import io
import json
import re
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from fakes.courses import course
from pql.backtest.changes.change import Change, Entries, Entry, RuleChange, Side
from pql.backtest.figures.figures import figures
from pql.backtest.figures.wilson import share
from pql.cli.diff import words
from pql.cli.diff.markdown import LIMIT, MARKER, markdown
from pql.cli.main import main
from pql.core.plain_words import iso
from pql.core.window import DAY

START = 1_735_689_600_000  # 1 Jan 2025
RULES = """\
conversions: [Subscription Started]
signals:
  reports: {count: Report Created, within: 30d, label: reports created}
rules:
  busy:
    when: {signal: reports, at_least: 3}
    title: "{account} is busy"
    reason: "{reports}"
  keen:
    when: {signal: reports, at_least: 1}
    status: shadow
    title: "{account} is keen"
    reason: "{reports}"
tests:
  - {name: three, rule: busy, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: none, rule: busy, timeline: [0d Other], expect: silent}
  - {name: three, rule: keen, timeline: [0d Report Created x3], expect: fires at 0d}
  - {name: none, rule: keen, timeline: [0d Other], expect: silent}
"""
ACCOUNTS = ("acme", "globex", "idle", "other")
Run = Callable[..., tuple[int, str, str]]


def sent(day: int, account: str, name: str = "Report Created") -> str:
    """Return a line of events as an SDK sends it."""
    at = iso(START + day * DAY)
    return json.dumps(
        {
            "type": "track",
            "event": name,
            "messageId": f"{account}-{name}-{day}",
            "userId": f"ada-of-{account}",
            "timestamp": at,
            "receivedAt": at,
            "context": {"groupId": account},
        }
    )


@pytest.fixture
def place(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Return a directory with two versions of rules, and events of four weeks."""
    monkeypatch.chdir(tmp_path)
    for name, bound in (("old", 3), ("new", 2)):
        (tmp_path / name).mkdir()
        (tmp_path / name / "busy.yaml").write_text(RULES.replace("at_least: 3", f"at_least: {bound}"))
    lines = [sent(day, "acme") for day in (0, 1, 2)]
    lines += [sent(3, "globex"), sent(4, "globex"), sent(20, "globex", "Subscription Started")]
    lines += [sent(5, "idle"), sent(28, "other", "Page Seen")]
    (tmp_path / "events.jsonl").write_text("\n".join(sorted(lines, key=_received)))
    return tmp_path


def _received(line: str) -> str:
    return str(json.loads(line)["receivedAt"])


@pytest.fixture
def run(place: Path, capsys: pytest.CaptureFixture[str]) -> Run:
    """Return what runs `pql diff` and returns its code and what it wrote."""
    assert place

    def told(*words: str) -> tuple[int, str, str]:
        code = main(["diff", *words])
        return code, *capsys.readouterr()

    return told


PAGE = Path(__file__).parents[3] / "docs" / "rule-changes.md"
TOLD = PAGE.read_text(encoding="utf-8").split("$ pql diff old new events.jsonl\n")[1].split("```\n")[0]


def test_a_person_is_told_what_is_announced_what_has_changed_and_who_is_moved(run: Run) -> None:
    """With the reason why the other version thinks otherwise; what is as before takes one line."""
    assert (0, TOLD, "") == run("old", "new", "events.jsonl")


def test_several_processes_tell_the_same(run: Run) -> None:
    """Whoever is counted where."""
    assert (0, TOLD, "") == run("old", "new", "events.jsonl", "--jobs", "2")


@pytest.mark.parametrize("jobs", ["1", "2"])
def test_lines_that_are_no_events_are_told(run: Run, place: Path, jobs: str) -> None:
    """Beside the change, which is that of all the others."""
    with (place / "events.jsonl").open("a") as opened:
        opened.write("\nno event\n")
    code, out, errors = run("old", "new", "events.jsonl", "--jobs", jobs)

    assert (0, TOLD) == (code, out)
    assert errors.startswith("pql diff: 1 line could not be read")
    assert "events.jsonl:9: " in errors


def test_without_an_event_nothing_is_compared(run: Run, place: Path) -> None:
    """A pull request that is held against nothing does not pass."""
    (place / "empty.jsonl").write_text("")

    assert (1, "", "pql diff: no event came that counts: empty.jsonl\n") == run("old", "new", "empty.jsonl")


def test_events_from_a_pipe_tell_the_same_but_for_why(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """They can be read once."""
    with (place / "events.jsonl").open("rb") as opened:
        monkeypatch.setattr("sys.stdin", io.TextIOWrapper(opened))
        code, out, errors = run("old", "new", "-")

    assert (0, re.sub("; before it needs .*", "", TOLD), "") == (code, out, errors)


def test_the_same_rules_change_nothing(run: Run) -> None:
    """Whoever only moved files is told so."""
    _, out, _ = run("old", "old", "events.jsonl")

    assert out.endswith("2 rules as before\n")
    assert "gained 0, lost 0" in out


def test_json_has_every_account_with_its_times(run: Run) -> None:
    """For programs: nothing is cut, and times are ISO 8601."""
    _, out, _ = run("old", "new", "events.jsonl", "--json", "-", "--examples", "0")
    told = json.loads(out)

    assert ["busy", "keen"] == [one["rule"] for one in told["rules"]]
    assert [
        {
            "account": "globex",
            "subject_key": "a:globex",
            "before": None,
            "after": "2025-01-05T00:00:00.000Z",
            "converted": "2025-01-21T00:00:00.000Z",
            "won": True,
        }
    ] == told["rules"][0]["gained"]
    assert 0.5 == told["rules"][0]["after"]["precision"]["rate"]


def test_as_many_accounts_are_named_as_somebody_wants(run: Run, place: Path) -> None:
    """Of each list; without any the figures are left, on a terminal and in a comment."""
    _, out, _ = run("old", "new", "events.jsonl", "--examples", "0", "--markdown", "comment.md")

    assert "globex" in TOLD
    assert "globex" not in out + (place / "comment.md").read_text()
    assert "gained 1 (1 converted)" in out


def test_only_one_of_two_documents_goes_to_standard_output(run: Run) -> None:
    """Mixed they would be neither."""
    code, out, told = run("old", "new", "events.jsonl", "--json", "-", "--markdown", "-")

    assert (2, "") == (code, out)
    assert "name a file for one of them" in told


def test_a_pull_request_gets_a_line_a_table_and_the_rest_folded_up(run: Run, place: Path) -> None:
    """The marker comes first, for a bot to find its own comment; terminal and file say both."""
    _, out, _ = run("old", "new", "events.jsonl", "--markdown", "comment.md")
    comment = (place / "comment.md").read_text()

    assert TOLD == out
    assert [MARKER, "**pql: 1 of 2 rules changes what happens**"] == comment.splitlines()[:2]
    assert "| `busy` changed | 1 → 2 | 1 (1 converted) | 0 | 1 (by 1 day) | 0 |" in comment
    assert "```diff\n- when.at_least: 3\n+ when.at_least: 2\n```" in comment
    assert "<details><summary><code>busy</code>: changed</summary>" in comment


@pytest.mark.parametrize(
    ("options", "expected"),
    [
        (["--most-gained", "1"], (0, "")),
        (["--most-gained", "0"], (1, "pql diff: busy has 1 account gained, and may have 0\n")),
        (["--most-lost", "0"], (0, "")),
    ],
    ids=str,
)
def test_a_change_that_moves_too_many_fails_if_it_is_to(
    run: Run, options: list[str], expected: tuple[int, str]
) -> None:
    """All is told all the same."""
    code, out, errors = run("old", "new", "events.jsonl", *options)

    assert (*expected, TOLD) == (code, errors, out)


def test_a_change_that_loses_too_many_fails_if_it_is_to(run: Run) -> None:
    """What the one version gains the other loses."""
    for most, expected in (("1", (0, "")), ("0", (1, "pql diff: busy has 1 account lost, and may have 0\n"))):
        code, _, errors = run("new", "old", "events.jsonl", "--most-lost", most)

        assert expected == (code, errors)


@pytest.mark.parametrize(
    ("typed", "expected", "said"),
    [
        (("older", "new", "events.jsonl"), 2, "there is no older; a version in git is git:REV:PATH"),
        (("git:-x", "new", "events.jsonl"), 2, "git:-x names no version"),
        (
            ("git:none:old", "new", "events.jsonl"),
            2,
            "no revision `none`; there is `trunk`\nif it is elsewhere: git ",
        ),
        (("git:trnk:old", "new", "events.jsonl"), 2, "no revision `trnk`; did you mean `trunk`?\n"),
        (("git:old", "new", "events.jsonl"), 2, "git:old names no revision: write git:HEAD:old"),
        (("git:HEAD:missing", "new", "events.jsonl"), 2, "`HEAD` has no missing; there are `git:HEAD:old`, "),
        (("git:HEAD:odl", "new", "events.jsonl"), 2, "`HEAD` has no odl; did you mean `git:HEAD:old`?"),
        (
            ("git:HEAD:empty", "new", "events.jsonl"),
            1,
            "has no rule files (*.yaml) in empty; there are `git:HEAD:old`",
        ),
        (("old", "new", "none.jsonl"), 2, "none.jsonl"),
        (("old", "new", "events.jsonl", "--conversions", "gone.csv"), 2, "there is no gone.csv"),
        (("old", "new", "events.jsonl", "--json", "no/such.json"), 1, "no/such.json cannot be written"),
    ],
    ids=str,
)
def test_what_cannot_be_done_says_what_to_type(
    run: Run, place: Path, typed: tuple[str, ...], expected: int, said: str
) -> None:
    """One line, and an exit code that tells what was mistyped from what lies there."""
    git(place, "init", "-q", "-b", "trunk")
    (place / "empty").mkdir()
    (place / "empty" / "notes.md").write_text("no rules")
    git(place, "add", "old", "empty")
    git(place, "commit", "-q", "-m", "rules")
    code, _, errors = run(*typed)

    assert expected == code
    assert said in errors
    assert errors.startswith("pql diff: ")


def test_rules_without_a_conversion_ask_for_one(run: Run, place: Path) -> None:
    """Precision would be nothing."""
    for name in ("old", "new"):
        path = place / name / "busy.yaml"
        path.write_text(path.read_text().replace("conversions: [Subscription Started]\n", ""))
    code, _, errors = run("old", "new", "events.jsonl")
    given, _, _ = run("old", "new", "events.jsonl", "--conversions", "Subscription Started")

    assert (1, 0) == (code, given)
    assert "--conversions" in errors


def test_rules_that_do_not_load_say_whose_fault_it_is(run: Run, place: Path) -> None:
    """The version is named, and each fault has its place."""
    (place / "new" / "busy.yaml").write_text("rules: {}\n")
    code, _, errors = run("old", "new", "events.jsonl")

    assert 1 == code
    assert errors.startswith("pql diff: new does not load\nbusy.yaml:1:")


@pytest.mark.parametrize(
    "version", ["git:HEAD:rules", "git:before:rules/busy.yaml", "git:HEAD:./rules/", "git:HEAD"]
)
def test_a_version_in_git_is_read_from_there(run: Run, place: Path, version: str) -> None:
    """A directory or a file of any revision, whatever the work tree holds; `functions/rules` by default."""
    git(place, "init", "-q")
    for directory in (place / "rules", place / "functions" / "rules"):
        directory.mkdir(parents=True)
        (directory / "busy.yaml").write_text((place / "old" / "busy.yaml").read_text())
        (directory / "notes.md").write_text("no rules")
    git(place, "add", "rules", "functions")
    git(place, "commit", "-q", "-m", "rules")
    git(place, "branch", "before")
    (place / "rules" / "busy.yaml").write_text("not: rules")
    code, out, errors = run(version, "new", "events.jsonl")

    assert (0, "") == (code, errors)
    assert TOLD.partition("\n")[2] == out.partition("\n")[2]


def test_a_version_in_git_is_read_from_below_the_top_of_a_repository(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A path is from the top as git takes it, `./` is from here; whoever means here is told so."""
    git(place, "init", "-q")
    git(place, "add", "old")
    (place / "team" / "mine").mkdir(parents=True)
    (place / "team" / "mine" / "busy.yaml").write_text((place / "old" / "busy.yaml").read_text())
    git(place, "add", "team")
    git(place, "commit", "-q", "-m", "rules")
    monkeypatch.chdir(place / "team")

    for version in ("git:HEAD:old", "git:HEAD:./mine", "git:HEAD:team/mine"):
        assert (0, "") == run(version, "../new", "../events.jsonl")[::2]
    code, _, errors = run("git:HEAD:mine", "../new", "../events.jsonl")
    said = "pql diff: mine is not at the top of the repository: write git:HEAD:./mine\n"
    assert (2, said) == (code, errors)


def test_without_a_repository_or_git_it_says_what_else_there_is(
    run: Run, place: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A directory does as well."""
    monkeypatch.setenv("GIT_CEILING_DIRECTORIES", str(place.parent))
    instead = "or name a directory or a file of rules\n"

    expected = f"pql diff: {place} is in no git repository: go to yours, {instead}"
    assert (1, "", expected) == run("git:HEAD", "new", "events.jsonl")
    monkeypatch.setenv("PATH", str(place))
    expected = f"pql diff: there is no git here, which git:REV needs: install it, {instead}"
    assert (1, "", expected) == run("git:HEAD", "new", "events.jsonl")


def git(place: Path, *words: str) -> None:
    """Run git in a repository of its own."""
    who = ["-c", "user.name=ada", "-c", "user.email=ada@example.test", "-c", "commit.gpgsign=false"]
    subprocess.run(["git", *who, *words], cwd=place, check=True, capture_output=True)  # noqa: S603, S607


def changes(number: int, account: str, why: str) -> tuple[Change, dict[tuple[str, str], str]]:
    """Return a change of so many rules, each of which gains one account."""
    entries = Entries(gained=[Entry(f"u:{account}", None, START)])
    rules = [RuleChange(f"r{one}", "same", ("live", "live"), entries) for one in range(number)]
    side = Side(0, 0, None, share(0, 0))
    change = Change(rules, [], Entries(), side, side, {}, START, START)
    return change, {(one.rule, f"u:{account}"): why for one in rules}


def test_nothing_of_a_sender_gets_out_of_its_place_in_a_comment() -> None:
    """No mention, no tag, no image, no end of the code span, no further column."""
    nasty = "`@all` ![x](http://evil.example) </details> | <img src=x>\n# loud"
    change, whys = changes(1, nasty, nasty)
    lines = markdown(change, ("a", "b"), whys, 5).splitlines()
    (line,) = [one for one in lines if one.startswith("* gained: `")]
    shown = re.sub(r"`[^`]*`", "", line, count=1)

    assert 2 == line.count("`")
    assert [] == re.findall(r"[@<>|\[\]`]", shown)
    assert line.endswith("loud")
    assert [] == [one for one in lines if one.startswith("#")]


@pytest.mark.parametrize("rules", [1, 80, 4_000])
def test_a_comment_is_never_longer_than_github_takes(rules: int) -> None:
    """What does not fit is left out from the end, and that is said."""
    change, whys = changes(rules, "x" * 300, "y" * 300)
    comment = markdown(change, ("a", "b"), whys, 5)

    assert len(comment) <= LIMIT + 200
    assert (rules > 80) is ("Not all of it fits" in comment)
    assert comment.count("<details>") == comment.count("</details>")


def test_the_same_change_gives_the_same_comment() -> None:
    """A bot that writes over its comment leaves no trace where nothing is new."""
    one, whys = changes(3, "acme", "why")
    other: Any = msgspec.json.decode(msgspec.json.encode(one), type=Change)

    assert markdown(one, ("a", "b"), whys, 5) == markdown(other, ("a", "b"), whys, 5)


def test_a_window_longer_than_the_data_is_said(run: Run) -> None:
    """Nothing is decided, in no rule: the reader should know why."""
    _, out, _ = run("old", "new", "events.jsonl", "--within", "400d")

    told = "no window of 400 days is over, the data last 28 days: type --within 28d or shorter"
    assert f"4 accounts, no base rate: {told}\n" in out


@pytest.mark.parametrize("options", [(), ("--within", "5d"), ("--within", "400d")], ids=str)
def test_where_everybody_had_converted_that_is_why_there_is_no_base_rate(
    run: Run, place: Path, options: tuple[str, ...]
) -> None:
    """Whatever the window, for no other one would help."""
    (place / "won.csv").write_text(
        "account_id,converted_at\n" + "".join(f"{one},2024-12-01\n" for one in ACCOUNTS)
    )
    _, out, _ = run("old", "new", "events.jsonl", "--conversions", "won.csv", *options)

    assert "; 4 accounts, no base rate: all had converted by the first event\n" in out


def test_what_is_missing_is_named_before_anything_else_is_asked(run: Run, place: Path) -> None:
    """Neither a conversion nor a list of them, nor a second time."""
    for side in ("old", "new"):
        rules = place / side / "busy.yaml"
        rules.write_text(rules.read_text().replace("conversions: [Subscription Started]\n", ""))
    for more in ((), ("--conversions", "gone.csv"), ("--jobs", "2")):
        assert (2, "", "pql diff: there is no none.jsonl\n") == run("old", "new", "none.jsonl", *more)


def test_those_who_converted_are_named_first() -> None:
    """It is them that a change wins or loses; what came too early or too late for the lead is told, too."""
    lost = [
        Entry("a:old", START, None, START + 9 * DAY, 10 * DAY),
        Entry("a:early", START + DAY, None, START, 10 * DAY),
        Entry("a:late", START + 2 * DAY, None, START + 20 * DAY, 10 * DAY),
        Entry("a:new", START + 3 * DAY, None, START + 4 * DAY, 10 * DAY),
    ]
    one = RuleChange("busy", "same", ("live", "live"), Entries(lost=lost))
    shown, more = words.examples(one, "lost", 3)

    assert (["a:new", "a:old", "a:late"], 1) == ([entry.subject for entry in shown], more)
    assert "4 (2 converted)" == words.won(lost)
    assert [
        "1 Jan 2025, converted 10 Jan 2025",
        "2 Jan 2025, had converted 1 Jan 2025",
        "3 Jan 2025, converted 21 Jan 2025, after the window",
        "4 Jan 2025, converted 5 Jan 2025",
    ] == [words.when(entry) for entry in lost]


@pytest.fixture(autouse=True)
def _no_table(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PQL_TABLE", "PQL_ENDPOINT_URL", "PQL_STACK"):
        monkeypatch.delenv(name, raising=False)


def test_people_are_called_people() -> None:
    """As in every other figure, whether they are users or devices."""
    found = figures(course({"p:ada": (0, None), "p:ben": (0, 9)}, {}))
    nothing = Side(0, 0, None, share(0, 0))
    told = words.scene(
        Change([], [], Entries(), nothing, nothing, found.bases, first=found.first, last=found.last)
    )

    assert "; 2 people, of which 50.0 %" in told
