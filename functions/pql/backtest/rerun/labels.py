"""Who converted, and when: as a list says it, or by the events that tell."""

from __future__ import annotations

from collections.abc import Collection, Iterator, Mapping

from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, encoded, person_key, user_key, visitor_key
from pql.rules.names import folded

NAMES_CACHED = 4_096
Conversions = Mapping[str, int] | Collection[str]


class Labels:
    """The moment (epoch ms) of each subject's first conversion, as far as it is known.

    `conversions` are moments by id, of an account or else of a user, or the names of the track calls that
    convert whom they are of.
    """

    def __init__(self, conversions: Conversions) -> None:
        is_given = isinstance(conversions, Mapping)
        self._given: dict[str, int] = {}
        if isinstance(conversions, Mapping):
            self._given = {encoded(name): at for name, at in conversions.items()}
        self._names = frozenset() if is_given else frozenset(map(folded, conversions))
        self._told: dict[str, int] = {}
        self._tells: dict[str, bool] = {}
        self.heard: set[str] = set()  # which of the names have told of a conversion

    def of(self, subject: str) -> int | None:
        """Return when a subject converted, None if it has not by now."""
        if self._given:
            return self._given.get(subject[2:]) if subject[0] in "aup" else None
        return self._told.get(subject)

    def namesake(self, subject: str) -> str | None:
        """Return the account that the moment given for a user's id is of, if there is that account."""
        return "a:" + subject[2:] if self._given and subject[0] in "up" else None

    @property
    def are_told(self) -> bool:
        """Return whether events tell who converted."""
        return bool(self._names)

    def is_told_by(self, event: Event) -> bool:
        """Return whether the event converts whom it is of."""
        return bool(self._names) and event.type == "track" and self.is_name(event.name)

    def is_name(self, name: str) -> bool:
        """Return whether track calls of this name convert whom they are of."""
        if not self._names:
            return False
        tells = self._tells.get(name)
        if tells is None:
            tells = folded(name) in self._names
            if len(self._tells) < NAMES_CACHED:
                self._tells[name] = tells
        return tells

    def tell(self, event: Event, subjects: Collection[str]) -> Iterator[str]:
        """Note that an event converts `subjects` and who did it; yield those that converted first by it."""
        at = min(event.time, event.received)
        self.heard.add(folded(event.name))
        for subject in dict.fromkeys([*subjects, *whose(event)]):
            known = self._told.get(subject)
            if known is None or at < known:
                self._told[subject] = at
                yield subject


def whose(event: Event) -> Iterator[str]:
    """Yield every subject that an event names, as an account and as people."""
    if event.account is not None:
        yield account_key(event.account)
    if event.user:
        yield user_key(event.user)
        yield person_key(event.user)
    if event.anonymous:
        yield anonymous_key(event.anonymous)
        yield visitor_key(event.anonymous)
