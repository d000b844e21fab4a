"""Write a rule file to start from: commented, tested, and good as it is."""

from __future__ import annotations

import argparse
import os
import re
import sys
from pathlib import Path

from pql.cli.refused import refuse
from pql.cli.rules.places import DOCS, ROOT, declare_rules, place_for_rules, rules_of
from pql.cli.rules.schema import schema_text
from pql.rules.names import IDENTIFIER, misnamed

HELP = "write a rule file to start from"
SCHEMA = "rules.schema.json"
STARTER = Path(__file__).with_name("starter.yaml")


def declare(parser: argparse.ArgumentParser) -> None:
    """Declare the options of `pql rules new`."""
    parser.add_argument("name", type=_name, help="of the rule and its file, such as heavy_export")
    declare_rules(parser, "--dir", one=False, kind=place_for_rules)


def run(chosen: argparse.Namespace) -> int:
    """Write the file, and make its directory; return 0, or 1 if there is one already or the name is taken."""
    from pql.rules.faults import RulesRejected  # noqa: PLC0415
    from pql.rules.load import parse, read  # noqa: PLC0415

    rules = rules_of(chosen)
    path = rules / f"{chosen.name}.yaml"
    text = STARTER.read_text(encoding="utf-8").replace("NAME", chosen.name)
    others, _ = read(rules)
    if path.exists():
        print(f"{path} is there already and stays as it is", file=sys.stderr)
        return 1
    try:
        parse({**others, path.name: text})
    except RulesRejected as rejected:
        own = [fault for fault in rejected.faults if fault.file == path.name]
        if own:
            refuse(own, as_json=False)
            return 1
    try:
        rules.mkdir(parents=True, exist_ok=True)
        modeline = f"# yaml-language-server: $schema={schema_for(rules)}\n"
        with path.open("x", encoding="utf-8") as opened:
            opened.write(modeline + text)
    except OSError as error:
        print(f"{error.filename} cannot be written: {error.strerror}", file=sys.stderr)
        return 1
    print(f"wrote {path}; try: pql rules test {path}")
    return 0


def schema_for(rules: Path) -> str:
    """Return where the schema is as seen from `rules`; outside the project it is put beside them."""
    known = DOCS / SCHEMA
    if known.is_file() and rules.resolve().is_relative_to(ROOT):
        return Path(os.path.relpath(known, rules.resolve())).as_posix()
    beside = rules / SCHEMA
    if not beside.exists():
        beside.write_text(schema_text(), encoding="utf-8")
    return SCHEMA


def _name(text: str) -> str:
    if not re.fullmatch(IDENTIFIER, text):
        raise argparse.ArgumentTypeError(misnamed(text))
    return text
