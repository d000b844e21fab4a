"""`pql explain`: what somebody reads who asks why."""

from __future__ import annotations

import gzip
import json
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import boto3
import msgspec
import pytest
from moto import mock_aws

from fakes.events import DAY, HOUR, START, event, group
from fakes.plans import plan_of
from pql.adapters import stack_resources
from pql.adapters.dynamo_overrides import DynamoOverrides
from pql.adapters.dynamo_store import DynamoStore
from pql.adapters.memory_archive import MemoryArchive, MemoryQuarantine
from pql.adapters.memory_outbox import MemoryOutbox
from pql.adapters.memory_store import MemoryStore
from pql.cli.explain.sources import Source
from pql.cli.explain.text import text
from pql.cli.main import main
from pql.cli.rules.places import DOCS
from pql.core.envelope import encode
from pql.core.event import Event
from pql.core.override import Override
from pql.core.times import written_time
from pql.engine.explain import Explained, Explanation
from pql.engine.wants import Want
from pql.flows.count import Counter
from pql.flows.explain import explain
from pql.flows.process import Processor

Captured = pytest.CaptureFixture[str]
RULES = """
signals:
  people: {distinct: users, of: any, within: 14d, label: active users}
  reports: {count: Report Created, within: 30d, label: reports created}
  projects: {count: Project Created, label: projects created}
  views: {count: Billing Viewed, within: 7d, label: billing views}
scores:
  activation:
    - {points: 25, when: {signal: people, at_least: 9}}
    - {points: 20, when: {signal: reports, at_least: 2}}
    - {points: 5, per: projects, up_to: 20}
rules:
  lively: {when: {signal: reports, at_least: 1}, title: "{account} reports", reason: r, cooldown: 1d}
  broad: {when: {all: [{signal: people, at_least: 4}, {signal: reports, at_least: 1}]}, title: t, reason: r}
  scored: {when: {score: activation, at_least: 30}, title: t, reason: r}
  either:
    when: {any: [{signal: projects, at_least: 9}, {signal: reports, at_least: 2}]}
    title: t
    reason: r
  calm: {when: {all: [{signal: views, less_than: 2}, {signal: reports, at_least: 1}]}, title: t, reason: r}
  ending: {when: {until: trial_ends, at_most: 3d}, title: t, reason: r, status: shadow}
  paying: {when: {trait: plan, in: [paid, pro]}, title: t, reason: r, status: draft}
  fresh: {when: {signal: projects, less_than: 1}, unless: {trait: plan, is: trial}, title: t, reason: r}
"""
HISTORY = [
    event("billing", "Billing Viewed", at=0),
    event("more billing", "Billing Viewed", at=1 * HOUR),
    group("traits", at=2 * HOUR, plan="trial", trial_ends="2025-01-12", name="Acme"),
    event("report", "Report Created", at=2 * DAY),
    event("project", "Project Created", at=3 * DAY, user="bob"),
    event("other", "Report Created", at=3 * DAY, account="other", user="eve"),
]
NOT = "\N{EN DASH}"
LINES = """\
acme as of 4 Jan 2025, 00:00 UTC

✓ lively: hot lead since 3 Jan 2025, 00:00 UTC (1st time)
    another lead is possible once it has ceased to hold
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC
    derive it again: pql explain acme lively --events archive --rules rules --at 2025-01-03T00:00:00.000Z

{NOT} broad: 75% of the way
    needs 2 more active users in the next 13 days (what counts now counts until 17 Jan 2025, 00:00 UTC)
    {NOT} active users in the last 14 days: 2 (at least 4) · event {project} of 4 Jan 2025, 00:00 UTC
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} calm: 75% of the way
    needs billing views in the last 7 days: less than 2 by itself in 4 days, on 8 Jan 2025, 00:00 UTC
    if nothing more happens it comes by itself in 4 days, on 8 Jan 2025, 00:00 UTC
    {NOT} billing views in the last 7 days: 2 (less than 2) · event {billing} of 1 Jan 2025, 01:00 UTC
    ✓ reports created in the last 30 days: 1 (at least 1) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} either: 50% of the way
    needs 1 more report created in the next 29 days (what counts now counts until 2 Feb 2025, 00:00 UTC)
    that is the nearest of 2 ways
    {NOT} projects created: 1 (at least 9) · event {project} of 4 Jan 2025, 00:00 UTC
    {NOT} reports created in the last 30 days: 1 (at least 2) · event {report} of 3 Jan 2025, 00:00 UTC

{NOT} ending: 38% of the way
    needs days until trial_ends: at most 3 by itself in 5 days, on 9 Jan 2025, 00:00 UTC
    if nothing more happens it comes by itself in 5 days, on 9 Jan 2025, 00:00 UTC
    it is in shadow: its leads are kept and not announced
    {NOT} days until trial_ends: 8 (at most 3)
""".format(
    NOT=NOT,
    **{name: HISTORY[place].id[:16] for name, place in (("report", 3), ("project", 4), ("billing", 1))},
)


@pytest.fixture
def rules(tmp_path: Path) -> Path:
    """Return a directory with rules whose tests nobody wrote, loaded all the same."""
    (tmp_path / "rules").mkdir()
    (tmp_path / "rules" / "rules.yaml").write_text(RULES + with_tests(), encoding="utf-8")
    return tmp_path / "rules"


def with_tests() -> str:
    """Return a firing and a silent test for every rule: one does not load without."""
    names = ["lively", "broad", "scored", "either", "calm", "ending", "paying", "fresh"]
    lines = ["tests:"]
    for name in names:
        lines.append(
            f"  - {{name: {name} fires, rule: {name}, timeline: [0d Report Created], expect: fires at 0d}}"
        )
        lines.append(f"  - {{name: {name} is silent, rule: {name}, timeline: [0d Other], expect: silent}}")
    return "\n".join(lines)


@pytest.fixture
def archive(tmp_path: Path) -> Path:
    """Return a directory as the archive is, with a repeat, a foreign account and a line that is no event."""
    day = tmp_path / "archive" / "day=2025-01-01"
    day.mkdir(parents=True)
    encoder = msgspec.json.Encoder()
    lines = [encoder.encode({"subject": "a:acme", "event": one}) for one in [*HISTORY, HISTORY[0]]]
    (day / "batch.jsonl.gz").write_bytes(gzip.compress(b"\n".join(lines)))
    (day / "later.jsonl").write_bytes(b"what is this\n")
    return tmp_path / "archive"


def asked(capsys: Captured, *words: object) -> tuple[int, str, str]:
    """Return exit code, output and complaints of `pql explain`."""
    code = main(["explain", *map(str, words)])
    told = capsys.readouterr()
    return code, told.out, told.err


@pytest.fixture
def here(rules: Path, archive: Path, monkeypatch: pytest.MonkeyPatch) -> tuple[str, ...]:
    """Return where to look, as seen from the directory that both are in."""
    monkeypatch.chdir(rules.parent)
    return "--events", archive.name, "--rules", rules.name


def test_it_reads_like_this(here: tuple[str, ...], capsys: Captured) -> None:
    """Leads first, then what is nearest to becoming one; each with what is missing and until when."""
    code, out, err = asked(capsys, "acme", *here)

    assert (0, "pql explain: passed over 1 line without an event and its time\n") == (code, err)
    assert LINES.splitlines() == out.splitlines()[: len(LINES.splitlines())]


def test_the_page_shows_what_is_printed(here: tuple[str, ...], capsys: Captured) -> None:
    """Each paragraph in the documentation is one of the output."""
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    shown = page.partition("```text\n")[2].partition("\n```")[0].split("\n\n")
    _, out, _ = asked(capsys, "acme", *here)

    assert shown == [one for one in out.strip().split("\n\n") if one in shown]


def test_the_page_names_every_field() -> None:
    """Whatever programs may rely on is in the documentation."""
    page = (DOCS / "explain.md").read_text(encoding="utf-8")
    fields = [*Explanation.__struct_fields__, *Explained.__struct_fields__, *Want.__struct_fields__]

    assert [] == [name for name in fields if f"`{name}`" not in page]


BOTH = "1 more report created in the next 29 days (+20) and 1 more project created (+5)"
COUNTS = "what counts now counts until"
NEEDS = "needs 25 more points of activation"
WORDS = {
    "scored": [f"{NEEDS}: {BOTH} ({COUNTS} 2 Feb 2025, 00:00 UTC)"],
    "paying": ["needs plan to be one of paid, pro (it is trial)"],
    "fresh": [
        "needs projects created to fall from 1 to less than 1, and what was counted stays counted",
        "needs plan not to be trial (it is trial)",
    ],
}


@pytest.mark.parametrize(("rule", "words"), WORDS.items())
def test_one_rule_can_be_asked_for(
    rules: Path, archive: Path, rule: str, words: list[str], capsys: Captured
) -> None:
    """Nothing else is told then."""
    _, out, _ = asked(capsys, "acme", rule, "--events", archive, "--rules", rules)

    assert words == [line.strip() for line in out.splitlines() if "needs" in line]
    assert out.count("\n\n") == 1


def test_programs_read_the_same(rules: Path, archive: Path, capsys: Captured) -> None:
    """Stable fields, and times as ISO 8601."""
    _, out, _ = asked(capsys, "acme", "broad", "--events", archive, "--rules", rules, "--json")
    found = json.loads(out)
    (rule,) = found.pop("rules")
    (want,) = rule["wants"]

    assert {"account": "acme", "subject": "a:acme", "as_of": "2025-01-04T00:00:00.000Z"} == found
    assert ("more", "people", 2, "2025-01-17T00:00:00.000Z") == (
        want["kind"], want["of"], want["by"], want["until"],
    )  # fmt: skip
    assert ("missing", 0.75, False) == (rule["state"], rule["nearness"], rule["met"])


def test_the_command_on_a_lead_derives_it_again(rules: Path, archive: Path, capsys: Captured) -> None:
    """The log of accepted events gives the same lead, as of the moment it was made."""
    _, out, _ = asked(capsys, "acme", "lively", "--events", archive, "--rules", rules, "--json")
    first = json.loads(out)["rules"][0]["lead"]
    _, out, _ = asked(capsys, "acme", "lively", "--events", archive, "--rules", rules)
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    _, out, _ = asked(capsys, *shlex.split(command)[2:], "--json")
    found = json.loads(out)

    assert (first, first["created"]) == (found["rules"][0]["lead"], found["as_of"])


def test_events_as_sdks_send_them_can_be_explained(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """They go in at the front door's reader, and to the account that their user was taught."""
    sent: list[dict[str, Any]] = [
        {"type": "group", "userId": "ada", "groupId": "acme", "traits": {"plan": "paid"}},
        {"type": "track", "userId": "ada", "event": "Report Created"},
    ]
    moments = [{"messageId": str(n), "timestamp": f"2025-01-0{n}T00:00:00Z"} for n in (1, 2)]
    path = tmp_path / "sent.jsonl"
    path.write_text(
        "\n".join(json.dumps(a | b) for a, b in zip(sent, moments, strict=True)), encoding="utf-8"
    )

    code, out, _ = asked(capsys, "acme", "lively", "--events", path, "--rules", rules)

    assert (0, "✓ lively: hot lead since 2 Jan 2025, 00:00 UTC (1st time)") == (code, out.splitlines()[2])


CONVERTING = "conversions: [Subscription Started]\n"


def test_what_has_been_made_of_a_lead_is_told(rules: Path, archive: Path, capsys: Captured) -> None:
    """One that was converted is no open lead, in words and in JSON; it is found in the log as in a table."""
    (rules / "rules.yaml").write_text(CONVERTING + RULES + with_tests(), encoding="utf-8")
    bought = event("bought", "Subscription Started", at=3 * DAY + HOUR)
    (archive / "bought.json").write_bytes(msgspec.json.encode(bought))
    words = ("acme", "lively", "--events", archive, "--rules", rules)
    _, out, _ = asked(capsys, *words)
    _, told, _ = asked(capsys, *words, "--json")
    (rule,) = json.loads(told)["rules"]

    assert (
        [
            "× lively: was a hot lead from 3 Jan 2025, 00:00 UTC on (1st time)",  # noqa: RUF001 (for reading)
            f"    its lead is converted after 1 day by event {bought.id}",
        ]
        == out.splitlines()[2:4]
    )
    assert ("closed", "converted", "2025-01-04T01:00:00.000Z") == (
        rule["state"], rule["life"]["state"], rule["life"]["converted_at"],
    )  # fmt: skip


def test_a_lead_from_before_the_account_was_known_is_told_of_the_account() -> None:
    """Its tier and its life, and what it is called: it stands under the key of the user who became it."""
    store, plan = MemoryStore(), plan_of(RULES)
    processor = Processor(
        store,
        Counter(store, plan, 45, lambda _: None),
        MemoryArchive(),
        MemoryQuarantine(),
        horizon=7 * DAY,
        pause=lambda _: None,
    )
    for one in (event("r", account=None), group("g", at=HOUR)):
        processor.process([("m", encode([one]))], "batch", one.received, lambda: 60.0)
    source = Source(store, MemoryOutbox(store.leads), START + 2 * HOUR)
    acme = source.row("a:acme")
    assert acme is not None

    assert [
        "✓ lively: hot lead since 1 Jan 2025, 00:00 UTC (1st time)",
        "    made before the account was known, as u:ada/lively#1",
    ] == [*text(explain(plan, acme, source.now, source.lead, ["lively"]))][2:4]


def test_an_id_may_begin_with_a_dash(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Behind `--`, and so is the command that makes its lead again."""
    log = tmp_path / "log.json"
    log.write_bytes(msgspec.json.encode(event(1, account="-x")))
    _, out, _ = asked(capsys, "--events", log, "--rules", rules, "--", "-x", "lively")
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    assert (0, out, "") == asked(capsys, *shlex.split(command)[2:])


def test_what_follows_an_option_is_still_an_argument(here: tuple[str, ...], capsys: Captured) -> None:
    """The rule may stand before the options, between them and behind."""
    expected = asked(capsys, "acme", "broad", *here)

    assert [expected] * 2 == [
        asked(capsys, "acme", *here, "broad"),
        asked(capsys, *here[:2], "acme", *here[2:], "broad"),
    ]


def test_lines_that_are_no_events_are_counted(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """Deeper than anybody nests, no text at all, or without any time: none stops the others."""
    log = tmp_path / "log.jsonl"
    timeless = b'{"type": "track", "userId": "a", "event": "Report Created", "context": {"groupId": "acme"}}'
    lines = [timeless, b"[" * 100_000, b'{"a": ' * 50_000, b"\xff\xfe\x00", msgspec.json.encode(HISTORY[3])]
    log.write_bytes(b"\n".join(lines))

    code, out, err = asked(capsys, "acme", "lively", "--events", log, "--rules", rules)

    assert (0, "pql explain: passed over 4 lines without an event and its time\n") == (code, err)
    assert "1 (at least 1)" in out


def test_a_file_that_breaks_off_is_told(rules: Path, archive: Path, tmp_path: Path, capsys: Captured) -> None:
    """Half a log would be half an answer."""
    whole = (archive / "day=2025-01-01" / "batch.jsonl.gz").read_bytes()
    (tmp_path / "cut.jsonl.gz").write_bytes(whole[:-12])
    told = f"pql explain: {tmp_path}/cut.jsonl.gz is gzipped and cannot be read to its end\n"

    assert (2, "", told) == asked(capsys, "acme", "--events", tmp_path / "cut.jsonl.gz", "--rules", rules)


def test_there_is_one_place_to_look(rules: Path, archive: Path, capsys: Captured) -> None:
    """A table and a log may say different things."""
    told = "pql explain: --table and --events exclude each other: leave one out\n"

    assert (2, "", told) == asked(capsys, "acme", "--events", archive, "--table", "t", "--rules", rules)


@pytest.mark.parametrize("days", ["-5", "0", "soon", "1.5"])
def test_the_lateness_is_a_number_of_days(rules: Path, archive: Path, days: str, capsys: Captured) -> None:
    """Anything else is a usage error."""
    with pytest.raises(SystemExit) as left:
        main(["explain", "acme", "--events", str(archive), "--rules", str(rules), "--lateness-days", days])

    assert (2, True) == (left.value.code, "expected a number of days" in capsys.readouterr().err)


FAULTS = [
    (["acme", "livly"], "unknown rule `livly`; did you mean `lively`?"),
    (["nobody"], "nothing is counted for account nobody"),
    (["acme", "--at", "2024-12-31"], "nothing is counted for account acme by 31 Dec 2024, 00:00 UTC"),
    (["ada"], "nothing is counted for account ada; the user of that id became part of acme"),
    (["ada", "--as", "user"], "nothing is counted for user ada; it became part of acme"),
    (
        ["acme", "--as", "user"],
        "nothing is counted for user acme; there is an account of that id: pql explain acme",
    ),
]


@pytest.mark.parametrize(("words", "told"), FAULTS)
def test_what_cannot_be_explained_is_said_plainly(
    rules: Path, archive: Path, words: list[str], told: str, capsys: Captured
) -> None:
    """With an exit code of 1, on standard error."""
    code, out, err = asked(
        capsys, *words, "--events", archive / "day=2025-01-01" / "batch.jsonl.gz", "--rules", rules
    )

    assert (1, "", f"pql explain: {told}\n") == (code, out, err)


@pytest.fixture
def table(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Return a client of a DynamoDB whose table holds what the history made."""
    for name, value in (
        ("AWS_ACCESS_KEY_ID", "x"),
        ("AWS_SECRET_ACCESS_KEY", "x"),
        ("AWS_REGION", "eu-west-1"),
    ):
        monkeypatch.setenv(name, value)
    with mock_aws():
        client = boto3.client("dynamodb", region_name="eu-west-1")
        client.create_table(
            TableName="pql",
            BillingMode="PAY_PER_REQUEST",
            AttributeDefinitions=[{"AttributeName": one, "AttributeType": "S"} for one in ("pk", "sk")],
            KeySchema=[
                {"AttributeName": "pk", "KeyType": "HASH"},
                {"AttributeName": "sk", "KeyType": "RANGE"},
            ],
        )
        count(client, HISTORY)
        yield client


def count(client: Any, events: list[Event]) -> None:
    """Count events into the table as the deployment does."""
    store = DynamoStore(client, "pql", lambda _: None)
    counter = Counter(store, plan_of(RULES), 45, lambda _: None)
    processor = Processor(
        store, counter, MemoryArchive(), MemoryQuarantine(), horizon=7 * DAY, pause=lambda _: None
    )
    assert not processor.process([("m", encode(events))], "b", START + 3 * DAY, lambda: 60.0).failed


@pytest.mark.parametrize(
    ("words", "limit"),
    [
        ((), ["--lateness-days", "30"]),
        (("--table", "pql"), []),
        (("--lateness-days", "9"), ["--lateness-days", "9"]),
    ],
    ids=["the stack's", "nobody's", "named"],
)
def test_what_makes_a_lead_again_has_the_limit_of_the_stack(
    rules: Path,
    table: Any,
    words: tuple[str, ...],
    limit: list[str],
    capsys: Captured,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """With another limit other events would count; a table that is named says nothing of any."""
    assert table
    monkeypatch.delenv("PQL_TABLE", raising=False)
    monkeypatch.setattr(stack_resources, "resources", lambda _client, _stack: {"Table": "pql"})
    monkeypatch.setattr(stack_resources, "parameters", lambda _client, _stack: {"LatenessDays": "30"})
    _, out, _ = asked(capsys, "acme", "lively", *words, "--rules", rules, "--at", "2025-01-05")
    command = next(line.partition(": ")[2] for line in out.splitlines() if "derive it again" in line)

    typed = shlex.split(command)
    assert limit == typed[typed.index(str(rules)) + 1 : typed.index("--at")]


def test_a_table_says_what_the_log_says(rules: Path, archive: Path, table: Any, capsys: Captured) -> None:
    """The row and the stored lead give the same words as counting the archive again."""
    moment = ("--at", "2025-01-05T00:00:00Z")
    of_log = asked(capsys, "acme", "--events", archive, "--rules", rules, *moment)[:2]

    code, out, _ = asked(capsys, "acme", "--table", "pql", "--rules", rules, *moment)
    assert of_log == (code, out.replace("ARCHIVE", str(archive)))


def test_a_table_says_so_where_it_cannot_go_back(rules: Path, table: Any, capsys: Captured) -> None:
    """What stands is told, and where to look for what stood."""
    assert table
    code, out, err = asked(capsys, "acme", "--table", "pql", "--rules", rules, "--at", "2024-12-31")

    assert (0, "acme as of 4 Jan 2025, 00:00 UTC") == (code, out.splitlines()[0])
    assert "pql explain: a table holds what stands now: for 31 Dec 2024, 00:00 UTC name --events\n" == err


def test_rules_that_did_not_judge_a_row_say_so(
    rules: Path, tmp_path: Path, table: Any, capsys: Captured
) -> None:
    """By others everything would be missing, and nothing would say why."""
    assert table
    (others := tmp_path / "others").mkdir()
    for one in rules.iterdir():
        (others / one.name).write_text(one.read_text().replace("people, at_least: 4", "people, at_least: 5"))
    _, _, err = asked(capsys, "acme", "--table", "pql", "--rules", others, "--at", "2025-01-05")

    assert (
        "pql explain: these rules have not judged it yet: --rules DIR names those that are deployed\n" == err
    )


@pytest.mark.parametrize(("until", "shown"), [("2025-01-06", True), ("2025-01-04", False)])
def test_a_rule_in_shadow_by_an_override_says_so(
    rules: Path, table: Any, until: str, *, shown: bool, capsys: Captured
) -> None:
    """As long as that holds; its file says that it is live."""
    item = DynamoOverrides(table, "pql", lambda _: None)
    over = written_time(until)
    item.override(item.overrides().having("lively", Override(START, "ada", "too many", over), START))
    asking = ["--table", "pql", "--rules", rules, "--at", "2025-01-05"]
    _, out, _ = asked(capsys, "acme", "lively", *asking)
    _, told, _ = asked(capsys, "acme", "lively", *asking, "--json")

    assert shown == ("it is in shadow by an override: its leads are kept and not announced" in out)
    assert ("shadow" if shown else "live") == json.loads(told)["rules"][0]["status"]


def test_a_table_is_only_read(rules: Path, table: Any, capsys: Captured) -> None:
    """What time alone has made true is told, and written by nobody."""
    before = table.scan(TableName="pql")["Items"]
    code, out, _ = asked(capsys, "acme", "ending", "--table", "pql", "--rules", rules, "--at", "2025-01-10")

    assert (0, "✓ ending: hot lead since 9 Jan 2025, 00:00 UTC (1st time)") == (code, out.splitlines()[2])
    assert before == table.scan(TableName="pql")["Items"]


PERSONAL = """
subject: user
signals: {mine: {count: Report Created, label: reports of theirs}}
rules:
  keen: {when: {signal: mine, at_least: 1}, title: "{user}", reason: r}
  keener: {when: {signal: mine, at_least: 2}, title: "{user}", reason: r}
"""


def test_a_user_is_explained_as_a_person_and_where_they_have_no_account(
    rules: Path, tmp_path: Path, capsys: Captured
) -> None:
    """By the rules of both kinds together, by the one that is named; a visitor by the id of the device."""
    log = tmp_path / "log.json"
    events = [event("r", account=None), event("s"), event("v", user=None, anonymous="x")]
    log.write_bytes(b"\n".join(map(msgspec.json.encode, events)))
    (rules / "people.yaml").write_text(PERSONAL + TESTS_OF_PEOPLE, encoding="utf-8")
    where = ("--events", log, "--rules", rules)

    def heads(*asked_for: str) -> list[str]:
        _, out, _ = asked(capsys, *asked_for, *where)
        return [line.partition(":")[0] for line in out.splitlines() if line[:1] in ("✓", NOT)]

    both = heads("ada", "--as", "user")
    assert ["✓ keen", "✓ keener"] == [one for one in both if "keen" in one]
    assert "✓ lively" in both
    assert ["✓ keener"] == heads("ada", "keener", "--as", "user")
    assert [f"{NOT} keener"] == heads("x", "keener", "--as", "anonymous")


def test_a_rule_about_people_wants_a_user(rules: Path, tmp_path: Path, capsys: Captured) -> None:
    """An account is none, a draft about people counts nothing, and a user is no account."""
    log = tmp_path / "log.json"
    log.write_bytes(b"\n".join(map(msgspec.json.encode, [event("r"), event("s", account=None, user="bob")])))
    people = rules / "people.yaml"
    where = ("--events", log, "--rules", rules)
    told = []
    for status in ("live", "draft"):
        people.write_text(PERSONAL.replace("reason: r", f"reason: r, status: {status}") + TESTS_OF_PEOPLE)
        told += [asked(capsys, *words, *where)[::2] for words in (["acme", "keen"], ["bob"])]
    draft = asked(capsys, "bob", "keen", "--as", "user", *where)[::2]

    about = "pql explain: `keen` is about people: pql explain acme keen --as user\n"
    nobody = "pql explain: nothing is counted for account bob; "
    nobody += "there is a user of that id: pql explain bob --as user\n"
    waits = "pql explain: `keen` is a draft about people: nothing is counted for it until it is live\n"
    assert [(1, about), (1, nobody), (1, waits), (1, nobody), (1, waits)] == [*told, draft]


TESTS_OF_PEOPLE = """
tests:
  - {name: a, rule: keen, timeline: [0d Report Created], expect: fires at 0d}
  - {name: b, rule: keen, timeline: [0d Signed Up], expect: silent}
  - {name: c, rule: keener, timeline: [0d Report Created x2], expect: fires at 0d}
  - {name: d, rule: keener, timeline: [0d Report Created], expect: silent}
"""
