"""HTTPS on the edge: certificates and hosts that come, change and go while it runs."""

import hashlib
import json
import random
import ssl
import subprocess

import pytest
from cryptography import x509

from chalicelib.clouds.local.authority import Authority
from tests.contract.edge_https import TWO, edge, leaf, site, speak
from tests.contract.edge_sites import TEXT, FakeSite, ask
from tests.contract.edge_tls import TlsEdge, ask_tls, own_host

__all__ = ["edge", "site"]


pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


@pytest.fixture
def changing(tmp_path, site):
    site.fill_cache(tmp_path)
    site.write_route(tmp_path)
    own_host(tmp_path, "shop.example.org", site)
    own_host(tmp_path, "*.example.org", site)
    edge = TlsEdge(tmp_path)
    yield edge
    assert edge.stop() == 0


def bring(edge, host, content):
    target = edge.home / "edge" / "certs" / f"{host.replace('*.', '_wild.')}.pem"
    target.parent.mkdir(exist_ok=True)
    temporary = target.with_suffix(".new")
    temporary.write_bytes(content)
    temporary.chmod(0o600)
    temporary.replace(target)
    edge.reload()


def serial(pem):
    return x509.load_pem_x509_certificate(pem).serial_number


def test_a_certificate_of_ones_own_and_its_renewal(changing):
    authority = Authority(changing.home / "edge" / "ca")
    assert leaf(changing, "shop.example.org").serial_number
    for days in (30, 60):
        pem = authority.issue(["shop.example.org"], days)
        bring(changing, "shop.example.org", pem)
        assert leaf(changing, "shop.example.org").serial_number == serial(pem)
    for broken in (b"", b"x" * 300_000, pem[:400], pem.split(b"-----BEGIN CERT")[0]):
        bring(changing, "shop.example.org", broken)
        assert leaf(changing, "shop.example.org").serial_number == serial(pem)
    other = authority.issue(["shop.example.org"])
    mixed = (
        pem.split(b"-----BEGIN CERT")[0] + b"-----BEGIN CERT" + other.split(b"-----BEGIN CERT")[1]
    )
    bring(changing, "shop.example.org", mixed)
    assert leaf(changing, "shop.example.org").serial_number == serial(pem)
    (changing.home / "edge" / "certs" / "shop.example.org.pem").unlink()
    changing.reload()
    assert leaf(changing, "shop.example.org").serial_number != serial(pem)


def test_a_chain_is_sent_whole(changing):
    """Somebody's certificate usually hangs on one between it and the root."""
    authority = Authority(changing.home / "edge" / "ca")
    bring(changing, "shop.example.org", authority.issue(["shop.example.org"]) + authority.root())
    said = subprocess.run(
        [
            *("openssl", "s_client", "-showcerts", "-connect", f"127.0.0.1:{changing.tls_port}"),
            *("-servername", "shop.example.org"),
        ],
        input=b"",
        capture_output=True,
        timeout=30,
        check=False,
    )
    assert said.stdout.count(b"-----BEGIN CERTIFICATE-----") == 2


def test_the_exact_host_before_the_wildcard(changing):
    authority = Authority(changing.home / "edge" / "ca")
    wild, exact = authority.issue(["*.example.org"]), authority.issue(["shop.example.org"])
    bring(changing, "*.example.org", wild)
    bring(changing, "shop.example.org", exact)
    assert leaf(changing, "shop.example.org").serial_number == serial(exact)
    assert leaf(changing, "any.example.org").serial_number == serial(wild)


def test_a_host_comes_and_goes_without_a_restart(changing, site):
    with pytest.raises(OSError):
        changing.connect("later.example.com")
    own_host(changing.home, "later.example.com", site, https="both")
    changing.reload()
    assert ask_tls(changing, "later.example.com", "/")[0] == 200
    assert ask(changing, "later.example.com", "/")[0] == 200
    own_host(changing.home, "later.example.com", site)
    changing.reload()
    assert ask(changing, "later.example.com", "/")[0] == 308
    (changing.home / "edge" / "hosts" / "later.example.com.json").unlink()
    changing.reload()
    assert ask(changing, "later.example.com", "/")[0] == 404
    with pytest.raises(OSError):
        changing.connect("later.example.com")


def test_what_a_host_wants_of_tls_changes_without_a_restart(changing, site):
    assert speak(changing, "shop.example.org", TWO, TWO)[0] == "TLSv1.2"
    own_host(changing.home, "shop.example.org", site, tls="1.3")
    changing.reload()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        speak(changing, "shop.example.org", TWO, TWO)


WRONG = [
    {"version": 2},
    {"host": "other.example.com"},
    {"host": None},
    {"slug": "../x"},
    {"slug": 7},
    {"slug": "0" * 26 + "--shop"},
    {"site": "prj_x"},
    {"redirect": "shop.example.org"},
    {"redirect": "a b"},
    {"redirect": "evil.test/path"},
    {"redirect": 1},
    {"https": "maybe"},
    {"https": ["both"]},
    {"hsts_seconds": -1},
    {"hsts_seconds": True},
    {"hsts_seconds": 10**12},
    {"tls": "1.0"},
    {"tls": 1.3},
]


@pytest.mark.parametrize("wrong", WRONG, ids=str)
def test_a_faulty_host_file_changes_nothing(changing, site, wrong):
    own_host(changing.home, "shop.example.org", site, **wrong)
    changing.reload()
    assert ask_tls(changing, "shop.example.org", "/")[0] == 200


def test_a_thousand_broken_files_harm_nobody(changing, site):
    chance = random.Random(7)
    good = json.dumps({"version": 1, "host": "h.example.com", "slug": "shop"}).encode()
    folder = changing.home / "edge" / "hosts"
    for n in range(1000):
        broken = bytearray(good)
        for _ in range(chance.randrange(1, 6)):
            broken[chance.randrange(len(broken))] = chance.randrange(256)
        name = f"h{n}.example.com" if n % 2 else hashlib.sha256(broken).hexdigest()[:20]
        (folder / f"{name}.json").write_bytes(bytes(broken) * chance.choice([1, 1, 1, 2000]))
    changing.reload()
    assert ask_tls(changing, "shop.example.org", "/")[0] == 200
    assert ask(changing, "shop.localhost", "/")[0] == 200


def test_nobody_takes_a_host_of_the_sites_domain_by_a_file(changing):
    thief = FakeSite("thief")
    thief.publish({"index.html": b"stolen"})
    thief.fill_cache(changing.home)
    thief.write_route(changing.home)
    for host in ("shop.localhost", "*.localhost", "localhost"):
        own_host(changing.home, host, thief)
    changing.reload()
    assert ask(changing, "shop.localhost", "/")[2] == TEXT
    assert ask_tls(changing, "shop.localhost", "/")[2] == TEXT


def test_a_host_that_names_anothers_slug_gets_nothing(changing):
    """The site in the file decides: a slug that somebody else took over is not enough."""
    before = FakeSite("shop", own_project="prj_" + "7" * 26)
    own_host(changing.home, "former.example.com", before, https="both")
    changing.reload()
    assert ask(changing, "former.example.com", "/")[0] == 404
