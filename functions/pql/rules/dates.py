"""Dates in traits, read once: the same few come again at every event of an account."""

from __future__ import annotations

import functools

from pql.core.times import written_time

# `typed`, because 1 is a time and true is none.
date_in = functools.lru_cache(maxsize=4_096, typed=True)(written_time)
