"""Loading a directory of rule files: all of them, or every fault in them."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path

from pydantic import ValidationError

from pql.rules.check import faults_in, oversized, repeated
from pql.rules.collisions import colliding
from pql.rules.faults import Fault, RulesRejected
from pql.rules.links import circular, dangling
from pql.rules.pack import Pack, RuleFile
from pql.rules.refusals import refusals
from pql.rules.source import Source


def load(directory: Path) -> Pack:
    """Return the pack in `directory`; raises `RulesRejected` with every fault, and if there is no rule."""
    texts = {path.name: _text(path) for path in sorted(directory.glob("*.y*ml"))}
    if not texts:
        raise RulesRejected([Fault(str(directory), 1, 1, "no rule files (*.yaml) here")])
    return parse(texts)


def parse(texts: Mapping[str, str]) -> Pack:
    """Return the pack made of rule files given as text, by file name; raises `RulesRejected`."""
    faults: list[Fault] = []
    sources: dict[str, Source] = {}
    files: dict[str, RuleFile] = {}
    for name, text in texts.items():
        try:
            sources[name] = Source(name, text)
            files[name] = RuleFile.model_validate(sources[name].data)
        except RulesRejected as rejected:
            faults += rejected.faults
        except ValidationError as error:
            faults += refusals(error, sources[name])
        else:
            faults += faults_in(files[name], sources[name])
    faults += repeated(files, sources)
    faults += oversized(files, sources)
    faults += colliding(files, sources)
    if len(files) == len(texts):  # a rule of a file that does not load is not unknown
        faults += dangling(files, sources)
    faults += circular(files, sources)
    if faults:
        raise RulesRejected(faults)
    return Pack(files)


def _text(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise RulesRejected([Fault(path.name, 1, 1, f"cannot be read: {error}")]) from error
