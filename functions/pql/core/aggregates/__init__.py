"""What is remembered of a signal: commutative monoids with `zero`, `add` and `merge`.

Order, repeats and cuts change nothing, and each is bounded by the rule that asked for it, never by
what a producer sends. `value` is what conditions compare. `packed` and `unpacked` turn an aggregate
into plain MessagePack values, buckets and times relative to the account's clock so that most fit
one byte.
"""

from pql.core.aggregates.distinct import Distinct
from pql.core.aggregates.newest import Newest
from pql.core.aggregates.peak import Peak
from pql.core.aggregates.tally import Tally

Aggregate = Tally | Distinct | Newest | Peak

__all__ = ["Aggregate", "Distinct", "Newest", "Peak", "Tally"]
