"""The edge beside nginx, and sites with rules and skew protection beside a plain one.

Both serve the same files on loopback in the same run and are driven in turns, so that whatever
else the machine does hits both. nginx maps the host to a folder, checks ETags, sends prepared
brotli files, and writes the same JSON access log; over TLS both show the same certificate. Quote
ratios: absolute figures are of this machine and this minute. `python -m bench --suite edge`.
"""

import http.client
import random
import shutil
import statistics
import tempfile
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

import brotli

from bench import load, nginx, table
from bench.load import Load
from bench.nginx import Server
from chalicelib.clouds.local.authority import Authority
from chalicelib.edge.rules.routing.codec import digest_of, encode
from chalicelib.edge.rules.routing.model import HeaderRule, Routing, Rule
from tests.contract.edge_sites import FakeSite, free_port
from tests.contract.edge_tls import TlsEdge, own_host

SITES = 1000
GOAL = 0.6
P99_MS = 10.0
OWN = "bench.example"
ASSET = "/assets/app-3f2a1b9c.js"

_NGINX = """
  open_file_cache max=10000 inactive=1h; open_file_cache_valid 1h;
  map $http_accept_encoding $pack {{ default ""; "~br" ".br"; }}
  add_header Cache-Control "public,max-age=0,must-revalidate";
  add_header X-Content-Type-Options nosniff;
  add_header X-CloudDeck-Deployment dpl_00000000000000000000000000;
  add_header Vary Accept-Encoding;
  index index.html;
  server {{
    listen 127.0.0.1:{port} backlog=2048;
    server_name ~^(?<site>[a-z0-9-]+)\\.localhost$;
    root {www}/$site;
    location = /packed {{ types {{ }} default_type text/html;
      add_header Cache-Control "public,max-age=0,must-revalidate";
      add_header X-Content-Type-Options nosniff;
      add_header X-CloudDeck-Deployment dpl_00000000000000000000000000;
      add_header Vary Accept-Encoding;
      add_header Content-Encoding br;
      try_files /index.html$pack =404; }}
  }}
  server {{
    listen 127.0.0.1:{tls_port} ssl http2 backlog=2048;
    server_name {own};
    root {www}/site7;
    ssl_certificate {pem}; ssl_certificate_key {pem};
    ssl_protocols TLSv1.2 TLSv1.3;
  }}
"""


@dataclass
class Side:
    """A server, and what it is asked for."""

    server: Server
    path: str
    host: str
    headers: dict[str, str] = field(default_factory=dict)
    tls: Literal["", "h1", "h2"] = ""
    revalidate: bool = False

    def load(self) -> Load:
        """What is asked in a run."""
        port = self.server.tls_port if self.tls else self.server.port
        name = self.host if self.tls else f"{self.host}:{port}"
        made = Load(port, self.path, [name], dict(self.headers), self.tls)
        if self.revalidate:
            made.headers["If-None-Match"] = _tag(made)
        return made


@dataclass
class Options:
    """How long to measure, and where to put files."""

    seconds: float
    rounds: int
    folder: Path


def text(seed: int, size: int) -> bytes:
    """Words that compress the way pages do."""
    rnd = random.Random(seed)
    words = [f"{rnd.getrandbits(28):x}" for _ in range(400)]
    return " ".join(rnd.choice(words) for _ in range(size // 7 + size // 40)).encode()[:size]


def make_sites(home: Path, www: Path) -> None:
    """The same files for both servers; the big asset is the same one everywhere."""
    asset = text(0, 100 * 1024)
    for number in range(SITES):
        site = FakeSite(f"site{number}")
        page = _page(number)
        files = {"index.html": page, "assets/app-3f2a1b9c.js": asset}
        site.publish(files)
        site.fill_cache(home)
        site.write_route(home)
        folder = www / site.slug
        (folder / "assets").mkdir(parents=True)
        (folder / "index.html").write_bytes(page)
        (folder / "index.html.br").write_bytes(brotli.compress(page, quality=9))
        (folder / "assets/app-3f2a1b9c.js").write_bytes(asset)
        if number == 7:
            own_host(home, OWN, site, https="both")


def make_ruled(home: Path) -> None:
    """The page of site7 behind 100 rules and 20 header rules, five of which are for every path."""
    rules = [
        Rule("b", number, f"/old-{number}" if number % 2 else f"/shop{number}/:item/*", "/", 301)
        for number in range(100)
    ]
    headers = [
        HeaderRule("b", number, "/*" if number < 5 else f"/part{number}/*", ((f"X-{number}", "v"),))
        for number in range(20)
    ]
    data = encode(Routing(rules=tuple(rules), headers=tuple(headers)))
    site = FakeSite("ruled")
    site.objects[f"rules/{site.team}/{digest_of(data)}.json"] = data
    site.publish({"index.html": _page(7)}, routing=digest_of(data))
    site.fill_cache(home)
    site.write_route(home)


def make_skewed(home: Path) -> str:
    """The page of site7 under skew protection; the cookies of a visitor of it."""
    site = FakeSite("skewed")
    deployment = site.publish({"index.html": _page(7), "part.html": _page(7)})
    site.fill_cache(home)
    site.write_route(home, site.route(skew_seconds=3600))
    return f"theme=dark; session=4f0c; __dpl={deployment.removeprefix('dpl_')}; locale=de"


def make_certificate(home: Path) -> Path:
    """A certificate of the own domain, from the authority that browsers were told to trust."""
    pem = home / "edge" / "certs" / f"{OWN}.pem"
    pem.parent.mkdir(parents=True)
    pem.write_bytes(Authority(home / "edge" / "ca").issue([OWN]))
    return pem


def compare(
    name: str, ours: Side, peer: Side | None, options: Options, goal: float | None
) -> list[table.Row]:
    """One case against another, in turns."""
    sides = [side for side in (ours, peer) if side is not None]
    speeds: list[list[load.Speed]] = [[] for _ in sides]
    costs: list[list[float]] = [[] for _ in sides]
    for _ in range(options.rounds):
        for place, side in enumerate(sides):
            asked = side.load()
            before = side.server.cpu_seconds()
            speed = load.drive(asked, options.seconds, options.folder)
            spent = side.server.cpu_seconds() - before
            speeds[place].append(speed)
            costs[place].append(spent / speed.asked * 1e6)
    rates = [statistics.median(one.rate for one in found) for found in speeds]
    cost = [statistics.median(found) for found in costs]
    other = peer is not None
    half = statistics.median(one.p50 for one in speeds[0])
    tail = statistics.median(one.p99 for one in speeds[0])
    return [
        table.higher(name, rates[0], rates[1] if other else None, "req/s", goal),
        table.fact(f"{name}: p50", half, "ms"),
        table.below(f"{name}: p99", tail, "ms", P99_MS),
        # what a busy machine distorts least
        table.faster(f"{name}: CPU per request", cost[0], cost[1] if other else None, "us", None),
    ]


def run(seconds: float = 5, rounds: int = 3) -> list[table.Row]:
    """Every row of the suite."""
    load.say_what_is_missing()
    with tempfile.TemporaryDirectory(prefix="clouddeck-bench-") as name:
        folder = Path(name)
        folder.chmod(0o755)  # nginx may drop to a user of its own
        home, www = folder / "edge", folder / "www"
        make_sites(home, www)
        make_ruled(home)
        cookies = make_skewed(home)
        pem = make_certificate(home)
        port, tls_port = free_port(), free_port()
        config = _NGINX.format(port=port, tls_port=tls_port, www=www, own=OWN, pem=pem)
        edge = TlsEdge(home)
        try:
            with nginx.running(folder / "nginx", config, port, tls_port) as peer:
                edge.settle(120)
                own = Server("edge", edge.port, edge.process.pid, edge.tls_port)
                options = Options(seconds, rounds, folder)
                return [*_beside_nginx(own, peer, options), *_beside_plain(own, cookies, options)]
        finally:
            edge.stop()


def _beside_nginx(own: Server, peer: Server | None, options: Options) -> list[table.Row]:
    packed = {"Accept-Encoding": "gzip, deflate, br"}
    rows: list[table.Row] = []
    for name, path, peer_path, headers in (
        ("5 KB HTML", "/", "/", {}),
        ("100 KB asset", ASSET, ASSET, {}),
        ("5 KB HTML as br", "/", "/packed", packed),
        ("304", "/", "/index.html", {}),
    ):
        again = name == "304"
        ours = Side(own, path, "site7.localhost", headers, revalidate=again)
        theirs = Side(peer, peer_path, "site7.localhost", headers, revalidate=again)
        rows += compare(name, ours, theirs if peer else None, options, GOAL)
    if shutil.which("h2load") is None:
        return rows
    for name, path, version in (
        ("5 KB HTML, HTTPS, HTTP/1.1", "/", "h1"),
        ("5 KB HTML, HTTPS, HTTP/2", "/", "h2"),
        ("100 KB asset, HTTPS, HTTP/2", ASSET, "h2"),
    ):
        ours, theirs = Side(own, path, OWN, tls=version), Side(peer, path, OWN, tls=version)
        rows += compare(name, ours, theirs if peer else None, options, None)
    return rows


def _beside_plain(own: Server, cookies: str, options: Options) -> list[table.Row]:
    """Both sides are ours: what rules and skew protection cost."""
    part = {"Cookie": cookies, "Sec-Fetch-Dest": "script"}
    opening = {"Cookie": cookies, "Sec-Fetch-Dest": "document", "Accept": "text/html,*/*;q=0.8"}
    plain = Side(own, "/", "site7.localhost")
    rows: list[table.Row] = []
    for name, side, beside in (
        ("100 rules, 20 header rules: a page", Side(own, "/", "ruled.localhost"), plain),
        (
            "100 rules, 20 header rules: a redirect",
            Side(own, "/shop98/a/b", "ruled.localhost"),
            plain,
        ),
        (
            "skew protection: a page is opened",
            Side(own, "/", "skewed.localhost", opening),
            Side(own, "/", "site7.localhost", opening),
        ),
        (
            "skew protection: a part of a page",
            Side(own, "/part", "skewed.localhost", part),
            Side(own, "/", "site7.localhost", part),
        ),
    ):
        rows += compare(f"{name}, beside plain", side, beside, options, None)
    return rows


def _page(number: int) -> bytes:
    return b"<!doctype html>" + text(number + 1, 5 * 1024 - 15)


def _tag(asked: Load) -> str:
    """The ETag that a server gives to a page."""
    connection = http.client.HTTPConnection("127.0.0.1", asked.port, timeout=10)
    connection.request("GET", asked.path, headers={"Host": asked.hosts[0], **asked.headers})
    response = connection.getresponse()
    response.read()
    connection.close()
    return response.headers["ETag"]
