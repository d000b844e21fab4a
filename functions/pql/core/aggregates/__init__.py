"""What is remembered of a signal: commutative monoids with `zero`, `add` and `merge`.

Order, repeats and cuts change nothing, and each is bounded by the rule that asked for it, never by
what a producer sends. `value` is what conditions compare. `packed` and `unpacked` turn an aggregate
into plain MessagePack values, buckets and times relative to the account's clock so that most fit
one byte.
"""

from pql.core.aggregates.days import Days
from pql.core.aggregates.distinct import Distinct
from pql.core.aggregates.histogram import Buckets, Histogram
from pql.core.aggregates.last_word import LastWord
from pql.core.aggregates.newest import Newest
from pql.core.aggregates.observed import Observed
from pql.core.aggregates.oldest import Oldest
from pql.core.aggregates.peak import Peak
from pql.core.aggregates.retold import Retold
from pql.core.aggregates.steps import DailySteps, Steps
from pql.core.aggregates.tally import Tally
from pql.core.aggregates.usage import Usage

Aggregate = Tally | Distinct | Newest | Peak | Days | Oldest | Usage | Steps | Observed | LastWord

__all__ = [
    "Aggregate",
    "Buckets",
    "DailySteps",
    "Days",
    "Distinct",
    "Histogram",
    "LastWord",
    "Newest",
    "Observed",
    "Oldest",
    "Peak",
    "Retold",
    "Steps",
    "Tally",
    "Usage",
]
