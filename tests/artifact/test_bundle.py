"""The thing that is deployed works, by itself."""

from __future__ import annotations

import pytest

from lambda_like import FORBIDDEN, NOTE, Built, built, megabytes
from stack import FUNCTIONS, ROOT

pytestmark = [
    pytest.mark.artifact,
    pytest.mark.skipif(not NOTE.is_file(), reason="nothing built: run python3 infra build"),
]

JUDGES = ("Process", "Sweep", "Watch")
UNZIPPED_LIMIT = 250  # MB, Lambda's, for bundle and layers together


@pytest.fixture(scope="module")
def build() -> Built:
    """Return the build for this machine."""
    return built()


@pytest.mark.parametrize("function", FUNCTIONS)
def test_fault_111_handler_starts(function: str, build: Built) -> None:
    """A handler comes up from bundle, layer and runtime alone."""
    assert f"pql.handlers.{function.lower()}" in build.start(function).modules


@pytest.mark.parametrize("function", sorted({*FUNCTIONS} - {*JUDGES}))
def test_lean_start(function: str, build: Built) -> None:
    """The way in and the way out load no rule language, and nothing of the local world."""
    loaded = {module.split(".")[0] for module in build.start(function).modules}

    assert set() == loaded & {*FORBIDDEN}


@pytest.mark.parametrize("function", JUDGES)
def test_who_judges_does_not_load_the_local_world(function: str, build: Built) -> None:
    """Process, sweep and watch load the rules in the bundle, without moto or the dev server."""
    modules = build.start(function).modules

    assert "pql.rules" in modules
    assert not {"moto", "pql.dev", "pql.cli"} & modules


def test_rules_are_in_the_bundle(build: Built) -> None:
    """The rule files travel with the code, byte for byte."""
    source = ROOT / "functions" / "rules"
    expected = {path.relative_to(source): path.read_bytes() for path in source.rglob("*.yaml")}
    bundled = build.part("Process") / "rules"

    assert expected
    assert expected == {path.relative_to(bundled): path.read_bytes() for path in bundled.rglob("*.yaml")}


def test_every_function_carries_the_same_code(build: Built) -> None:
    """One bundle serves all functions, so that it is uploaded once."""
    carried = {
        frozenset((str(path.relative_to(folder)), path.stat().st_size) for path in folder.rglob("*.py"))
        for folder in map(build.part, FUNCTIONS)
    }

    assert len(carried) == 1


def test_sizes(build: Built, capsys: pytest.CaptureFixture[str]) -> None:
    """Bundle and layer together stay far below what Lambda takes, half of it at most."""
    bundle, layer = megabytes(build.part("Ingest")), megabytes(build.part("Dependencies"))
    with capsys.disabled():
        print(f"\nunzipped: bundle {bundle:.2f} MB, layer {layer:.2f} MB")  # noqa: T201 - a figure to report

    assert bundle + layer < UNZIPPED_LIMIT / 2
