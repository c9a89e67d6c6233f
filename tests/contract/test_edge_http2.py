"""HTTP/2 on the edge: the same sites as over HTTP/1.1, and no way to wear it out."""

import random
import signal
import socket
import ssl
import struct
import subprocess
import threading
import time

import h2.errors
import h2.exceptions
import h2.settings
import httpx
import pytest
from hyperframe import frame

from tests.contract.edge_sites import BIG, TEXT, FakeSite, ask
from tests.contract.edge_tls import TlsEdge, Visitor, ask_tls, own_host
from tests.contract.test_edge_server import install
from tests.vectors.cases import Book

CALM = h2.errors.ErrorCodes.ENHANCE_YOUR_CALM
CASES = [
    case.name for case in Book.read("serving").made if not (case.own_domain or case.own_record)
]
HEAD = b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"


@pytest.fixture(scope="module")
def edge(tmp_path_factory):
    home = tmp_path_factory.mktemp("http2")
    site = FakeSite("shop")
    many = {f"p/{n}.html": f"page {n}".encode() for n in range(300)}
    site.publish({"index.html": TEXT, "big.bin": BIG, "empty.txt": b"", "404.html": b"no", **many})
    site.fill_cache(home)
    site.write_route(home)
    own_host(home, "shop.example.org", site, hsts_seconds=600)
    book = Book.read("serving")
    install(home, book)
    process = TlsEdge(home)
    process.book = book
    yield process
    assert process.process.poll() is None
    assert process.stop() == 0


@pytest.fixture(autouse=True)
def _still_there(edge):
    """Whatever a visitor did: others are served as before, and nothing is left behind."""
    yield
    assert ask_tls(edge, "shop.localhost", "/")[2] == TEXT
    with Visitor(edge) as other:
        assert other.get("/").body == TEXT
    until = time.monotonic() + 10
    while edge.health()["connections"] > 1:
        assert time.monotonic() < until, "a connection was left behind"
        time.sleep(0.05)


def told(headers):
    return sorted(
        (name.lower(), value)
        for name, value in headers
        if name.lower() not in {"date", "connection"}
    )


# --- the same answers ---


@pytest.mark.parametrize("title", CASES)
def test_vectors_are_answered_as_over_http_1(edge, title):
    case = edge.book.case(title)
    if not all(32 < ord(c) < 127 for c in case.path) or not case.path.startswith("/"):
        pytest.skip("no path that HTTP/2 can say")
    if not case.host.isascii() or " " in case.host or not case.host:
        pytest.skip("no host that a handshake can name")
    try:
        one = ask_tls(
            edge, case.host.partition(":")[0].rstrip("."), case.path, host=case.host, **case.headers
        )
    except (OSError, ValueError):
        pytest.skip("a host without a certificate")
    with Visitor(edge, case.host.partition(":")[0].rstrip(".")) as visitor:
        for _ in range(2):
            heard = visitor.get(case.path, host=case.host, **case.headers)
            assert (heard.status, heard.body) == (one[0], one[2])
            assert told(heard.headers) == told(one[1].items())


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"Accept_Encoding": "br"},
        {"Accept_Encoding": "gzip"},
        {"Range": "bytes=0-9"},
        {"Range": "bytes=99999999-"},
        {"If_None_Match": "*"},
        {"Accept": "text/html", "X_CloudDeck_Pin": "1"},
    ],
    ids=str,
)
@pytest.mark.parametrize(
    "path", ["/", "/big.bin", "/empty.txt", "/nothing", "/p/7", "/p/7/", "/..%2f"]
)
@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_the_same_over_both(edge, method, path, headers):
    status, known, body = ask(edge, "shop.localhost", path, method, **headers)
    with Visitor(edge) as visitor:
        for _ in range(2):
            heard = visitor.wait_for(visitor.ask(path, method, **headers))
            assert (heard.status, heard.body, heard.reset) == (status, body, None)
            assert told(heard.headers) == told(known.items())


def test_no_field_of_a_connection_and_all_names_small(edge):
    with Visitor(edge) as visitor:
        for path in ("/", "/nothing", "/big.bin"):
            names = [name for name, _ in visitor.get(path).headers]
            assert not {"connection", "keep-alive", "transfer-encoding", "upgrade"} & set(names)
            assert names == [name.lower() for name in names]
            assert names.count("date") == 1


def test_own_domains_and_their_headers(edge):
    with Visitor(edge, "shop.example.org") as visitor:
        for _ in range(2):
            heard = visitor.get("/")
            assert heard.header("strict-transport-security") == "max-age=600"


def test_programs_that_people_use(edge):
    base = f"https://shop.localhost:{edge.tls_port}"
    done = subprocess.run(
        [
            *(
                "curl",
                "-sS",
                "--http2",
                "--compressed",
                "--cacert",
                edge.root,
                "-w",
                "%{http_version}",
            ),
            *("--resolve", f"shop.localhost:{edge.tls_port}:127.0.0.1", f"{base}/"),
        ],
        capture_output=True,
        timeout=30,
        check=True,
    )
    assert done.stdout == TEXT + b"2"
    with httpx.Client(http2=True, verify=edge.context()) as client:
        there = {
            "headers": {"Host": "shop.localhost"},
            "extensions": {"sni_hostname": "shop.localhost"},
        }
        base = f"https://127.0.0.1:{edge.tls_port}"
        answers = [client.get(f"{base}/p/{n}", **there) for n in range(50)]
    assert {a.http_version for a in answers} == {"HTTP/2"}
    assert [a.text for a in answers] == [f"page {n}" for n in range(50)]


# --- many at once, at their own pace ---


def test_a_hundred_at_once_on_one_connection(edge):
    with Visitor(edge) as visitor:
        for _ in range(3):
            numbers = {visitor.ask(f"/p/{n}"): n for n in range(100)}
            for number, n in numbers.items():
                assert visitor.wait_for(number).body == f"page {n}".encode()
        assert visitor.limits[h2.settings.SettingCodes.MAX_CONCURRENT_STREAMS] == 100
        assert visitor.limits[h2.settings.SettingCodes.MAX_HEADER_LIST_SIZE] == 48 * 1024


def test_more_than_a_hundred_at_once_are_refused(edge):
    with Visitor(edge, window=0, lax=True) as visitor:
        visitor.http.remote_settings.max_concurrent_streams  # noqa: B018 - said by the edge
        visitor.listen()
        for _ in range(100):
            visitor.ask("/")
        visitor.http._open_streams = lambda remainder: 0  # a client that does not count
        visitor.ask("/")
        assert visitor.until_the_end() > 0


def test_a_small_answer_is_not_kept_waiting_by_a_large_one(edge):
    with Visitor(edge) as visitor:
        large = visitor.ask("/big.bin")
        while len(visitor.heard[large].body) < 100_000:
            visitor.listen()
        small = visitor.get("/p/1")
        assert small.body == b"page 1"
        assert not visitor.heard[large].ended
        assert visitor.wait_for(large).body == BIG


@pytest.mark.parametrize("window", [30, 1000, 2**31 - 1])
def test_a_window_of_any_size(edge, window):
    with Visitor(edge, window=window) as visitor:
        assert visitor.get("/").body == TEXT


def test_byte_by_byte_is_no_pace(edge):
    """Each byte costs a frame there and one back: more than it is worth."""
    with Visitor(edge, window=1) as visitor:
        assert visitor.get("/big.bin").body != BIG
        assert visitor.ended in {CALM, -1}


def test_a_window_that_opens_late(edge):
    with Visitor(edge, window=0) as visitor:
        one, other = visitor.ask("/"), visitor.ask("/big.bin")
        while not (visitor.heard[one].status and visitor.heard[other].status):
            visitor.listen()
        assert visitor.heard[one].body == b""
        visitor.http.update_settings({h2.settings.SettingCodes.INITIAL_WINDOW_SIZE: 20_000})
        visitor.flush()
        assert visitor.wait_for(one).body == TEXT
        assert visitor.wait_for(other).body == BIG


def test_a_connections_window_counts_for_all(edge):
    with Visitor(edge, window=10_000_000) as visitor:
        numbers = [visitor.ask("/big.bin") for _ in range(3)]
        while sum(len(visitor.heard[n].body) for n in numbers) < 65_535:
            visitor.listen(take=False)
        visitor.sock.settimeout(0.5)
        with pytest.raises(TimeoutError):
            visitor.sock.recv(1)
        visitor.sock.settimeout(20)
        visitor.http.increment_flow_control_window(2**30)
        visitor.flush()
        for number in numbers:
            assert visitor.wait_for(number, take=False).body == BIG


def test_many_visitors_at_once(edge):
    wrong = []

    def visit(seed):
        chance = random.Random(seed)
        with Visitor(edge) as visitor:
            for _ in range(5):
                asked = {visitor.ask(f"/p/{n}"): n for n in chance.sample(range(300), 40)}
                for number, n in asked.items():
                    if visitor.wait_for(number).body != f"page {n}".encode():
                        wrong.append((seed, n))

    threads = [threading.Thread(target=visit, args=(seed,)) for seed in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    assert not wrong


def test_what_is_taken_back_is_not_answered(edge):
    with Visitor(edge) as visitor:
        number = visitor.ask("/big.bin")
        while not visitor.heard[number].body:
            visitor.listen()
        visitor.http.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
        visitor.flush()
        assert visitor.get("/").body == TEXT


def test_stopping_finishes_what_is_under_way(tmp_path):
    site = FakeSite("shop")
    site.publish({"index.html": TEXT, "big.bin": BIG})
    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    edge = TlsEdge(tmp_path)
    with Visitor(edge) as idle, Visitor(edge) as visitor:
        assert idle.get("/").body == TEXT
        number = visitor.ask("/big.bin")
        while len(visitor.heard[number].body) < 100_000:
            visitor.listen()
        edge.process.send_signal(signal.SIGTERM)
        assert idle.until_the_end() == h2.errors.ErrorCodes.NO_ERROR
        # The library hears nothing after a farewell, so the frames are read by hand.
        body = bytearray(visitor.heard[number].body)
        rest, ended = b"", False
        updates = frame.WindowUpdateFrame(0, window_increment=2**30).serialize()
        updates += frame.WindowUpdateFrame(number, window_increment=2**30).serialize()
        visitor.raw(visitor.http.data_to_send() + updates)
        kinds = set()
        while not ended:
            piece = visitor.sock.recv(65_536)
            assert piece, "hung up before the end"
            rest += piece
            while len(rest) >= 9:
                head, length = frame.Frame.parse_frame_header(memoryview(rest[:9]))
                if len(rest) < 9 + length:
                    break
                head.parse_body(memoryview(rest[9 : 9 + length]))
                rest = rest[9 + length :]
                kinds.add(type(head).__name__)
                if isinstance(head, frame.DataFrame):
                    body += head.data
                    ended = "END_STREAM" in head.flags
        assert "GoAwayFrame" in kinds
        assert bytes(body) == BIG
    assert edge.process.wait(15) == 0


# --- bodies ---


def test_a_site_takes_no_body(edge):
    with Visitor(edge) as visitor:
        for size in (1, 70_000, 3_000_000):
            heard = visitor.post("/", b"x" * size)
            assert (heard.status, heard.header("allow")) == (405, "GET, HEAD")
        assert visitor.get("/").status == 200


def test_a_body_over_the_limit(edge):
    with Visitor(edge) as visitor:
        heard = visitor.post("/", bytes(11 * 1024 * 1024))
        assert (heard.status, heard.header("x-clouddeck-error")) == (413, "body_too_large")
        assert visitor.get("/").status == 200


def test_a_body_that_is_waited_for(edge):
    with Visitor(edge) as visitor:
        number = visitor.begin(visitor.fields("/", "POST", expect="100-continue"), end=False)
        visitor.listen()
        visitor.http.send_data(number, b"x", end_stream=True)
        visitor.flush()
        assert visitor.wait_for(number).status == 405


def test_room_for_bodies_is_shared_and_given_back(edge):
    """Eight visitors who each begin 10 MiB do not fit; when they leave, there is room again."""
    visitors = [Visitor(edge) for _ in range(8)]
    refused = 0
    for visitor in visitors:
        number = visitor.begin(visitor.fields("/", "POST"), end=False)
        left = 10 * 1024 * 1024 - 1
        while left and not visitor.heard[number].ended:
            size = min(
                visitor.http.local_flow_control_window(number),
                visitor.http.max_outbound_frame_size,
                left,
            )
            if size:
                visitor.http.send_data(number, bytes(size))
                left -= size
                visitor.flush()
            else:
                visitor.listen()
        refused += visitor.heard[number].status == 503
    assert refused == 2
    for visitor in visitors:
        visitor.sock.close()
    time.sleep(0.3)
    with Visitor(edge) as visitor:
        assert visitor.post("/", bytes(9 * 1024 * 1024)).status == 405


# --- what makes no request ---


def fields(*more, drop=(), **changed):
    base = {":method": "GET", ":scheme": "https", ":authority": "shop.localhost", ":path": "/"}
    base |= {f":{name}": value for name, value in changed.items()}
    return [(k, v) for k, v in base.items() if k not in drop] + list(more)


BAD = {
    "no path": fields(drop=[":path"]),
    "no method": fields(drop=[":method"]),
    "no host": fields(drop=[":authority"]),
    "empty path": fields(path=""),
    "path without slash": fields(path="index.html"),
    "absolute path": fields(path="https://shop.localhost/"),
    "space in path": fields(path="/a b"),
    "fragment": fields(path="/a#b"),
    "line break in path": fields(path="/a\r\nX: y"),
    "two hosts": fields(("host", "other.localhost")),
    "capital letters": fields(("X-Y", "1")),
    "a field of the connection": fields(("connection", "close")),
    "chunks": fields(("transfer-encoding", "chunked")),
    "late pseudo field": fields(("x", "y"), (":path", "/")),
    "unknown pseudo field": fields((":x", "y")),
    "twice a path": fields((":path", "/b")),
    "line break in a value": fields(("x", "a\r\nb: c")),
    "nul in a value": fields(("x", "a\0b")),
    "name with a space": fields(("a b", "c")),
    "name with a colon": fields(("a:b", "c")),
    "empty name": fields(("", "c")),
    "status of an answer": fields((":status", "200")),
    "tunnel": [(":method", "CONNECT"), (":authority", "shop.localhost")],
}


@pytest.mark.parametrize("wrong", BAD)
def test_no_request(edge, wrong):
    """Answered with 400, or the connection ends: never a page, never a fault."""
    with Visitor(edge, lax=True) as visitor:
        heard = visitor.wait_for(visitor.begin(BAD[wrong], end=True))
        assert heard.status in {0, 400, 405}
        assert TEXT not in heard.body
        if heard.status:
            assert visitor.get("/").status == 200
        else:
            assert visitor.ended or heard.reset


def test_lengths_that_are_not_true(edge):
    for length, body in (("5", b"abc"), ("1", b"abc"), ("x", b"abc"), ("-1", b"")):
        with Visitor(edge, lax=True) as visitor:
            made = visitor.fields("/", "POST", content_length=length)
            number = visitor.begin(made, end=False)
            visitor.http.send_data(number, body, end_stream=True)
            visitor.flush()
            assert visitor.wait_for(number).status in {0, 400, 405}


def test_trailers_change_nothing(edge):
    with Visitor(edge) as visitor:
        number = visitor.begin(visitor.fields("/", "POST"), end=False)
        visitor.http.send_data(number, b"x")
        visitor.http.send_headers(
            number, [("host", "other.localhost"), ("x", "y")], end_stream=True
        )
        visitor.flush()
        assert visitor.wait_for(number).status == 405


# --- floods ---


def flood(visitor, make, most=200_000):
    """Send until they hang up; the reason they gave.

    How much was sent by then says little: what is on the way fills the buffers of two sockets.
    """
    reasons = []

    def hear():
        reasons.append(visitor.until_the_end())

    listening = threading.Thread(target=hear)
    listening.start()
    sent = 0
    try:
        while listening.is_alive() and sent < most:
            batch = b"".join(make(sent + n) for n in range(200))
            visitor.raw(batch)
            sent += 200
    except (OSError, ssl.SSLError):
        pass
    listening.join(20)
    assert reasons, "they bear anything"
    return reasons[0]


def headers_of(visitor, number):
    block = visitor.http.encoder.encode(visitor.fields("/big.bin"))
    return frame.HeadersFrame(number, data=block, flags=["END_HEADERS", "END_STREAM"]).serialize()


FLOODS = {
    "pings": lambda v, n: frame.PingFrame(0, opaque_data=struct.pack(">Q", n)).serialize(),
    "settings": lambda v, n: frame.SettingsFrame(0, settings={4: 65_535 + n % 7}).serialize(),
    "empty settings": lambda v, n: frame.SettingsFrame(0).serialize(),
    "priorities": lambda v, n: frame.PriorityFrame(
        n % 999 * 2 + 5, stream_weight=n % 256
    ).serialize(),
    "windows": lambda v, n: frame.WindowUpdateFrame(0, window_increment=1).serialize(),
    "unknown frames": lambda v, n: b"\0\0\1\xee\0\0\0\0\0x",
}


@pytest.mark.parametrize("what", FLOODS)
def test_floods_of_frames(edge, what):
    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, lambda n: FLOODS[what](visitor, n))
        assert why in {CALM, -1}


def test_rapid_reset(edge):
    """Requests taken back as soon as they are made (CVE-2023-44487)."""

    def make(n):
        number = 3 + 2 * n
        return headers_of(visitor, number) + frame.RstStreamFrame(number, error_code=8).serialize()

    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, make)
        assert why in {CALM, -1}
    assert edge.health()["status"] == "ok"


def test_a_browser_that_leaves_a_page_is_no_flood(edge):
    with Visitor(edge) as visitor:
        for _ in range(2):
            numbers = [visitor.ask("/big.bin") for _ in range(60)]
            for number in numbers:
                visitor.http.reset_stream(number, h2.errors.ErrorCodes.CANCEL)
            visitor.flush()
        assert visitor.get("/").status == 200


def test_resets_that_the_edge_is_made_to_do(edge):
    """Errors on streams, so that the other side does the resetting (CVE-2025-8671)."""

    def make(n):
        number = 3 + 2 * n
        update = frame.WindowUpdateFrame(number, window_increment=1).serialize()
        return headers_of(visitor, number) + update[:9] + b"\0\0\0\0"

    with Visitor(edge) as visitor:
        visitor.get("/")
        why = flood(visitor, make)
        assert why != h2.errors.ErrorCodes.NO_ERROR


def test_empty_data(edge):
    with Visitor(edge) as visitor:
        number = visitor.begin(visitor.fields("/", "POST"), end=False)
        empty = frame.DataFrame(number, data=b"").serialize()
        why = flood(visitor, lambda n: empty)
        assert why in {CALM, -1}


def test_continuations_without_end(edge):
    with Visitor(edge) as visitor:
        visitor.get("/")
        visitor.raw(frame.HeadersFrame(3, data=b"\x82", flags=["END_STREAM"]).serialize())
        why = flood(visitor, lambda n: frame.ContinuationFrame(3, data=b"").serialize())
        assert why != h2.errors.ErrorCodes.NO_ERROR


def test_a_head_that_is_too_large(edge):
    with Visitor(edge, lax=True) as visitor:
        visitor.get("/")
        more = [(f"x-{n}", "y" * 1000) for n in range(60)]
        visitor.begin([*visitor.fields("/"), *more], end=True)
        assert visitor.until_the_end() in {CALM, -1}


def test_a_small_block_that_means_a_large_head(edge):
    """A value that is kept in the table once and named thousands of times."""
    with Visitor(edge) as visitor:
        visitor.get("/")
        block = bytearray(visitor.http.encoder.encode(visitor.fields("/")))
        block += visitor.http.encoder.encode([("x", "y" * 3000)])
        block += b"\xbe" * 10_000
        flags = ["END_HEADERS", "END_STREAM"]
        visitor.raw(frame.HeadersFrame(3, data=bytes(block), flags=flags).serialize())
        assert visitor.until_the_end() != 0


def test_many_small_fields_are_bounded_too(edge):
    with Visitor(edge, lax=True) as visitor:
        visitor.get("/")
        visitor.begin([*visitor.fields("/"), *[("x", "")] * 2000], end=True)
        assert visitor.until_the_end() in {CALM, -1}


# --- fuzz ---


def fuzzed(chance, visitor):
    """Frames of any kind, some of them whole and none of them honest."""
    kind, flags = chance.choice([*range(11), chance.randrange(256)]), chance.randrange(256)
    stream = chance.choice([0, 1, 1, 3, 5, 2, chance.randrange(2**31)])
    payload = chance.choice(
        [
            chance.randbytes(chance.randrange(40)),
            visitor.http.encoder.encode(visitor.fields("/p/1")),
            struct.pack(">HI", chance.randrange(12), chance.randrange(2**32)),
            struct.pack(">I", chance.randrange(2**32)),
        ]
    )
    length = len(payload) if chance.random() < 0.9 else chance.randrange(2**24)
    return (
        struct.pack(">I", length)[1:] + bytes([kind, flags]) + struct.pack(">I", stream) + payload
    )


@pytest.mark.parametrize("seed", range(60))
def test_frames_of_any_kind(edge, seed):
    chance = random.Random(seed)
    with Visitor(edge) as visitor:
        visitor.sock.settimeout(0.2)
        try:
            for _ in range(chance.randrange(1, 40)):
                visitor.raw(fuzzed(chance, visitor))
            visitor.sock.recv(65_536)
        except (OSError, ssl.SSLError):
            pass


@pytest.mark.parametrize("seed", range(20))
def test_bytes_instead_of_a_greeting(edge, seed):
    chance = random.Random(seed)
    with edge.connect("shop.localhost", "h2") as sock:
        sock.settimeout(0.2)
        try:
            sock.sendall(
                chance.choice([b"", HEAD[:9], HEAD]) + chance.randbytes(chance.randrange(200))
            )
            sock.recv(65_536)
        except (OSError, ssl.SSLError):
            pass


def test_http_1_spoken_where_http_2_was_agreed(edge):
    with edge.connect("shop.localhost", "h2") as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        answer = b""
        while piece := sock.recv(65_536):
            answer += piece
        assert TEXT not in answer


def test_hanging_up_in_the_middle(edge):
    for _ in range(20):
        visitor = Visitor(edge)
        for _ in range(20):
            visitor.ask("/big.bin")
        visitor.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        visitor.sock.close()
