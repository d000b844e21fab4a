"""The real @segment/analytics-node package against the local world, over HTTP.

It runs where node and npm are and may be used: in CI, or with PQL_NODE=1. The package is installed
once, into pytest's cache.
"""

from __future__ import annotations

import os
import shutil
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from fakes.local_world import WRITE_KEY, LocalWorld, local_world
from pql.dev.gateway import UNAVAILABLE

SOURCES = Path(__file__).parent / "node"
NPM = ("install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error")


@pytest.fixture(scope="module")
def sender(request: pytest.FixtureRequest) -> Iterator[Path]:
    """The script beside an installed SDK, or a skip that says what is missing."""
    node, npm = shutil.which("node"), shutil.which("npm")
    if not (node and npm):
        pytest.skip("node and npm are not on this machine")
    cache = Path(request.config.cache.mkdir("segment-node"))
    installed = cache / "installed"
    if not installed.is_dir():
        if not (os.environ.get("CI") or os.environ.get("PQL_NODE")):
            pytest.skip("set PQL_NODE=1 to install @segment/analytics-node from the registry")
        install(npm, installed, Path(tempfile.mkdtemp(dir=cache)))
    own = (
        Path(tempfile.mkdtemp(dir=installed)) / "send.mjs"
    )  # a package is looked for upwards from the script
    shutil.copy(SOURCES / "send.mjs", own)
    yield own
    shutil.rmtree(own.parent)


def install(npm: str, target: Path, building: Path) -> None:
    """Install the SDK in `building` and move it to `target`, unless another test process was faster."""
    shutil.copy(SOURCES / "package.json", building)
    done = subprocess.run(  # noqa: S603 (npm, as found)
        [npm, *NPM], cwd=building, capture_output=True, text=True, check=False, timeout=120
    )
    if done.returncode:
        shutil.rmtree(building)
        pytest.skip(f"npm could not install the SDK: {done.stderr.strip()[:200]}")
    try:
        building.rename(target)
    except OSError:
        shutil.rmtree(building)


@pytest.fixture(scope="module")
def live() -> Iterator[LocalWorld]:
    """One local world for the module."""
    with local_world() as made:
        yield made


@pytest.mark.parametrize("refused", [0, 1], ids=["at-once", "after-a-503"])
def test_a_trial_account_becomes_a_lead(sender: Path, live: LocalWorld, refused: int) -> None:
    """The node SDK's calls end in right counters, one message on SNS and one card, after a 503 too."""
    account = f"northwind-node-{refused}"
    live.once += [lambda _request: UNAVAILABLE] * refused
    sent = subprocess.run(  # noqa: S603 (node, as found)
        [shutil.which("node") or "node", str(sender), live.url, WRITE_KEY, account],
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    (lead,) = live.leads(account)

    assert (sent.returncode, sent.stderr) == (0, "")
    assert live.once == []
    assert live.signals(account) == {
        "integrations": 1,
        "teammates": 1,
        "reports": 3,
        "subscriptions": 0,
    }
    assert live.people(account) == {f"ava-{account}": 5}
    assert len(live.cards(lead.lead_id)) == 1
