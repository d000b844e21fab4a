"""Numbers, times and comparisons as a person would say them."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import UTC, datetime

from pql.core.lead import Scalar, Unit
from pql.core.times import FIRST, LAST, written_time
from pql.core.window import DAY, HOUR, MINUTE, SECOND

_DAY = re.compile(r"\d{4}-\d{1,2}-\d{1,2}(?:[Tt ]|$)", re.ASCII)


def number(value: float) -> str:
    """Return a number with thousands separated and at most two decimals, as in `12,500.5`.

    From a quadrillion on, and where two decimals would show nothing, in scientific notation.
    """
    if abs(value) >= 1e15 or 0 < abs(value) < 0.005:
        return f"{value:.4g}"
    if isinstance(value, int) or value.is_integer():
        return f"{int(value):,}"
    return f"{value:,.2f}".rstrip("0").rstrip(".")


def said(value: Scalar | Sequence[Scalar]) -> str:
    """Return any value in words; None is `nothing`, a list is separated by commas."""
    if value is None:
        return "nothing"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, (int, float)):
        return number(value)
    if isinstance(value, str):
        return value
    return ", ".join(said(one) for one in value)


def measured(value: Scalar | Sequence[Scalar], unit: Unit | None) -> str:
    """Return a value in its unit: a share of 0.8 is `80 %`."""
    if unit == "%" and isinstance(value, (int, float)) and not isinstance(value, bool):
        return f"{number(value * 100)} %"
    return said(value)


def compared(test: str, threshold: Scalar | Sequence[Scalar], unit: Unit | None = None) -> str:
    """Return what a value was held against: `at least 3`, `is one of trial, free`, `is present`."""
    if test in {"is present", "is absent"}:
        return test
    return f"{test} {measured(threshold, unit)}"


def demanded(test: str, demand: str = "must") -> str:
    """Return a comparison as a demand: `is one of` becomes `must be one of`, or `to be one of`."""
    negated = "not to" if demand == "to" else f"{demand} not"
    for begin, form in (
        ("is not", f"{negated} be"),
        ("is", f"{demand} be"),
        ("does not", negated),
        ("starts", f"{demand} start"),
        ("contains", f"{demand} contain"),
    ):
        if test == begin or test.startswith(f"{begin} "):
            return form + test[len(begin) :]
    return f"{demand} be {test}"


def has_verb(test: str) -> bool:
    """Return whether a comparison is a sentence behind its subject: `is one of`, and not `at least`."""
    return test.startswith(("is", "does", "starts", "contains"))


def aside(test: str, threshold: Scalar | Sequence[Scalar], unit: Unit | None = None, *, met: bool) -> str:
    """Return, in brackets behind a value, what it was held against; nothing if the value says it already.

    What is not met is a demand where it would else read as if it were: ` (must not be true)`.
    """
    words = compared(test, threshold, unit)
    if met:
        return "" if test == "is" else f" ({words})"
    return f" ({demanded(words) if has_verb(test) else words})"


def counted(amount: float, noun: str) -> str:
    """Return `1 event`, `2 events`."""
    return f"{number(amount)} {noun}" if amount == 1 else f"{number(amount)} {noun}s"


_PREPOSITIONS = frozenset(
    {
        "at",
        "by",
        "for",
        "from",
        "in",
        "of",
        "on",
        "that",
        "then",
        "to",
        "where",
        "who",
        "with",
        "within",
        "without",
    }
)
_ONE_OF = {"people": "person", "days": "day", "analyses": "analysis"}


def singular(nouns: str) -> str | None:
    """Return one of what `nouns` names: `reports created` is `report created`; None if it names no several.

    The last plural before a preposition is what is counted.
    """
    words = nouns.split(" ")
    end = next((place for place, word in enumerate(words) if word in _PREPOSITIONS), len(words))
    for place in reversed(range(end)):
        one = _singular(words[place])
        if one is not None:
            return " ".join([*words[:place], one, *words[place + 1 :]])
    return None


def _singular(word: str) -> str | None:
    if word.lower() in _ONE_OF:
        return _ONE_OF[word.lower()]
    if len(word) < 4 or not word.endswith("s") or word.endswith(("ss", "us", "is")):
        return None
    if word.endswith("ies"):
        return f"{word[:-3]}y"
    return word[:-2] if word.endswith(("sses", "ches", "shes", "xes")) else word[:-1]


def times(amount: float, nouns: str, *, more: bool = False) -> str:
    """Return so many of what `nouns` names: `1 more report created`, `limit reached: 2 more times`."""
    further = " more" if more else ""
    one = singular(nouns)
    if one is not None:
        return f"{number(amount)}{further} {one if amount == 1 else nouns}"
    often = f"once{further}" if amount == 1 else f"{number(amount)}{further} times"
    return f"{nouns}: {often}"


def ordinal(position: int) -> str:
    """Return `1st`, `2nd`, `11th`."""
    if position % 100 in {11, 12, 13}:
        return f"{number(position)}th"
    return number(position) + {1: "st", 2: "nd", 3: "rd"}.get(position % 10, "th")


def signed(points: float) -> str:
    """Return points as they are added: `+25`, `-5`."""
    return f"+{number(points)}" if points >= 0 else number(points)


def ago(then: int, now: int) -> str:
    """Return how long before `now` something was, in its largest whole unit."""
    passed = now - then
    if passed < MINUTE:
        return "just now"
    if passed < HOUR:
        return f"{passed // MINUTE} min ago"
    if passed < DAY:
        return f"{passed // HOUR} h ago"
    return f"{counted(passed // DAY, 'day')} ago"


def in_utc(at: int) -> datetime:
    """Return epoch milliseconds as UTC, held inside the years that datetime knows."""
    seconds, millis = divmod(min(max(at, FIRST), LAST), SECOND)
    return datetime.fromtimestamp(seconds, UTC).replace(microsecond=millis * 1_000)


def iso(at: int) -> str:
    """Return epoch milliseconds as ISO 8601 in UTC, to the millisecond."""
    return in_utc(at).isoformat(timespec="milliseconds").replace("+00:00", "Z")


def epoch(text: str) -> int:
    """Return the epoch milliseconds of what `iso` wrote."""
    then = datetime.fromisoformat(text)
    return int(then.replace(microsecond=0).timestamp()) * SECOND + then.microsecond // 1_000


def day(value: Scalar) -> Scalar:
    """Return a date that somebody wrote in ISO 8601 as `24 Nov 2026`, in UTC; anything else as it is."""
    found = written_time(value) if isinstance(value, str) and _DAY.match(value) else None
    if found is None:
        return value
    then = in_utc(found)
    return f"{then.day} {then:%b %Y}"


def calendar(at: int) -> str:
    """Return a day and time for people: `22 Nov 2026, 03:10 UTC`."""
    then = in_utc(at)
    return f"{then.day} {then:%b %Y, %H:%M} UTC"
