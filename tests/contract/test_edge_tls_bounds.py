"""HTTPS on the edge: strangers, taken ports and lost keys cost others nothing."""

import contextlib
import socket
import ssl
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.local.edge.certificates import Certificates
from chalicelib.clouds.local.authority import Authority
from tests.contract.edge_https import edge, site
from tests.contract.edge_sites import ask, free_port
from tests.contract.edge_tls import TlsEdge, ask_tls, own_host

__all__ = ["edge", "site"]


pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


def test_strangers_make_up_preview_hosts(tmp_path):
    """There are as many as they like; certificates are made for so many of them in a while."""
    here = Certificates(
        tmp_path / "certs",
        Authority(tmp_path / "ca"),
        lambda _: ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER),
    )
    first = here.of_site("shop.localhost", passing=False)
    known = here.of_site("0--shop.localhost", passing=True)
    until, made = time.monotonic() + 60, 0
    while here.of_site(f"{made}--other.localhost", passing=True) is not None:
        made += 1
        assert time.monotonic() < until
    assert made >= 150
    assert here.of_site("0--shop.localhost", passing=True) is known
    assert here.of_site("shop.localhost", passing=False) is first
    assert here.of_site("later.localhost", passing=False) is not None


def test_silent_and_babbling_strangers_at_the_port(edge):
    silent = [socket.create_connection(("127.0.0.1", edge.tls_port)) for _ in range(50)]
    for data in (
        b"GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n",
        b"\x16\x03\x01\xff\xff" + b"x" * 99,
    ):
        with socket.create_connection(("127.0.0.1", edge.tls_port), timeout=15) as sock:
            sock.sendall(data)
            sock.settimeout(15)
            with contextlib.suppress(ConnectionError):
                assert not sock.recv(100).startswith(b"HTTP/1.1 2")
    assert ask_tls(edge, "shop.localhost", "/")[0] == 200
    for sock in silent:
        sock.close()


def test_a_port_that_is_taken_costs_https_only_until_it_is_free(tmp_path, site):
    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    port = free_port()
    with socket.socket() as taken:
        taken.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        taken.bind(("127.0.0.1", port))
        taken.listen()
        edge = TlsEdge.__new__(TlsEdge)
        edge.tls_port = port
        edge.wait = super(TlsEdge, edge).wait
        super(TlsEdge, edge).__init__(tmp_path, CLOUDDECK_EDGE_TLS_PORT=str(port))
        time.sleep(0.3)
        assert edge.health()["https"] is False
        assert ask(edge, "shop.localhost", "/")[0] == 200
    edge.wait_for_https()
    assert ask_tls(edge, "shop.localhost", "/")[0] == 200
    assert edge.stop() == 0


def test_without_a_port_there_is_no_https(tmp_path, site):
    from tests.contract.edge_sites import EdgeProcess

    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    own_host(tmp_path, "shop.example.org", site)
    edge = EdgeProcess(tmp_path)
    assert edge.health()["https"] is False
    assert ask(edge, "shop.example.org", "/")[0] == 200, "no redirect to where nobody listens"
    assert edge.stop() == 0


def test_an_authority_that_cannot_be_read_costs_https_alone(tmp_path, site):
    from tests.contract.edge_sites import EdgeProcess

    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    Authority(tmp_path / "edge" / "ca").root()
    (tmp_path / "edge" / "ca" / "root-key.pem").write_bytes(b"nothing of ours")
    edge = EdgeProcess(tmp_path, CLOUDDECK_EDGE_TLS_PORT=str(free_port()))
    assert ask(edge, "shop.localhost", "/")[0] == 200
    assert edge.health()["https"] is False
    assert edge.stop() == 0


def test_the_roots_key_stays_here(edge):
    """Nothing that a visitor is shown is the root itself, and no key is readable by others."""
    root = x509.load_pem_x509_certificate(edge.root.read_bytes())
    with edge.connect("shop.localhost") as sock:
        assert sock.getpeercert(binary_form=True) != root.public_bytes(Encoding.DER)
    for path in (edge.home / "edge" / "ca").iterdir():
        if b"PRIVATE" in path.read_bytes():
            assert path.stat().st_mode & 0o77 == 0
