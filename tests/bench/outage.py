"""How long the leads of an outage of Slack take to arrive once it is over, and in how many messages.

python tests/bench/outage.py [--leads 600] [--minutes 60]

The functions of the template as they are deployed, over moto: leads come evenly while Slack answers every
request with 503, through the table's stream, the topic and the queue; its visibility timeouts, the
functions' pauses and an answer of Slack (0.3 s) are waited for on a clock of their own.
"""

from __future__ import annotations

import argparse
import logging
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "functions")]


from fakes.leads import northwind  # noqa: E402 - same
from fire.cloud import MINUTE, Cloud, cloud  # noqa: E402 - same
from fire.wire import Wire  # noqa: E402 - same

ANSWER = 300
WINDOW = 1_000
SLACK = "slack.com"


class Slack:
    """What answers at Slack's address: 503 while it is `down`, every answer after a while."""

    def __init__(self, deployed: Cloud) -> None:
        self.down = True
        self.refused = 0
        self.last = 0
        self._deployed = deployed

    def __call__(self, host: str, path: str, body: bytes) -> tuple[int, str]:
        """Answer a request."""
        self._deployed.now += ANSWER
        if host == SLACK and self.down:
            self.refused += 1
            return 503, "down"
        if host == SLACK:
            self.last = self._deployed.now
        return self._deployed.receivers(host, path, body)


def main() -> None:
    """Print when everything was told, by how many messages, and what is missing or told twice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=600)
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    logging.disable()
    with cloud(ROOT / "functions" / "rules") as deployed:
        deployed.begin(Wire())
        slack = Slack(deployed)
        deployed.meet(slack)
        told = deployed.receivers.cards
        begun = deployed.now
        for number in range(options.leads):
            advance(deployed, begun + number * options.minutes * MINUTE // options.leads)
            deployed.put(northwind(account_id=f"account-{number}", created=deployed.now))
            deployed.work()
        advance(deployed, begun + options.minutes * MINUTE)
        slack.down, back, waited = False, deployed.now, deployed.depths().get("pql-SlackQueue", 0)
        while len(told) < options.leads:
            advance(deployed, int(deployed.due()) + WINDOW)
        done = slack.last
        while deployed.depths():
            advance(deployed, int(deployed.due()) + WINDOW)
        ids = {one.lead.id for one in deployed.leads().values()}
        print(f"{waited} leads waited when Slack came back; {slack.refused} requests had been refused")
        print(
            f"the last was told {(done - back) / 1000:.1f} s later, in {deployed.receivers.messages} messages"
        )
        print(f"the queue was empty after {(deployed.now - back) / 60_000:.1f} min")
        print(f"missing {len(ids - told.keys())}, told twice {sum(times > 1 for times in told.values())}")


def advance(deployed: Cloud, until: int) -> None:
    """Let time pass until then, and every function work whenever a message is due."""
    # The event source gathers what becomes due within a second.
    while (due := int(deployed.due()) + WINDOW if deployed.depths() else until) < until:
        deployed.now = max(deployed.now, due)
        deployed.work()
    deployed.now = max(deployed.now, until)
    deployed.work()


if __name__ == "__main__":
    main()
