"""What a rule file must make sense of beyond its grammar: names, reach, and tests for every rule."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence

from pql.rules.faults import Fault
from pql.rules.fitness import misfits
from pql.rules.links import names_in
from pql.rules.nearest import unknown
from pql.rules.pack import RuleFile
from pql.rules.reach import reach_faults
from pql.rules.signals import ActiveDays, Distinct
from pql.rules.signals.changes import TELLS
from pql.rules.signals.distinct import USERS
from pql.rules.signals.of_users import OfUsers
from pql.rules.signals.signal import Signal
from pql.rules.source import Source
from pql.rules.tested import faults_in_tests

# 100 items a transaction, less the account's row and room for those who come after.
RULES_LIMIT = 80
STATE_LIMIT = 100_000
TAKEN = ("account", "score", "traits")
Names = Mapping[str, Sequence[str]]
_AN = {"account": "an account", "user": "a user"}


def faults_in(file: RuleFile, source: Source) -> list[Fault]:
    """Return every fault of a file that is grammatical."""
    return [
        *name_faults(file, source),
        *reach_faults(file, source),
        *placeholder_faults(file, source),
        *faults_alone(file, source),
        *faults_in_tests(file, source),
    ]


def faults_alone(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Yield the faults that are none the less so when other parts of the file are not there."""
    yield from _taken_faults(file, source)
    yield from misfits(file, source)
    yield from _crowd_faults(file, source)
    yield from _teller_faults(file, source)
    yield from _repeated_tests(source)


def repeated(sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for every rule or score whose name an earlier file has used."""
    owners: dict[tuple[str, str], str] = {}
    for file_name, source in sources.items():
        for section in ("rules", "scores"):
            for name in source.names(section):
                owner = owners.setdefault((section, name), file_name)
                if owner != file_name:
                    message = f"`{name}` stands among the {section} of {owner} already"
                    yield source.fault((section, name), message, key=True)


def _repeated_tests(source: Source) -> Iterator[Fault]:
    """Yield a fault for every test whose name an earlier one of its rule has: they are told by it."""
    only = next(iter(source.names("rules")), None)
    first: dict[tuple[str, str], int] = {}
    tests = source.at(("tests",))
    for index, test in enumerate(tests if isinstance(tests, list) else []):
        named = test.get("name") if isinstance(test, dict) else None
        if not isinstance(named, str):
            continue
        before = first.setdefault((str(test.get("rule") or only), named), index)
        if before != index:
            line, _ = source.place(("tests", before, "name"))
            message = f"`{named}` is the name of the test in line {line} already; choose another"
            yield source.fault(("tests", index, "name"), message)


def oversized(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield faults for more rules or memory than one write of an account can carry."""
    rules = [(name, rule) for name, source in sources.items() for rule in source.names("rules")]
    for name, rule in rules[RULES_LIMIT:]:
        message = f"a pack may have {RULES_LIMIT} rules at most: all may fire in one transaction"
        yield sources[name].fault(("rules", rule), message, key=True)
    sizes = Counter[str]()
    for name, file in files.items():
        for signal, element in file.signals.items():
            before = sizes[file.subject]
            sizes[file.subject] += element.most_bytes
            if before <= STATE_LIMIT < sizes[file.subject]:
                limit = f"{STATE_LIMIT // 1000} KB"
                message = (
                    f"with this signal {_AN[file.subject]} could pass {limit}; narrow a window or `keep`"
                )
                yield sources[name].fault(("signals", signal), message, key=True)


def name_faults(file: RuleFile, source: Source, names: Names | None = None) -> Iterator[Fault]:
    """Yield a fault for every signal and score that is named and is not there.

    `names` are those that stand in the file by section, if not all that it holds could be read; of a section
    that is not among them nothing is known. Rules are looked for in all files (`pql.rules.links`), traits
    are whatever senders say.
    """
    known = _names(file) if names is None else names
    for path, one in names_in(file):
        legal = known.get(f"{one.what}s")
        if legal is not None and one.name not in legal:
            yield source.fault(path, unknown(one.what, one.name, legal))


def _names(file: RuleFile) -> Names:
    return {"signals": [*file.signals], "scores": [*file.scores]}


def _crowd_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """What tells people apart says nothing where there is one."""
    if file.subject != "user":
        return
    for name, signal in file.signals.items():
        key = _crowded(signal)
        if key:
            message = "this tells people apart, and with `subject: user` there is one; look at what they do"
            yield source.fault(("signals", name, key), message, key=True)


def _teller_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """Calls that tell traits of others say nothing of those whom a file is about."""
    for name, signal in file.signals.items():
        if TELLS.get(signal.type, file.subject) != file.subject:
            (fit,) = (call for call, about in TELLS.items() if about == file.subject)
            message = (
                f"`{signal.type}` tells of {TELLS[signal.type]}s, and this file is about {file.subject}s"
            )
            yield source.fault(("signals", name, "type"), f"{message}: write `type: {fit}`")


def _crowded(signal: Signal) -> str | None:
    """Return the key by which a signal tells people apart, if it does."""
    if isinstance(signal, Distinct) and signal.distinct == USERS:
        return "distinct"
    if isinstance(signal, ActiveDays) and signal.by == "user":
        return "by"
    return str(getattr(signal, "kind", "")) if isinstance(signal, OfUsers) else None


def _taken_faults(file: RuleFile, source: Source) -> Iterator[Fault]:
    """What titles and reasons name already cannot be named so."""
    for section, names in (("signals", file.signals), ("scores", file.scores)):
        for name in names:
            if name in (*TAKEN, file.subject):
                message = f"`{{{name}}}` means something else in titles and reasons; choose another name"
                yield source.fault((section, name), message, key=True)


def placeholder_faults(file: RuleFile, source: Source, names: Names | None = None) -> Iterator[Fault]:
    """Yield a fault for every placeholder that nothing fills; `names` are as for `name_faults`."""
    known = _names(file) if names is None else names
    if len(known) < len(_names(file)):
        return
    legal = [file.subject, "score", *known["signals"], *known["scores"]]
    for name, rule in file.rules.items():
        for path, placeholder in rule.placeholders:
            if fault := _unfilled(placeholder, legal, file.subject):
                yield source.fault(("rules", name, *path), fault)


def _unfilled(placeholder: str, legal: Sequence[str], subject: str) -> str | None:
    """Return what is wrong with a placeholder, if anything is."""
    first, dot, trait = placeholder.partition("|")[0].partition(".")
    if placeholder in legal or (first == "traits" and trait.strip()):
        return None
    if placeholder in _AN:
        return f"this file is about {subject}s: write {{{subject}}}"
    if first in ("trait", "traits"):
        return f"a trait is named like {{traits.{trait.strip() or 'plan'}}}"
    if "|" in placeholder:
        return "only a trait may be missing: what stands behind | is of use to {traits.NAME} alone"
    if dot and ":" not in placeholder:
        return f"unknown placeholder `{placeholder}`; a trait is named like {{traits.{placeholder}}}"
    return unknown("placeholder", placeholder, legal)
