"""The card that tells a salesperson about a lead: as Slack blocks and as a box in a terminal."""

from pql.flows.card.blocks import card
from pql.flows.card.terminal import card_text
from pql.flows.card.words import checked_link

__all__ = ["card", "card_text", "checked_link"]
