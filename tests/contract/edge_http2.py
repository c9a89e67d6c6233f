"""An edge with sites for HTTP/2, which is as well after every test as before."""

import time

import h2.errors
import h2.exceptions
import h2.settings
import pytest

from tests.contract.edge_sites import BIG, TEXT, FakeSite
from tests.contract.edge_tls import TlsEdge, Visitor, ask_tls, own_host
from tests.contract.test_edge_server import install
from tests.vectors.cases import Book

CALM = h2.errors.ErrorCodes.ENHANCE_YOUR_CALM


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
