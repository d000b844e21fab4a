"""What is to convert is held against what came, on courses made by hand."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Mapping

import pytest

from fakes.courses import course
from pql.cli.conversions import need_conversions
from pql.cli.past import declare_past
from pql.core.errors import PqlError
from pql.core.event import Event
from pql.rules.names import folded

PEOPLE = {"a:acme": (0, 20), "u:ada": (1, None)}


def chosen(*words: str) -> argparse.Namespace:
    """Return what is chosen by these words."""
    parser = argparse.ArgumentParser()
    declare_past(parser)
    return parser.parse_args(words)


def events() -> Iterator[Event]:
    """Yield events of four names, and a page of a fifth."""
    for number, name in enumerate(["Order Paid"] * 3 + ["Trial Started", "Cart Seen", "Cart Seen", "Other"]):
        yield Event(str(number), "track", 0, 0, name=name)
    yield Event("page", "page", 0, 0, name="Subscription Started")


def told(
    conversions: Mapping[str, int] | Collection[str],
    *words: str,
    heard: Collection[str] = (),
    capsys: pytest.CaptureFixture[str],
) -> str:
    """Return what is said of them."""
    made = course(PEOPLE, {"keen": []})
    made.heard = [*heard]
    need_conversions(chosen(*words), made, conversions, "pql", events)
    return capsys.readouterr().err


def test_names_that_came_need_no_word(capsys: pytest.CaptureFixture[str]) -> None:
    """However they are spelled, and of those that rules name one is enough."""
    assert "" == told(
        ["ORDER PAID"], "--conversions", "ORDER PAID", heard=[folded("Order Paid")], capsys=capsys
    )
    assert "" == told(
        [folded("Order Paid"), folded("Trial Ended")], heard=[folded("Order Paid")], capsys=capsys
    )


def test_a_name_that_never_came_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    """With the name that was meant, and the most frequent ones, in the same order every time."""
    with pytest.raises(PqlError) as caught:
        told(["Trial Startd"], "--conversions", "Trial Startd", capsys=capsys)

    assert [
        "no event `Trial Startd` came; did you mean `Trial Started`?",
        "the most frequent events are `Order Paid` (3), `Cart Seen` (2), `Other` (1), `Trial Started` (1)",
    ] == str(caught.value).splitlines()


def test_nothing_of_a_senders_gets_at_the_terminal(capsys: pytest.CaptureFixture[str]) -> None:
    """Neither a name, alone or as what was meant, nor an id."""
    made = course({"a:acme%1B%5B31m": (0, 20)}, {"keen": []})
    sent = [Event("1", "track", 0, 0, name="Order\x1b Paid\u202e")]
    need_conversions(chosen(), made, ["Order Payd"], "pql", lambda: sent)
    with pytest.raises(PqlError) as caught:
        need_conversions(chosen("--conversions", "won.csv"), made, {"1": 5}, "pql")
    said = f"{capsys.readouterr().err}{caught.value}"

    assert "did you mean `Order Paid`?\nthe most frequent events are `Order Paid` (1)\n" in said
    assert said.endswith("the events are of acme [31m")
    assert not {*"\x1b\u202e"} & {*said}


def test_one_of_several_names_that_never_came_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    """The others say enough to go on."""
    words = ("--conversions", "Order Paid", "--conversions", "Nothing")

    assert "pql: no event `Nothing` came\nthe most frequent" in told(
        ["Order Paid", "Nothing"], *words, heard=[folded("Order Paid")], capsys=capsys
    )


def test_what_rules_name_may_not_have_happened_yet(capsys: pytest.CaptureFixture[str]) -> None:
    """A young product has leads and no customers."""
    assert "pql: no event `Trial Ended` came; did you mean `Trial Started`?\n" in told(
        ["Trial Ended"], capsys=capsys
    )


def test_a_list_names_somebody(capsys: pytest.CaptureFixture[str]) -> None:
    """Of a list of strangers both sides are told; of a few strangers how many they are."""
    words = ("--conversions", "won.csv")
    with pytest.raises(PqlError, match=r"0 of 2 ids in won.csv .* names 1, 2; the events are of acme, ada"):
        told({"1": 5, "2": 6}, *words, capsys=capsys)

    assert "" == told({"acme": 5, "ada": 6}, *words, capsys=capsys)
    assert "pql: 1 of 2 ids in won.csv has events\n" == told({"acme": 5, "2": 6}, *words, capsys=capsys)


def test_of_a_long_list_the_first_are_told(capsys: pytest.CaptureFixture[str]) -> None:
    """Five say of what kind they are."""
    with pytest.raises(PqlError, match=r"it names 0, 1, 2, 3, 4, …; the events are of acme, ada\Z"):
        told({str(number): 5 for number in range(6)}, "--conversions", "won.csv", capsys=capsys)
    with pytest.raises(PqlError, match=r"it names 0, 1, 2, 3, 4; "):
        told({str(number): 5 for number in range(5)}, "--conversions", "won.csv", capsys=capsys)
