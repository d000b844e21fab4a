"""Agreement: what a row has counted, held against what the archive says was counted there.

Every id that was counted is in the row or in a seen bucket, so the two can be compared id by id. Where they
differ something is on its way to the archive, or was archived late: after its user had moved, or after the
device had changed hands. Then the ids of both rows say where it was counted.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from collections.abc import Set as AbstractSet
from typing import Protocol

from pql.core.account import Row
from pql.core.dedup import Mark
from pql.core.errors import NewerVersion
from pql.core.keys import as_person, is_person, person_key
from pql.core.member import Member
from pql.core.window import DAY
from pql.flows.folds import Folds, together
from pql.flows.past import ArchivedPast
from pql.flows.ports import Store
from pql.flows.unread import readable


class Seen(Protocol):
    """Everything that was counted under a subject and is no longer pending in its row."""

    def all_of(self, subject: str) -> set[bytes]:
        """Return the ids in all its seen buckets, strongly consistent; raises `Unavailable`."""


class Ahead(Exception):
    """The row has counted what the archive does not hold yet, or holds elsewhere."""

    def __init__(self, missing: Iterable[bytes], excess: Iterable[bytes]) -> None:
        super().__init__()
        self.missing = frozenset(missing)
        self.excess = frozenset(excess)


class Agreement:
    """Compares rows with the archive's past of them; `lateness` is the limit in days."""

    def __init__(self, store: Store, seen: Seen, past: ArchivedPast, folds: Folds, lateness: int) -> None:
        self._store = store
        self._seen = seen
        self._past = past
        self._folds = folds
        self._lateness = lateness
        self._homeless = self._found_homeless()
        self._strays: dict[str, AbstractSet[bytes] | NewerVersion] = {}

    def look_again(self) -> None:
        """Forget what was seen of other rows: whose they are may have changed, and what the archive has."""
        self._strays.clear()

    def match(self, row: Row) -> dict[bytes, Mark]:
        """Return what a person's row is to count and has not.

        Raises `Ahead` where row and archive differ, `NewerVersion` for ids that cannot be read.
        """
        subjects, pasts = self._folds.group(row.subject), self._past.history.pasts
        marks, counted = self._counted(row)
        archived = self._archived(subjects)
        # Rules may look at an event first when it comes again, and the device is another's by then.
        unknown = counted - archived - self._copies(subjects)
        missing = {one for one in unknown if not self._is_ancient(marks.get(one))}
        young = {
            mark.id: mark
            for one in subjects
            for mark in (pasts[one].young if one in pasts else ())
            if mark.id not in counted
        }
        excess = self._misplaced(subjects, archived - counted) if is_person(row.subject) else young.keys()
        if missing or excess:
            raise Ahead(missing, excess)
        return young

    def untold(self, people: Collection[str]) -> set[str]:
        """Return those who have had a device of which the archive is yet to tell whose it is now."""
        of = {one: {*self._devices(one)} for one in people}
        found: set[str] = set()
        for some in together({device for devices in of.values() for device in devices}):
            members = self._store.members(some)
            found |= {key for key, member in members.items() if self._is_untold(key, member)}
        return {one for one, devices in of.items() if not found.isdisjoint(devices)}

    def _devices(self, person: str) -> Iterator[str]:
        """Yield the member keys of the devices whose events may be a person's."""
        for one in self._folds.group(person):
            yield from self._past.history.devices.get(one, ())
            if one.startswith("v:"):
                yield f"n:{one[2:]}"

    def _is_untold(self, key: str, member: Member) -> bool:
        """Return whether a device is somebody's by a call that the archive should hold, and does not."""
        history = self._past.history
        if not member.user or history.first is None or member.user_at < history.first:
            return False
        first = history.moved.get(as_person(key), "")
        return person_key(member.user) not in history.owners.get(key, {first})

    def claim(self, row: Row) -> None:
        """Raise `Ahead` if a row has counted what the archive has, and nobody knows where it was counted."""
        homeless = self._homeless[is_person(row.subject)]
        if homeless and (mine := self._counted(row)[1] & homeless.keys()):
            raise Ahead(mine, ())

    def note(self, ahead: Mapping[str, Ahead]) -> bool:
        """Note what was archived elsewhere than it was counted; return whether that is news."""
        corrections, pasts = self._past.corrections, self._past.history.pasts
        before = {one: {**places} for one, places in corrections.items()}
        for subject, one in ahead.items():
            for past in self._folds.group(subject):
                ids = pasts[past].known() if past in pasts else set()
                for identity in one.excess & ids:
                    corrections[past].setdefault(identity, None)
        homeless = self._found_homeless()
        for subject, one in ahead.items():
            found = homeless[is_person(subject)]
            for identity in one.missing & found.keys():
                for archived in found[identity]:
                    corrections[archived][identity] = subject
        self._homeless = self._found_homeless()
        return before != corrections

    @property
    def is_searching(self) -> bool:
        """Return whether of anything archived nobody knows where it was counted."""
        return any(self._homeless.values())

    def _found_homeless(self) -> dict[bool, dict[bytes, list[str]]]:
        """Return where that was archived of which nobody knows where it counted: of people, and of others."""
        found: dict[bool, dict[bytes, list[str]]] = {False: defaultdict(list), True: defaultdict(list)}
        for archived, corrected in self._past.corrections.items():
            for identity, place in corrected.items():
                if place is None:
                    found[is_person(archived)][identity].append(archived)
        return found

    def _counted(self, row: Row) -> tuple[dict[bytes, Mark], AbstractSet[bytes]]:
        """Return what was counted in a row and in all that is part of it: marks of some, ids of all."""
        folded = self._folds.folded(row.subject)
        rows = [readable(one) for one in (row, *(self._store.rows(folded) if folded else {}).values())]
        marks = {mark.id: mark for one in rows for mark in one.ledger.marks()}
        filed = (self._seen.all_of(one.subject) for one in rows if one.ledger.filed)
        return marks, marks.keys() | set().union(*filed)

    def _misplaced(self, subjects: Collection[str], archived: AbstractSet[bytes]) -> set[bytes]:
        """Return of what a person has not counted that which others have who had the same device.

        None of these are the person's own strays: of those the archive has nothing.
        """
        of = self._past.history.devices
        devices = {device for one in subjects for device in of.get(one, ())} if archived else ()
        return {one for device in devices for one in archived & self._strays_on(device)}

    def _strays_on(self, device: str) -> AbstractSet[bytes]:
        """Return what those who had a device have counted, each without what the archive has of them.

        What it has of them as well is another event, and a copy is not the first. Raises `NewerVersion` if
        the ids of one cannot be read.
        """
        found = self._strays.get(device)
        if found is None:
            try:
                found = self._read_strays({self._folds.end(one) for one in self._past.history.owners[device]})
            except NewerVersion as error:
                found = error
            # All who had it ask for the same.
            self._strays[device] = found
        if isinstance(found, NewerVersion):
            raise NewerVersion(*found.args)
        return found

    def _read_strays(self, people: Collection[str]) -> set[bytes]:
        found: set[bytes] = set()
        for some in together(people):
            for one, row in self._store.rows(some).items():
                group = self._folds.group(one)
                found |= self._counted(row)[1] - self._archived(group) - self._copies(group)
        return found

    def _archived(self, subjects: Sequence[str]) -> set[bytes]:
        pasts = self._past.history.pasts
        return set().union(*(pasts[one].known() for one in subjects if one in pasts))

    def _copies(self, subjects: Sequence[str]) -> set[bytes]:
        copies = self._past.history.copies
        return set().union(*(copies[one] for one in subjects if one in copies))

    def _is_ancient(self, mark: Mark | None) -> bool:
        """Return whether an event is older than the archive, which ends by itself after some time."""
        first = self._past.history.first
        if mark is None or first is None:
            return False
        return mark.latest + (self._lateness + 1) * DAY < first
