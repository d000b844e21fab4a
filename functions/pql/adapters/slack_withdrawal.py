"""Take the cards of leads out of Slack, where a bot has posted them."""

from __future__ import annotations

import logging
from collections.abc import Collection
from typing import TYPE_CHECKING

from pql.adapters.slack_bot import SlackBot
from pql.core.announcement import announcement
from pql.core.errors import PqlError
from pql.core.lead import Lead, LeadRecord
from pql.flows.card import card
from pql.flows.cards import NAME

if TYPE_CHECKING:
    from pql.flows.channels import Chats

_log = logging.getLogger(__name__)


class SlackWithdrawal:
    """Withdraws from `chats`, if there are any; `link` is as in `card`."""

    def __init__(self, chats: Chats | None, link: str) -> None:
        self._chats = chats
        self._link = link

    def __call__(self, record: LeadRecord, after: Lead | None) -> Collection[str]:
        """Put the card of `after` in the place of the lead's, or delete it; return where that was done.

        A channel that does not allow it is no reason to keep the lead: it is logged, and left out.
        """
        told = card(announcement(after, after.key), self._link) if after else None
        done = []
        for name, sent in record.sent.items():
            if self._chats is None or name.partition(":")[0] != NAME:
                continue
            try:
                chat = self._chats.chat(name.partition(":")[2])
                if isinstance(chat, SlackBot) and chat.replace(record.lead.id, sent, told):
                    done.append(name)
            except PqlError as error:
                _log.warning("the card of a lead cannot be taken out of %s: %s (%s)", name, error, error.code)
        return done
