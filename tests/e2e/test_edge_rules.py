"""Rules that come with a push, a backend behind a site, and a domain of one's own over HTTPS."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import httpx
import pytest

from tests.e2e.asking import Json, ask, until
from tests.e2e.person import Person, Site
from tests.fakes.nameserver import Nameserver

REDIRECTS = """\
/old/* /new/:splat 302
/greeting /hallo 200 Language=de
/prices /nz/prices 302 Country=nz
/* /lost.html 404
"""
HEADERS = """\
/*
  X-Site: tides
/about
  X-Site: about the tides
"""
CONFIG = """\
[[redirects]]
from = "/about"
to = "/en/about"
status = 307
force = true
when = {{ header = {{ x-lang = "en" }} }}

[[auth]]
for = "/staff/*"
users = {{ ada = "moon and sun" }}

[[rewrites]]
from = "/api/*"
to = "backend:echo/v1/:splat"

[[backends]]
name = "echo"

[[backends.origins]]
name = "here"
url = "http://127.0.0.1:{port}"
"""
DOMAIN = "www.tides.example"


class _Echo(BaseHTTPRequestHandler):
    """Answers with what it was asked."""

    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        length = int(self.headers.get("Content-Length") or 0)
        heard = {
            "method": self.command,
            "path": self.path,
            "body": self.rfile.read(length).decode(),
            "headers": {name.lower(): value for name, value in self.headers.items()},
        }
        body = json.dumps(heard).encode()
        self.send_response(201)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        """Say nothing."""


@pytest.fixture(scope="module")
def backend() -> Iterator[int]:
    """The port of a backend that answers with what it was asked."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Echo)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server.server_address[1]
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module")
def site(person: Person, backend: int) -> Site:
    """A site with rules in three files, live."""
    made = person.site(
        "ruled",
        {
            "index.html": "<h1>Tides</h1>\n",
            "about.html": "<h1>About</h1>\n",
            "hallo.html": "<h1>Hallo</h1>\n",
            "lost.html": "<h1>Lost at sea</h1>\n",
            "staff/index.html": "<h1>Staff</h1>\n",
            "_redirects": REDIRECTS,
            "_headers": HEADERS,
            "clouddeck.toml": CONFIG.format(port=backend),
        },
    )
    made.publish()
    assert until(lambda: made.shows("Tides"), 5)
    return made


def test_rules_of_three_files_are_live_after_a_push(site: Site) -> None:
    moved = site.page("/old/moon/2024?phase=full")
    assert (moved.status, moved.headers["location"]) == (302, "/new/moon/2024?phase=full")
    assert "Hallo" in site.page("/greeting", accept_language="de-AT,en;q=0.5").text
    assert "Lost at sea" in site.page("/greeting", accept_language="en").text

    prices = site.page("/prices", x_clouddeck_country="NZ")
    assert (prices.status, prices.headers["location"]) == (302, "/nz/prices")
    assert site.page("/prices", x_clouddeck_country="AU").status == 404

    about = site.page("/about")
    assert (about.status, about.headers["x-site"]) == (200, "about the tides")
    assert site.page("/").headers["x-site"] == "tides"
    english = site.page("/about", x_lang="en")
    assert (english.status, english.headers["location"]) == (307, "/en/about")

    lost = site.page("/nowhere")
    assert (lost.status, "Lost at sea" in lost.text) == (404, True)
    for hidden in ("/_redirects", "/_headers", "/clouddeck.toml"):
        assert "Lost at sea" in site.page(hidden).text, "rules are shown to nobody"


def test_a_path_with_a_password(site: Site) -> None:
    refused = site.page("/staff/")
    assert (refused.status, "Staff" in refused.text) == (401, False)
    assert refused.headers["www-authenticate"].startswith("Basic ")
    word = base64.b64encode(b"ada:moon and sun").decode()
    assert "Staff" in site.page("/staff/", authorization=f"Basic {word}").text


def test_deck_tells_which_rule_decides(site: Site) -> None:
    told = site.deck("rules", "test", "/old/moon")
    assert (told["verdict"], told["status"], told["location"]) == ("redirect", 302, "/new/moon")
    assert (told["rule"]["source"], told["rule"]["line"]) == ("_redirects", 1)
    assert told["status"] == site.page("/old/moon").status


def test_a_body_reaches_the_backend(site: Site) -> None:
    host = httpx.URL(site.url).netloc.decode()
    sent = {"Host": host, "Content-Type": "text/plain", "X-Forwarded-For": "192.0.2.1"}
    answer = ask(site.cloud.port + 1, "POST", "/api/tides?day=1", sent, b"high water\n" * 9_000)
    assert answer.status == 201, answer.text
    heard = answer.json
    assert (heard["method"], heard["path"]) == ("POST", "/v1/tides?day=1")
    assert heard["body"] == "high water\n" * 9_000
    assert heard["headers"]["x-forwarded-host"] == "ruled.localhost"
    assert heard["headers"]["x-forwarded-for"] == "192.0.2.1", "as a proxy on this machine says"


@pytest.fixture(scope="module")
def domain(site: Site, nameserver: Nameserver) -> Json:
    """A domain of the site, which is served after its proof and not before."""
    added: Json = site.deck("domains", "add", DOMAIN)
    assert added["state"] in {"requested", "ownership_pending"}
    assert site.deck("domains", "check", DOMAIN)["state"] == "ownership_pending"
    assert site.page("/", f"http://{DOMAIN}").status == 404, "nobody has proven it"

    proof = next(record for record in added["records"] if record["type"] == "TXT")
    nameserver.texts[proof["name"]] = [proof["value"]]

    def active() -> Json | None:
        found: Json = site.deck("domains", "check", DOMAIN)
        return found if found["state"] == "active" else None

    return dict(until(active, 30))


def over_tls(site: Site, path: str, host: str = DOMAIN) -> httpx.Response:
    """What a browser that trusts the local authority gets over HTTP/2, on a connection of its own.

    The name counts for the handshake and the request; the address is this computer's.
    """
    context = ssl.create_default_context(cafile=str(site.cloud.root))
    with httpx.Client(http2=True, verify=context, trust_env=False, timeout=20) as browser:
        return browser.get(
            f"https://127.0.0.1:{site.cloud.https_port}{path}",
            headers={"Host": host},
            extensions={"sni_hostname": host},
        )


def test_a_domain_over_https_and_http2(site: Site, domain: Json) -> None:
    assert domain["certificate"]["days_left"] > 45
    page = over_tls(site, "/about")
    assert (page.http_version, page.status_code) == ("HTTP/2", 200)
    assert ("About" in page.text, page.headers["x-site"]) == (True, "about the tides")
    assert over_tls(site, "/old/moon").headers["location"] == "/new/moon"
    with pytest.raises(httpx.ConnectError):
        over_tls(site, "/", "shop.tides.example")

    plain = site.page("/about?a=1", f"http://{DOMAIN}")
    assert plain.status == 308
    assert plain.headers["location"].startswith(f"https://{DOMAIN}")
    assert plain.headers["location"].endswith("/about?a=1")
