"""The page of a backtest in a real browser: it fits, it can be seen, and nothing in it was refused."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import pytest

from pql.cli.main import main

ROOT = Path(__file__).parents[2]
BROWSER = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
QUIET = (
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--hide-scrollbars",
    "--allow-file-access-from-files",  # so that the outer page may measure the inner one
    "--virtual-time-budget=3000",
)
# A page around the page, which measures it: the page itself runs no script.
OUTSIDE = """<iframe id="page" src="page.html" style="width:{width}px;height:900px;border:0"></iframe>
<pre id="told"></pre>
<script>onload = () => {{
  const inner = document.getElementById("page").contentDocument;
  inner.querySelectorAll("details").forEach(one => {{ one.open = true; }});
  const shown = [...inner.querySelectorAll("svg")].filter(one => one.getBoundingClientRect().width > 0);
  const beyond = [...inner.querySelectorAll("main *")].filter(
    one => one.getBoundingClientRect().right > 1 + Math.min({width}, (one.closest(".rule") ??
      inner.documentElement).getBoundingClientRect().right)).map(one => one.tagName + ": " + one.textContent);
  document.getElementById("told").textContent = JSON.stringify({{
    width: inner.documentElement.scrollWidth, pictures: shown.length, beyond,
    small: [...inner.querySelectorAll("svg text")].filter(one => {{
      const box = one.getBoundingClientRect(); return box.width > 0 && box.height < 10 }}).length,
    heading: inner.querySelector("h1").getBoundingClientRect().width > 100,
    style: getComputedStyle(inner.querySelector(".fill")).backgroundColor,
  }});
}}</script>"""

pytestmark = pytest.mark.skipif(BROWSER is None, reason="no Chromium on this machine")


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return where the page of a backtest of the purchases is, as page.html."""
    made = tmp_path_factory.mktemp("page")
    purchases = ROOT / "tests" / "data" / "purchases"
    words = ["backtest", ROOT / "tests" / "bench" / "purchase_days.yaml", purchases / "events.jsonl"]
    words += ["--conversions", purchases / "conversions.csv", "--html", made / "page.html"]
    assert 0 == main([str(one) for one in words])
    return made


def measured(folder: Path, width: int) -> dict[str, Any]:
    """Return what a browser sees of the page at a width."""
    outside = folder / f"at-{width}.html"
    outside.write_text(OUTSIDE.format(width=width))
    profile = f"--user-data-dir={folder / 'profile'}"
    command = [str(BROWSER), *QUIET, profile, "--window-size=1400,1000", "--dump-dom", outside.as_uri()]
    told = subprocess.run(command, capture_output=True, text=True, timeout=120, check=True)  # noqa: S603
    found = re.search(r'<pre id="told">(.*?)</pre>', told.stdout)
    assert found, told.stderr
    return dict(json.loads(found[1]))


@pytest.mark.parametrize("width", [1_200, 900, 375, 320])
def test_the_page_fits_and_its_letters_can_be_read(folder: Path, width: int) -> None:
    """From a wide screen to a small phone nothing sticks out, and no text of a picture is tiny."""
    found = measured(folder, width)

    assert [] == found["beyond"]
    assert found["width"] <= width
    assert 0 == found["small"]
    assert found["heading"]
    assert found["pictures"] >= 7
    assert found["style"].startswith("rgb(")
