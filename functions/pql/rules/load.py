"""Loading a directory of rule files: all of them, or every fault in them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from pydantic import ValidationError

from pql.rules.check import faults_in, oversized, repeated
from pql.rules.collisions import colliding
from pql.rules.faults import Fault, RulesRejected
from pql.rules.links import circular, dangling
from pql.rules.pack import Pack, RuleFile
from pql.rules.refusals import refusals
from pql.rules.remainder import remainder, remaining
from pql.rules.source import Source

SUFFIXES = (".yaml", ".yml")


def load(place: Path) -> Pack:
    """Return the pack in a directory, or one file alone as a pack.

    Raises `RulesRejected` with every fault, and if there is no rule. Files that begin with a dot are what
    other programs put beside their own, and none of ours.
    """
    texts, faults = read(place)
    if faults:
        try:
            parse(texts)
        except RulesRejected as rejected:
            faults += rejected.faults
        raise RulesRejected(faults)
    if not texts:
        if place.is_file():
            message = "the name of a rule file ends in .yaml or .yml"
            raise RulesRejected([Fault(str(place), 1, 1, message)])
        raise RulesRejected([Fault(str(place), 0, 0, "no rule files (*.yaml) here")])
    return parse(texts)


def read(place: Path) -> tuple[dict[str, str], list[Fault]]:
    """Return the text of every rule file in a directory, or of one file, and why others have none."""
    texts: dict[str, str] = {}
    faults: list[Fault] = []
    for path in [place] if place.is_file() else sorted(place.glob("*")):
        if path.suffix.lower() not in SUFFIXES or path.name.startswith("."):
            continue
        try:
            texts[path.name] = _text(path)
        except RulesRejected as rejected:
            faults += rejected.faults
    return texts, faults


def passed_over(place: Path) -> list[str]:
    """Return what in a directory might be taken for rules and is not read, each with the reason."""
    told = []
    for path in sorted(place.glob("*")):
        is_hidden = path.name.startswith(".")
        if path.is_dir():
            if not is_hidden and any(one.suffix.lower() in SUFFIXES for one in path.glob("*")):
                told.append(f"{path.name}/ is not read: rule files stand beside each other, in one directory")
        elif is_hidden and path.name.lower().endswith(SUFFIXES):
            told.append(f"{path.name} is not read: its name begins with a dot")
    return told


def parse(texts: Mapping[str, str]) -> Pack:
    """Return the pack made of rule files given as text, by file name; raises `RulesRejected`."""
    faults: list[Fault] = []
    sources: dict[str, Source] = {}
    files: dict[str, RuleFile] = {}
    rests: dict[str, RuleFile] = {}
    for name, text in texts.items():
        read = _read(name, text)
        faults += read.faults
        if read.source:
            sources[name] = read.source
        if read.file:
            (files if read.is_whole else rests)[name] = read.file
    faults += repeated(sources)
    faults += oversized({**files, **rests}, sources)
    faults += colliding(files, sources)
    if len(sources) == len(texts):  # a rule of a file that is no YAML is not unknown
        broken = [name for name in sources if name not in files]
        names = [rule for name in broken for rule in sources[name].names("rules")]
        faults += dangling(files, sources, names, rests)
    faults += circular(files, sources)
    if faults:
        raise RulesRejected(faults)
    return Pack(files)


class _Read(NamedTuple):
    """What one file is read as, in part unless it `is_whole`, and what is wrong with it alone."""

    source: Source | None
    file: RuleFile | None
    faults: tuple[Fault, ...]
    is_whole: bool = False


# A local world loads one pack for each function, a calibration tries file after file: most are known.
@lru_cache(maxsize=32)
def _read(name: str, text: str) -> _Read:
    try:
        source = Source(name, text)
    except RulesRejected as rejected:
        return _Read(None, None, rejected.faults)
    try:
        file = RuleFile.model_validate(source.data)
    except ValidationError as error:
        rest = remainder(error, source)
        others = remaining(rest, source) if rest else ()
        return _Read(source, rest.file if rest else None, (*refusals(error, source), *others))
    return _Read(source, file, tuple(faults_in(file, source)), is_whole=True)


def _text(path: Path) -> str:
    try:
        return path.read_bytes().decode("utf-8")
    except OSError as error:
        raise RulesRejected([Fault(path.name, 1, 1, f"cannot be read: {error.strerror}")]) from error
    except UnicodeDecodeError as error:
        before = error.object[: error.start]
        line, column = before.count(b"\n") + 1, error.start - before.rfind(b"\n")
        message = f"this is not UTF-8 (a byte {error.object[error.start]:02X}); save the file as UTF-8"
        raise RulesRejected([Fault(path.name, line, column, message)]) from error
