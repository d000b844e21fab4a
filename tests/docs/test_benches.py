"""The benches that the pages name still find what they import: nothing else runs them."""

from __future__ import annotations

import ast
import importlib
from pathlib import Path

import pytest

OURS = {"pql", "fakes", "bench"}
BENCHES = sorted((Path(__file__).parents[1] / "bench").glob("*.py"))


@pytest.mark.parametrize("bench", BENCHES, ids=lambda one: one.stem)
def test_a_bench_finds_what_it_imports(bench: Path) -> None:
    """Every name of ours, wherever in the file it is imported."""
    imported = [
        (node.module, one.name)
        for node in ast.walk(ast.parse(bench.read_text(encoding="utf-8")))
        if isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in OURS
        for one in node.names
    ]
    missing = [
        f"{module}: {name}"
        for module, name in imported
        if not hasattr(importlib.import_module(module or ""), name) and not _is_module(f"{module}.{name}")
    ]

    assert [] == missing


def _is_module(name: str) -> bool:
    try:
        importlib.import_module(name)
    except ModuleNotFoundError:
        return False
    return True
