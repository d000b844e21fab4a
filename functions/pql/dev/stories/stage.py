"""The rules a story is played against: the shipped ones, with the rule of the story live."""

from __future__ import annotations

from pathlib import Path

from pql.rules.source import Source

LIVE = "live"


def is_live(rules: Path, rule: str) -> bool:
    """Return whether `rule` is live in `rules` as it stands."""
    return all(_asked(path, path.read_text("utf-8"), rule) is None for path in _files(rules))


def staged(rules: Path, rule: str, into: Path) -> Path:
    """Copy the rule files in `rules` to `into` with the status of `rule` live; return `into`."""
    for path in _files(rules):
        text = path.read_text("utf-8")
        place = _asked(path, text, rule)
        if place is not None:
            line, column = place
            lines = text.splitlines(keepends=True)
            lines[line - 1] = f"{lines[line - 1][: column - 1]}{LIVE}\n"
            text = "".join(lines)
        (into / path.name).write_text(text, "utf-8")
    return into


def _files(rules: Path) -> list[Path]:
    return sorted(rules.glob("*.y*ml"))


def _asked(path: Path, text: str, rule: str) -> tuple[int, int] | None:
    """Return line and column of the status of `rule`, None if it is live or of another file."""
    if rule not in text:
        return None
    source = Source(path.name, text)
    status = ((source.data or {})["rules"].get(rule) or {}).get("status", LIVE)
    return None if status == LIVE else source.place(("rules", rule, "status"))
