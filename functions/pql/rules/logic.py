"""What can be true: whether conditions can hold, hold always, or follow from each other.

A condition is taken apart into the ways in which it can hold, each a conjunction of comparisons. A
conjunction is tried out on witnesses: of each region that the bounds in it cut the values into there is
one, so that what no witness passes nothing passes.
"""

from __future__ import annotations

import functools
import itertools
import math
from collections.abc import Callable, Iterable, Iterator
from typing import Any, NamedTuple

from pql.rules.comparison import NumberComparison, Test, is_number
from pql.rules.conditions import Condition, Derived, Joined, Not
from pql.rules.element import digest
from pql.rules.signals.signal import Signal
from pql.rules.source import Path

WAYS_LIMIT = 512
# Within a rule file no text holds a control character that would not be seen.
_BETWEEN = "\x00"


class Domain(NamedTuple):
    """The values there can be: numbers only, or else nothing (`or_nothing`), or else anything.

    Numbers may be `whole` ones only, and lie from `least` to `most`.
    """

    numbers: bool = False
    or_nothing: bool = False
    whole: bool = False
    least: float = -math.inf
    most: float = math.inf


def domain(signal: Signal) -> Domain:
    """Return the values that a signal can have."""
    most = math.inf if signal.reach is None else signal.reach
    numbers, whole = signal.is_number, signal.counts
    return Domain(numbers, signal.only_numbers and not numbers, whole, signal.least, most)


class Literal(NamedTuple):
    """One comparison of one value, or its opposite; `subject` is the same for the same value."""

    path: Path
    subject: str
    domain: Domain
    leaf: Condition
    test: Test
    turned: bool

    def holds(self, value: Any) -> bool:
        """Return whether it holds for `value`."""
        return self.test(value) is not self.turned

    @property
    def opposite(self) -> Literal:
        """Return what holds when this does not."""
        return self._replace(turned=not self.turned)


Conjunction = tuple[Literal, ...]
Subject = Callable[[Condition], tuple[str, Domain]]


class TooManyWays(Exception):
    """A condition that can hold in more ways than anybody should look through."""


def ways(
    condition: Condition, subject: Subject, path: Path = (), *, turned: bool = False
) -> list[Conjunction]:
    """Return the ways in which a condition holds, or `turned` those in which it does not.

    `subject` tells what value a comparison looks at. Raises `TooManyWays`.
    """
    if isinstance(condition, Not):
        return ways(condition.inner, subject, (*path, "not"), turned=not turned)
    if isinstance(condition, Joined):
        below = children(condition, path)
        inner = [ways(one, subject, at, turned=turned) for at, one in below]
        if condition.every is turned:
            found = list(itertools.chain.from_iterable(inner))
        elif math.prod(map(len, inner)) > WAYS_LIMIT:
            raise TooManyWays
        else:
            found = [tuple(itertools.chain.from_iterable(one)) for one in itertools.product(*inner)]
        if len(found) > WAYS_LIMIT:
            raise TooManyWays
        return found
    key, domain = subject(condition)
    return [(Literal(path, key, domain, condition, test_of(condition), turned),)]


def test_of(condition: Condition) -> Test:
    """Return the comparison as a function of the value; what compares nothing is true or not."""
    if isinstance(condition, NumberComparison):
        return condition.test()
    if isinstance(condition, Derived):
        return functools.partial(_passes, condition)
    return _is_true


def _passes(condition: Derived, value: Any) -> bool:
    """Return whether a number on the axis that a condition shares with others passes it."""
    return is_number(value) and condition.holds(float(value) * condition.sign)


def children(condition: Condition, path: Path) -> Iterator[tuple[Path, Condition]]:
    """Yield the conditions directly inside of one, with where they stand."""
    if isinstance(condition, Not):
        yield (*path, "not"), condition.inner
    elif isinstance(condition, Joined):
        for index, one in enumerate(condition.inner):
            yield (*path, condition.kind, index), one


def conflict(way: Conjunction) -> Conjunction:
    """Return the comparisons of one value that cannot all hold; none if the way can be gone."""
    by_subject: dict[str, list[Literal]] = {}
    for one in way:
        by_subject.setdefault(one.subject, []).append(one)
    for same in by_subject.values():
        if not any(all(one.holds(value) for one in same) for value in _witnesses(same)):
            return _fewest(same)
    return ()


def implies(strict: Iterable[Conjunction], wide: Iterable[Conjunction]) -> bool:
    """Return whether whatever holds in one of the ways of `strict` surely holds in one of `wide`."""
    wide = list(wide)
    return all(
        any(all(_follows(way, one) for one in other) for other in wide) for way in strict if not conflict(way)
    )


def _follows(way: Conjunction, one: Literal) -> bool:
    """Return whether a comparison holds in a way that can be gone."""
    same = [other for other in way if other.subject == one.subject]
    return bool(conflict((*same, one.opposite)))


def blind_subject(condition: Condition) -> tuple[str, Domain]:
    """Return a condition that compares nothing as a value of its own, which is true or not."""
    return digest([type(condition).__name__, condition.meaning()]), Domain()


def _is_true(value: Any) -> bool:
    return value is True


def _fewest(same: list[Literal]) -> Conjunction:
    """Return one or two of them that conflict already, or else all."""
    for size in (1, 2):
        for some in itertools.combinations(same, size):
            if not any(all(one.holds(value) for one in some) for value in _witnesses(same)):
                return some
    return tuple(same)


def _witnesses(same: list[Literal]) -> Iterator[Any]:
    domain = same[0].domain
    constants = [one for literal in same for one in _constants(literal)]
    yield from _numbers([one for one in constants if is_number(one)], domain)
    if not domain.numbers:
        yield None
    if not domain.numbers and not domain.or_nothing:
        yield from (True, False)
        yield from _texts([one for one in constants if isinstance(one, str)], same)


def _constants(literal: Literal) -> tuple[Any, ...]:
    if isinstance(literal.leaf, Derived) and not isinstance(literal.leaf, NumberComparison):
        return (literal.leaf.threshold * literal.leaf.sign,)
    if not isinstance(literal.leaf, NumberComparison):
        return ()
    threshold = literal.leaf.threshold
    return threshold if isinstance(threshold, tuple) else (threshold,)


def _numbers(bounds: list[float], domain: Domain) -> Iterator[float]:
    """Yield each bound, a number between every two, and one beyond either end."""
    edges = sorted({*bounds, *(end for end in (domain.least, domain.most) if math.isfinite(end)), 0})
    between = [(low + high) / 2 for low, high in itertools.pairwise(edges)]
    found = [edges[0] - 1, *edges, *between, edges[-1] + 1]
    if domain.whole:
        found = sorted({round_(one) for one in found for round_ in (math.floor, math.ceil)})
    yield from (one for one in found if domain.least <= one <= domain.most)


def _texts(constants: list[str], same: list[Literal]) -> Iterator[str]:
    """Yield each text, and for each beginning one that holds what must be held and nothing else."""
    yield from constants
    held = [text for one in same if not one.turned and (text := getattr(one.leaf, "contains", None))]
    for beginning in ("", *constants):
        yield _BETWEEN.join([beginning, *held, ""])
