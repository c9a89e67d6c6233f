"""HTTPS on the edge: which certificate, which versions, which ciphers."""

import ssl
import subprocess

import pytest
from cryptography import x509

from tests.contract.edge_https import THREE, TWO, edge, leaf, site, speak
from tests.contract.edge_sites import TEXT
from tests.contract.edge_tls import TlsEdge, Visitor, ask_tls

__all__ = ["edge", "site"]


pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


def preview(site, label=None):
    return f"{label or site.deployment().removeprefix('dpl_')}--shop.localhost"


def names(certificate):
    found = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    return [*found.get_values_for_type(x509.DNSName)]


@pytest.mark.parametrize("protocol", ["h2", "http/1.1", None])
@pytest.mark.parametrize("host", ["shop.localhost", "pr-1--shop.localhost", "preview"])
def test_every_host_of_a_site_has_a_certificate_of_its_own(edge, site, host, protocol):
    host = preview(site) if host == "preview" else host
    with edge.connect(host, *filter(None, [protocol])) as sock:
        assert sock.version() == "TLSv1.3"
        assert sock.selected_alpn_protocol() == protocol
    assert names(leaf(edge, host)) == [host]
    assert ask_tls(edge, host, "/")[2] == TEXT


@pytest.mark.parametrize("host", ["shop.example.org", "a.example.net"])
def test_own_domains_are_believed_too(edge, host):
    status, _, body = ask_tls(edge, host, "/a/b")
    assert (status, body) == (200, b"deep")


def test_the_same_certificate_again(edge):
    assert leaf(edge, "shop.localhost") == leaf(edge, "shop.localhost")


@pytest.mark.parametrize(
    "host",
    [
        "nobody.localhost",
        "gone.localhost",
        "pr-2--shop.localhost",
        "a--b--shop.localhost",
        "example.org",
        "example.net",
        "a.b.example.net",
        "x.shop.localhost",
        "_.localhost",
        "0" * 26 + "--nobody.localhost",
    ],
)
def test_nobodys_host_gets_no_certificate(edge, host):
    with pytest.raises(OSError):
        edge.connect(host)
    assert edge.process.poll() is None


def test_who_names_no_host_sees_this_computers_own_address_alone(edge):
    context = edge.context()
    context.check_hostname = False
    with edge.connect(None, context=context) as sock:
        assert "localhost" in str(sock.getpeercert())
    with edge.connect("localhost", "http/1.1") as sock:
        sock.sendall(b"GET /_clouddeck/health HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 200 OK")
    with edge.connect(None, context=context) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: shop.localhost\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 421 ")


@pytest.mark.parametrize("host", ["both.example.org", "nobody.localhost", "localhost", "x y", ""])
def test_a_connection_is_good_for_its_own_host_alone(edge, host):
    expected = 421 if host and " " not in host else 400
    assert ask_tls(edge, "shop.localhost", "/", host=host or " ")[0] in {400, 421}
    if expected == 421:
        assert ask_tls(edge, "shop.localhost", "/", host=host)[0] == 421
        with Visitor(edge) as visitor:
            assert visitor.get("/").status == 200
            assert visitor.get("/", host=host).status == 421
            assert visitor.get("/").status == 200, "the connection goes on"


@pytest.mark.parametrize("host", ["SHOP.localhost", "shop.localhost.", "shop.localhost:8443"])
def test_spellings_of_the_same_host(edge, host):
    assert ask_tls(edge, "shop.localhost", "/", host=host)[0] == 200


def test_tls_12_and_13(edge):
    assert speak(edge, "shop.localhost", TWO, TWO)[0] == "TLSv1.2"
    assert speak(edge, "shop.localhost", TWO, THREE)[0] == "TLSv1.3"


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_1])
def test_nothing_older(edge, version):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(edge, "shop.localhost", version, version, "ALL:@SECLEVEL=0")


@pytest.mark.parametrize(
    "cipher",
    [
        "AES128-GCM-SHA256",
        "ECDHE-ECDSA-AES128-SHA",
        "ECDHE-ECDSA-AES256-SHA384",
        "ECDHE-RSA-AES128-SHA256",
    ],
)
def test_no_cipher_without_forward_secrecy_and_authentication(edge, cipher):
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(edge, "shop.localhost", TWO, TWO, f"{cipher}:@SECLEVEL=0")


@pytest.mark.parametrize(
    "cipher", ["ECDHE-ECDSA-AES128-GCM-SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"]
)
def test_ciphers_of_tls_12(edge, cipher):
    assert speak(edge, "shop.localhost", TWO, TWO, cipher) == ("TLSv1.2", cipher)


def test_an_own_domain_may_want_13_alone(edge):
    assert speak(edge, "new.example.org", TWO, THREE)[0] == "TLSv1.3"
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(edge, "new.example.org", TWO, TWO)
    # Nor by another host's handshake.
    context = edge.context("http/1.1")
    context.maximum_version = TWO
    with edge.connect("shop.localhost", context=context) as sock:
        sock.sendall(b"GET / HTTP/1.1\r\nHost: new.example.org\r\n\r\n")
        assert sock.recv(65536).startswith(b"HTTP/1.1 421 ")


def test_a_whole_installation_may_want_13_alone(tmp_path, site):
    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    edge = TlsEdge(tmp_path, CLOUDDECK_EDGE_TLS="1.3")
    assert speak(edge, "shop.localhost", TWO, THREE)[0] == "TLSv1.3"
    for host in ("shop.localhost", None):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            speak(edge, host, TWO, TWO)
    assert edge.stop() == 0


def test_no_renegotiation(edge):
    said = subprocess.run(
        [
            *("openssl", "s_client", "-tls1_2", "-connect", f"127.0.0.1:{edge.tls_port}"),
            *("-servername", "shop.localhost", "-CAfile", edge.root),
        ],
        input=b"R\n",
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert b"Verify return code: 0 (ok)" in said.stdout
    assert b"no renegotiation" in said.stderr or b"alert" in said.stderr
