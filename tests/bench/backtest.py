"""The whole backtest beside SQL engines that answer for the same two rules, on the same files.

    python tests/bench/backtest.py [--install] [--events 500000] [--rounds 3]
    python tests/bench/backtest.py --memory 1000000 10000000

Everybody says on what day each account first qualified under `rules/backtest.yaml`; the answers must be
equal before anything is told. DuckDB and Polars add up whole days, which for these two rules comes to the
same, and say nothing else. `pql` judges every event as it came, keeps scores, standings and misses, and
can do so for any rule. Each candidate runs in a fresh process, one after the other in every round; CPU is
that of the process and its children, and the ratio is within a round. The other engines live in an
environment of their own under `.cache`, which `--install` makes; what is not there is left out.
"""

from __future__ import annotations

import argparse
import json
import os
import re
import resource
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
HERE = Path(__file__).parent
sys.path[:0] = [str(HERE), str(ROOT / "functions")]

from backtest_data import rows, write_archive, write_lines, write_parquet  # noqa: E402 - after the path is set
from backtest_sql import duckdb_days, polars_days  # noqa: E402 - same

DAY = 86_400_000
DAYS = 365
PACKAGES = ("duckdb", "polars", "pyarrow")
Answer = dict[str, dict[str, int]]
Figure = dict[str, Any]


def main() -> None:
    """Print the figures."""
    options = _options()
    # Behind everything else: what we use ourselves stays what it is.
    sys.path += map(str, options.environment.glob("lib/python*/site-packages"))
    if options.child:
        _child(*options.child)
        return
    if options.install:
        _install(options.environment)
    options.data.mkdir(parents=True, exist_ok=True)
    if options.memory:
        _memory(options)
    else:
        _race(options)


def _race(options: argparse.Namespace) -> None:
    """Run all candidates on one set of events, in turns."""
    lines = options.data / f"backtest-{options.events}.jsonl"
    table = lines.with_suffix(".parquet")
    if not lines.exists():
        write_lines(rows(options.events, DAYS), lines)
    if not table.exists():
        write_parquet(rows(options.events, DAYS), table)
    found: dict[tuple[str, str], list[Figure]] = {}
    for _ in range(options.rounds):
        for file in (lines, table):
            for name in CANDIDATES:
                figure = _run(name, file, options)
                if figure is not None:
                    found.setdefault((file.suffix, name), []).append(figure)
    _agree({key: figures[0]["answer"] for key, figures in found.items()})
    print(f"{options.events} events, median of {options.rounds} rounds; answers are equal\n")
    print(
        f"{'file':<9} {'engine':<20} {'CPU events/s':>13} {'wall events/s':>14} "
        f"{'of DuckDB (CPU)':>16} {'MB':>6}"
    )
    for (suffix, name), figures in found.items():
        cores = name.split(", ")[1].replace("processes", "threads").replace("process", "thread")
        base = found.get((suffix, f"duckdb, {cores}"))
        cpu, wall = (
            statistics.median(options.events / one[what] for one in figures) for what in ("cpu", "wall")
        )
        ratio = (
            statistics.median(b["cpu"] / o["cpu"] for b, o in zip(base, figures, strict=True))
            if base
            else None
        )
        told = "" if ratio is None else f"{ratio:.3f}"
        most = max(one["peak"] for one in figures)
        print(f"{suffix:<9} {name:<20} {cpu:>13,.0f} {wall:>14,.0f} {told:>16} {most:>6.0f}")


def _memory(options: argparse.Namespace) -> None:
    """Print the peak memory of a backtest of each size, of events as the archive holds them."""
    for size in options.memory:
        file = options.data / f"archive-{size}.jsonl"
        if not file.exists():
            write_archive(rows(size, DAYS), file)
        figure = _run("pql, 1 process", file, options)
        if figure is not None:
            print(
                f"{size:>11,} events: peak {figure['peak']:.0f} MB, "
                f"{size / figure['cpu']:,.0f} events/s CPU, {size / figure['wall']:,.0f} wall"
            )


def _run(name: str, file: Path, options: argparse.Namespace) -> Figure | None:
    """Run a candidate in a process of its own; none if it is not installed."""
    cores = name.split()[1]
    limits = {"POLARS_MAX_THREADS": cores, "OMP_NUM_THREADS": cores}
    command = [
        sys.executable,
        __file__,
        "--environment",
        str(options.environment),
        "--child",
        name,
        str(file),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False, env={**os.environ, **limits})  # noqa: S603 - ourselves
    if "ModuleNotFoundError" in done.stderr:
        return None
    if done.returncode:
        raise RuntimeError(done.stderr)
    figure: Figure = json.loads(done.stdout)
    return figure


def _child(name: str, file: str) -> None:
    """Run a candidate here, and print what it took."""
    start = time.perf_counter()
    answer = CANDIDATES[name](Path(file))
    wall = time.perf_counter() - start
    used = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    cpu = sum(one.ru_utime + one.ru_stime for one in used)
    # What `ru_maxrss` says of this process begins with what its parent had.
    told = re.search(r"VmHWM:\s+(\d+) kB", Path("/proc/self/status").read_text())
    peak = max(int(told[1]) if told else 0, used[1].ru_maxrss if "processes" in name else 0) / 1024
    print(json.dumps({"answer": answer, "wall": wall, "cpu": cpu, "peak": peak}))


def _pql(jobs: int) -> Callable[[Path], Answer]:
    def run(file: Path) -> Answer:
        from pql.adapters.shard_processes import sharded  # noqa: PLC0415 - other candidates do without
        from pql.rules.pack import Pack, RuleFile  # noqa: PLC0415 - same
        from pql.rules.source import Source  # noqa: PLC0415 - same

        text = (HERE / "rules" / "backtest.yaml").read_text()
        pack = Pack({"backtest.yaml": RuleFile.model_validate(Source("backtest.yaml", text).data)})
        course = sharded(pack, [file], jobs=jobs, horizon=7 * DAY, conversions=())
        found: Answer = {rule: {} for rule in course.rules}
        for one in course.qualified:
            found[one.rule].setdefault(one.subject.removeprefix("a:"), one.at // DAY)
        return found

    return run


CANDIDATES: dict[str, Callable[[Path], Answer]] = {
    "pql, 1 process": _pql(1),
    "duckdb, 1 thread": lambda file: duckdb_days(file, 1),
    "polars, 1 thread": polars_days,
    "pql, 2 processes": _pql(2),
    "duckdb, 2 threads": lambda file: duckdb_days(file, 2),
    "polars, 2 threads": polars_days,
}


def _agree(answers: dict[tuple[str, str], Answer]) -> None:
    """Raise unless all say the same, and enough to mean something."""
    expected = next(iter(answers.values()))
    if not all(expected.values()):
        raise RuntimeError("some rule holds for nobody: the events say too little")
    for key, answer in answers.items():
        if answer != expected:
            odd = {rule: set(days.items()) ^ set(expected[rule].items()) for rule, days in answer.items()}
            raise RuntimeError(f"{key} disagrees: {odd}")


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
    parser.add_argument("--environment", type=Path, default=ROOT / ".cache" / "backtest", metavar="DIR")
    parser.add_argument("--data", type=Path, default=ROOT / ".cache" / "backtest-data", metavar="DIR")
    parser.add_argument("--events", type=int, default=500_000)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--memory", type=int, nargs="+", metavar="EVENTS", help="peak memory at these sizes")
    parser.add_argument("--child", nargs=2, help=argparse.SUPPRESS)
    return parser.parse_args()


if __name__ == "__main__":
    main()
