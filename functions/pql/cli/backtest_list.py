"""Whether a file given for conversions is a list of them: events, given by mistake, look like one.

An event has an id and a time, too. Read as a list it would say that everybody converts with their first call.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from itertools import islice
from pathlib import Path

from pql.cli.refused import Mistyped
from pql.core.clean_text import cleaned

_CALLS = frozenset({"track", "identify", "group", "page", "screen", "alias"})
_TIMES = frozenset({"converted_at", "convertedAt"})  # which no call has: who wrote it meant a list
_LOOKED_AT = 10_000  # lines
_SHOWN = 5


def need_list(given: Sequence[str] | None, events: Sequence[str]) -> None:
    """Raise `Mistyped` where one of the files `given` for conversions holds events, or is among EVENTS.

    Calls of one name alone, such as an export of `Deal Won`, are a list of who converted.
    """
    read = {Path(one).resolve() for one in events}
    for one in given or ():
        path = Path(one)
        if not path.is_file():  # a name of an event, or a pipe, which can be read once
            continue
        found = _calls(path)
        if path.resolve() in read:
            raise Mistyped(f"{one} is among EVENTS, too; {_wanted(found)}")
        if len(found) > 1 or any(kind != "track" for kind, _ in found):
            raise Mistyped(f"{one} holds events and no list of conversions; {_wanted(found)}")


def _calls(path: Path) -> Counter[tuple[str, str]]:
    """Return how many calls of each type and name begin the file; none of a list, and of what is no text."""
    try:
        with path.open(encoding="utf-8-sig") as lines:
            return _counted(islice(lines, _LOOKED_AT))
    except (OSError, UnicodeDecodeError):
        return Counter()  # whoever reads it says so


def _counted(lines: Iterable[str]) -> Counter[tuple[str, str]]:
    import msgspec  # noqa: PLC0415

    found: Counter[tuple[str, str]] = Counter()
    for line in lines:
        if not line.strip():
            continue
        try:
            item = msgspec.json.decode(line)
        except (msgspec.DecodeError, UnicodeError):
            return Counter()
        if not isinstance(item, dict) or item.get("type") not in _CALLS or _TIMES & item.keys():
            return Counter()
        found[item["type"], str(item.get("event", ""))] += 1
    return found


def _wanted(found: Counter[tuple[str, str]]) -> str:
    """Return what `--conversions` takes, with the events of the file that may be meant."""
    names = [name for (kind, name), _ in found.most_common() if kind == "track"]
    told = "--conversions takes a file `account_id,converted_at`, or the name of the event that converts"
    if not names:
        return told
    shown = ", ".join(f"'{cleaned(name)}'" for name in names[:_SHOWN])
    return f"{told}, one of {shown}{', …' if len(names) > _SHOWN else ''}"
