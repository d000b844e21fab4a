"""Timelines: the tests inside a rule file, as short stories of one account or one person."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Annotated, Any, NamedTuple

from pydantic import Field

from pql.core.window import DAY, HOUR, MINUTE
from pql.rules.element import Element

_UNIT = {"d": DAY, "h": HOUR, "m": MINUTE}
_OFFSET = r"(?=[0-9])(?:[0-9]{1,4}d)?(?:[0-9]{1,4}h)?(?:[0-9]{1,5}m)?"
_STEP = re.compile(
    rf"(?P<offset>{_OFFSET}) (?:(?P<type>page|screen)/)?(?P<name>.+?)"
    r"(?: x(?P<times>[1-9][0-9]{0,3}))?(?: by (?P<by>\S+))?"
)
# In the place of an event: what is none, and yet of the story.
NO_EVENTS = ("traits", "group", "identify", "nothing")
USER = "ada"
_FIRES = re.compile(rf"fires at (?P<offsets>{_OFFSET}(?:, {_OFFSET})*)")


def _shape(*patterns: str) -> dict[str, Any]:
    """Return patterns for a JSON Schema, whose regular expressions name no groups."""
    either = "|".join(re.sub(r"\(\?P<\w+>", "(", pattern) for pattern in patterns)
    return {"pattern": f"^({either})$"}


_Line = Annotated[str, Field(json_schema_extra=_shape(_STEP.pattern))]
_LineWithProperties = Annotated[
    dict[_Line, dict[str, Any]], Field(json_schema_extra={"minProperties": 1, "maxProperties": 1})
]


class Moment(NamedTuple):
    """One line of a timeline: `times` events of one kind, a second apart, `offset` ms after the start.

    Of the type `nothing` there are none: time passes.
    """

    offset: int
    type: str
    name: str
    times: int
    by: str
    properties: dict[str, Any]


class Timeline(Element):
    """Tell a story and say what the rule must do.

    A line is `<when> <event> [x<times>] [by <user>]`, with properties behind a colon. A moment is
    counted from a midnight, that of 2025-01-01 UTC, and may have parts (`1d12h`); lines are told in the
    order of their moments, repetitions a second apart. Whoever is not named is `ada`. In properties `{n}`
    is the number of the repetition, and an object called `context` is the context of the call. `expect` is
    `silent`, or `fires at` one or several moments.

    `traits` in the place of an event sets traits of whom the file is about; `group` is a call that tells
    of the account, `identify` one that tells of the user; `page/Pricing` and `screen/Home` are page and
    screen calls; at `30d nothing` time has passed and nothing happens.

    With `subject: user` the story is that of the person in the first line: what others do is not about
    them, and `traits` sets traits of whoever it is by.

    ```yaml
    name: two teammates and an integration
    rule: activated
    timeline:
      - 0d traits: {plan: trial}
      - 1d Integration Connected by ada
      - 2d Invite Sent x2 by ada: {invitee_email: "person{n}@northwind.test"}
    expect: fires at 2d
    ```
    """

    name: Annotated[str, Field(min_length=1, max_length=200)]
    rule: str | None = None
    timeline: Annotated[
        tuple[_Line | _LineWithProperties, ...], Field(min_length=1, max_length=500, strict=False)
    ]
    expect: Annotated[str, Field(json_schema_extra=_shape("silent", _FIRES.pattern))]

    def moments(self) -> list[Moment]:
        """Return the lines read; raises `ValueError` with (index, reason) for the first unreadable one."""
        return [_moment(index, line) for index, line in enumerate(self.timeline)]

    def read(self) -> Iterator[tuple[int, Moment | str]]:
        """Yield every line with its place, read or, if it cannot be, as the reason why."""
        for index, line in enumerate(self.timeline):
            try:
                yield index, _moment(index, line)
            except ValueError as error:
                yield index, str(error.args[1])

    @property
    def hero(self) -> str:
        """Return the person in the first line; reads all of them, and raises as `moments` does."""
        return self.moments()[0].by

    def expected(self) -> list[int] | None:
        """Return the offsets (ms) at which the rule must fire, none for silence; None if unreadable."""
        if self.expect == "silent":
            return []
        found = _FIRES.fullmatch(self.expect)
        return sorted(map(_offset, found["offsets"].split(", "))) if found else None


def spoken(offset: int) -> str:
    """Return an offset as it is written in timelines: 2d, 2d3h, 30m."""
    parts = []
    for unit, width in _UNIT.items():
        count, offset = divmod(offset, width)
        if count:
            parts.append(f"{count}{unit}")
    return "".join(parts) or "0d"


def _offset(text: str) -> int:
    return sum(int(number) * _UNIT[unit] for number, unit in re.findall(r"([0-9]+)([dhm])", text))


def _moment(index: int, line: str | dict[str, dict[str, Any]]) -> Moment:
    text, properties = (line, {}) if isinstance(line, str) else next(iter(line.items()), ("", {}))
    found = _STEP.fullmatch(text)
    if not found or (isinstance(line, dict) and len(line) != 1):
        raise ValueError(
            index, "expected `<when> <event> [x<times>] [by <user>]`, such as `2d Invite Sent x3 by ada`"
        )
    if ": {" in found["name"]:
        raise ValueError(
            index, "the properties are inside the quotes; write `- 2d Invite Sent: {plan: trial}`"
        )
    kind = found["type"] or (found["name"] if found["name"] in NO_EVENTS else "track")
    times = int(found["times"] or 1)
    return Moment(_offset(found["offset"]), kind, found["name"], times, found["by"] or USER, properties)
