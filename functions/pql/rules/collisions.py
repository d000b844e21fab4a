"""Fingerprints: 32 bits stand in the table for a signal or a rule, so no two of a pack may share them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from pql.rules.element import fingerprint
from pql.rules.faults import Fault
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source

_CHANGES = {
    "signals": "write an event of it in other letters, large or small, which changes nothing else",
    "rules": "give it another name",
}


def colliding(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for every signal or rule that the table could not tell from an earlier one.

    Signals of one meaning are one memory, under whatever names; that is meant.
    """
    known: dict[tuple[str, int], tuple[object, str]] = {}
    for file_name, file in files.items():
        for path, meaning in _remembered(file):
            first = known.setdefault((str(path[0]), fingerprint(meaning)), (meaning, str(path[1])))
            if first[0] != meaning:
                what = str(path[0]).removesuffix("s")
                change = _CHANGES[str(path[0])]
                reason = f"by chance this {what} has the fingerprint of `{first[1]}`; {change}"
                yield sources[file_name].fault(path, reason, key=True)


def _remembered(file: RuleFile) -> Iterator[tuple[Path, object]]:
    for name, signal in file.signals.items():
        yield ("signals", name), signal.meaning()
    for name in file.rules:
        yield ("rules", name), ["rule", name]
