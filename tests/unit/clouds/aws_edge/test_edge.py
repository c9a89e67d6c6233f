"""Rows of the table as the edge's routes, and how a deployment leaves production at once."""

import itertools
import random
import ssl
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import boto3
import pytest
from botocore.exceptions import ClientError

from chalicelib.clouds.aws import edge as module
from chalicelib.clouds.aws import routes
from chalicelib.clouds.aws.edge import CloudFrontEdge
from chalicelib.core.config import Settings
from chalicelib.ports import SiteRoute
from tests.fakes import database as dynoxide
from tests.fakes.cloud import Fault, client

SITE = "prj_" + "01k" + "5" * 23


def ulid(number):
    return f"01k{number:023d}"


def dpl(number):
    return "dpl_" + ulid(number)


def route(generation, production=1, **more):
    live = None if production is None else dpl(production)
    return replace(SiteRoute(SITE, "team_" + ulid(0), "shop", live, generation), **more)


@dataclass
class Story:
    """What happened, in order; a purge that cannot drop anything when `broken`."""

    told: list = field(default_factory=list)
    broken: bool = False

    def sleep(self, seconds):
        self.told.append(("wait", seconds))

    def drop(self, tag, occasion):
        self.told.append(("drop", tag, occasion))
        if self.broken:
            raise RuntimeError("CloudFront did not drop it")


@pytest.fixture(params=["dynoxide", "moto"])
def table(request, monkeypatch):
    """The table `core` of two implementations of DynamoDB."""
    if request.param == "dynoxide":
        made = request.getfixturevalue("database")
        monkeypatch.setattr(module, "client", lambda service, region: made)
        yield made
        return
    from moto import mock_aws

    monkeypatch.delenv("AWS_ENDPOINT_URL_DYNAMODB", raising=False)
    with mock_aws():
        made = boto3.client("dynamodb", region_name="us-east-1")
        dynoxide.make_tables(made, "test")
        monkeypatch.setattr(module, "client", lambda service, region: made)
        yield made


@pytest.fixture
def story():
    return Story()


@pytest.fixture
def edge(table, story):
    return CloudFrontEdge(Settings(prefix="test"), sleep=story.sleep, purge=story)


def row(table):
    return table.get_item(TableName="test-core", Key=routes.key("shop"), ConsistentRead=True)[
        "Item"
    ]


def revoked(table):
    return routes.revoked(row(table))


def test_the_row_has_the_attributes_that_the_origin_reads(edge, table):
    edge.put(route(3, canary=dpl(2), weight=250, skew_seconds=60))
    assert row(table) == {
        "pk": {"S": "ROUTE#shop"},
        "sk": {"S": "META"},
        "site": {"S": SITE},
        "team": {"S": "team_" + ulid(0)},
        "slug": {"S": "shop"},
        "production": {"S": dpl(1)},
        "generation": {"N": "3"},
        "gone": {"BOOL": False},
        "canary": {"S": dpl(2)},
        "weight": {"N": "250"},
        "skew_seconds": {"N": "60"},
        "revision": {"N": "0"},
    }
    edge.put(route(4, None, gone=True))
    assert row(table).keys() & {"production", "canary"} == set()
    assert row(table)["gone"] == {"BOOL": True}


def test_every_pair_of_routes_ends_as_the_rule_says(edge, table):
    from chalicelib.edge.rules.routes import replaces

    sites = ["prj_" + "0" * 26, SITE, "prj_" + "7" * 26]
    told = [route(g, g, site=site) for site in sites for g in (0, 1, 9, 10)]
    for first, second in itertools.product(told, told):
        table.delete_item(TableName="test-core", Key=routes.key("shop"))
        edge.put(first)
        edge.put(second)
        assert routes.route(row(table)) == (second if replaces(second, first) else first)


def test_revoking_tells_the_origin_waits_and_drops_the_caches(edge, table, story):
    edge.put(route(1, 1))
    edge.put(route(2, 2))
    edge.revoke(route(3, 1), dpl(2))
    assert routes.route(row(table)) == route(3, 1)
    assert revoked(table) == {ulid(2)}
    assert story.told == [("wait", 2.0), ("drop", "dep-" + ulid(2), "g3")]


def test_a_site_that_is_gone_leaves_the_caches(edge, table, story):
    edge.put(route(3))
    assert story.told == []
    edge.put(route(4, None, gone=True))
    assert story.told == [("wait", 2.0), ("drop", f"site-{route(4).site}", "g4")]


def test_promoting_makes_good_again(edge, table):
    edge.put(route(1, 1))
    for generation, bad in enumerate((2, 3, 4), 2):
        edge.revoke(route(generation, 1), dpl(bad))
    assert revoked(table) == {ulid(2), ulid(3), ulid(4)}
    edge.put(route(9, 2))
    assert revoked(table) == {ulid(3), ulid(4)}
    edge.put(route(10, 2, canary=dpl(4), weight=10))
    assert revoked(table) == {ulid(3)}
    edge.put(route(11, 3))
    assert "revoked" not in row(table)


def test_a_row_that_revokes_what_it_names_is_repaired(edge, table):
    edge.put(route(1, 1))
    table.update_item(
        TableName="test-core",
        Key=routes.key("shop"),
        UpdateExpression="ADD revoked :all",
        ExpressionAttributeValues={":all": {"SS": [ulid(1), ulid(5)]}},
    )
    edge.put(route(1, 1))
    assert revoked(table) == {ulid(5)}


def test_what_is_live_again_is_not_revoked(edge, table, story):
    edge.put(route(1, 1))
    edge.put(route(5, 2))  # somebody was faster, and promoted it once more
    edge.revoke(route(3, 1), dpl(2))
    edge.put(route(6, 1, canary=dpl(2), weight=1))
    edge.revoke(route(3, 1), dpl(2))
    edge.revoke(route(7, 2), dpl(2))
    assert (revoked(table), story.told) == (set(), [])
    assert routes.route(row(table)) == route(7, 2)


def test_a_late_revocation_of_an_older_site_changes_nothing(edge, table, story):
    younger = route(0, 7, site="prj_" + "7" * 26)
    edge.put(younger)
    edge.revoke(route(3, 1), dpl(2))
    assert (revoked(table), story.told) == (set(), [])
    assert routes.route(row(table)) == younger


def test_the_newest_twenty_are_remembered(edge, table):
    edge.put(route(1, 999))
    for number in range(100, 130):
        edge.revoke(route(2, 999), dpl(number))
    assert revoked(table) == {ulid(n) for n in range(110, 130)}
    edge.revoke(route(2, 999), dpl(1))
    assert revoked(table) == {ulid(1), *(ulid(n) for n in range(111, 130))}


def test_revoking_twice_is_as_good_as_once(edge, table, story):
    edge.put(route(1, 1))
    for _ in range(2):
        edge.revoke(route(3, 1), dpl(2))
    assert revoked(table) == {ulid(2)}
    assert story.told == [("wait", 2.0), ("drop", "dep-" + ulid(2), "g3")] * 2


def test_promotions_and_rollbacks_at_once_never_revoke_what_is_live(database, monkeypatch):
    monkeypatch.setattr(module, "client", lambda service, region: database)
    moves = [(generation, 1 + generation % 4) for generation in range(1, 60)]
    random.Random(2).shuffle(moves)
    seen = []

    def move(step):
        generation, live = step
        edge = CloudFrontEdge(Settings(prefix="test"), sleep=lambda s: None, purge=Story())
        if generation % 2:
            edge.revoke(route(generation, live), dpl(1 + (live + generation // 2 % 3) % 4))
        else:
            edge.put(route(generation, live))
        now = row(database)
        seen.append(routes.bare(routes.route(now).production) in routes.revoked(now))

    with ThreadPoolExecutor(12) as pool:
        list(pool.map(move, moves))
    assert len(seen) == 59
    assert not any(seen)
    assert routes.route(row(database)) == route(59, 1 + 59 % 4)
    assert revoked(database)


def test_a_purge_that_fails_leaves_the_route_and_the_mark(edge, table, story):
    story.broken = True
    with pytest.raises(RuntimeError):
        edge.revoke(route(3, 1), dpl(2))
    assert routes.route(row(table)) == route(3, 1)
    assert revoked(table) == {ulid(2)}


@dataclass
class Busy:
    """A table whose rows are held by others `left` times."""

    left: int
    code: str = "TransactionConflictException"
    done: int = 0

    def update_item(self, **_):
        if self.left:
            self.left -= 1
            raise Fault(self.code, "held")
        self.done += 1
        return {}


@pytest.mark.parametrize(("held", "done"), [(0, 1), (5, 1), (6, 0)])
def test_rows_that_are_held_are_tried_again(monkeypatch, story, held, done):
    busy = Busy(held)
    made = client("dynamodb", busy)
    monkeypatch.setattr(module, "client", lambda service, region: made)
    edge = CloudFrontEdge(Settings(prefix="test"), sleep=story.sleep, purge=story)
    if done:
        edge.put(route(1))
    else:
        with pytest.raises(ClientError):
            edge.put(route(1))
    assert busy.done == done
    assert len(story.told) == min(held, 5)


def test_other_faults_of_the_table_are_passed_on(monkeypatch, story):
    made = client("dynamodb", Busy(1, "AccessDeniedException"))
    monkeypatch.setattr(module, "client", lambda service, region: made)
    edge = CloudFrontEdge(Settings(prefix="test"), sleep=story.sleep, purge=story)
    with pytest.raises(ClientError, match="AccessDenied"):
        edge.put(route(1))


# asking


class Answers(BaseHTTPRequestHandler):
    def do_GET(self):
        self.server.seen.append((self.path, self.headers["Host"]))
        self.server.agents.append(self.headers["User-Agent"])
        if self.path == "/moved":
            self.send_response(302)
            self.send_header("Location", "/elsewhere")
        else:
            self.send_response(200)
        self.send_header("X-CloudDeck-Deployment", dpl(1))
        length = {"/endless": 1 << 40, "/big": 1 << 20}.get(self.path, 2)
        self.send_header("Content-Length", str(length))
        self.end_headers()
        if self.path == "/slow":
            time.sleep(1)
        while length and not self.wfile.closed:
            try:
                self.wfile.write(b"x" * min(length, 65536))
            except OSError:
                return
            length -= min(length, 65536)

    def log_message(self, *_):
        pass


@contextmanager
def server(context=None):
    serving = ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    serving.daemon_threads = True
    serving.seen, serving.agents = [], []
    if context is not None:
        serving.socket = context.wrap_socket(serving.socket, server_side=True)
    threading.Thread(target=serving.serve_forever, args=(0.02,), daemon=True).start()
    yield serving
    serving.shutdown()
    serving.server_close()


def asker(serving, scheme="http"):
    port = serving.server_address[1]
    return CloudFrontEdge(Settings(edge_origin=f"{scheme}://localhost:{port}"))


def test_asking_through_a_private_edge_keeps_the_host():
    with server() as serving:
        answer = asker(serving).ask("shop.example.org", "/a?b=c")
        assert (answer.status, answer.deployment) == (200, dpl(1))
        assert 0 <= answer.milliseconds < 5000
        assert serving.seen == [("/a?b=c", "shop.example.org")]
        assert serving.agents == ["clouddeck-verify"]  # AWS's firewall refuses who says nothing


def test_no_redirect_is_followed_and_no_body_read_without_end():
    with server() as serving:
        assert asker(serving).ask("shop.example.org", "/moved").status == 302
        assert asker(serving).ask("shop.example.org", "/endless").status == 200
        assert asker(serving).ask("shop.example.org", "/big").status == 200
        assert [path for path, _ in serving.seen] == ["/moved", "/endless", "/big"]


def test_a_page_that_takes_too_long_is_out_of_reach(monkeypatch):
    monkeypatch.setattr(module, "_ASK_SECONDS", 0.2)
    with server() as serving, pytest.raises(OSError):
        asker(serving).ask("shop.example.org", "/slow")


def _certificate(folder):
    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec

    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.now(UTC)
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - timedelta(days=1))
        .not_valid_after(now + timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    path = folder / "both.pem"
    pem = serialization.Encoding.PEM
    private = key.private_bytes(
        pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
    )
    path.write_bytes(made.public_bytes(pem) + private)
    return path


def test_without_an_edge_of_ours_the_host_itself_is_asked_by_https(tmp_path, monkeypatch):
    path = _certificate(tmp_path)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(path)
    edge = CloudFrontEdge(Settings())
    with server(context) as serving:
        host = f"localhost:{serving.server_address[1]}"
        with pytest.raises(ssl.SSLCertVerificationError):
            edge.ask(host, "/")
        monkeypatch.setenv("SSL_CERT_FILE", str(path))
        assert edge.ask(host, "/").status == 200
        assert asker(serving, "https").ask("shop.example.org", "/").deployment == dpl(1)
        assert [host for _, host in serving.seen] == [host, "shop.example.org"]


def test_out_of_reach():
    edge = CloudFrontEdge(Settings())
    for host in ("shop.invalid", "127.0.0.1:1"):
        with pytest.raises(OSError):
            edge.ask(host, "/")
    with pytest.raises(OSError):
        edge.ask("shop.invalid", "/ two")
