"""The card in a terminal: a box of at most 80 columns."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterator

from pql.core.lead_message import LeadMessage
from pql.flows.card.words import DOT, PEOPLE_HEADING, UNBROKEN, words

WIDTH = 78
# Below this a line would be a word or two: a narrower terminal wraps the box.
LEAST = 40


def card_text(message: LeadMessage, link: str = "", width: int = WIDTH) -> str:
    """Return the card of `message` as lines of a box, without a final line break.

    The box is `width` columns wide, between 40 and 78.
    """
    told = words(message, link)
    box = _Box(min(max(width, LEAST), WIDTH))
    mood = DOT.join(part for part in (message.tier.upper(), told.score) if part)
    lines = [box.rule("╭", "╮"), *box.sided(told.title, mood)]
    for part in (told.account, told.link, told.reason, told.traits):
        lines += box.wrapped(part)
    if told.conditions:
        lines.append(box.rule("├", "┤", "What they did"))
        lines += [line for one in told.conditions for line in box.sided(one.text, one.points)]
        lines += box.wrapped(told.more_conditions)
    if told.people:
        lines.append(box.rule("├", "┤", PEOPLE_HEADING))
        lines += [line for one in told.people for line in box.wrapped(one)]
        lines += box.wrapped(told.more_people)
    if told.advice:
        lines.append(box.rule("├", "┤", "What to do"))
        lines += [line for one in told.advice for line in box.wrapped(one)]
    lines.append(box.rule("├", "┤"))
    lines += box.wrapped(DOT.join(told.footer))
    return "\n".join([*lines, box.rule("╰", "╯")])


def columns(text: str) -> int:
    """Return how many columns a terminal gives to `text`: two for wide characters, none for marks."""
    return sum(map(_columns, text))


def _columns(character: str) -> int:
    if unicodedata.category(character) in {"Mn", "Me", "Cf"}:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1


class _Box:
    """Lines of a box that is so many columns wide."""

    def __init__(self, width: int) -> None:
        self._width = width
        self._inner = width - 4

    def rule(self, left: str, right: str, heading: str = "") -> str:
        """Return a line across, with a heading in it."""
        label = f" {heading} " if heading else ""
        return f"{left}─{label}{'─' * (self._width - 3 - len(label))}{right}"

    def sided(self, left: str, right: str) -> list[str]:
        """Return `left` wrapped, with `right` at the edge of its first line, or below if it is wide."""
        if columns(right) > self._inner // 2:
            return [*self.wrapped(left), *self.wrapped(right)]
        room = self._inner - columns(right) - 2 if right else self._inner
        first, *rest = list(_pieces(left, room)) or [""]
        gap = " " * (self._inner - columns(first) - columns(right))
        return [f"│ {first}{gap}{right} │", *(self._line(piece) for piece in rest)]

    def wrapped(self, text: str) -> list[str]:
        """Return `text` in as many lines as it takes."""
        return [self._line(piece) for piece in _pieces(text, self._inner)]

    def _line(self, text: str) -> str:
        return f"│ {text.replace(UNBROKEN, ' ')}{' ' * (self._inner - columns(text))} │"


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
