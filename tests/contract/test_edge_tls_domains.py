"""HTTPS on the edge: what own domains ask for, and how plain HTTP leads there."""

import pytest

from tests.contract.edge_https import edge, site
from tests.contract.edge_sites import TEXT, FakeSite, ask
from tests.contract.edge_tls import TlsEdge, ask_tls

__all__ = ["edge", "site"]


pytestmark = pytest.mark.filterwarnings("ignore:ssl.TLSVersion:DeprecationWarning")


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
