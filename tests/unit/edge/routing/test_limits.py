"""What a table may hold: each limit is kept, and nothing beyond it passes."""

import pytest

from chalicelib.edge.rules.routing import limits
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.limits import check
from chalicelib.edge.rules.routing.model import (
    AuthRule,
    Backend,
    BadRoutingError,
    HeaderRule,
    Locales,
    Origin,
    Routing,
    Rule,
    When,
)

USER = (("ann", "00" * 16, "ab" * 32),)


def redirect(pattern="/a", to="/b", status=301, **more):
    return Routing(rules=(Rule("t", 1, pattern, to, status, **more),))


def proxy(to, **more):
    return redirect("/a/*", to, 200, **more)


def header(name, value="x"):
    return Routing(headers=(HeaderRule("t", 1, "/*", ((name, value),)),))


def backend(**more):
    said = {"name": "b", "origins": (Origin("o", "https://o.example.com"),)} | more
    return Routing(backends=(Backend(**said),))


@pytest.mark.parametrize(
    ("routing", "code"),
    [
        (redirect(status=418), "bad_status"),
        (redirect("a"), "bad_pattern"),
        (redirect("/:a/:a"), "bad_pattern"),
        (redirect("/*/x/*"), "bad_pattern"),
        (redirect("/:a((b))"), "bad_pattern"),
        (redirect("/:a(b|(?!c))"), "bad_pattern"),
        (redirect("/" + "x/" * 40), "bad_pattern"),
        (redirect("/x//y"), "bad_pattern"),
        (redirect(to=""), "bad_target"),
        (redirect(to="//evil.example"), "bad_target"),
        (redirect(to="/\\evil.example\r\nX: 1"), "bad_target"),
        (redirect(to="javascript:alert(1)"), "bad_target"),
        (redirect(to="https://:splat.example.com/"), "bad_target"),
        (redirect(to="https://ann:pw@example.com/"), "bad_target"),
        (redirect(to="backend:b/"), "unknown_backend"),
        (redirect("/a", "/a"), "loop"),
        (redirect("/a/*", "/a/b/:splat"), "loop"),
        (redirect("/:x", "/:x"), None),
        (redirect("/*", "/index"), None),
        (redirect("/a/*", "/a/b/:splat", when=When(country=("DE",))), None),
        (proxy("http://example.com/"), "private_address"),
        (proxy("https://10.0.0.1/"), "private_address"),
        (proxy("https://169.254.169.254/latest"), "private_address"),
        (proxy("https://[::1]/"), "private_address"),
        (proxy("https://2130706433/"), "private_address"),
        (proxy("https://0x7f.0.0.1/"), "private_address"),
        (proxy("https://127.1/"), "private_address"),
        (proxy("https://localhost/"), "private_address"),
        (proxy("https://printer.local/"), "private_address"),
        (proxy("https://metadata.google.internal/"), "private_address"),
        (proxy("https://example.com:22/"), "private_address"),
        (proxy("https://example.com:8443/"), None),
        (proxy("https://example.com/:splat"), None),
        (proxy("https://example.com/", headers=(("Host", "x"),)), "bad_header"),
        (proxy("https://example.com/", headers=(("X-Key", "1\r\nX: 1"),)), "bad_header"),
        (redirect(headers=(("X-Key", "1"),)), "not_passed_on"),
        (redirect("/a", "https://example.com/", 404), "bad_status"),
        (header("Set-Cookie"), "reserved_header"),
        (header("content-length"), "reserved_header"),
        (header("X-CloudDeck-Deployment"), "reserved_header"),
        (header("X-Amz-Meta"), "reserved_header"),
        (header("X A"), "bad_header"),
        (header("X-A", "a\nb"), "bad_header"),
        (header("X-A", "a\x7fb"), "bad_header"),
        (header("X-A", "x" * 9_000), "headers_too_large"),
        (header("X-A", ""), None),
        (backend(), None),
        (backend(name="no spaces"), "bad_name"),
        (backend(origins=()), "bad_origins"),
        (backend(origins=(Origin("o", "https://o.example.com", weight=0),)), "bad_origins"),
        (backend(origins=(Origin("o", "https://10.1.2.3"),)), "private_address"),
        (backend(origins=(Origin("o", "https://o.example.com/?x"),)), "bad_origins"),
        (backend(health="no"), "bad_health"),
        (backend(timeout_seconds=600), "bad_number"),
        (Routing(auth=(AuthRule("t", 1, "/*", USER),)), None),
        (Routing(auth=(AuthRule("t", 1, "/*", ()),)), "bad_users"),
        (Routing(auth=(AuthRule("t", 1, "/*", (("a:b", "00" * 16, "ab" * 32),)),)), "bad_users"),
        (Routing(auth=(AuthRule("t", 1, "/*", USER, 'say "hi"'),)), "bad_realm"),
        (Routing(locales=Locales(("de",), "en")), "bad_locales"),
        (Routing(locales=Locales(("../x",), "../x")), "bad_locales"),
        (Routing(not_found="../404.html"), "bad_not_found"),
        (redirect(when=When(country=("Germany",))), "bad_condition"),
        (redirect(when=When(host=("Example.com",))), "bad_condition"),
        (redirect(when=When(header=(("a b", None),))), "bad_condition"),
        (redirect(when=When(unless=When(unless=When()))), "bad_condition"),
    ],
)
def test_what_is_refused_and_what_is_not(routing, code):
    codes = [fault.code for fault in check(routing)]
    assert codes == [] if code is None else code in codes


def test_one_who_runs_an_edge_at_home_may_reach_their_own_machines():
    assert check(proxy("http://127.0.0.1:9000/:splat"), private=True) == []
    assert check(proxy("http://ann@127.0.0.1/"), private=True) != []


@pytest.mark.parametrize(
    ("make", "most", "code"),
    [
        (lambda n: Rule("t", 1, f"/p{n}", "/b", 301), 10_000, "too_many_rules"),
        (
            lambda n: Rule("t", 1, "/:a/*", "/b", 301, when=When(country=("DE",))),
            limits.MAX_COMPARED,
            "too_many_compared",
        ),
        (lambda n: Rule("t", 1, f"/x-:a-{n}", "/b", 301), limits.MAX_COMPARED, "too_many_compared"),
        (
            lambda n: Rule("t", 1, rf"/:a(\d+)-x{n}", "/b", 301),
            limits.MAX_PIECED,
            "too_many_pieced",
        ),
        (lambda n: Rule("t", 1, "/same", f"/b{n}", 301), limits.MAX_SAME, "too_many_alike"),
    ],
)
def test_so_many_and_no_more(make, most, code):
    assert check(Routing(rules=tuple(make(n) for n in range(most)))) == []
    one_more = check(Routing(rules=tuple(make(n) for n in range(most + 1))))
    assert [fault.code for fault in one_more] == [code]


def test_conditions_below_other_folders_are_counted_apart():
    when = When(country=("DE",))
    rules = (Rule("t", 1, f"/shop{n}/*", "/b", 301, when=when) for n in range(5_000))
    assert check(Routing(rules=tuple(rules))) == []


def test_too_many_things_to_look_at():
    whens = [When(header=((f"x-{number}", None),)) for number in range(13)]
    rules = tuple(Rule("t", 1, f"/{n}", "/b", 301, when=when) for n, when in enumerate(whens))
    assert check(Routing(rules=rules[:12])) == []
    assert [fault.code for fault in check(Routing(rules=rules))] == ["too_many_looks"]


def test_a_table_that_is_damaged_or_too_large_is_not_read():
    data = encode(redirect())
    with pytest.raises(BadRoutingError):
        parse_routing(data[:-1] + b" ", digest_of(data))
    with pytest.raises(BadRoutingError):
        parse_routing(b" " * (4 * 1024 * 1024 + 1), "0" * 64)
    with pytest.raises(BadRoutingError, match="bytes"):
        encode(Routing(headers=(HeaderRule("t", 1, "/*", (("X", "x" * 5_000_000),)),)))
    other = data.replace(b'"version":1', b'"version":2')
    with pytest.raises(BadRoutingError):
        parse_routing(other, digest_of(other))
