"""HTML and SVG as functions: what is text is escaped, what is markup is not."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

VOID = frozenset({"meta", "line", "rect", "circle", "path"})


class Markup(str):
    """Text that is HTML already."""

    __slots__ = ()


def element(name: str, /, *children: object, **attributes: object) -> Markup:
    """Return an element; a trailing underscore of an attribute goes, others become hyphens.

    Children are text, markup, or lists of those; an attribute that is None is left out.
    """
    told = "".join(
        f' {key.rstrip("_").replace("_", "-")}="{escape(_said(value))}"'
        for key, value in attributes.items()
        if value is not None
    )
    if name in VOID and not children:
        return Markup(f"<{name}{told}/>" if name != "meta" else f"<{name}{told}>")
    return Markup(f"<{name}{told}>{joined(children)}</{name}>")


def joined(children: Iterable[object]) -> Markup:
    """Return children as markup, text escaped; no line of it begins with the % of a number."""
    return Markup("".join(_child(one) for one in children))


def _child(one: object) -> str:
    if one is None:
        return ""
    if isinstance(one, Markup):
        return one
    if isinstance(one, str):
        return escape(one.replace(" %", "\N{NO-BREAK SPACE}%"))
    if isinstance(one, Iterable):
        return joined(one)
    return escape(str(one))


def _said(value: object) -> str:
    """Return coordinates to a tenth of a pixel, everything else as it is."""
    if isinstance(value, float):
        return f"{value:.1f}".removesuffix(".0")
    return str(value)
