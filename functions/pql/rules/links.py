"""Rules that look at rules, and scores that build on scores: each must be there, and none on itself."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from graphlib import TopologicalSorter
from types import MappingProxyType

from pql.rules.faults import Fault
from pql.rules.named import Named
from pql.rules.nearest import unknown
from pql.rules.pack import RuleFile
from pql.rules.source import Path, Source

# What is looked at, in which file, by its name. Rules are of the whole pack.
Node = tuple[str, str, str]
SUPPRESSION: Node = ("suppression", "", "suppress")
Links = dict[Node, dict[Node, tuple[str, Path]]]
# What follows them goes as deep: conditions of many levels in each are room enough for a stack.
CHAINS = ((("rule", "lead"), 10, "rules"), (("score",), 100, "scores"))


def dangling(
    files: Mapping[str, RuleFile],
    sources: Mapping[str, Source],
    broken: Sequence[str] = (),
    rests: Mapping[str, RuleFile] = MappingProxyType({}),
) -> Iterator[Fault]:
    """Yield a fault for every condition on a rule that no file has, or one about other subjects.

    Of the `broken` rules, in files that do not load, nothing but the name is known; `rests` are what is left
    of these files.
    """
    rules = {name: file.subject for file in files.values() for name in file.rules}
    for name, file in (*files.items(), *rests.items()):
        for path, one in names_in(file):
            if one.what not in ("rule", "lead") or one.name in broken:
                continue
            if one.name not in rules:
                yield sources[name].fault(path, unknown("rule", one.name, [*rules, *broken]))
            elif rules[one.name] != file.subject and name in files:
                reason = f"rule `{one.name}` is about {rules[one.name]}s, and this file about {file.subject}s"
                yield sources[name].fault(path, f"{reason}: neither knows of the other")


def circular(files: Mapping[str, RuleFile], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault for every way in which a score or a rule comes to look at itself, once.

    Whether a rule holds hangs on its `when` alone; whether it makes a lead on all that it says, and on
    what suppresses every rule. Where nothing does, yield one for every rule that looks through too many.
    """
    links = _links(files)
    done: set[Node] = set()
    circles = [fault for start in links for fault in _circles(start, links, done, sources)]
    yield from circles or _chains(links, sources)


def _links(files: Mapping[str, RuleFile]) -> Links:
    links: Links = {}
    for file_name, file in files.items():
        for path, one in names_in(file):
            for owner in _owners(file_name, path):
                links.setdefault(owner, {}).setdefault(_node(file_name, one), (file_name, path))
        for name in file.rules:
            place = (file_name, ("rules", name, "when"))
            links.setdefault(("lead", "", name), {}).setdefault(SUPPRESSION, place)
    return links


def _chains(links: Links, sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield a fault where a rule looks at one that looks at one, and so on, more often than is allowed.

    So for scores, on a way that may lead through rules.
    """
    order = [*TopologicalSorter(links).static_order()]
    for kinds, limit, words in CHAINS:
        lengths: dict[Node, int] = {}
        for node in order:
            behind = max((lengths[one] for one in links.get(node, ())), default=0)
            lengths[node] = behind + (node[0] in kinds)
        told = set[tuple[str, Path]]()
        for node in links:
            if lengths[node] != limit + 1 or node[0] not in kinds:
                continue
            file, path = links[node][max(links[node], key=lengths.__getitem__)]
            if (file, path) not in told:
                told.add((file, path))
                yield sources[file].fault(
                    path, f"`{node[2]}` looks through more than {limit - 1} other {words}"
                )


def names_in(file: RuleFile) -> Iterator[tuple[Path, Named]]:
    """Yield everything that scores, rules and suppressions name, and where."""
    for path, condition in file.conditions():
        for below, leaf in condition.below(path):
            for one in leaf.named():
                yield below, one
    for score, parts in file.scores.items():
        for index, part in enumerate(parts):
            for one in part.named():
                yield ("scores", score, index, one.key), one
    for name, rule in file.rules.items():
        for field, one in rule.named():
            yield ("rules", name, field, one.key), one


def _node(file: str, one: Named) -> Node:
    return (one.what, file if one.what in ("score", "signal") else "", one.name)


def _owners(file: str, path: Path) -> Iterator[Node]:
    """Yield what hangs on what is named at `path`."""
    if path[0] == "suppress":
        yield SUPPRESSION
    elif path[0] == "scores":
        yield ("score", file, str(path[1]))
    else:
        yield ("lead", "", str(path[1]))
        if path[2] == "when":
            yield ("rule", "", str(path[1]))


def _circles(start: Node, links: Links, done: set[Node], sources: Mapping[str, Source]) -> Iterator[Fault]:
    """Yield the circles on the ways from a node; step by step, for a way through scores may be long."""
    way = {} if start in done else {start: iter(links.get(start, {}).items())}
    while way:
        node, ahead = next(reversed(way.items()))
        for target, (file, path) in ahead:
            if target in way:
                circle = [*way][[*way].index(target) :]
                names = " → ".join(name for _, _, name in (*circle, target))
                what = "score" if target[0] == "score" else "rule"
                yield sources[file].fault(path, f"a {what} cannot look at itself: {names}")
            elif target not in done:
                way[target] = iter(links.get(target, {}).items())
                break
        else:
            done.add(node)
            del way[node]
