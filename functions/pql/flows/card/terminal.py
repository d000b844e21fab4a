"""The card in a terminal: a box of at most 80 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pql.core.lead_message import LeadMessage
from pql.flows.card.words import DOT, ConditionLine, words

WIDTH = 78
_INNER = WIDTH - 4


def card_text(message: LeadMessage, link: str = "") -> str:
    """Return the card of `message` as lines of a box, without a final line break."""
    told = words(message, link)
    mood = DOT.join(part for part in (message.tier.upper(), told.score) if part)
    lines = [_rule("╭", "╮"), *_sided(told.title, mood)]
    for part in (told.account, told.link, told.reason, told.traits):
        lines += _wrapped(part)
    if told.conditions:
        lines.append(_rule("├", "┤", "What they did"))
        lines += [line for one in told.conditions for line in _condition(one)]
        lines += _wrapped(told.more_conditions)
    if told.people:
        lines.append(_rule("├", "┤", "Who did it"))
        lines += [line for one in told.people for line in _wrapped(one)]
        lines += _wrapped(told.more_people)
    if told.advice:
        lines.append(_rule("├", "┤", "What to do"))
        lines += [line for one in told.advice for line in _wrapped(one)]
    lines.append(_rule("├", "┤"))
    lines += _wrapped(DOT.join(told.footer))
    return "\n".join([*lines, _rule("╰", "╯")])


def columns(text: str) -> int:
    """Return how many columns a terminal gives to `text`: two for wide characters, none for marks."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


def _rule(left: str, right: str, heading: str = "") -> str:
    label = f" {heading} " if heading else ""
    return f"{left}─{label}{'─' * (WIDTH - 3 - len(label))}{right}"


def _condition(one: ConditionLine) -> list[str]:
    return _sided(one.text, one.points)


def _sided(left: str, right: str) -> list[str]:
    """Return `left` wrapped, with `right` at the right edge of its first line, or below if it is wide."""
    if columns(right) > _INNER // 2:
        return [*_wrapped(left), *_wrapped(right)]
    room = _INNER - columns(right) - 2 if right else _INNER
    first, *rest = list(_pieces(left, room)) or [""]
    gap = " " * (_INNER - columns(first) - columns(right))
    return [f"│ {first}{gap}{right} │", *(_line(piece) for piece in rest)]


def _wrapped(text: str) -> list[str]:
    return [_line(piece) for piece in _pieces(text, _INNER)]


def _line(text: str) -> str:
    return f"│ {text}{' ' * (_INNER - columns(text))} │"


def _pieces(text: str, room: int) -> Iterator[str]:
    """Yield `text` in pieces of at most `room` columns, broken at blanks where there are any."""
    piece = ""
    for word in text.split(" "):
        joined = f"{piece} {word}" if piece else word
        if columns(joined) <= room:
            piece = joined
            continue
        if piece:
            yield piece
        piece = word
        while columns(piece) > room:
            head = _head(piece, room)
            yield head
            piece = piece[len(head) :]
    if piece:
        yield piece


def _head(text: str, room: int) -> str:
    taken = 0
    for index, character in enumerate(text):
        taken += _columns(character)
        if taken > room:
            return text[:index]
    return text
