"""Where rule files and their schema are, and the arguments that say so."""

from __future__ import annotations

import argparse
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


def file(text: str) -> Path:
    """Return the file of this name; raises `ArgumentTypeError` for anything else."""
    path = Path(text)
    if not path.is_file():
        raise argparse.ArgumentTypeError(f"{text} is no file")
    return path


def declare_directory(parser: argparse.ArgumentParser) -> None:
    """Declare the directory of rule files, the shipped ones unless given."""
    parser.add_argument(
        "directory", nargs="?", type=directory, default=SHIPPED, help="rule files (default: shipped)"
    )


def declare_json(parser: argparse.ArgumentParser) -> None:
    """Declare `--json`."""
    parser.add_argument("--json", action="store_true", help="print JSON, for other programs")


def declare_out(parser: argparse.ArgumentParser) -> None:
    """Declare `--out`."""
    parser.add_argument("--out", type=Path, metavar="FILE", help="write to this file (default: print)")


def deliver(text: str, out: Path | None) -> int:
    """Print `text`, or write it to a file; return 0."""
    if out is None:
        print(text, end="")
    else:
        out.write_text(text, encoding="utf-8")
        print(f"wrote {out}")
    return 0
