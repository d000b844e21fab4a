"""Every element of the language proves itself by the example in its own docstring."""

from __future__ import annotations

import re
import textwrap
from typing import Any, get_args

import pytest
from pydantic import TypeAdapter, ValidationError

from pql.rules import conditions, parts, signals
from pql.rules.element import Element
from pql.rules.pack import RuleFile
from pql.rules.rule import Requalify, Rule, TierByScore
from pql.rules.source import Source
from pql.rules.timeline import Timeline

SIGNALS = get_args(signals.Kinds)
CONDITIONS = get_args(conditions.Kinds)
PARTS = get_args(parts.Kinds)
OTHERS = (Requalify, Rule, RuleFile, TierByScore, Timeline)
EVERY = [*SIGNALS, *CONDITIONS, *PARTS, *OTHERS]
# Their examples give them a name.
NAMED = (*SIGNALS, Rule)


def example(element: type[Element]) -> Any:
    """Return the YAML example in an element's docstring, read as a rule file would be."""
    found = re.search(r"```yaml\n(.*?)```", textwrap.dedent("    " + (element.__doc__ or "")), re.DOTALL)
    assert found, f"{element.__name__} has no example"
    return Source(element.__name__, textwrap.dedent(found[1])).data


def parsed(element: type[Element], data: Any) -> list[Any]:
    """Return the elements that an example holds."""
    if element in SIGNALS:
        return [TypeAdapter(signals.AnySignal).validate_python(one) for one in data.values()]
    if element in CONDITIONS:
        return [TypeAdapter(conditions.AnyCondition).validate_python(data)]
    if element in PARTS:
        return [TypeAdapter(parts.AnyPart).validate_python(data)]
    return [element.model_validate(next(iter(data.values())) if element is Rule else data)]


@pytest.mark.parametrize("element", EVERY, ids=lambda element: element.__name__)
def test_the_example_in_every_docstring_loads_as_that_element(element: type[Element]) -> None:
    """What the manual shows is what the language takes."""
    assert {element} == {type(one) for one in parsed(element, example(element))}


@pytest.mark.parametrize("element", EVERY, ids=lambda element: element.__name__)
def test_every_element_refuses_a_key_it_does_not_know(element: type[Element]) -> None:
    """A typo in an optional key is an error, never ignored."""
    data = example(element)
    whole = next(iter(data.values())) if element in NAMED else data
    wrong = {**whole, "surprise": 1}

    with pytest.raises(ValidationError, match="Extra inputs"):
        parsed(element, wrong if whole is data else {"name": wrong})


@pytest.mark.parametrize("element", EVERY, ids=lambda element: element.__name__)
def test_every_element_survives_json(element: type[Element]) -> None:
    """An element written as JSON by its YAML names reads back as the same element."""
    for one in parsed(element, example(element)):
        again = type(one).model_validate_json(one.model_dump_json(by_alias=True, exclude_none=True))

        assert one == again


@pytest.mark.parametrize("element", SIGNALS, ids=lambda element: element.__name__)
def test_every_signal_says_in_plain_words_what_it_measures(element: type[Element]) -> None:
    """The words of a signal name its events, one by one or, of a share or a growth, all of them."""
    for one in parsed(element, example(element)):
        named = one.all_words if element in (signals.TopShare, signals.Trend) else one.events_words
        assert (one.label or named) in one.words
