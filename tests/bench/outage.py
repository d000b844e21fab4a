"""How long the leads of an outage of Slack take to arrive once it is over, and in how many messages.

python tests/bench/outage.py [--leads 600] [--minutes 60]

What the function `slack` does with each batch, over a queue with visibility timeouts and a table in memory,
on a clock of their own. Leads come evenly while Slack answers every request with 503; an answer takes it
0.3 s, a call of the table 5 ms, and pauses as long as they say.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Any

ROOT = Path(__file__).parents[2]
sys.path[:0] = [str(ROOT / "tests"), str(ROOT / "functions")]

from fakes.events import START  # noqa: E402 - after the path is set
from fakes.leads import northwind  # noqa: E402 - same
from fakes.memory_backlog import MemoryBacklog  # noqa: E402 - same
from fakes.memory_channels import MemoryChat, MemoryChats  # noqa: E402 - same
from fire.mailbox import Mailbox  # noqa: E402 - same
from pql.adapters.memory_outbox import MemoryOutbox  # noqa: E402 - same
from pql.core.announcement import announcement  # noqa: E402 - same
from pql.core.errors import Unanswered  # noqa: E402 - same
from pql.core.lead import LeadRecord  # noqa: E402 - same
from pql.core.lead_message import encoded  # noqa: E402 - same
from pql.flows.cards import CardChannels  # noqa: E402 - same
from pql.flows.deliver import Deliver  # noqa: E402 - same

ANSWER, CALL = 300, 5
TIMEOUT, VISIBILITY, BATCH, WINDOW = 60_000, 370_000, 100, 1_000
QUEUE = "arn:aws:sqs:eu-west-1:123456789012:slack"


class Slack(MemoryChat):
    """A chat that is `down` at first, and has `refused` so many requests."""

    def __init__(self, post: Post) -> None:
        super().__init__()
        self.down = True
        self.refused = 0
        self._post = post

    def post(self, card: Mapping[str, Any]) -> None:
        """Take a card, or answer 503."""
        self._post.now += ANSWER
        if self.down:
            self.refused += 1
            raise Unanswered("Slack answered 503")
        super().post(card)

    def posted(self, leads: Collection[str], since: int) -> Collection[str]:
        """Show the history, or answer 503."""
        self._post.now += ANSWER
        if self.down:
            self.refused += 1
            raise Unanswered("Slack answered 503")
        return super().posted(leads, since)


class Slow:
    """A port on the table whose calls take their time."""

    def __init__(self, port: Any, post: Post) -> None:
        self._port = port
        self._post = post

    def __getattr__(self, name: str) -> Any:
        def call(*args: Any) -> Any:
            self._post.now += CALL
            return getattr(self._port, name)(*args)

        return call


class Post:
    """The function with its queue, its table and Slack."""

    def __init__(self) -> None:
        self.now = START
        self.slack = Slack(self)
        self.queue = Mailbox(lambda: self.now, receives=300, visibility=VISIBILITY)
        self.leads: dict[Any, LeadRecord] = {}
        self.runs = 0
        self._ends = 0
        self._channels = CardChannels(MemoryChats({"": self.slack}), "")
        self._deliver = Deliver(
            outbox=Slow(MemoryOutbox(self.leads), self),
            backlog=Slow(MemoryBacklog(), self),
            channels=lambda: self._channels,
            redelivery=self,
            unset="SlackNotConfigured",
            clock=lambda: self.now,
            remaining=lambda: max(0, self._ends - self.now),
            chance=lambda: 0.5,
            pause=self._pause,
        )

    def send(self, number: int) -> None:
        """Announce a lead of an account of its own."""
        lead = northwind(account_id=f"account-{number}", created=self.now)
        self.leads[lead.key] = LeadRecord(lead)
        self.queue.send(encoded(announcement(lead, lead.key)).decode())

    def until(self, end: float) -> None:
        """Let time pass until then, and the function run whenever messages are due, a second's together."""
        while (due := self.due() + WINDOW) < end:
            self.now = max(self.now, int(due))
            self._run()
        self.now = max(self.now, int(end))

    def due(self) -> float:
        """Return when the next message is handed out, epoch ms."""
        return min((max(one.visible, one.sent) for one in self.queue.waiting.values()), default=float("inf"))

    def delay(self, queue: str, receipt: str, seconds: int) -> None:
        """Be the queue that keeps a message back."""
        del queue
        self.queue.keep_back(receipt, seconds)

    def _run(self) -> None:
        self.runs += 1
        self._ends = self.now + TIMEOUT
        batch = self.queue.take(BATCH)
        records = [
            {
                "messageId": one.id,
                "receiptHandle": one.id,
                "body": one.body,
                "attributes": {"ApproximateReceiveCount": str(one.receives), "SentTimestamp": str(one.sent)},
                "eventSourceARN": QUEUE,
            }
            for one in batch
        ]
        failed = self._deliver.batch(records).failed
        self.queue.delete({one.id for one in batch} - set(failed))

    def _pause(self, seconds: float) -> None:
        self.now += round(seconds * 1000)


def told(slack: Slack) -> Counter[str]:
    """Return how often each lead stands on a card."""
    found = Counter[str]()
    for card in slack.cards:
        named = card["metadata"]["event_payload"]
        found.update([named["lead_id"]] if "lead_id" in named else named["lead_ids"].split())
    return found


def main() -> None:
    """Print when everything was told, by how many messages, and what is missing or told twice."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--leads", type=int, default=600)
    parser.add_argument("--minutes", type=int, default=60)
    options = parser.parse_args()
    post, length = Post(), options.minutes * 60_000
    for number in range(options.leads):
        post.until(START + number * length // options.leads)
        post.send(number)
    post.until(START + length)
    waited, refused = len(post.queue.waiting), post.slack.refused
    post.slack.down, back = False, post.now
    while len(told(post.slack)) < options.leads:
        post.until(post.due() + WINDOW + 1)
    done = post.now
    while post.queue.waiting:
        post.until(post.due() + WINDOW + 1)
    heard = told(post.slack)
    missing = {one.lead.id for one in post.leads.values()} - heard.keys()
    print(f"{waited} leads waited when Slack came back; it had refused {refused} requests")
    print(f"all were told {(done - back) / 1000:.1f} s later, in {len(post.slack.cards)} messages")
    print(f"the queue was empty after {(post.now - back) / 60_000:.1f} min")
    print(f"missing {len(missing)}, told twice {sum(times > 1 for times in heard.values())}")


if __name__ == "__main__":
    main()
