"""Every error pql raises on purpose, drawn as a tree.

PqlError
├── Refused            the caller's fault: the request will never succeed as it is
├── Unavailable        our fault or our provider's: the same call may succeed later
│   └── Unanswered     it may have been done all the same: look before you do it again
├── Conflict           somebody else wrote first: read again
│   ├── LeadExists     the lead of this cycle stands already: adopt it
│   ├── Moved          somebody belongs elsewhere by now: place their events again
│   └── OutOfTime      nobody was first, but this run ends: the next one goes on
├── Unwritable         the table refuses the item itself: it would refuse it for ever
├── Unreadable         what the table holds of an account is damaged: a person must look
├── Poison             a queue message nobody can ever process
├── Undeliverable      a channel that will never take this message
│   └── ChannelClosed  a channel that takes no message at all until somebody repairs it
├── NewerVersion       stored by a newer deployment: leave it alone, try again later
└── RuleFault          rule files that do not load (see pql.rules.faults)
"""

from __future__ import annotations

from pql.core.keys import LeadKey


class PqlError(Exception):
    """Base of every error pql raises on purpose; `code` is stable across releases."""

    code = "error"


class Refused(PqlError):
    """A request that will never succeed as it is, with its HTTP status and stable code."""

    def __init__(self, status: int, code: str, message: str) -> None:
        super().__init__(message)
        self.status = status
        self.code = code


class Unavailable(PqlError):
    """A provider that is not there right now; `retry_after` is in seconds."""

    code = "unavailable"

    def __init__(self, message: str, retry_after: float = 1.0) -> None:
        super().__init__(message)
        self.retry_after = retry_after


class Unanswered(Unavailable):
    """A provider that gave no usable answer: what was asked of it may be done, or not."""

    code = "unanswered"


class Conflict(PqlError):
    """A conditional write lost, or its outcome is unknown: read again, assume nothing."""

    code = "conflict"


class LeadExists(Conflict):
    """A commit that would have made leads which exist: `keys` names them; adopt, never announce."""

    code = "lead_exists"

    def __init__(self, keys: frozenset[LeadKey]) -> None:
        super().__init__(f"{len(keys)} lead(s) exist already")
        self.keys = keys


class Moved(Conflict):
    """Somebody whose events were to be counted here belongs elsewhere by now: place them again."""

    code = "moved"


class OutOfTime(Conflict):
    """A run that must end before it is done with an account: what is left comes again."""

    code = "out_of_time"


class Unwritable(PqlError):
    """An item that the table refuses as it is, for its size or a value: no other item suffers."""

    code = "unwritable"


class Unreadable(PqlError):
    """What the table holds of one account is damaged, cut short for one: no other account suffers."""

    code = "unreadable"


class Poison(PqlError):
    """A queue message that no later attempt could process."""

    code = "poison_message"


class Undeliverable(PqlError):
    """A channel that will never take this message; `code` is the channel's own word where it has one."""

    code = "undeliverable"

    def __init__(self, message: str, code: str | None = None) -> None:
        super().__init__(message)
        self.code = code or self.code


class ChannelClosed(Undeliverable):
    """A channel that takes no message at all: archived, revoked, forbidden, unknown."""

    code = "channel_closed"


class NewerVersion(PqlError):
    """Data written by a newer deployment than this code knows."""

    code = "newer_version"


class RuleFault(PqlError):
    """Rule files that do not load."""

    code = "rules_rejected"
