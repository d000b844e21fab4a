"""Where an event names its account: an ordered list of places, compiled once.

A place is a path of keys joined by dots, such as `context.groupId`. A last step of `*` looks into
a map from group type to id, as PostHog, Mixpanel and Segment's `context.groups` have it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby
from typing import Any

from pql.core.identity import id_text

DEFAULT_PLACES = (
    "context.groupId",
    "groupId",
    "context.groups.*",
    "properties.$groups.*",
    "properties.account_id",
    "properties.accountId",
    "properties.groupId",
    "properties.group_id",
    "properties.company_id",
    "properties.organization_id",
    "properties.workspace_id",
    "properties.team_id",
    "context.traits.company.id",
    "traits.company.id",
)
_FAVOURITES = ("company", "account", "organization")
Finder = Callable[[dict[str, Any]], str | None]


def finder(places: Sequence[str] = DEFAULT_PLACES) -> Finder:
    """Return a function from an event to the first account id found in `places`, or None."""
    split = [place.split(".") for place in places]
    # Neighbours with the same parents are looked for together.
    getters = tuple(
        _getter(parents, tuple(last for *_, last in together))
        for parents, together in groupby(split, key=lambda path: path[:-1])
    )

    def find(item: dict[str, Any]) -> str | None:
        for get in getters:
            found = get(item)
            if found is not None:
                return found
        return None

    return find


def places_from(setting: str) -> tuple[str, ...]:
    """Return the places of a comma-separated setting; an empty one means the default places."""
    return tuple(place.strip() for place in setting.split(",") if place.strip()) or DEFAULT_PLACES


def _getter(parents: Sequence[str], names: Sequence[str]) -> Finder:
    wanted = frozenset(names)

    def get(item: dict[str, Any]) -> str | None:
        node: Any = item
        for parent in parents:
            node = node.get(parent)
            if type(node) is not dict:
                return None
        if "*" not in wanted and wanted.isdisjoint(node):
            return None
        for name in names:
            found = _first(node) if name == "*" else id_text(node.get(name))
            if found is not None:
                return found
        return None

    return get


def _first(groups: dict[str, Any]) -> str | None:
    names = sorted(groups, key=lambda name: (name not in _FAVOURITES, name))
    for name in names:
        group = groups[name]
        found = id_text(group.get("id") if isinstance(group, dict) else group)
        if found is not None:
            return found
    return None
