"""Whether `--conversions` has anything to do with the events: a slip of the pen looks like no customer."""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING

from pql.core.clean_text import cleaned
from pql.core.errors import PqlError
from pql.core.keys import readable
from pql.core.plain_words import counted, number
from pql.rules.nearest import alike

if TYPE_CHECKING:
    from pql.backtest.course import Course
    from pql.backtest.rerun.labels import Conversions
    from pql.core.event import Event

MOST = 5  # names and ids that are told
_LOOKED_AT = 1_000_000  # events, to say which names there are


def need_conversions(
    chosen: argparse.Namespace,
    course: Course,
    conversions: Conversions,
    label: str,
    events: Callable[[], Iterable[Event]] | None = None,
) -> None:
    """Raise `PqlError` where nothing that `--conversions` names has to do with the events of a course.

    Where some of it has not, that is said on standard error; so is what rules name by themselves, which may
    not have happened yet. `events` gives the events once more, to say what there is instead; without it
    nothing is said of that. `label` is the command.
    """
    if not course.subjects:
        return
    if isinstance(conversions, Mapping):
        told = _of_ids(course, conversions, chosen)
    else:
        told = _of_names(course, conversions, chosen, events)
    if told:
        print(f"{label}: {told}", file=sys.stderr)


def _of_ids(course: Course, given: Mapping[str, int], chosen: argparse.Namespace) -> str:
    """Return how many ids of a list have events, "" for all; raises `PqlError` for none."""
    from pql.backtest.figures.figures import unmatched  # noqa: PLC0415 - pydantic takes half a second

    file, missing = chosen.conversions[0], unmatched(course, given)
    have = "has" if 1 in (len(given), len(given) - missing) else "have"
    told = f"{number(len(given) - missing)} of {counted(len(given), 'id')} in {file} {have} events"
    if missing < len(given):
        return told if missing else ""
    named, known = sorted(given), sorted({readable(key) for key in course.subjects})
    raise PqlError(f"{told}: it names {_listed(named)}; the events are of {_listed(known)}")


def _of_names(
    course: Course,
    names: Collection[str],
    chosen: argparse.Namespace,
    events: Callable[[], Iterable[Event]] | None,
) -> str:
    """Return which names no event has; raises `PqlError` where that are all, and they were asked for."""
    from pql.rules.names import folded  # noqa: PLC0415

    missing = [one for one in names if folded(one) not in course.heard]
    is_asked_for = chosen.conversions is not None
    if not missing or (not is_asked_for and course.heard):
        return ""
    told = f"no event {' or '.join(f'`{one}`' for one in sorted(missing))} came"
    if events is not None:
        found = Counter(_names(islice(events(), _LOOKED_AT)))
        told += "".join(_instead(missing, found))
    if is_asked_for and len(missing) == len(names):
        raise PqlError(told)
    return told


def _names(events: Iterable[Event]) -> Iterator[str]:
    return (one.name for one in events if one.type == "track")


def _instead(missing: Sequence[str], found: Counter[str]) -> Iterator[str]:
    """Yield what there is: of which name one was probably meant, and the most frequent."""
    by_folded = {name.casefold(): name for name in found}
    for one in missing:
        near = alike(one.casefold(), by_folded)
        if near:
            yield f"; did you mean `{cleaned(by_folded[near])}`?"
    # By number and then by name, so that the same events are told alike.
    most = sorted(found.items(), key=lambda one: (-one[1], one[0]))[:MOST]
    shown = ", ".join(f"`{cleaned(name)}` ({number(often)})" for name, often in most)
    yield f"\nthe most frequent events are {shown}" if most else "\nthere are no track calls at all"


def _listed(names: Sequence[str]) -> str:
    return ", ".join(map(cleaned, names[:MOST])) + (", …" if len(names) > MOST else "")
