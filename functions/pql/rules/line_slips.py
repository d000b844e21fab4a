"""Slips that stand in one line: a colon that is missing, text that is not in quotes."""

from __future__ import annotations

import re

from pql.rules.yaml_lines import COMMENT, PARTNERS, indent, level, opens

# `- key: value`, as far as it is on one line; the key may be a line of a timeline.
_PAIR = re.compile(r"(?P<before> *(?:- +)*(?P<key>[^\s:#'\"\[{\-][^:#'\"\[{]*): +)(?P<value>\S.*)")
_BARE = re.compile(r"(?P<indent> *)(?P<word>[a-z][a-z0-9_]*)(?=\s|$)(?!\s*:)")
_GLUED = re.compile(r" *(?:- +)?(?P<word>[a-z][a-z0-9_]*):(?=[^\s:/])")
_DASHED = re.compile(r" *-(?=[A-Za-z0-9{\"'])")
_BRACED = re.compile(r" *(?:- +)?[^\s:#'\"\[{][^:#'\"\[{]* (?=\{[^{}]*: )")


def slip_in(line: str, before: str | None) -> tuple[int, str] | None:
    """Return column (from 0) and mend of the slip in a line; `before` is the last one that says something."""
    looks = (_text_in_braces, _quoted, _colon_in_text, _dash, _glued, _no_colon, _braced)
    return next((found for look in looks if (found := look(line, before))), None)


def _text_in_braces(line: str, _: str | None) -> tuple[int, str] | None:
    found = _PAIR.fullmatch(line.rstrip())
    if not found or found["value"][0] not in PARTNERS:
        return None
    end = _end_of_braces(found["value"])
    rest = "" if end is None else COMMENT.sub("", found["value"][end:]).strip()
    if not rest or rest[0] in ",}]#":
        return None
    return found.end("before"), f"put text that begins with {found['value'][0]} in quotes"


def _end_of_braces(text: str) -> int | None:
    """Return where the braces that `text` begins with are closed, if they are."""
    open_: list[str] = []
    for index, letter in enumerate(text):
        if letter in PARTNERS:
            open_.append(PARTNERS[letter])
        elif letter in "]}":
            if open_.pop() != letter:
                return None
            if not open_:
                return index + 1
    return None


def _quoted(line: str, _: str | None) -> tuple[int, str] | None:
    found = _PAIR.fullmatch(line.rstrip())
    if not found or found["value"][0] not in "'\"":
        return None
    quote, column = found["value"][0], found.end("before")
    inside = r'"(?:[^"\\]|\\.)*"' if quote == '"' else r"'(?:[^']|'')*'"
    closed = re.match(inside, found["value"])
    if closed is None:
        return column, f"the quote that begins here is not closed: expected {quote} at its end"
    rest = COMMENT.sub("", found["value"][closed.end() :]).strip()
    if not rest or rest.startswith(":"):
        return None
    if quote == "'":
        return column, "the text ends at its second '; write '' for one inside, or put it in double quotes"
    return column, 'the text ends at its second "; write \\" for one inside'


def _colon_in_text(line: str, _: str | None) -> tuple[int, str] | None:
    found = _PAIR.fullmatch(line.rstrip())
    if found and found["value"][0] not in "'\"{[|>#&*!" and re.search(r":(\s|$)", found["value"]):
        return found.end("before"), "put text with a colon in it in quotes"
    return None


def _braced(line: str, _: str | None) -> tuple[int, str] | None:
    found = _BRACED.match(line)
    return (found.end(), "a colon is missing before the {") if found else None


def _dash(line: str, _: str | None) -> tuple[int, str] | None:
    found = _DASHED.match(line)
    return (found.end() - 1, "a space is missing after the `-`") if found else None


def _glued(line: str, _: str | None) -> tuple[int, str] | None:
    found = _GLUED.match(line)
    return (found.end() - 1, f"a space is missing after `{found['word']}:`") if found else None


def _no_colon(line: str, before: str | None) -> tuple[int, str] | None:
    """Only of a line that can begin something: what is indented deeper goes on with the text above."""
    found = _BARE.match(line)
    if not found or line[found.end() :].lstrip().startswith(":"):
        return None
    if before is not None and level(before) < indent(line) and not opens(before):
        return None
    return found.end() - 1, f"a colon is missing after `{found['word']}`"
