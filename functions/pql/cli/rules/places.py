"""Where rule files and their schema are, and the arguments that say so."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).parents[4]
SHIPPED = ROOT / "functions" / "rules"
DOCS = ROOT / "docs"


def directory(text: str) -> Path:
    """Return the directory of this name; raises `ArgumentTypeError` for anything else."""
    path = Path(text)
    if path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is a file; give the directory it is in")
    if not path.is_dir():
        raise argparse.ArgumentTypeError(f"{text} is no directory")
    return path


def place_for_rules(text: str) -> Path:
    """Return the directory of this name, which need not be there; raises `ArgumentTypeError` for a file."""
    path = Path(text)
    return directory(text) if path.is_file() else path


def file(text: str) -> Path:
    """Return the file of this name; raises `ArgumentTypeError` for anything else."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is no file")
    return path


def rule_files(text: str) -> Path:
    """Return the directory of this name, or the one rule file; raises `ArgumentTypeError` for neither."""
    path = Path(text)
    return path if path.is_file() else directory(text)


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
    """Return where the command says that the rules are, if it does; exits where it says so twice."""
    if chosen.directory and chosen.rules:
        raise SystemExit("pql: name the rules once, as DIR or behind --rules")
    place: Path | None = chosen.directory or chosen.rules
    return place


def declare_deployed(parser: argparse.ArgumentParser) -> None:
    """Declare `--rules`, the directory of the rules that are deployed."""
    parser.add_argument(
        "--rules",
        type=directory,
        default=SHIPPED,
        metavar="DIR",
        help="the deployed rules (default: shipped)",
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
