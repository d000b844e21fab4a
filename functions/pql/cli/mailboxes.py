"""The queues of a deployment: what people call them, and what to type about messages in them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pql.cli.stack import Deployment

if TYPE_CHECKING:
    from pql.flows.mailbox import Depth, Mailbox

# What each is called, its name in the template, and what to type where its messages wait for a person.
QUEUES = {
    "events": ("EventsQueue", None),
    "events, dead letters": ("EventsDeadLetters", "pql queue redrive events"),
    "quarantine": ("Quarantine", "pql replay quarantine"),
    "slack": ("SlackQueue", None),
    "slack, dead letters": ("SlackDeadLetters", "pql queue redrive slack"),
    "webhook": ("WebhookQueue", None),
    "webhook, dead letters": ("WebhookDeadLetters", "pql queue redrive webhook"),
    "stream failures": ("NotifyFailures", "pql queue clear stream-failures"),
}


def depths_of(deployment: Deployment) -> dict[str, Depth]:
    """Return how full each queue of the deployment is, by what it is called."""
    return {
        name: mailbox(deployment, queue).depth()
        for name, (queue, _) in QUEUES.items()
        if deployment.get(queue)
    }


def mailbox(deployment: Deployment, queue: str) -> Mailbox:
    """Return a queue of the deployment by its name in the template."""
    from pql.adapters.sqs_mailbox import SqsMailbox  # noqa: PLC0415

    return SqsMailbox(deployment.client("sqs"), deployment[queue])
