"""Visitors over TLS: what a browser would do, and what none does."""

import contextlib
import json
import socket
import ssl
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path

import h2.config
import h2.connection
import h2.events
import h2.settings

from tests.contract.edge_sites import EdgeProcess, FakeSite, free_port


def own_host(home: Path, host: str, site: FakeSite, /, **more: object) -> None:
    """A host file as the domains port writes it."""
    target = home / "edge" / "hosts" / f"{host.replace('*.', '_wild.')}.json"
    target.parent.mkdir(parents=True, exist_ok=True)
    document = {
        "version": 1,
        "host": host,
        "slug": site.slug,
        "site": site.project,
        "redirect": None,
        "https": "redirect",
        "hsts_seconds": 0,
        "tls": "1.2",
    }
    temporary = target.with_suffix(".new")
    temporary.write_text(json.dumps(document | more))
    temporary.replace(target)


class TlsEdge(EdgeProcess):
    """The real process with both its ports."""

    def __init__(self, home: Path, **environ: str) -> None:
        self.tls_port = int(environ.setdefault("CLOUDDECK_EDGE_TLS_PORT", str(free_port())))
        super().__init__(home, **environ)

    def wait(self) -> None:
        super().wait()
        self.wait_for_https()

    def wait_for_https(self) -> None:
        until = time.monotonic() + 15
        while not self.health()["https"]:
            assert time.monotonic() < until, "no HTTPS"
            time.sleep(0.02)

    @property
    def root(self) -> Path:
        return self.home / "edge" / "ca" / "root.pem"

    def context(self, *protocols: str) -> ssl.SSLContext:
        context = ssl.create_default_context(cafile=str(self.root))
        if protocols:
            context.set_alpn_protocols(list(protocols))
        return context

    def connect(
        self, host: str | None, *protocols: str, context: ssl.SSLContext | None = None
    ) -> ssl.SSLSocket:
        raw = socket.create_connection(("127.0.0.1", self.tls_port), timeout=20)
        raw.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)  # as browsers do
        try:
            return (context or self.context(*protocols)).wrap_socket(raw, server_hostname=host)
        except BaseException:
            raw.close()
            raise


def ask_tls(edge: TlsEdge, name: str, path: str, host: str | None = None, **headers: str):
    """(status, headers, body) of one request over HTTP/1.1 and TLS."""
    from http.client import HTTPResponse

    with edge.connect(name, "http/1.1") as sock:
        lines = [f"GET {path} HTTP/1.1", f"Host: {host or name}", "Connection: close"]
        lines += [f"{key.replace('_', '-')}: {value}" for key, value in headers.items()]
        sock.sendall(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))
        response = HTTPResponse(sock)
        response.begin()
        return response.status, response.headers, response.read()


@dataclass
class Heard:
    """What came on one stream."""

    status: int = 0
    headers: list[tuple[str, str]] = field(default_factory=list)
    body: bytes = b""
    ended: bool = False
    reset: int | None = None

    def header(self, name: str) -> str | None:
        return next((value for key, value in self.headers if key == name.lower()), None)


class Visitor:
    """A client of HTTP/2 that does what it is told."""

    def __init__(
        self,
        edge: TlsEdge,
        host: str = "shop.localhost",
        *,
        window: int = 65_535,
        lax: bool = False,
    ) -> None:
        self.host = host
        self.sock = edge.connect(host, "h2")
        assert self.sock.selected_alpn_protocol() == "h2"
        self.http = h2.connection.H2Connection(
            h2.config.H2Configuration(
                client_side=True,
                header_encoding="utf-8",
                validate_outbound_headers=not lax,
                normalize_outbound_headers=not lax,
            )
        )
        self.http.local_settings = h2.settings.Settings(
            client=True,
            initial_values={
                h2.settings.SettingCodes.ENABLE_PUSH: 0,
                h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: window,
            },
        )
        self.http.initiate_connection()
        self.heard: dict[int, Heard] = {}
        self.ended: int | None = None
        self.sending = threading.Lock()
        self.limits: dict[int, int] = {}
        self.flush()

    def __enter__(self) -> "Visitor":
        return self

    def __exit__(self, *_: object) -> None:
        self.sock.close()

    def flush(self) -> None:
        self.raw(self.http.data_to_send())

    def raw(self, data: bytes) -> None:
        with self.sending:
            self.sock.sendall(data)

    def fields(self, path: str, method: str = "GET", host: str | None = None, **headers: str):
        return [
            (":method", method),
            (":scheme", "https"),
            (":authority", host or self.host),
            (":path", path),
            *((name.replace("_", "-").lower(), value) for name, value in headers.items()),
        ]

    def ask(self, path: str, method: str = "GET", host: str | None = None, **headers: str) -> int:
        """Begin a request without body; its number."""
        return self.begin(self.fields(path, method, host, **headers), end=True)

    def begin(self, fields, *, end: bool) -> int:
        number = self.http.get_next_available_stream_id()
        self.heard[number] = Heard()
        self.http.send_headers(number, fields, end_stream=end)
        self.flush()
        return number

    def get(self, path: str, host: str | None = None, **headers: str) -> Heard:
        return self.wait_for(self.ask(path, host=host, **headers))

    def post(self, path: str, body: bytes, **headers: str) -> Heard:
        number = self.begin(self.fields(path, "POST", **headers), end=False)
        rest = memoryview(body)
        while rest and not self.heard[number].ended:
            size = min(
                self.http.local_flow_control_window(number),
                self.http.max_outbound_frame_size,
                len(rest),
            )
            if size:
                self.http.send_data(number, bytes(rest[:size]), end_stream=size == len(rest))
                rest = rest[size:]
                self.flush()
            else:
                self.listen()
        return self.wait_for(number)

    def wait_for(self, number: int, *, take: bool = True) -> Heard:
        while not self.heard[number].ended and self.ended is None:
            if not self.listen(take=take):
                break
        return self.heard[number]

    def listen(self, *, take: bool = True) -> bool:
        """What came now; False at the end of the connection."""
        try:
            data = self.sock.recv(65_536)
        except (ssl.SSLError, ConnectionError):
            data = b""
        if not data:
            if self.ended is None:
                self.ended = -1
            return False
        for event in self.http.receive_data(data):
            self._take(event, take)
        if self.ended is None:
            # They may have hung up meanwhile; why is still to be read.
            with contextlib.suppress(OSError):
                self.flush()
        return True

    def _take(self, event: h2.events.Event, take: bool) -> None:
        if isinstance(event, h2.events.ResponseReceived):
            heard = self.heard[event.stream_id]
            heard.status = int(dict(event.headers)[":status"])
            heard.headers = [(k, v) for k, v in event.headers if not k.startswith(":")]
        elif isinstance(event, h2.events.DataReceived):
            self.heard[event.stream_id].body += event.data
            if take and event.flow_controlled_length:
                self.http.acknowledge_received_data(event.flow_controlled_length, event.stream_id)
        elif isinstance(event, h2.events.StreamEnded):
            self.heard[event.stream_id].ended = True
        elif isinstance(event, h2.events.StreamReset):
            self.heard[event.stream_id].ended = True
            self.heard[event.stream_id].reset = event.error_code
        elif isinstance(event, h2.events.RemoteSettingsChanged):
            self.limits |= {code: s.new_value for code, s in event.changed_settings.items()}
        elif isinstance(event, h2.events.ConnectionTerminated):
            self.ended = event.error_code

    def until_the_end(self) -> int:
        """Listen until they hang up; the reason they gave, -1 without one."""
        while self.listen():
            pass
        assert self.ended is not None
        return self.ended
