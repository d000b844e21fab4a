"""docs/rules.md shows how an element is added and what a failing test says; both are tried here."""

from __future__ import annotations

import importlib.util
import re
import sys
from pathlib import Path
from types import NoneType
from typing import Annotated, Any, get_args

import pytest
from pydantic import BeforeValidator, Field, ValidationError

from pql.cli.main import main
from pql.engine.explain import Explainer
from pql.engine.plan import Plan
from pql.engine.rehearsal import rehearse
from pql.rules import signals
from pql.rules.lint import lint
from pql.rules.load import parse
from pql.rules.pack import Identifier, Pack, RuleFile
from pql.rules.reference import reference
from pql.rules.schema import examples, schema
from pql.rules.signals.signal import Signal
from pql.rules.source import Source
from pql.rules.tagged import kind_of, tagged

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "rules.md").read_text(encoding="utf-8")
FILE = """\
signals:
  weekend_work: {weekends: Report Created, where: {format: pdf}, within: 30d}
rules:
  eager: {when: {signal: weekend_work, at_least: 2}, title: eager, reason: "{weekend_work}"}
tests:
  # A timeline begins on a Wednesday.
  - name: at the weekend
    timeline: [3d Report Created: {format: pdf}, 4d Report Created: {format: pdf}]
    expect: fires at 4d
  - name: during the week
    timeline: [1d Report Created: {format: pdf}, 2d Report Created: {format: pdf}]
    expect: silent
  - name: in another format
    timeline: [3d Report Created: {format: csv}, 4d Report Created: {format: pdf}]
    expect: silent
"""


WHOLE = [
    pytest.param(block, id=re.search(r"rules:\n  (\w+):", block)[1])  # type: ignore[index] # it is there
    for block in re.findall(r"^```yaml\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    if "\nrules:\n" in block
]


@pytest.mark.parametrize("text", WHOLE)
def test_every_whole_file_on_the_page_loads_and_passes_its_own_tests(text: str) -> None:
    """It can be copied as it stands."""
    pack = parse({"page.yaml": text}).rehearsed()

    assert [] == [one.words for one in rehearse(Plan(pack), pack) if not one.passed]


@pytest.fixture(scope="module")
def weekends(tmp_path_factory: pytest.TempPathFactory) -> type[Signal]:
    """Return the signal of the page, put into a file of its own and imported."""
    block = re.search(r"## Adding an element\n.*?^```python\n(.*?)^```$", PAGE, re.DOTALL | re.MULTILINE)
    assert block is not None
    path = tmp_path_factory.mktemp("signals") / "weekends.py"
    path.write_text(block[1], encoding="utf-8")
    spec = importlib.util.spec_from_file_location("weekends", path)
    assert spec is not None
    assert spec.loader is not None
    module = sys.modules["weekends"] = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    found: type[Signal] = module.Weekends
    return found


@pytest.fixture
def extended(weekends: type[Signal]) -> type[RuleFile]:
    """Return rule files with the page's signal in the union."""
    kinds: Any = signals.Kinds | weekends
    any_signal: Any = Annotated[kinds, Field(discriminator="kind"), BeforeValidator(tagged(kinds))]

    class Extended(RuleFile):
        """Rule files with one signal more."""

        signals: dict[Identifier, any_signal] = Field(default_factory=dict)

    return Extended


def test_the_signal_on_the_page_works(extended: type[RuleFile]) -> None:
    """It loads, counts, filters, fires and speaks like those that ship."""
    pack = Pack({"r.yaml": extended.model_validate(Source("r.yaml", FILE).data)})

    assert [True] * 3 == [verdict.passed for verdict in rehearse(Plan(pack), pack)]
    assert (
        "Report Created at weekends where format is pdf in the last 30 days"
        == pack.files["r.yaml"].signals["weekend_work"].words
    )


def test_lint_and_explain_know_that_the_signal_on_the_page_counts(extended: type[RuleFile]) -> None:
    """What is below nothing is out of its reach, and what is missing are so many more."""
    source = Source("r.yaml", FILE.replace("at_least: 2", "less_than: 0"))
    pack = Pack({"r.yaml": extended.model_validate(Source("r.yaml", FILE).data)})
    beyond = Pack({"r.yaml": extended.model_validate(source.data)})
    plan = Plan(pack)
    account = plan.account("a:acme")

    assert ["never-true"] == [one.code for one in lint(beyond, {"r.yaml": source})]
    (want,) = Explainer(plan).explain(account, 0).rules[0].wants
    assert ("more", 2.0) == (want.kind, want.by)


def test_its_mistakes_are_told_like_those_of_others(extended: type[RuleFile]) -> None:
    """A key it does not know is refused, and its own name is among the nearest words."""
    for old, new, told in (
        ("where:", "were:", "Extra inputs"),
        ("weekends:", "weekend:", "did you mean weekends"),
    ):
        with pytest.raises(ValidationError, match=told):
            extended.model_validate(Source("r.yaml", FILE.replace(old, new, 1)).data)


def test_schema_and_reference_know_the_signal_on_the_page(
    extended: type[RuleFile], weekends: type[Signal]
) -> None:
    """Neither needs a line of its own."""
    assert [{"weekends": "Report Created", "within": "30d"}] == examples(weekends)
    assert ["weekends"] == schema(extended)["$defs"]["Weekends"]["required"]
    assert "### weekends\n\nCount events on Saturdays and Sundays, UTC.\n" in reference(extended)


def test_the_story_on_the_page_is_what_is_printed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """To the letter, as the comment above it says it was made."""
    text = (ROOT / "functions" / "rules" / "activation.yaml").read_text(encoding="utf-8")
    (tmp_path / "activation.yaml").write_text(text.replace("fires at 6d", "fires at 5d"), encoding="utf-8")
    shown = re.search(r"<!-- story.*?-->\n```text\n(.*?)```", PAGE, re.DOTALL)
    assert shown is not None

    assert 1 == main(["rules", "test", str(tmp_path)])
    assert shown[1] in capsys.readouterr().out


def test_the_page_says_which_signals_have_no_window_and_which_need_one() -> None:
    """As their own keys do."""
    kinds = {kind_of(one): one.model_fields["within"] for one in get_args(signals.Kinds)}
    none = sorted(name for name, within in kinds.items() if within.annotation is NoneType)
    needed = sorted(name for name, within in kinds.items() if within.is_required())
    (told,) = re.findall(r"^  remember for ever\. (.*?) have none, (.*?) need one;$", PAGE, re.MULTILINE)

    assert [none, needed] == [re.findall(r"`(\w+)`", names) for names in told]
