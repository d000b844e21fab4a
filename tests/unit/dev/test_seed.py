"""How `pql dev` tells itself a story."""

from __future__ import annotations

import json
import threading

import pytest

from pql.dev.gateway import Request, Response
from pql.dev.seed import StoryFault, play, send
from pql.dev.server import Server
from pql.dev.stories import STORIES

CHAPTERS = STORIES["activation"].told(1_795_315_200_000)  # 2026-11-22T08:00:00Z


class FrontDoor:
    """A server that keeps batches and answers what it is told."""

    def __init__(self, status: int = 200, body: bytes = b'{"success":true,"rejected":[]}') -> None:
        self.requests: list[Request] = []
        self._response = Response(status, [("Content-Type", "application/json")], body)
        self.server = Server(self._answer)
        self.server.start()

    def _answer(self, request: Request) -> Response:
        self.requests.append(request)
        return self._response


def test_the_story_goes_through_the_front_door(monkeypatch: pytest.MonkeyPatch) -> None:
    """Each chapter is one batch call with ids of its own, a time of sending and the write key."""
    monkeypatch.setattr("pql.dev.seed.PAUSE_SECONDS", 0)
    door = FrontDoor()
    told: list[str] = []
    play(door.server.url, "key", CHAPTERS, told.append, threading.Event())
    door.server.stop()
    batches = [json.loads(request.body) for request in door.requests]
    ids = [call["messageId"] for batch in batches for call in batch["batch"]]

    assert told == [chapter.says for chapter in CHAPTERS]
    assert {request.target for request in door.requests} == {"/v1/batch"}
    assert all(batch["sentAt"] for batch in batches)
    assert len(set(ids)) == sum(len(chapter.calls) for chapter in CHAPTERS)
    assert ("Authorization", "Basic a2V5Og==") in door.requests[0].headers


def test_a_stopped_story_ends() -> None:
    """Once stopped nothing more is sent."""
    door = FrontDoor()
    stopped = threading.Event()
    play(door.server.url, "key", CHAPTERS, lambda _says: stopped.set(), stopped)
    door.server.stop()

    assert len(door.requests) == 1


@pytest.mark.parametrize(
    ("status", "body"),
    [(401, b'{"code":"unauthorized"}'), (200, b'{"rejected":[{"index":0,"code":"bad_field"}]}')],
)
def test_a_refusal_is_not_overlooked(status: int, body: bytes) -> None:
    """A batch that was not accepted whole is an error."""
    door = FrontDoor(status, body)
    with pytest.raises(StoryFault, match=str(status)):
        send(door.server.url, "key", [{"type": "track"}])
    door.server.stop()
