"""Name the people of a lead, as far as identify calls have told who they are."""

from __future__ import annotations

import msgspec

from pql.core.keys import anonymous_key, user_key
from pql.core.lead import Lead
from pql.flows.ports import Store


def named(store: Store, lead: Lead) -> Lead:
    """Return the lead with the names and e-mail addresses of its people."""
    keys = [(person, user_key(person.id), anonymous_key(person.id)) for person in lead.people]
    members = store.members([key for _, *both in keys for key in both])
    people = []
    for person, user, anonymous in keys:
        known = members.get(user) or members.get(anonymous)
        if known is not None:
            person = msgspec.structs.replace(person, name=known.name, email=known.email)  # noqa: PLW2901 - the same person, named
        people.append(person)
    return msgspec.structs.replace(lead, people=people)
