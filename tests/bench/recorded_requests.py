"""Print how many of the recorded requests are accepted, per client, and why the others are not."""

from __future__ import annotations

import contextlib
import io
import sys
from pathlib import Path

ROOT = Path(__file__).parent.parent.parent
sys.path[:0] = [str(ROOT / "functions"), str(ROOT / "tests")]

from fakes.recorded_requests import FILES, recordings, replayed, table  # noqa: E402 - needs the path


def main() -> None:
    """Replay every recorded request as it was sent, then the webhooks once more with a key."""
    with contextlib.redirect_stdout(io.StringIO()):  # the handler's metrics
        sent = [replayed(one) for file in FILES for one in recordings(file)]
        webhooks = [one for file in FILES if "webhook" in file for one in recordings(file)]
        keyed = [replayed(one, with_key=True) for one in webhooks]
    sys.stdout.write(
        f"as sent\n{table(sent)}\n\nwebhooks with the write key as a second secret\n{table(keyed)}\n"
    )


if __name__ == "__main__":
    main()
