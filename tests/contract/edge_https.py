"""An edge with sites and own domains over HTTPS."""

import ssl

import pytest
from cryptography import x509

from chalicelib.clouds.local.edge import LocalEdge
from tests.contract.edge_sites import SECRET, TEXT, FakeSite, port_route
from tests.contract.edge_tls import TlsEdge, own_host


@pytest.fixture(scope="module")
def site():
    site = FakeSite("shop")
    site.publish({"index.html": TEXT, "a/b.html": b"deep"})
    return site


@pytest.fixture(scope="module")
def edge(tmp_path_factory, site):
    home = tmp_path_factory.mktemp("tls")
    site.fill_cache(home)
    site.write_route(home)
    gone = FakeSite("gone")
    gone.write_route(home, gone.route(None, 2, gone=True))
    own_host(home, "shop.example.org", site, hsts_seconds=600)
    own_host(home, "www.example.org", site, redirect="shop.example.org")
    own_host(home, "both.example.org", site, https="both", hsts_seconds=5)
    own_host(home, "old.example.org", site, redirect="both.example.org", https="both")
    own_host(home, "away.example.org", site, redirect="elsewhere.example.com", https="both")
    own_host(home, "new.example.org", site, tls="1.3")
    own_host(home, "*.example.net", site)
    own_host(home, "lost.example.org", gone)
    process = TlsEdge(home)
    LocalEdge(home, process.port, SECRET).put(port_route(site, "v1", 5))
    alias = port_route(site, "v1", 5)
    LocalEdge(home, process.port, SECRET).put(type(alias)(**vars(alias) | {"slug": "pr-1--shop"}))
    yield process
    assert process.stop() == 0


def leaf(edge, host):
    with edge.connect(host) as sock:
        return x509.load_der_x509_certificate(sock.getpeercert(binary_form=True))


def speak(edge, host, oldest, newest, ciphers=None):
    context = edge.context()
    context.check_hostname = host is not None
    context.minimum_version, context.maximum_version = oldest, newest
    if ciphers:
        context.set_ciphers(ciphers)
    with edge.connect(host, context=context) as sock:
        return sock.version(), sock.cipher()[0]


OLD, TWO, THREE = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3
