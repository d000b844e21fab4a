"""An edition: the rules of one deployment, as the rows that it judges name them."""

from __future__ import annotations

from collections.abc import Mapping

import msgspec


class Edition(msgspec.Struct, frozen=True):
    """Which rules there were: their checksums by name. The id is a hash of these."""

    id: int
    rules: Mapping[str, str]
