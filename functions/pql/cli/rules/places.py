"""Where rule files and their schema are, and the arguments that say so."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from pql.cli.refused import Mistyped
from pql.rules.nearest import alike

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "functions" / "rules"
DOCS = ROOT / "docs"
RULES = (".yaml", ".yml")


def directory(text: str) -> Path:
    """Return the directory of this name; raises `ArgumentTypeError` for anything else."""
    path = Path(text)
    if path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is a file; give the directory it is in")
    if not path.is_dir():
        raise argparse.ArgumentTypeError(absent(text, Path.is_dir))
    return path


def absent(text: str, is_fit: Callable[[Path], bool] = Path.exists) -> str:
    """Return that nothing of this name is there, and which name beside it was meant, of those that fit."""
    path = Path(text)
    beside = [one.name for one in path.parent.iterdir() if is_fit(one)] if path.parent.is_dir() else []
    near = alike(path.name, beside)
    return f"there is no {text}; did you mean {path.parent / near}?" if near else f"there is no {text}"


def place_for_rules(text: str) -> Path:
    """Return the directory of this name, which need not be there; raises `ArgumentTypeError` for a file."""
    path = Path(text)
    return directory(text) if path.is_file() else path


def file(text: str) -> Path:
    """Return the file of this name, or the pipe; raises `ArgumentTypeError` for anything else."""
    path = Path(text)
    if path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is a directory; give a file")
    if not path.exists():
        raise argparse.ArgumentTypeError(absent(text, Path.is_file))
    return path


def rule_files(text: str) -> Path:
    """Return the directory of this name, or the one rule file; raises `ArgumentTypeError` for neither."""
    path = Path(text)
    if not path.exists():
        raise argparse.ArgumentTypeError(absent(text, _may_hold_rules))
    return path


def _may_hold_rules(path: Path) -> bool:
    return path.is_dir() or path.suffix.lower() in RULES


def declare_rules(
    parser: argparse.ArgumentParser, *names: str, one: bool = True, kind: Callable[[str], Path] | None = None
) -> None:
    """Declare where the rules are, by itself or behind `--rules` (or other names): `rules_of` tells.

    It is a directory or, unless `one` is false, also one file, which is then taken alone. `kind` reads it.
    """
    what = "rule files: a directory, or one file taken alone" if one else "directory of rule files"
    kind = kind or (rule_files if one else directory)
    parser.add_argument(
        "directory", nargs="?", type=kind, metavar="DIR", help=f"{what} (default: those that ship)"
    )
    parser.add_argument("--rules", *names, type=kind, metavar="DIR", help="the same as DIR")


def rules_of(chosen: argparse.Namespace) -> Path:
    """Return where the chosen rules are: those that ship unless said otherwise."""
    return own_rules(chosen) or SHIPPED


def own_rules(chosen: argparse.Namespace) -> Path | None:
    """Return where the command says the rules are, if it does; raises `Mistyped` where it does twice."""
    if chosen.directory and chosen.rules:
        raise Mistyped("name the rules once, as DIR or behind --rules")
    place: Path | None = chosen.directory or chosen.rules
    return place


def declare_deployed(parser: argparse.ArgumentParser, what: str = "the deployed rules") -> None:
    """Declare `--rules`, the directory of the rules that are deployed; help says `what` they are."""
    parser.add_argument(
        "--rules", type=directory, default=SHIPPED, metavar="DIR", help=f"{what} (default: shipped)"
    )


def declare_json(parser: argparse.ArgumentParser) -> None:
    """Declare `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")


def declare_out(parser: argparse.ArgumentParser) -> None:
    """Declare `--out`."""
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file (default: print)")


def deliver(text: str, out: Path | None) -> int:
    """Print `text`, or write it to a file; return 0, or 1 if it cannot be written there."""
    if out is None:
        print(text, end="")
        return 0
    try:
        out.write_text(text, encoding="utf-8")
    except OSError as error:
        print(f"{out} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"wrote {out}")
    return 0
