"""What the model is run on: lessons that race with the copies of an event."""

from __future__ import annotations

from model.table import Event, Member, Scope

# Members are numbered first. A scope of one user has accounts 1 and 2; one of a user and a device
# (1) has account 2; two users and a device (2) have accounts 3 and 4.
SMALL = {
    "plain": Scope((Member(),), 1, ((Event("y", account=1), 2), (Event("z", account=1), 1))),
    "restored": Scope((Member(),), 1, ((Event("y", account=1), 2), (Event("z", account=1), 1)), leads=1),
    "first account": Scope((Member(),), 1, ((Event("x", 0), 2), (Event("to A", 0, 1, at=1), 1))),
    "first account, two events": Scope(
        (Member(),), 1, ((Event("x", 0), 1), (Event("y", 0), 1), (Event("to A", 0, 1, at=1), 1))
    ),
    "another account": Scope((Member(1, 1, 1),), 2, ((Event("x", 0), 2), (Event("to B", 0, 2, at=2), 1))),
    "device becomes a user": Scope(
        (Member(), Member()), 1, ((Event("x", 1), 2), (Event("is U", 1, user=0, at=1), 1))
    ),
}
LARGE = {
    "first account, then another": Scope(
        (Member(),),
        2,
        ((Event("x", 0), 2), (Event("to A", 0, 1, at=1), 1), (Event("to B", 0, 2, at=2), 1)),
    ),
    "first account beside named events": Scope(
        (Member(),),
        1,
        ((Event("x", 0), 2), (Event("y", account=1), 1), (Event("to A", 0, 1, at=1), 1)),
    ),
    "device becomes a user who gets an account": Scope(
        (Member(), Member()),
        1,
        ((Event("x", 1), 2), (Event("is U", 1, user=0, at=1), 1), (Event("to A", 0, 2, at=1), 1)),
    ),
    "device changes hands while its user moves": Scope(
        (Member(1, 1, 3), Member(), Member(1, 1, user=0)),
        2,
        ((Event("x", 2), 2), (Event("is V", 2, user=1, at=2), 1), (Event("to B", 0, 4, at=2), 1)),
    ),
}
