"""HTTPS on the edge: which certificate, which versions, and what own domains ask for."""

import contextlib
import hashlib
import json
import random
import socket
import ssl
import subprocess
import time

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding

from adapters.local.edge.certificates import Certificates
from chalicelib.clouds.local.authority import Authority
from chalicelib.clouds.local.edge import LocalEdge
from tests.contract.edge_sites import SECRET, TEXT, FakeSite, ask, free_port, port_route
from tests.contract.edge_tls import TlsEdge, Visitor, ask_tls, own_host

pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


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


def preview(site, label=None):
    return f"{label or site.deployment().removeprefix('dpl_')}--shop.localhost"


def leaf(edge, host):
    with edge.connect(host) as sock:
        return x509.load_der_x509_certificate(sock.getpeercert(binary_form=True))


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


# --- versions and ciphers ---


def speak(edge, host, oldest, newest, ciphers=None):
    context = edge.context()
    context.check_hostname = host is not None
    context.minimum_version, context.maximum_version = oldest, newest
    if ciphers:
        context.set_ciphers(ciphers)
    with edge.connect(host, context=context) as sock:
        return sock.version(), sock.cipher()[0]


OLD, TWO, THREE = ssl.TLSVersion.TLSv1, ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


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


# --- own domains ---


def location(edge, host, path="/x%20y?a=1&b=%2F", port=None):
    status, headers, _ = ask(edge, host if port is None else f"{host}:{port}", path)
    return status, headers["Location"]


def test_plain_http_goes_to_https_with_path_and_query(edge):
    for _ in range(2):
        at = location(edge, "shop.example.org", port=edge.port)
        assert at == (308, f"https://shop.example.org:{edge.tls_port}/x%20y?a=1&b=%2F")
    # Behind a forwarded port, where nobody sees ours.
    assert location(edge, "shop.example.org") == (308, "https://shop.example.org/x%20y?a=1&b=%2F")
    assert location(edge, "Shop.Example.Org.", "/")[1] == "https://shop.example.org/"
    assert location(edge, "shop.example.org", "/", 80)[1] == "https://shop.example.org/"
    assert location(edge, "a.example.net", "/")[1] == "https://a.example.net/"


def test_what_lies_ready_for_https_is_not_for_plain_http(edge):
    host = f"shop.example.org:{edge.port}"
    for _ in range(3):
        assert ask_tls(edge, "shop.example.org", "/", host=host)[0] == 200
    assert location(edge, "shop.example.org", "/", edge.port)[0] == 308


def test_the_sites_domain_and_who_asks_for_both_stay_on_plain_http(edge):
    for host in ("shop.localhost", "both.example.org"):
        for _ in range(2):
            status, headers, body = ask(edge, host, "/")
            assert (status, body) == (200, TEXT)
            assert headers["Strict-Transport-Security"] is None


def test_another_name_leads_to_the_one_that_is_meant(edge):
    # To HTTPS and to the other name in one step.
    wanted = f"https://shop.example.org:{edge.tls_port}/a?b=c"
    assert location(edge, "www.example.org", "/a?b=c", edge.port) == (308, wanted)
    status, headers, _ = ask_tls(edge, "www.example.org", "/a?b=c")
    assert (status, headers["Location"]) == (308, "https://shop.example.org/a?b=c")
    # Neither asks for HTTPS, so who came without stays without.
    assert (
        location(edge, "old.example.org", "/", edge.port)[1]
        == f"http://both.example.org:{edge.port}/"
    )
    assert ask_tls(edge, "old.example.org", "/")[1]["Location"] == "https://both.example.org/"
    assert location(edge, "away.example.org", "/?q") == (308, "http://elsewhere.example.com/?q")


@pytest.mark.parametrize(
    ("path", "after"),
    [
        ("//evil.test/", "//evil.test/"),
        ("/\\evil.test", "/%5Cevil.test"),
        ("/%0d%0aSet-Cookie:x", "/%0d%0aSet-Cookie:x"),
        ("/?next=//evil.test", "/?next=//evil.test"),
        ('/"<b>', "/%22%3Cb%3E"),
        ("/@evil.test", "/@evil.test"),
        ("*", "/"),
    ],
)
def test_no_redirect_to_strangers(edge, path, after):
    assert location(edge, "shop.example.org", path) == (308, f"https://shop.example.org{after}")


def test_a_redirect_keeps_the_method(edge):
    assert ask(edge, "shop.example.org", "/", "POST", b"x", Content_Length="1")[0] == 308


@pytest.mark.parametrize("path", ["/", "/a/b", "/nothing", "/a/b/"])
def test_browsers_are_told_to_come_by_https_alone(edge, path):
    for _ in range(2):
        headers = ask_tls(edge, "shop.example.org", path)[1]
        assert headers["Strict-Transport-Security"] == "max-age=600"
    assert ask_tls(edge, "both.example.org", path)[1]["Strict-Transport-Security"] == "max-age=5"
    for host in ("shop.localhost", "a.example.net"):
        assert ask_tls(edge, host, path)[1]["Strict-Transport-Security"] is None


def test_a_host_whose_site_left_is_nobodys(edge):
    assert ask(edge, "lost.example.org", "/")[0] in {308, 404}
    assert ask_tls(edge, "lost.example.org", "/")[0] == 404


def test_cookies_have_locked_names(tmp_path):
    site = FakeSite("shop")
    for version in ("v1", "v2"):
        site.publish({"index.html": version.encode()}, version)
    site.fill_cache(tmp_path)
    body = site.route("v1", canary=site.deployment("v2"), weight=5000, skew_seconds=60)
    site.write_route(tmp_path, body)
    edge = TlsEdge(tmp_path)
    asked = {"Sec_Fetch_Dest": "document", "Accept": "text/html"}
    secure = ask_tls(edge, "shop.localhost", "/", **asked)[1].get_all("Set-Cookie")
    plain = ask(edge, "shop.localhost", "/", **asked)[1].get_all("Set-Cookie")
    assert [c.partition("=")[0] for c in secure] == ["__Host-cdv", "__Host-dpl"]
    assert all("; Secure; " in cookie for cookie in secure)
    assert [c.partition("=")[0] for c in plain] == ["__cdv", "__dpl"]
    # And only the locked one is believed.
    visitor = next(c for c in secure if "cdv" in c).partition(";")[0]
    again = ask_tls(edge, "shop.localhost", "/", Cookie=visitor, **asked)[1].get_all("Set-Cookie")
    assert [c.partition("=")[0] for c in again] == ["__Host-dpl"]
    stolen = visitor.replace("__Host-", "__")
    again = ask_tls(edge, "shop.localhost", "/", Cookie=stolen, **asked)[1].get_all("Set-Cookie")
    assert [c.partition("=")[0] for c in again] == ["__Host-cdv", "__Host-dpl"]
    assert edge.stop() == 0


# --- files that change ---


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


# --- bounds ---


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
