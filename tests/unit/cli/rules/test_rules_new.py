"""`pql rules new` and what is generated: good as written, and never in the place of another."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest

from fakes.rule_directory import ACTIVATION, Captured
from pql.cli.main import main
from pql.cli.rules.new import schema_for
from pql.cli.rules.places import SHIPPED
from pql.rules.names import IDENTIFIER


def test_a_new_file_is_good_as_written(rules: Path, capsys: Captured) -> None:
    """It passes its check, its tests and the lint, and an editor finds the schema beside it."""
    assert 0 == main(["rules", "new", "heavy_export", "--dir", str(rules)])
    assert [0, 0, 0] == [main(["rules", verb, str(rules)]) for verb in ("check", "test", "lint")]
    assert capsys.readouterr().out.endswith("nothing to say\n")
    text = (rules / "heavy_export.yaml").read_text(encoding="utf-8")
    assert text.startswith("# yaml-language-server: $schema=rules.schema.json\n")
    assert "$defs" in json.loads((rules / "rules.schema.json").read_text(encoding="utf-8"))


def test_the_directory_of_a_new_file_is_made(tmp_path: Path, capsys: Captured) -> None:
    """Where nothing is yet a pack can begin; a file is none."""
    place = tmp_path / "our" / "rules"

    assert 0 == main(["rules", "new", "heavy_export", "--rules", str(place)])
    assert 0 == main(["rules", "check", str(place)])
    with pytest.raises(SystemExit):
        main(["rules", "new", "more", "--rules", str(place / "heavy_export.yaml")])
    assert "is a file; give the directory it is in" in capsys.readouterr().err


def test_a_new_file_inside_the_project_leads_to_its_one_schema() -> None:
    """Nothing is copied there."""
    assert "../../docs/rules.schema.json" == schema_for(SHIPPED)


def test_a_new_file_never_takes_the_place_of_another(rules: Path, capsys: Captured) -> None:
    """Neither of a file nor of a rule of that name in another."""
    named = main(["rules", "new", "activation", "--dir", str(rules)])
    told = capsys.readouterr().err
    taken = main(["rules", "new", "activated", "--dir", str(rules)])

    assert (1, 1) == (named, taken)
    assert told.endswith("activation.yaml is there already and stays as it is\n")
    assert "`activated` stands among the rules of activat" in capsys.readouterr().err
    assert ACTIVATION == (rules / "activation.yaml").read_text(encoding="utf-8")
    assert not (rules / "activated.yaml").exists()


@pytest.mark.parametrize(
    ("name", "near"),
    [
        ("Heavy Export", "heavy_export"),
        ("heavyExport", "heavy_export"),
        ("PQL-Score: v2", "pql_score_v2"),
        ("Größe über 90%", "grosse_uber_90"),
        ("7 day trial", "day_trial"),
        ("x" * 63 + " y", "x" * 63),
        ("日本", None),
    ],
)
def test_a_name_that_no_rule_can_have_is_refused(capsys: Captured, name: str, near: str | None) -> None:
    """Before anything is written, and with the nearest name that one can have."""
    with pytest.raises(SystemExit):
        main(["rules", "new", name])
    told = "a name is lower-case letters, digits and _, beginning with a letter"
    hint = f"; did you mean `{near}`?" if near else ""

    assert capsys.readouterr().err.endswith(f"argument name: {told}{hint}\n")
    assert near is None or re.fullmatch(IDENTIFIER, near)


@pytest.mark.parametrize(("verb", "file"), [("schema", "rules.schema.json"), ("docs", "rules-reference.md")])
def test_what_is_generated_is_printed_or_written(
    verb: str, file: str, tmp_path: Path, capsys: Captured
) -> None:
    """Both ways give the same text."""
    main(["rules", verb])
    shown = capsys.readouterr().out
    main(["rules", verb, "--out", str(tmp_path / file)])

    assert shown == (tmp_path / file).read_text(encoding="utf-8")


@pytest.mark.parametrize("verb", ["docs", "schema"])
def test_a_place_that_cannot_be_written_is_told(verb: str, tmp_path: Path, capsys: Captured) -> None:
    """In one line."""
    assert 1 == main(["rules", verb, "--out", str(tmp_path / "no" / "x")])
    assert capsys.readouterr().err.endswith("x cannot be written: No such file or directory\n")


def test_a_new_file_is_written_beside_one_that_cannot_be_read(rules: Path) -> None:
    """That one is a matter for the check."""
    (rules / "old.yaml").write_bytes(b"caf\xe9: 1")

    assert 0 == main(["rules", "new", "heavy_export", str(rules)])
