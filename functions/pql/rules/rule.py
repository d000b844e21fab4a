"""Rules: when an account is a lead, and what the card says."""

from __future__ import annotations

import functools
import re
from typing import Annotated, ClassVar

from pydantic import AfterValidator, Field
from pydantic_core import PydanticCustomError

from pql.core.lead import Tier
from pql.core.window import duration
from pql.rules.conditions import AnyCondition
from pql.rules.element import Element

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")


def _legal_duration(text: str) -> str:
    try:
        duration(text)
    except ValueError as error:
        raise PydanticCustomError("duration", "{reason}", {"reason": str(error)}) from error
    return text


def _balanced(text: str) -> str:
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise PydanticCustomError(
            "template", "a brace is missing its partner; placeholders look like {account}"
        )
    return text


Duration = Annotated[str, AfterValidator(_legal_duration)]
Template = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_balanced)]


class Rule(Element):
    """Make an account a lead when its condition becomes true.

    It fires on entering: the condition holds and did not hold since the last lead of this rule, and
    `cooldown` has passed since then. `title` and `reason` may name `{account}`, a signal, a score or
    a trait (`{traits.plan}`).

    ```yaml
    activated:
      when: {score: activation, at_least: 50}
      tier: hot
      cooldown: 30d
      title: "{account} has set itself up"
      reason: Connected an integration and invited the team; ask who decides about the rollout.
    ```
    """

    UNSAID: ClassVar[frozenset[str]] = frozenset({"title", "reason"})

    when: AnyCondition
    tier: Tier = "hot"
    cooldown: Duration = "30d"
    title: Template
    reason: Template

    @functools.cached_property
    def cooldown_ms(self) -> int:
        """Return the cooldown in milliseconds."""
        return duration(self.cooldown)

    @property
    def placeholders(self) -> list[tuple[str, str]]:
        """Return (field, placeholder) for everything the templates name."""
        return [(f, name) for f in ("title", "reason") for name in PLACEHOLDER.findall(getattr(self, f))]
