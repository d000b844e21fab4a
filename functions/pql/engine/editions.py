"""Which rules an account has met: its row names the editions of the rules that it was judged by."""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence

from pql.core.edition import Edition
from pql.engine.slots import RuleSlot
from pql.rules.element import fingerprint

# A deployment, what it replaces while both run, and what each of them had followed.
EDITIONS_KEPT = 4
Ids = tuple[int, ...]


class Editions:
    """What the rules of a plan know of editions: their own, and those they have been told of.

    Of an edition that nobody knows any more they take it that it had none of the rules.
    """

    def __init__(self, rules: Sequence[RuleSlot]) -> None:
        named = {slot.name: slot.checksum for slot in sorted(rules, key=lambda one: one.name)}
        # 0 stands for no edition: there is nothing to meet.
        self.own = Edition(fingerprint([*named.items()]) or 1 if named else 0, named)
        self._rules = rules
        self._known: dict[int, Mapping[str, str]] = {self.own.id: self.own.rules}
        self._unmet: dict[Ids, int] = {}

    def recall(self, edition: Edition) -> None:
        """Take what rules an edition had."""
        self._known[edition.id] = edition.rules
        self._unmet.clear()

    def lacking(self, ids: Collection[int]) -> set[int]:
        """Return those of the editions that it does not know."""
        return {*ids} - self._known.keys()

    def unmet(self, ids: Ids) -> int:
        """Return the bits of the rules that none of the editions had with the same meaning."""
        known = self._unmet.get(ids)
        if known is None:
            held = [self._known.get(one, {}) for one in ids]
            unmet = (
                slot.bit
                for slot in self._rules
                if not any(one.get(slot.name) == slot.checksum for one in held)
            )
            known = self._unmet[ids] = sum(unmet)
        return known

    def judged(self, ids: Ids) -> Ids:
        """Return the editions of an account of these, once its own rules have judged it.

        Its own comes first, for it is the last judge. Of the others those that had no other rules than a
        newer one are left out: mostly one remains.
        """
        kept: list[int] = []
        for one in dict.fromkeys((self.own.id, *ids)):
            if one and not any(self._covers(other, one) for other in kept):
                own = self.own.id
                kept = [*(other for other in kept if other == own or not self._covers(one, other)), one]
        return tuple(kept[:EDITIONS_KEPT])

    def has_others(self, ids: Ids) -> bool:
        """Return whether an account of these editions has met rules that are not among its own."""
        return any(not self._covers(self.own.id, one) for one in ids)

    def _covers(self, one: int, other: int) -> bool:
        """Return whether an edition had all rules of another."""
        if one == other:
            return True
        rules, asked = self._known.get(one), self._known.get(other)
        return rules is not None and asked is not None and asked.items() <= rules.items()
