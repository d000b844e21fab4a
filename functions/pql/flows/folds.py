"""Folds: which rows have become part of which, as the table says."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet

from pql.core.errors import NewerVersion
from pql.core.keys import as_person, is_person, user_key
from pql.core.member import FORMER_KEPT, Member, places
from pql.flows.ports import Store

# Keys that are asked for at once.
TOGETHER = 5_000


class Folds:
    """Where rows of users and devices are part of another's; whoever was folded once is not asked for again.

    `unread` names, by row, another one that cannot be read and may be part of it.
    """

    def __init__(self, store: Store) -> None:
        self._store = store
        self._moved: dict[str, str] = {}
        self._into: Mapping[str, str] = {}
        self._folded: Mapping[str, Sequence[str]] = {}
        self.unread: Mapping[str, str] = {}

    def look(self, subjects: AbstractSet[str], archived: Mapping[str, str], pasts: AbstractSet[str]) -> None:
        """Look up where these are; where there is no row, into whom they were folded as the archive says.

        `pasts` are the subjects of which the archive has anything: where others belong is all the same.
        Raises `NewerVersion` where one cannot be read, and nobody can tell what it may be part of.
        """
        there: set[str] = set()
        unread: set[str] = set()
        for some in together(subjects - self._moved.keys()):
            rows = self._store.rows(some)
            self._moved |= {one: row.moved for one, row in rows.items() if row.moved}
            unread |= {one for one, row in rows.items() if row.newer}
            there |= rows.keys()
        # The archive may be late to tell whose a device was first; its row among accounts tells at once.
        moved = {
            one: as_person(user) if (user := self._moved.get(f"n:{one[2:]}", "")).startswith("u:") else into
            for one, into in {**self._owners(subjects - archived.keys() - there), **archived}.items()
            if one not in there
        } | self._moved
        self._into = {one: _end(one, moved) for one in moved}
        folded: dict[str, list[str]] = defaultdict(list)
        for one in sorted(self._into):
            folded[self._into[one]].append(one)
        self._folded = folded
        lacking = [one for one in sorted(unread) if not pasts.isdisjoint(self.group(one))]
        self.unread = {place: one for one in lacking for place in self._perhaps(one)}

    def end(self, subject: str) -> str:
        """Return the row that holds what was counted under a subject."""
        return self._into.get(subject, subject)

    def folded(self, subject: str) -> Sequence[str]:
        """Return the subjects that became part of this one."""
        return self._folded.get(subject, ())

    def group(self, subject: str) -> list[str]:
        """Return a subject and all that became part of it."""
        return [subject, *self.folded(subject)]

    def _owners(self, subjects: AbstractSet[str]) -> dict[str, str]:
        """Return whose the devices of visitors became first, as their members say now."""
        found: dict[str, str] = {}
        for some in together(one for one in subjects if one.startswith("v:")):
            members = self._store.members([f"n:{one[2:]}" for one in some])
            for one in some:
                if first := _first_owner(members.get(f"n:{one[2:]}", Member())):
                    found[one] = as_person(first)
        return found

    def _perhaps(self, subject: str) -> Iterator[str]:
        """Yield every other row that this one may be part of, by what is known of whose it is."""
        key = f"n:{subject[2:]}" if is_person(subject) else subject
        members = self._store.members([key])
        member = members.get(key, Member())
        if member.user:
            members |= self._store.members([user_key(member.user)])
        if any(len(one.former) >= FORMER_KEPT for one in members.values()):
            raise NewerVersion(f"nobody can tell where {subject} belongs, which cannot be read")
        found = dict.fromkeys(places(key, members))
        found.pop(key)
        for place in found:
            if not is_person(subject):
                yield place
            elif place.startswith("u:"):
                yield as_person(place)


def _first_owner(member: Member) -> str | None:
    """Return the user that a device was the first to be of, of as many as it remembers."""
    former = [one for one in member.former if one.startswith("u:")]
    return former[-1] if former else user_key(member.user) if member.user else None


def together(subjects: Iterable[str]) -> Iterator[list[str]]:
    """Yield the subjects in groups that are in memory at once."""
    group: list[str] = []
    for subject in subjects:
        group.append(subject)
        if len(group) == TOGETHER:
            yield group
            group = []
    if group:
        yield group


def _end(one: str, moved: Mapping[str, str]) -> str:
    """Return where a chain of folds ends."""
    passed = {one}
    while (into := moved.get(one)) is not None and into not in passed:
        passed.add(into)
        one = into
    return one
