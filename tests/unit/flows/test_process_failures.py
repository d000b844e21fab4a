"""Processing: who fails holds up nobody else, and their messages come again."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import pytest

from fakes.events import event, group, identify
from fakes.processing import World, reports
from pql.adapters.memory_store import MemoryStore
from pql.core.account import Change, Row
from pql.core.errors import Conflict, Unavailable
from pql.core.lead import Lead
from pql.flows.tries import TRIES


class Down:
    """A provider that is not there."""

    def __getattr__(self, name: str) -> Any:
        def refuse(*_: object) -> None:
            raise Unavailable("down")

        return refuse


def test_an_account_that_nobody_can_count_holds_up_no_other() -> None:
    """Whatever it is: its own messages come again, and nothing of what is in it is told."""

    class Strange(MemoryStore):
        def commit(self, change: Change, leads: Sequence[Lead]) -> None:
            if change.row.subject == "a:odd":
                raise ZeroDivisionError("secret")
            super().commit(change, leads)

    store = Strange()
    world = World(store=store)
    outcome = world.run([event("odd", account="odd")], reports(2), [event("fine", account="fine")])

    assert (["0"], ["a:acme", "a:fine"]) == (outcome.failed, sorted(store.accounts))
    assert ["a:acme"] * 2 + ["a:fine"] == [subject for subject, _ in world.archive.batches["batch 0"]]
    assert (1, ["a:odd"]) == (outcome.counts["AccountsFailed"], [item for item, _ in outcome.faults])
    assert str(outcome.faults[0][1]).startswith("ZeroDivisionError in test_process_failures.py:")
    assert "secret" not in str(outcome.faults[0][1])


@pytest.mark.parametrize("call", ["move", "origins"])
def test_who_cannot_be_moved_or_converted_for_a_mistake_holds_up_no_other(call: str) -> None:
    """Two rows in which something is that nobody has thought of meet, say."""

    class Strange(MemoryStore):
        def move(self, *args: Any) -> None:
            if call == "move":
                raise ZeroDivisionError("secret")
            super().move(*args)

        def origins(self, subject: str) -> list[str]:
            if call == "origins" and subject == "u:bob":
                raise ZeroDivisionError("secret")
            return super().origins(subject)

    world = World(store=Strange())
    outcome = world.run(
        [group("g", "odd", "bob"), event("won", "Order Completed", account="odd", user="bob")], reports(2)
    )

    assert (["0"], 2) == (outcome.failed, world.reports())
    assert 1 == outcome.counts["AccountsFailed"]
    assert {"ZeroDivisionError"} == {str(error).partition(" in ")[0] for _, error in outcome.faults}


@pytest.mark.parametrize("broken", ["store", "archive", "quarantine"])
def test_nothing_is_acknowledged_while_a_provider_is_down(broken: str) -> None:
    """The messages come again, and then everything is counted once."""
    world = World(**{broken: Down()})
    outcome = world.run(reports(2), "poison")
    healed = World(store=world.memory if broken != "store" else None)
    healed.run(*([reports(2)] if "0" in outcome.failed else []))

    assert {"store": ["0"], "archive": ["0"], "quarantine": ["1"]}[broken] == outcome.failed
    assert 2 == healed.reports()


def test_fault_042_after_an_outage_nothing_more_is_tried() -> None:
    """A batch of many accounts does not hammer a table that is down."""

    class Denied(MemoryStore):
        tries = 0

        def commit(self, *_: Any) -> None:
            self.tries += 1
            raise Unavailable("access denied")

    store = Denied()
    outcome = World(store=store).run(*[[event(i, account=f"account {i}")] for i in range(20)])

    assert ([str(i) for i in range(20)], 1) == (outcome.failed, store.tries)


def test_fault_041_the_rest_is_handed_back_before_the_function_is_killed() -> None:
    """Below three seconds nothing new is begun."""
    seconds = iter([10.0, 2.9, 0.0])
    world = World()
    outcome = world.run(
        *[[event(name, account=name)] for name in ("one", "two", "three")], remaining=lambda: next(seconds)
    )

    assert (["1", "2"], {"a:one"}) == (outcome.failed, set(world.memory.accounts))


def test_fault_053_a_row_that_others_keep_winning_goes_back_to_the_queue() -> None:
    """After five lost writes the message is handed back, and nothing was counted twice."""

    class Contended(MemoryStore):
        tries = 0

        def commit(self, *_: Any) -> None:
            self.tries += 1
            raise Conflict("somebody else")

    store = Contended()
    outcome = World(store=store).run(reports(1))

    assert (["0"], TRIES) == (outcome.failed, store.tries)
    assert ["conflict"] == [error.code for _, error in outcome.faults]
    assert 1 == outcome.counts["AccountsContended"]


def test_fault_053_a_member_that_others_keep_winning_is_told_as_well() -> None:
    """Whose account cannot be learned is in the same case as an account that cannot be written."""

    class Contended(MemoryStore):
        def teach(self, *_: Any) -> None:
            raise Conflict("somebody else")

    outcome = World(store=Contended()).run([identify("i", name="Ada")])

    assert ["0"] == outcome.failed
    assert 1 == outcome.counts["AccountsContended"]


def test_fault_110_one_row_of_a_newer_deployment_holds_up_nobody_else() -> None:
    """Its message comes again; the others are counted."""
    world = World()
    world.run(reports(1))
    world.memory.accounts["a:acme"] = Row("a:acme", newer=True)
    outcome = world.run(reports(2), [event("x", account="globex")])

    assert (["0"], 1) == (outcome.failed, world.reports("a:globex"))
