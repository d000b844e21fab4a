"""`distinct`: how many different people, or different values of a property."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import Field

from pql.core.aggregates import Distinct as Members
from pql.core.aggregates.distinct import BY_DAY, hashed, known_hash
from pql.core.event import Event
from pql.rules.properties import Properties, getter, words
from pql.rules.signals.of_property import OfEvents
from pql.rules.signals.signal import SKIP, PropertyPath, Recorder, Skip
from pql.rules.where import matcher

USERS = "users"
MEMBER_LIMIT = 128
FOR_EVER = 1 << 40
NEVER_SEEN = -FOR_EVER


class Distinct(OfEvents):
    """Tell apart `users` (by user id, else anonymous id) or the values of a property.

    Exact up to `keep` (32 unless given): the newest are kept, so "at least k" is exact for every
    k up to it, and a rule that asks for more does not load. Costs up to 8 bytes each.

    ```yaml
    active_users: {distinct: users, of: any, within: 14d}
    teammates_invited: {distinct: invitee_email, of: Invite Sent, keep: 100}
    ```
    """

    kind: Literal["distinct"] = Field(default="distinct", exclude=True)
    distinct: PropertyPath
    keep: Annotated[int, Field(ge=1, le=1024)] = 32

    @property
    def noun(self) -> str:
        """Return what it measures, in plain words."""
        if self.distinct == USERS:
            return f"people with {self.events_words}"
        return f"different {self.distinct} in {self.events_words}"

    @property
    def reads_properties(self) -> bool:
        """Return whether the event's properties must be decoded."""
        return self.distinct != USERS or bool(self.where)

    @property
    def reach(self) -> float:
        """Return the largest number its value can reach."""
        return self.keep

    @property
    def most_bytes(self) -> int:
        """Return about how many bytes of an account it can come to."""
        return 30 + 8 * self.keep

    def fresh(self) -> Members:
        """Return the set of nobody."""
        return Members(self.keep)

    def recorder(self) -> Recorder:
        """Return the function that notes one event's user or value."""
        matches = matcher(self.where)
        get = None if self.distinct == USERS else getter(self.distinct)
        window = self.window
        keep = self.keep
        width, reach = (window.width, window.buckets) if window else (BY_DAY.width, FOR_EVER)

        def record(held: Members, event: Event, properties: Properties, clock: int) -> int | Skip:
            if matches is not None and not matches(properties):
                return SKIP
            member = (event.user or event.anonymous) if get is None else words(get(properties))
            if member is None:
                return SKIP
            time = event.time
            if time > held.at:
                held.at = time
                held.event = event.id
            elif time == held.at:
                held.see(time, event.id)
            bucket = time // width
            known = known_hash(member) if len(member) <= MEMBER_LIMIT else hashed(member)
            members = held.members
            last = members.get(known, NEVER_SEEN)
            if bucket > last and bucket > clock // width - reach:
                held.add(known, bucket)
            count = len(members)
            return min(keep, count)

        return record
