"""Twelve rules on one account's values: the generated verdict beside other rule engines.

    python tests/bench/rule_engines.py [--install] [--states 200] [--rounds 15]

All engines must agree on every state before any is timed. Each round times all of them, one after the
other, on the same states; the ratio to ours is within a round and its median over the rounds is the
figure. The others live in an environment of their own under `.cache`, which `--install` makes; what is
not there is left out.
"""

from __future__ import annotations

import argparse
import random
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(Path(__file__).parent), str(ROOT / "functions")]

from other_engines import OTHERS, PACKAGES, Judge  # noqa: E402 - after the path is set
from workload import HERE, twelve_rules  # noqa: E402 - same

from pql.engine.plan import Plan  # noqa: E402 - same
from pql.rules.pack import RuleFile  # noqa: E402 - same
from pql.rules.source import Source  # noqa: E402 - same

OURS, FROM_DICT = "pql, on the account's values", "pql, from a dict as the others"
State = dict[str, Any]


def main() -> None:
    """Print the figures."""
    options = _options()
    if options.install:
        _install(options.environment)
    # Behind everything else: what we use ourselves stays what it is.
    sys.path += map(str, options.environment.glob("lib/python*/site-packages"))
    path = HERE / "rules" / "twelve.yaml"
    file = RuleFile.model_validate(Source(path.name, path.read_text()).data)
    plan = twelve_rules()
    states = _states(file, options.states)
    judges: dict[str, Judge] = {}
    for name, make in OTHERS.items():
        try:
            judges[name] = make(file)
        except ImportError:
            print(f"{name}: not installed, left out (--install)")
    _agree(plan, judges, states)
    print(f"{len(judges)} other engines agree with ours on {len(states)} states of {len(states[0])} values\n")
    _report(_times(plan, judges, states, options.rounds), len(states))


def _states(file: RuleFile, count: int) -> list[State]:
    """Return random states around the bounds of the rules, so that each rule holds in about half of them."""
    rnd = random.Random(7)
    bounds = {
        leaf.signal: leaf.threshold
        for _, condition in file.conditions()
        for leaf in condition.leaves()
        if hasattr(leaf, "signal")
    }
    return [
        {
            **{name: rnd.randint(0, int(2 * bounds.get(name, 3)) + 1) for name in file.signals},
            "plan": rnd.choice(["trial", "pro", "free"]),
        }
        for _ in range(count)
    ]


def _values(plan: Plan, state: State) -> list[Any]:
    """Return a state as an account holds it: in the order of the plan."""
    account = plan.account("a:bench")
    (scope,) = plan.scopes.values()
    for name, slot in scope.signals.items():
        account.values[slot.place] = state[name]
    account.values[plan.traits["plan"]] = state["plan"]
    return account.values


def _ours(plan: Plan) -> Callable[[State], int]:
    (scope,) = plan.scopes.values()
    blank = plan.account("a:bench").values
    places = [(slot.place, name) for name, slot in scope.signals.items()] + [(plan.traits["plan"], "plan")]

    def judge(state: State) -> int:
        values = blank.copy()
        for place, name in places:
            values[place] = state[name]
        return plan.verdict(values, 0)

    return judge


def _agree(plan: Plan, judges: dict[str, Judge], states: list[State]) -> None:
    """Raise unless all engines say the same of every state, and every rule both holds and does not."""
    ours = _ours(plan)
    expected = [[bool(ours(state) & slot.bit) for slot in plan.rules] for state in states]
    for name, judge in judges.items():
        for state, known in zip(states, expected, strict=True):
            found = [one in (True, "true") for one in judge(state)]
            if found != known:
                raise RuntimeError(f"{name} disagrees on {state}: {found}, not {known}")
    if not all(any(answers) and not all(answers) for answers in zip(*expected, strict=True)):
        raise RuntimeError("the states say too little: some rule holds for all of them, or for none")


def _times(plan: Plan, judges: dict[str, Judge], states: list[State], rounds: int) -> dict[str, list[float]]:
    accounts = [_values(plan, state) for state in states]

    def ours() -> None:
        for values in accounts:
            plan.verdict(values, 0)

    work = {OURS: ours, FROM_DICT: _all_of(_ours(plan), states)}
    work |= {name: _all_of(judge, states) for name, judge in judges.items()}
    times: dict[str, list[float]] = {name: [] for name in work}
    for turn in range(rounds + 1):
        for name, one in work.items():
            start = time.perf_counter()
            one()
            taken = time.perf_counter() - start
            if turn:  # the first round warms up
                times[name].append(taken)
    return times


def _all_of(judge: Callable[[State], object], states: list[State]) -> Callable[[], None]:
    def work() -> None:
        for state in states:
            judge(state)

    return work


def _report(times: dict[str, list[float]], states: int) -> None:
    ratios = {
        name: statistics.median(t / o for t, o in zip(taken, times[OURS], strict=True))
        for name, taken in times.items()
    }
    print(f"{'engine':<40} {'µs/account':>10} {'x ours':>8}")
    for name in sorted(times, key=lambda one: ratios[one]):
        print(f"{name:<40} {statistics.median(times[name]) / states * 1e6:>10.2f} {ratios[name]:>8.1f}")


def _install(environment: Path) -> None:
    venv.create(environment, with_pip=True, clear=True)
    python = environment / "bin" / "python"
    for package in PACKAGES:
        done = subprocess.run([python, "-m", "pip", "install", "--quiet", package], check=False)  # noqa: S603 - our own list
        if done.returncode:
            print(f"{package}: could not be installed")


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--install", action="store_true", help="install the other engines first")
    parser.add_argument("--environment", type=Path, default=ROOT / ".cache" / "rule-engines", metavar="DIR")
    parser.add_argument("--states", type=int, default=200)
    parser.add_argument("--rounds", type=int, default=15)
    return parser.parse_args()


if __name__ == "__main__":
    main()
