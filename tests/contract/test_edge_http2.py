"""HTTP/2 on the edge: the same sites as over HTTP/1.1, and bodies as far as they are taken."""

import subprocess
import time

import httpx
import pytest

from tests.contract.edge_http2 import _still_there, edge
from tests.contract.edge_sites import TEXT, ask
from tests.contract.edge_tls import Visitor, ask_tls
from tests.vectors.cases import Book

__all__ = ["_still_there", "edge"]

CASES = [
    case.name for case in Book.read("serving").made if not (case.own_domain or case.own_record)
]


def told(headers):
    return sorted(
        (name.lower(), value)
        for name, value in headers
        if name.lower() not in {"date", "connection"}
    )


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
    until = time.monotonic() + 10
    while True:  # the edge learns a little later that they left
        with Visitor(edge) as visitor:
            if visitor.post("/", bytes(9 * 1024 * 1024)).status == 405:
                break
        assert time.monotonic() < until, "the room of those who left is lost"
        time.sleep(0.05)
