"""Who belongs together: what group and identify calls ever connect is counted in one place."""

from __future__ import annotations

import zlib
from collections.abc import Iterable, Mapping

from pql.core.event import Event
from pql.core.keys import account_key, anonymous_key, encoded, user_key

_MEMBER = {"p:": "u:", "v:": "n:"}


class Ties:
    """A union-find over the keys of accounts, users and devices.

    It does not matter in what order ties are told, nor that some come to nothing: those who could be
    counted together at any moment are together from the first.
    """

    def __init__(self) -> None:
        self._parents: dict[str, str] = {}

    def tell(self, event: Event) -> None:
        """Tie together whom a group or identify call names."""
        keys = [account_key(event.account)] if event.account is not None else []
        keys += [user_key(event.user)] if event.user else []
        keys += [anonymous_key(event.anonymous)] if event.anonymous else []
        self._tie(keys)

    def tell_ids(self, ids: Iterable[str]) -> None:
        """Tie the account and the user of each id: either may be meant by it."""
        for text in map(encoded, ids):
            self._tie(["a:" + text, "u:" + text])

    def pairs(self) -> dict[str, str]:
        """Return what was told, as keys that belong together; `join` takes it."""
        return self._parents

    def join(self, pairs: Mapping[str, str]) -> None:
        """Add what others were told."""
        for one in pairs.items():
            self._tie([*one])

    def shard(self, key: str, number: int) -> int:
        """Return which of `number` shards a subject is counted in."""
        return zlib.crc32(self._root(_MEMBER.get(key[:2], key[:2]) + key[2:]).encode()) % number

    def _tie(self, keys: list[str]) -> None:
        for one in keys[1:]:
            ends = sorted((self._root(keys[0]), self._root(one)))
            if ends[0] != ends[1]:
                self._parents[ends[1]] = ends[0]

    def _root(self, key: str) -> str:
        parents, root = self._parents, key
        while root in parents:
            root = parents[root]
        while key != root:  # what is looked up again is found at once
            parents[key], key = root, parents[key]
        return root
