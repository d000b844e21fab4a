"""What group and identify calls tell of a subject."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from pql.core.event import Event, EventType, opened
from pql.core.lead import About, Scalar
from pql.engine.account import Account
from pql.engine.judge import Fired, judge
from pql.engine.verdict import Question
from pql.rules.names import folded
from pql.rules.properties import scalar

LESSON_OF: Mapping[About, EventType] = {"account": "group", "user": "identify"}
LESSONS = tuple(LESSON_OF.values())


def told(event: Event) -> dict[str, Scalar]:
    """Return the traits that a call tells, by folded name; of two with one name the first."""
    found: dict[str, Scalar] = {}
    for name, value in opened(event.traits).items():
        plain = scalar(value)
        if plain is not None:
            found.setdefault(folded(name), plain)
    return found


def lesson(
    traits: Mapping[str, int],
    question: Question,
    constants: Mapping[str, Any],
    noted: Callable[[Account, Event, Mapping[str, Scalar], int], bool] | None = None,
) -> Callable[[Account, Event, int], Sequence[Fired]]:
    """Return the function that takes the traits of a group or identify call.

    `traits` are the places of those that count, by folded name; of each the newest call's value holds.
    A group call speaks of an account, an identify call of a user who has none: of any other subject
    either tells nothing. `noted` folds them for signals and returns whether that changed a value: rules
    are asked once, about both.
    """
    verdict, mask = question.verdict(constants), question.mask

    def learn(account: Account, event: Event, now: int) -> Sequence[Fired]:
        if (event.type == "group") is not account.is_account:
            return ()
        found = told(event)
        touched = noted is not None and noted(account, event, found, now)
        for key, plain in found.items():
            index = traits.get(key)
            if index is None:
                continue
            known = account.traits.get(key)
            news = (event.time, event.id[:16], plain)
            if known is None or news[:2] > known[:2]:
                account.traits[key] = news
                old = account.values[index]
                if plain != old or type(plain) is not type(old):
                    account.values[index] = plain
                    touched = True
        if not touched:
            return ()
        account.wake = 0
        return judge(question.rules, mask, verdict(account.values, now), account, event, now)

    return learn
