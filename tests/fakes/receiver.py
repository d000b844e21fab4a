"""Somebody's server that takes webhooks, with or without TLS, and fails as it is told to."""

from __future__ import annotations

import datetime as dt
import ipaddress
import ssl
import threading
from collections import deque
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Literal, Self

from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID


@dataclass(frozen=True)
class Reply:
    """One answer: `stall` keeps silent, `drop` hangs up having read, `endless` never ends its body.

    `drip` takes two seconds for its headers, a letter at a time.
    """

    status: int = 200
    headers: dict[str, str] = field(default_factory=dict)
    trouble: Literal["", "stall", "drop", "endless", "drip"] = ""


@dataclass(frozen=True)
class Taken:
    """One request as it arrived."""

    path: str
    headers: dict[str, str]
    body: bytes


class Receiver:
    """A server on the loopback that answers 200 unless `replies` says otherwise, in order.

    With `certificate`, a file of `self_signed`, it speaks TLS.
    """

    def __init__(self, certificate: Path | None = None, port: int = 0) -> None:
        self.replies: deque[Reply] = deque()
        self.taken: list[Taken] = []
        self.over = threading.Event()
        self._server = ThreadingHTTPServer(("127.0.0.1", port), _handler(self))
        self._server.daemon_threads = False
        self._server.handle_error = lambda *_: None  # type: ignore[method-assign] # handshakes fail on purpose
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.01,))

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.over.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    @property
    def port(self) -> int:
        """Return the port it listens on."""
        return self._server.server_port

    @property
    def origin(self) -> str:
        """Return its origin."""
        return f"http://127.0.0.1:{self.port}"


def self_signed(folder: Path, *names: str) -> Path:
    """Return a new file with a key and a certificate for these names, which signs itself."""
    key = ec.generate_private_key(ec.SECP256R1())
    subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "test")])
    now = dt.datetime.now(dt.UTC)
    alternatives = [
        x509.IPAddress(ipaddress.ip_address(name)) if name[0].isdigit() else x509.DNSName(name)
        for name in names
    ]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(alternatives), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = key.private_bytes(pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption())
    file = folder / "certificate.pem"
    file.write_bytes(private + certificate.public_bytes(pem))
    return file


def _handler(receiver: Receiver) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            receiver.taken.append(Taken(self.path, dict(self.headers), body))
            reply = receiver.replies.popleft() if receiver.replies else Reply()
            if reply.trouble == "stall":
                receiver.over.wait()
            if reply.trouble in {"stall", "drop"}:
                self.close_connection = True
                return
            self.send_response(reply.status)
            if reply.trouble == "drip":
                self.flush_headers()
                for _ in range(100):
                    self.wfile.write(b"x")
                    receiver.over.wait(0.02)
                self.wfile.write(b": y\r\n")
            for name, value in reply.headers.items():
                self.send_header(name, value)
            if reply.trouble != "endless":
                self.send_header("Content-Length", "0")
            self.end_headers()
            if reply.trouble == "endless":
                self.wfile.flush()
                receiver.over.wait()

        def log_message(self, *_: object) -> None:
            """Keep quiet."""

    return Handler
