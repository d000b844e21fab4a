"""Slack's text: escaped once, cut to Slack's limits without splitting a character or an entity.

Slack reads `<!channel>`, `<@U1>` and `<https://…|label>` as commands. What a stranger wrote can form
none of them once `&`, `<` and `>` are entities. Limits are counted in UTF-16 units, the strictest
reading of Slack's "characters".
"""

from __future__ import annotations

from pql.core.clean_text import ELLIPSIS

_ENTITIES = {"&": "&amp;", "<": "&lt;", ">": "&gt;"}
_ESCAPING = str.maketrans(_ENTITIES)
# Look-alikes of the signs that format text; `|` would end the address inside a link.
_FORMATTING = str.maketrans({"*": "\u2217", "~": "\u223c", "`": "\u02cb", "|": "\u00a6"})


def escaped(text: str, limit: int) -> str:
    """Return `text` escaped and in at most `limit` UTF-16 units, with an ellipsis where it was cut."""
    whole = text.translate(_ESCAPING)
    if units(whole) <= limit:
        return whole
    kept, room = [], limit - 1
    for character in text:
        piece = _ENTITIES.get(character, character)
        room -= units(piece)
        if room < 0:
            break
        kept.append(piece)
    return "".join(kept) + ELLIPSIS


def units(text: str) -> int:
    """Return the length of `text` in UTF-16 units."""
    return len(text) if text.isascii() else len(text.encode("utf-16-le", "surrogatepass")) // 2


def unformatted(text: str) -> str:
    """Return `text` without the signs by which mrkdwn starts bold, strike, code and link labels."""
    return text.translate(_FORMATTING)
