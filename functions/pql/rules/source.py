"""YAML with a place for everything and no surprises.

A SafeLoader without aliases, merge keys, duplicate keys and tags, and with the few plain scalars of
YAML 1.2's core: `no` is a word, `12:30` is a word, only `true` and `false` are booleans. A merge-key
bomb of 714 bytes keeps `yaml.safe_load` busy for 5 s; here it is refused at its first `*`.
"""

from __future__ import annotations

import re
from typing import Any

import yaml

from pql.rules.faults import Fault, RulesRejected
from pql.rules.slips import slip
from pql.rules.yaml_lines import Failure

SIZE_LIMIT = 256 * 1024
DEPTH_LIMIT = 40
Path = tuple[str | int, ...]
_SURPRISES = (yaml.AliasToken, yaml.AnchorToken, yaml.TagToken)
_MERGED = "merge keys (`<<`) are not part of the rule language; write out what they stand for"
_OPENERS = (
    yaml.FlowSequenceStartToken,
    yaml.FlowMappingStartToken,
    yaml.BlockSequenceStartToken,
    yaml.BlockMappingStartToken,
)
_CLOSERS = (yaml.FlowSequenceEndToken, yaml.FlowMappingEndToken, yaml.BlockEndToken)


# libyaml reads eleven files in 70 ms where Python needs 470: process and sweep pay that at every cold start.
_BASE: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Loader(_BASE):  # type: ignore[misc] # either of both
    """Knows null, booleans, whole numbers and decimals; everything else is a string."""

    yaml_implicit_resolvers: dict[str, list[tuple[str, re.Pattern[str]]]] = {}  # noqa: RUF012 - replaces the inherited table


_SCALARS = (
    ("tag:yaml.org,2002:null", r"~|null|", ["~", "n", ""]),
    ("tag:yaml.org,2002:bool", r"true|false", ["t", "f"]),
    ("tag:yaml.org,2002:int", r"-?(0|[1-9][0-9]{0,17})", list("-0123456789")),
    ("tag:yaml.org,2002:float", r"-?(0|[1-9][0-9]{0,17})\.[0-9]{1,17}", list("-0123456789")),
)
for _tag, _pattern, _first in _SCALARS:
    _Loader.add_implicit_resolver(_tag, re.compile(rf"(?:{_pattern})\Z"), _first)


class Source:
    """One parsed rule file: its data, and the line and column of every part of it."""

    def __init__(self, name: str, text: str) -> None:
        """Parse `text`; raises `RulesRejected` with the place of whatever is not plain YAML."""
        self.name = name
        self._places: dict[Path, tuple[int, int]] = {(): (1, 1)}
        self._keys: dict[Path, tuple[int, int]] = {}
        self._quoted: set[Path] = set()
        self._repeated: list[Fault] = []
        if len(text.encode("utf-8", "replace")) > SIZE_LIMIT:
            raise RulesRejected([Fault(name, 1, 1, f"a rule file may have {SIZE_LIMIT // 1024} KiB at most")])
        try:
            loader = _Loader(text)
            self._refuse_surprises(text)
            node = loader.get_single_node()
            self.data = None if node is None else self._read(loader, node, ())
        except yaml.MarkedYAMLError as error:
            raise RulesRejected([self._marked(error, text)]) from error
        except yaml.reader.ReaderError as error:
            raise RulesRejected([self._unreadable(error, text)]) from error
        except (yaml.YAMLError, ValueError, OverflowError) as error:  # the latter two: impossible \U escapes
            raise RulesRejected([Fault(name, 1, 1, f"not YAML: {error}")]) from error
        if self._repeated:
            raise RulesRejected(self._repeated)

    def at(self, path: Path) -> Any:
        """Return what stands at `path`, None for nothing."""
        found: Any = self.data
        try:
            for step in path:
                found = found[step]
        except (LookupError, TypeError):
            return None
        return found

    def names(self, section: str) -> list[str]:
        """Return the names that stand in a section of a file, grammatical or not."""
        found = self.at((section,))
        return [*found] if isinstance(found, dict) else []

    def place(self, path: Path) -> tuple[int, int]:
        """Return line and column of the value at `path`, or of the nearest part around it."""
        while path not in self._places:
            path = path[:-1]
        return self._places[path]

    def is_quoted(self, path: Path) -> bool:
        """Return whether the text at `path` stands in quotes."""
        return path in self._quoted

    def key_place(self, path: Path) -> tuple[int, int]:
        """Return line and column of the key at the end of `path`."""
        return self._keys.get(path) or self.place(path)

    def fault(self, path: Path, message: str, *, key: bool = False) -> Fault:
        """Return a fault at `path`, or at its key."""
        line, column = self.key_place(path) if key else self.place(path)
        return Fault(self.name, line, column, message)

    def _marked(self, error: yaml.MarkedYAMLError, text: str) -> Fault:
        mark = error.problem_mark or error.context_mark
        line, column = (mark.line, mark.column) if mark else (0, 0)
        begun = error.context_mark
        problem = error.problem or error.context or "this"
        at = None if begun is None else (begun.line, begun.column)
        return Fault(self.name, *slip(text, Failure(line, column, problem, at)))

    def _unreadable(self, error: yaml.reader.ReaderError, text: str) -> Fault:
        # libyaml counts bytes, so look for the letter.
        before = text[: text.find(chr(error.character))]
        line, column = before.count("\n") + 1, len(before) - before.rfind("\n")
        return Fault(self.name, line, column, f"a character that no text has: U+{int(error.character):04X}")

    def _refuse_surprises(self, text: str) -> None:
        """Look at the tokens before anything is built: expansion and depth cost nothing yet."""
        depth = 0
        for token in yaml.scan(text, Loader=_Loader):
            if isinstance(token, _SURPRISES):
                message = "anchors, aliases and tags are not part of the rule language; quote the value"
                raise RulesRejected([self._here(token, message)])
            depth += isinstance(token, _OPENERS) - isinstance(token, _CLOSERS)
            if depth > DEPTH_LIMIT:
                raise RulesRejected([self._here(token, f"nested more than {DEPTH_LIMIT} levels deep")])

    def _here(self, part: yaml.Token | yaml.Node, message: str) -> Fault:
        return Fault(self.name, part.start_mark.line + 1, part.start_mark.column + 1, message)

    def _read(self, loader: _Loader, node: yaml.Node, path: Path) -> Any:
        self._places[path] = (node.start_mark.line + 1, node.start_mark.column + 1)
        if isinstance(node, yaml.MappingNode):
            return self._read_mapping(loader, node, path)
        if isinstance(node, yaml.SequenceNode):
            return [self._read(loader, item, (*path, i)) for i, item in enumerate(node.value)]
        if getattr(node, "style", None) in ("'", '"'):
            self._quoted.add(path)
        return loader.construct_object(node)

    def _read_mapping(self, loader: _Loader, node: yaml.MappingNode, path: Path) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for key_node, value_node in node.value:
            key = key_node.value
            if not isinstance(key, str):
                raise RulesRejected([*self._repeated, self._here(key_node, "a key must be a word")])
            if key == "<<" and key_node.style not in ("'", '"'):
                raise RulesRejected([*self._repeated, self._here(key_node, _MERGED)])
            if key in found:
                self._repeated.append(self._here(key_node, f"`{key}` stands here twice"))
            mark = key_node.start_mark
            self._keys[*path, key] = (mark.line + 1, mark.column + 1)
            found[key] = self._read(loader, value_node, (*path, key))
        return found
