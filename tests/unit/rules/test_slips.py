"""What is not YAML is told at the line of the mistake, with its mend."""

from __future__ import annotations

import pytest
import yaml

from pql.rules import source
from pql.rules.faults import RulesRejected
from pql.rules.source import Source

GOOD = """\
signals:
  exports: {count: Report Exported, within: 30d}
rules:
  heavy:
    when: {all: [{signal: exports, at_least: 3}]}
    tier: warm
    title: "{account} exports"
tests:
  - name: three
    timeline: [0d Report Exported x3]
  - name: two
    timeline: [0d Report Exported x2]
"""
CASES = {
    "tab": ("    tier: warm", "\ttier: warm", "6:1: a tab; indent with spaces"),
    "tab further down": (
        "    tier: warm\n",
        "    tier: |\n      a\n  \tb: c\n",
        "8:3: a tab; indent with spaces",
    ),
    "no-break space": (
        "    tier: warm",
        "\u00a0   tier: warm",
        "6:1: a space of another kind; indent with plain spaces",
    ),
    "brace": ('"{account} exports"', "{account} exports", "7:12: put text that begins with { in quotes"),
    "bracket": ('"{account} exports"', "[hot] exports", "7:12: put text that begins with [ in quotes"),
    "percent": ('"{account} exports"', "%d exports", "7:12: put text that begins with % in quotes"),
    "at": ('"{account} exports"', "@team look", "7:12: put text that begins with @ in quotes"),
    "star": ("count: Report Exported", "count: *", "2:20: put text that begins with * in quotes"),
    "colon in text": (
        '"{account} exports"',
        "Look: it exports",
        "7:12: put text with a colon in it in quotes",
    ),
    "colon": ("tier: warm", "tier warm", "6:8: a colon is missing after `tier`"),
    "colon before a list": ("    when: {", "    when {", "5:8: a colon is missing after `when`"),
    "colon of a section": ("signals:", "signals", "1:7: a colon is missing after `signals`"),
    "colon of a name": ("  heavy:", "  heavy", "4:7: a colon is missing after `heavy`"),
    "space": ("tier: warm", "tier:warm", "6:9: a space is missing after `tier:`"),
    "space behind a dash": ("  - name: two", "  -name: two", "11:3: a space is missing after the `-`"),
    "too far left": ("    tier", "   tier", "6:4: indented by 3; expected 2 or 4, as lines above are"),
    "too far right": ("    tier", "      tier", "6:7: indented by 6; expected 4, as lines above are"),
    "crooked dash": (
        "  - name: two",
        "   - name: two",
        "11:4: indented by 3; expected 2, as lines above are",
    ),
    "item under an item": (
        "    timeline: [0d Report Exported x2]",
        "    timeline:\n      - 0d A\n        - 1d B: {c: 1}\n      - 2d C",
        "14:9: indented by 8; expected 6, as lines above are",
    ),
    "key among items": (
        "    timeline: [0d Report Exported x2]",
        "    timeline:\n      - 0d A\n      expect: silent",
        "14:7: indented by 6; expected 4, as lines above are",
    ),
    "colon of an item": ("  - name: two", "  - name two", "11:8: a colon is missing after `name`"),
    "colon of a line": (
        "[0d Report Exported x2]",
        "\n      - 0d traits {plan: trial, seats: 3}",
        "13:19: a colon is missing before the {",
    ),
    "text moved out": (
        '"{account} exports"',
        ">-\n      exports\n     a lot",
        "9:6: indented by 5; expected 6, as the text above is",
    ),
    "brace above": (
        "{count: Report Exported, within: 30d}",
        "{count: Report Exported, within: 30d,\n  b: {count: B},\n  c: >-\n    d",
        "2:12: the `{` that begins here is not closed: expected `}`",
    ),
    "brace not closed": (
        "at_least: 3}",
        "at_least: 3",
        "5:47: expected a comma or `}`: the `{` in line 5, column 18 is not closed",
    ),
    "comma": (
        "Exported, within",
        "Exported within",
        "2:42: expected a comma or `}`: the `{` in line 2, column 12 is not closed",
    ),
    "quote not closed": (
        'exports"\n',
        "exports\n",
        '7:12: the quote that begins here is not closed: expected " at its end',
    ),
    "quote inside": (
        '"{account} exports"',
        "'it's big'",
        "7:12: the text ends at its second '; write '' for one inside, or put it in double quotes",
    ),
    "double quote inside": (
        '"{account} exports"',
        '"a "big" one"',
        '7:12: the text ends at its second "; write \\" for one inside',
    ),
    "comment in a list": (
        "    tier: warm",
        "    channels: [#sales]\n    tier: warm",
        "6:16: `#` begins a comment; put it in quotes",
    ),
    "comment behind an item": (
        "    tier: warm",
        '    channels: ["#a", #b]\n    tier: warm',
        "6:22: `#` begins a comment; put it in quotes",
    ),
    "second document": (
        "tests:",
        "---\ntests:",
        "8:1: a rule file is one document; leave out the `---` between",
    ),
    "control character": ("warm", "wa\x00rm", "6:13: a character that no text has: U+0000"),
}
LOADERS = [
    pytest.param(base, id=base.__name__)
    for base in (yaml.SafeLoader, getattr(yaml, "CSafeLoader", None))
    if base is not None
]


def told(text: str) -> str:
    """Return the fault of a file that is not YAML."""
    with pytest.raises(RulesRejected) as rejected:
        Source("r.yaml", text)
    (fault,) = rejected.value.faults
    return f"{fault.line}:{fault.column}: {fault.message}"


@pytest.fixture(params=LOADERS)
def either_parser(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read with libyaml and with Python's own parser, whose words and places differ."""
    known = {"yaml_implicit_resolvers": source._Loader.yaml_implicit_resolvers}
    monkeypatch.setattr(source, "_Loader", type("_Loader", (request.param,), known))


@pytest.mark.usefixtures("either_parser")
@pytest.mark.parametrize(("old", "new", "fault"), CASES.values(), ids=CASES)
def test_a_slip_is_told_at_its_line_with_its_mend(old: str, new: str, fault: str) -> None:
    """Wherever the parser gave up, and whichever parser it was."""
    assert old in GOOD
    assert fault == told(GOOD.replace(old, new, 1))


def test_the_file_that_all_slips_are_made_in_is_good() -> None:
    """What is told is told of the slip."""
    assert ["signals", "rules", "tests"] == list(Source("r.yaml", GOOD).data)


def test_text_over_several_lines_is_not_taken_for_a_slip() -> None:
    """The mistake is in the last line; what goes on with a text, or is one, is indented as it likes."""
    text = "a: |\n     b c\n     x: [\nd: some words\n   and more\ne: {f: 1,\n g: 2}\nh: {i: 1\nj: 2\n"

    assert "9:2: expected a comma or `}`: the `{` in line 8, column 4 is not closed" == told(text)


@pytest.mark.parametrize("text", ["a: [", "a: {b: [c}", "'", '"', "- [\n- ]", "a: b: c: d", ": :", "?\n\t:"])
def test_whatever_else_is_not_yaml_has_a_place(text: str) -> None:
    """Nothing that is looked for in the lines around a failure can fail itself."""
    line, column, message = told(text).split(":", 2)

    assert 0 < int(line) <= text.count("\n") + 2
    assert int(column) > 0
    assert message.strip()
