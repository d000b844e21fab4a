"""The nearest legal word: one that is spelled alike, or our word for what other languages call so."""

from __future__ import annotations

import difflib
from collections.abc import Iterable

CUTOFF = 0.65
# Other languages' words, and ours, of which the first that is legal in the place is meant.
_MEANT = {
    **dict.fromkeys((">", "gt", "greater", "greater_than", "above", "over", "exceeds"), ("more_than",)),
    **dict.fromkeys((">=", "gte", "min", "minimum", "no_less_than", "not_less_than"), ("at_least",)),
    **dict.fromkeys(("<", "lt", "below", "under", "fewer_than", "smaller_than"), ("less_than",)),
    **dict.fromkeys(("<=", "lte", "max", "maximum", "up_to", "no_more_than", "not_more_than"), ("at_most",)),
    **dict.fromkeys(("=", "==", "eq", "equals", "equal", "equal_to"), ("is",)),
    **dict.fromkeys(("one_of", "any_of"), ("in", "any")),
    **dict.fromkeys(("prefix", "begins_with"), ("starts_with",)),
    **dict.fromkeys(("includes", "has", "like", "matches", "regex", "pattern"), ("contains",)),
    **dict.fromkeys(("and", "all_of", "every", "both", "each"), ("all",)),
    **dict.fromkeys(("or", "either", "some", "one", "anyof"), ("any",)),
    **dict.fromkeys(("window", "last", "during", "in_last", "period"), ("within", "latest")),
    **dict.fromkeys(("filter", "filters", "properties"), ("where",)),
    **dict.fromkeys(("event", "events"), ("of", "event")),
    **dict.fromkeys(("if", "condition", "conditions"), ("when",)),
    **dict.fromkeys(("text", "body", "message", "description"), ("reason",)),
    **dict.fromkeys(("headline", "subject"), ("title",)),
    **dict.fromkeys(("number_of", "total_count"), ("count",)),
    **dict.fromkeys(("unique", "count_distinct"), ("distinct",)),
    **dict.fromkeys(("boiling", "urgent"), ("hot",)),
    **dict.fromkeys(("active", "enabled", "production"), ("live", "active_days")),
    "priority": ("tier",),
    "total": ("sum",),
    "newest": ("latest",),
    "oldest": ("first",),
}
_NEGATED = {
    **dict.fromkeys(("not_in", "nin", "none_of"), "in"),
    **dict.fromkeys(("is_not", "isnt", "not_equals", "not_equal", "neq", "ne", "!=", "<>"), "is"),
    **dict.fromkeys(("not_contains", "excludes", "does_not_contain"), "contains"),
    "not_exists": "exists",
}
# Of these one is never a slip of the pen for another.
_OPERATORS = frozenset(
    ("at_least", "more_than", "at_most", "less_than", "is", "in", "exists", "starts_with", "contains")
)
_NEITHER = ("nor", "none", "none_of", "neither")


def nearest(word: str, legal: Iterable[str]) -> str | None:
    """Return the legal word that `word` stands for, if any does."""
    words = list(legal)
    said = word.strip().casefold().replace("-", "_").replace(" ", "_")
    if said in words:
        return said
    for one in _MEANT.get(said, ()):
        if one in words:
            return one
    if said in _MEANT or said in _OPERATORS or said in _NEGATED:
        return None
    begun = [one for one in words if one.startswith(f"{said}_")]
    return begun[0] if begun else alike(word, words)


def alike(name: str, names: Iterable[str], cutoff: float = CUTOFF) -> str | None:
    """Return the one of these names that is spelled most like `name`, if one is alike at all.

    `cutoff` is the least ratio of `difflib`, from 0 to 1.
    """
    found = difflib.get_close_matches(name, list(names), n=1, cutoff=cutoff)
    return found[0] if found else None


def negation(word: str) -> str | None:
    """Return the operator that `word` is the opposite of, if it is one."""
    return _NEGATED.get(word.casefold())


def element(word: str, kinds: Iterable[str]) -> str | None:
    """Return what to write in place of a key that names no element."""
    known = list(kinds)
    for kind in known:
        if word.startswith(f"{kind} "):
            return f"a colon is missing after `{kind}`"
    if word.casefold() in _NEITHER and "not" in known:
        return "write `not: {any: [...]}`"
    near = nearest(word, known)
    return near and f"did you mean {near}?"


def unknown(what: str, name: str, legal: Iterable[str]) -> str:
    """Return that `name` is not known, and what was meant, or what there is."""
    words = list(dict.fromkeys(legal))
    near = alike(name, words)
    if near:
        return f"unknown {what} `{name}`; did you mean `{near}`?"
    return f"unknown {what} `{name}`; there {'is' if len(words) == 1 else 'are'} {', '.join(words) or 'none'}"
