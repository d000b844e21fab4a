"""The webhook: signed as the standard says, sent where it may be, and nowhere else."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest
import urllib3

from fakes.leads import northwind
from fakes.receiver import Receiver, Reply, self_signed
from pql.adapters import webhook_http
from pql.adapters.webhook_address import Target
from pql.adapters.webhook_channel import Webhook, webhooks_from
from pql.adapters.webhook_http import send
from pql.adapters.webhook_signature import signed, signing_key
from pql.core.announcement import announcement
from pql.core.errors import ChannelClosed, Unanswered, Unavailable, Undeliverable
from pql.core.lead_message import decode

SECRET = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"
OLDER = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"
MESSAGE = announcement(northwind(), northwind().key)
NOW = 1_795_316_400


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    """Return a server of somebody's."""
    with Receiver() as receiver:
        yield receiver


def hook(receiver: Receiver, *previous: str) -> Webhook:
    """Return the webhook that leads to it."""
    current = json.dumps({"url": f"{receiver.origin}/leads?key=1", "secret": SECRET})
    values = [current.encode(), *(one.encode() for one in previous)]
    found = webhooks_from(values, frozenset({receiver.origin}), NOW)
    assert found is not None
    return found.webhook


def test_fault_024_the_vector_of_the_standard() -> None:
    """The signature that every library of the standard computes for its published example."""
    headers = signed(
        [signing_key(SECRET)],
        "msg_p5jXN8AQM9LWM0D4loKWxJek",
        1614265330,
        b'{"test": 2432232314}',
    )

    assert {
        "webhook-id": "msg_p5jXN8AQM9LWM0D4loKWxJek",
        "webhook-timestamp": "1614265330",
        "webhook-signature": "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=",
    } == headers


def test_the_prefix_is_not_part_of_the_key() -> None:
    """With or without it, the same bytes sign."""
    assert signing_key(SECRET) == signing_key(SECRET.removeprefix("whsec_"))


@pytest.mark.parametrize("secret", ["", "whsec_", "whsec_verysecret!", "whsec_dmVyeXNlY3JldA==", "a" * 100])
def test_a_secret_that_cannot_sign_is_refused(secret: str) -> None:
    """Empty, no base64, too short or too long; the error does not show it."""
    with pytest.raises(ValueError, match="a signing secret") as refusal:
        signing_key(secret)

    assert "verysecret" not in str(refusal.value)


def test_a_lead_is_one_signed_post(receiver: Receiver) -> None:
    """The body is the lead message, its id the lead's, and the signature covers both and the time."""
    hook(receiver).deliver([MESSAGE])

    (taken,) = receiver.taken
    sent = {name.casefold(): value for name, value in taken.headers.items()}
    expected = signed([signing_key(SECRET)], MESSAGE.lead_id, NOW, taken.body)
    assert ("/leads?key=1", MESSAGE) == (taken.path, decode(taken.body.decode()))
    assert expected == {name: sent[name] for name in expected}
    assert ("application/json", f"127.0.0.1:{receiver.port}") == (sent["content-type"], sent["host"])


def test_a_repeat_has_the_same_id(receiver: Receiver) -> None:
    """By it the receiver knows that it has had this lead."""
    for _ in range(2):
        hook(receiver).deliver([MESSAGE])

    assert {MESSAGE.lead_id} == {taken.headers["webhook-id"] for taken in receiver.taken}


def test_fault_025_both_secrets_sign_during_a_rotation(receiver: Receiver) -> None:
    """Whoever still has the older secret accepts the message as well as whoever has the newer."""
    hook(receiver, OLDER).deliver([MESSAGE])

    (taken,) = receiver.taken
    alone = [
        signed([signing_key(one)], MESSAGE.lead_id, NOW, taken.body)["webhook-signature"]
        for one in (SECRET, OLDER)
    ]
    assert " ".join(alone) == taken.headers["webhook-signature"]


@pytest.mark.parametrize("status", [200, 201, 202, 204])
def test_any_two_hundred_is_a_delivery(receiver: Receiver, status: int) -> None:
    """The standard asks for a 2xx and nothing else."""
    receiver.replies.append(Reply(status))

    hook(receiver).deliver([MESSAGE])


@pytest.mark.parametrize(
    ("status", "kind", "code"),
    [
        (410, ChannelClosed, "gone"),
        (401, ChannelClosed, "http_401"),
        (403, ChannelClosed, "http_403"),
        (404, ChannelClosed, "http_404"),
        (301, ChannelClosed, "http_301"),
        (302, ChannelClosed, "http_302"),
        (308, ChannelClosed, "http_308"),
        (400, Undeliverable, "http_400"),
        (413, Undeliverable, "http_413"),
        (422, Undeliverable, "http_422"),
        (408, Unanswered, "unanswered"),
        (500, Unanswered, "unanswered"),
        (503, Unanswered, "unanswered"),
        (429, Unavailable, "unavailable"),
    ],
)
def test_fault_083_what_an_answer_means(receiver: Receiver, status: int, kind: type, code: str) -> None:
    """Gone and moved are for good, one message may be refused, the rest is for later; after one call."""
    receiver.replies.append(Reply(status, {"Location": f"{receiver.origin}/elsewhere", "Retry-After": "30"}))

    with pytest.raises((Unavailable, Undeliverable)) as refusal:
        hook(receiver).deliver([MESSAGE])

    assert (kind, code, 1) == (type(refusal.value), refusal.value.code, len(receiver.taken))
    assert 30.0 == getattr(refusal.value, "retry_after", 30.0)


@pytest.mark.parametrize("trouble", ["stall", "drop"])
def test_no_answer_leaves_a_doubt(receiver: Receiver, trouble: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    """The receiver may have it; the error does not show where that is."""
    monkeypatch.setattr(webhook_http, "TIMEOUT", urllib3.Timeout(connect=3.0, read=0.2))
    receiver.replies.append(Reply(trouble=trouble))

    with pytest.raises(Unanswered) as outage:
        hook(receiver).deliver([MESSAGE])
    assert "leads" not in str(outage.value)


def test_nobody_waits_for_an_endless_answer(receiver: Receiver) -> None:
    """The status is all that matters, so the body is not read."""
    receiver.replies.append(Reply(trouble="endless"))

    hook(receiver).deliver([MESSAGE])


@pytest.mark.parametrize("scheme", ["http", "https"])
def test_nobody_waits_for_headers_that_drip(
    tmp_path: Path, scheme: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """No single read is slow, and the deadline of the exchange ends it all the same, in doubt."""
    tls = scheme == "https"
    certificate = self_signed(tmp_path, "127.0.0.1") if tls else None
    monkeypatch.setattr(webhook_http, "DEADLINE", 0.2)
    with Receiver(certificate) as receiver:
        receiver.replies.append(Reply(trouble="drip"))
        place = Target(tls, "127.0.0.1", receiver.port, "/leads", own=True)
        with pytest.raises(Unanswered, match="did not answer"):
            send(place, b"{}", {}, authorities=str(certificate) if tls else None)


def test_nobody_there_leaves_no_doubt() -> None:
    """Without a connection nobody can have taken anything."""
    with Receiver() as gone:
        webhook = hook(gone)

    with pytest.raises(Unavailable) as outage:
        webhook.deliver([MESSAGE])
    assert not isinstance(outage.value, Unanswered)


@pytest.mark.parametrize(
    "value", [b"", b"{}", b'{"url": "", "secret": ""}', b'{"secret": "%s"}' % SECRET.encode()]
)
def test_without_an_address_there_is_no_webhook(value: bytes) -> None:
    """An empty secret is a deployment without one."""
    assert webhooks_from([value] if value else [], frozenset(), NOW) is None


@pytest.mark.parametrize(
    "value",
    [
        {"url": "https://hooks.example.com/verysecret"},
        {"url": "https://hooks.example.com/verysecret", "secret": "verysecret"},
        {"url": "http://hooks.example.com/verysecret", "secret": SECRET},
        {"url": ["https://hooks.example.com/verysecret"], "secret": SECRET},
        "{verysecret",
    ],
)
def test_a_wrong_secret_says_so_without_showing_itself(value: Any) -> None:
    """What can never work is not taken for "not set up", and nothing is ever sent unsigned."""
    text = value if isinstance(value, str) else json.dumps(value)

    with pytest.raises(ChannelClosed) as refusal:
        webhooks_from([text.encode()], frozenset(), NOW)
    assert "verysecret" not in str(refusal.value)


class Names:
    """A name server that says something else each time."""

    def __init__(self, *answers: Sequence[str]) -> None:
        self.answers = list(answers)
        self.asked: list[tuple[str, int]] = []

    def __call__(self, host: str, port: int) -> Sequence[str]:
        """Return the next answer."""
        self.asked.append((host, port))
        return self.answers[len(self.asked) - 1]


def test_fault_087_a_name_that_leads_inside_is_not_called(receiver: Receiver) -> None:
    """A public name with an inner address, such as that of the metadata service, gets no connection."""
    place = Target(secure=True, host="hooks.example.com", port=receiver.port, path="/", own=False)

    with pytest.raises(ChannelClosed) as refusal:
        send(place, b"{}", {}, Names(["127.0.0.1"]))
    assert ("address_refused", []) == (refusal.value.code, receiver.taken)


def test_a_name_of_our_own_is_looked_up_as_any_other(receiver: Receiver) -> None:
    """By what ends when nobody answers; it may lead inside, and is still the `Host`."""
    place = Target(secure=False, host="receiver.example", port=receiver.port, path="/a", own=True)
    names = Names(["127.0.0.1"])
    answer = send(place, b"{}", {}, names)

    assert (200, [("receiver.example", receiver.port)]) == (answer.status, names.asked)
    assert [f"receiver.example:{receiver.port}"] == [taken.headers["Host"] for taken in receiver.taken]


@pytest.fixture
def public(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let the loopback pass for a public address, where a certificate is tried."""
    monkeypatch.setattr(webhook_http, "checked", lambda addresses: addresses)


@pytest.mark.usefixtures("public")
def test_fault_087_the_address_that_was_checked_is_the_one_that_is_called(tmp_path: Path) -> None:
    """The name is asked once; the certificate is the name's, although the call goes to an address."""
    certificate = self_signed(tmp_path, "hooks.example.com")
    names = Names(["127.0.0.1"], ["10.0.0.1"])

    with Receiver(certificate) as receiver:
        place = Target(secure=True, host="hooks.example.com", port=receiver.port, path="/a", own=False)
        answer = send(place, b"{}", {}, names, str(certificate))

    assert (200, [("hooks.example.com", receiver.port)]) == (answer.status, names.asked)
    assert [f"hooks.example.com:{receiver.port}"] == [taken.headers["Host"] for taken in receiver.taken]


@pytest.mark.usefixtures("public")
def test_where_nobody_is_the_next_address_is_called(receiver: Receiver) -> None:
    """A name may have several, of which one is down."""
    place = Target(secure=False, host="hooks.example.com", port=receiver.port, path="/a", own=False)
    answer = send(place, b"{}", {}, Names(["127.0.0.2", "127.0.0.1"]))

    assert (200, 1) == (answer.status, len(receiver.taken))


@pytest.mark.usefixtures("public")
def test_after_a_doubt_no_other_address_is_called(receiver: Receiver) -> None:
    """Who may have taken the lead is the last: behind both stands the same receiver."""
    receiver.replies.append(Reply(trouble="drop"))
    place = Target(secure=False, host="hooks.example.com", port=receiver.port, path="/a", own=False)

    with pytest.raises(Unanswered):
        send(place, b"{}", {}, Names(["127.0.0.1", "127.0.0.1"]))
    assert 1 == len(receiver.taken)


@pytest.mark.usefixtures("public")
@pytest.mark.parametrize("named", ["other.example.com", "127.0.0.1"])
def test_another_certificate_gets_nothing(tmp_path: Path, named: str) -> None:
    """Whoever cannot prove to be the host, by its name and not by its address, does not see the lead."""
    certificate = self_signed(tmp_path, named)

    with Receiver(certificate) as receiver:
        place = Target(secure=True, host="hooks.example.com", port=receiver.port, path="/a", own=False)
        with pytest.raises(Unavailable):
            send(place, b"{}", {}, Names(["127.0.0.1"]), str(certificate))
    assert [] == receiver.taken


@pytest.mark.usefixtures("public")
def test_an_unknown_authority_gets_nothing(tmp_path: Path) -> None:
    """A certificate that signs itself proves nothing to anybody."""
    with Receiver(self_signed(tmp_path, "hooks.example.com")) as receiver:
        place = Target(secure=True, host="hooks.example.com", port=receiver.port, path="/a", own=False)
        with pytest.raises(Unavailable):
            send(place, b"{}", {}, Names(["127.0.0.1"]))
    assert [] == receiver.taken
