"""Rules: when an account is a lead, and what the card says."""

from __future__ import annotations

import functools
import hashlib
import re
from collections.abc import Iterator
from typing import Annotated, Any, ClassVar, Self

from pydantic import AfterValidator, ConfigDict, Discriminator, Field, Tag, WithJsonSchema, model_validator
from pydantic_core import PydanticCustomError

from pql.core.lead import Severity, Status, Tier
from pql.core.window import duration
from pql.rules.conditions import AnyCondition
from pql.rules.durations import Duration
from pql.rules.element import Element, at_least_one
from pql.rules.named import Named
from pql.rules.nearest import nearest

PLACEHOLDER = re.compile(r"\{([^{}]*)\}")
_STAGE = r"^(draft|shadow|live|canary (100|[1-9][0-9]?)%)$"
_BASELINE = r"^(silent|none|top [1-9][0-9]{0,3})$"


def _balanced(text: str) -> str:
    if re.search(r"[{}]", PLACEHOLDER.sub("", text)):
        raise PydanticCustomError(
            "template", "a brace is missing its partner; placeholders look like {account}"
        )
    return text


def _form(pattern: str, legal: str) -> AfterValidator:
    """Return the check of text that has a few forms, which refuses in words and not by the pattern."""
    words = [one for one in re.findall(r"[a-z]+", pattern) if re.fullmatch(pattern, one)]

    def check(text: str) -> str:
        if not re.fullmatch(pattern, text):
            near = nearest(text, words)
            told = {"legal": legal, "text": repr(text), "hint": f"; did you mean `{near}`?" if near else ""}
            raise PydanticCustomError("forms", "expected {legal}, got {text}{hint}", told)
        return text

    return AfterValidator(check)


Template = Annotated[str, Field(min_length=1, max_length=1_000), AfterValidator(_balanced)]
Line = Annotated[str, Field(min_length=1, max_length=200), AfterValidator(_balanced)]
Stage = Annotated[
    str,
    _form(_STAGE, "one of draft, shadow, live or `canary 10%` (1 to 100)"),
    WithJsonSchema({"type": "string", "pattern": _STAGE}),
]
Baseline = Annotated[
    str,
    _form(_BASELINE, "one of silent, none or `top 20`"),
    WithJsonSchema({"type": "string", "pattern": _BASELINE}),
]
Channel = Annotated[str, Field(min_length=1, max_length=80)]


class TierByScore(Element):
    """Let a score decide the tier of each lead: the highest one reached, or cold.

    ```yaml
    {score: fit, hot: 60, warm: 30}
    ```
    """

    model_config: ClassVar[ConfigDict] = at_least_one("hot", "warm")

    score: str
    hot: float | None = None
    warm: float | None = None

    @model_validator(mode="after")
    def _hot_above_warm(self) -> Self:
        if self.hot is None and self.warm is None:
            raise PydanticCustomError("tiers", "expected the points for `hot`, for `warm` or for both")
        if self.hot is not None and self.warm is not None and self.hot <= self.warm:
            raise PydanticCustomError("tiers", "`hot` must begin above `warm`")
        return self

    def of(self, points: float) -> Tier:
        """Return the tier that so many points reach."""
        if self.hot is not None and points >= self.hot:
            return "hot"
        return "warm" if self.warm is not None and points >= self.warm else "cold"


class Requalify(Element):
    """Let an account that has not ceased to qualify be a lead again.

    By the clock: `after` so long since the last lead. By new evidence: once `signal` is at least
    `more` above what it was at the last lead. Either is enough, and `cooldown` holds all the same.

    ```yaml
    {after: 90d, signal: exports, more: 10}
    ```
    """

    model_config: ClassVar[ConfigDict] = at_least_one("after", "signal")

    after: Duration | None = None
    signal: str | None = None
    more: Annotated[float, Field(gt=0)] | None = None

    @model_validator(mode="after")
    def _some_way(self) -> Self:
        if (self.signal is None) is not (self.more is None):
            raise PydanticCustomError("requalify", "`signal` and `more` belong together")
        if self.signal is None and self.after is None:
            raise PydanticCustomError("requalify", "expected `after`, or `signal` and `more`")
        return self

    @functools.cached_property
    def after_ms(self) -> int | None:
        """Return `after` in milliseconds."""
        return duration(self.after) if self.after is not None else None


def _tier_kind(value: Any) -> str:
    return "name" if isinstance(value, str) else "score"


AnyTier = Annotated[
    Annotated[Tier, Tag("name")] | Annotated[TierByScore, Tag("score")], Discriminator(_tier_kind)
]


class Rule(Element):
    """Make an account a lead when its condition becomes true.

    It fires on entering: `when` holds and did not hold since the last lead of this rule, and
    `cooldown` has passed since then. With `until` it must have held in between, instead of `when`
    having ceased to. `requalify` lets it fire again without that. While `unless` holds it does not
    fire, and what it missed then it makes up for afterwards, if `when` still holds.

    A lead that nobody closes expires: `expires` after it was made, claimed or back from a snooze.

    `status` is where the rule is in its life: a `draft` is only tested; in `shadow` its leads are
    made and not announced; `canary 10%` announces those of a tenth of all accounts, always the same;
    `live` announces all. `baseline` is what becomes of accounts that hold already when they first
    meet the rule: `silent` and `top 20` make no lead of them, `none` does.

    `title`, `reason`, `runbook` and the lines of `card` may name `{account}` (in a file about users
    `{user}`), a signal, a score or a trait (`{traits.plan}`); of a trait that is not known
    `{traits.plan|no plan}` says what stands behind the bar, and otherwise "nothing".

    ```yaml
    activated:
      when: {score: activation, at_least: 50}
      until: {score: activation, less_than: 30}
      unless: {trait: plan, in: [paid, enterprise]}
      tier: hot
      cooldown: 30d
      requalify: {after: 90d}
      expires: 60d
      status: canary 10%
      severity: high
      channels: [sales-emea]
      owner: growth
      runbook: Offer a call about the rollout.
      card: ["Seats: {traits.seats}"]
      title: "{account} has set itself up"
      reason: Connected an integration and invited the team; ask who decides about the rollout.
    ```
    """

    UNSAID: ClassVar[frozenset[str]] = frozenset(
        {
            *("title", "reason", "card", "runbook", "owner", "channels", "severity"),
            *("status", "baseline", "expires"),
        }
    )
    TEMPLATES: ClassVar[tuple[str, ...]] = ("title", "reason", "runbook", "card")

    when: AnyCondition
    until: AnyCondition | None = None
    unless: AnyCondition | None = None
    tier: AnyTier = "hot"
    cooldown: Duration = "30d"
    requalify: Requalify | None = None
    expires: Duration = "90d"
    baseline: Baseline = "silent"
    status: Stage = "live"
    severity: Severity | None = None
    channels: Annotated[tuple[Channel, ...], Field(max_length=10, strict=False)] = ()
    owner: Annotated[str, Field(min_length=1, max_length=80)] | None = None
    runbook: Template | None = None
    card: Annotated[tuple[Line, ...], Field(max_length=6, strict=False)] = ()
    title: Template
    reason: Template

    @functools.cached_property
    def cooldown_ms(self) -> int:
        """Return the cooldown in milliseconds."""
        return duration(self.cooldown)

    @functools.cached_property
    def expires_ms(self) -> int:
        """Return in milliseconds how long a lead may be open or claimed."""
        return duration(self.expires)

    def status_for(self, name: str, subject: str) -> Status:
        """Return whether a lead of this rule is announced, for the account with this subject key.

        `name` is the rule's. Who is in a canary does not change while its share grows.
        """
        if not self.status.startswith("canary"):
            return "live" if self.status == "live" else "shadow"
        share = int(self.status.removeprefix("canary ").removesuffix("%"))
        found = hashlib.sha256(f"{name}\n{subject}".encode()).digest()
        return "live" if int.from_bytes(found[:4], "big") % 100 < share else "shadow"

    @property
    def placeholders(self) -> list[tuple[tuple[str | int, ...], str]]:
        """Return (path in the rule, placeholder) for everything the templates name."""
        found: list[tuple[tuple[str | int, ...], str]] = []
        for field in self.TEMPLATES:
            told = getattr(self, field)
            listed = enumerate(told) if isinstance(told, tuple) else [(None, told)] if told else []
            for index, text in listed:
                path: tuple[str | int, ...] = (field,) if index is None else (field, index)
                found += [(path, name) for name in PLACEHOLDER.findall(text)]
        return found

    def named(self) -> Iterator[tuple[str, Named]]:
        """Yield what it names outside its conditions, with the field it stands in."""
        if isinstance(self.tier, TierByScore):
            yield "tier", Named("score", self.tier.score, "score")
        if self.requalify is not None and self.requalify.signal is not None:
            yield "requalify", Named("signal", self.requalify.signal, "signal")
