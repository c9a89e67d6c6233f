"""A guard as AWS WAF has it says what the guard itself says."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.clouds.aws import waf_rules
from chalicelib.edge.rules import guard as edge
from chalicelib.protection.rules.guard import compact, completed, empty, faults
from tests.unit.clouds.aws_guard.judged import Asked, decide

HOST = "shop.apps.example.com"


def mapped(brought=(), **parts):
    document = completed({**empty(), **parts})
    assert faults(document) == []
    sets = waf_rules.ip_sets(document)
    patterns = waf_rules.host_patterns(HOST, brought)
    arns = {one.name: f"arn:{one.name}" for one in sets}
    rules = waf_rules.rules(compact(document), patterns, arns, "guard-p")
    return rules, {f"arn:{one.name}": list(one.networks) for one in sets}


def rate(name="login", **more):
    first = {"name": name, "path": "/*", "methods": [], "key": "ip", "window": 60, "limit": 10}
    return {**first, "action": "block", **more}


@pytest.mark.parametrize(
    ("host", "ours"),
    [
        (HOST, True),
        ("SHOP.Apps.Example.com", True),
        (f"{HOST}:443", True),
        (f"{HOST}.", True),
        (f"{HOST}.:443", True),
        (f"0{'1' * 25}--{HOST}", True),
        (f"pr-7--{HOST}", True),
        ("www.shop.com", True),
        ("a.wide.com", True),
        (f"x{HOST}", False),
        (f"other.{HOST}", False),
        (f"my-{HOST}", False),
        ("shopxapps.example.com", False),
        ("wide.com", False),
        ("wwwxshop.com", False),
        (f"{HOST}.evil.com", False),
        ("", False),
    ],
)
def test_only_hosts_of_the_site_are_guarded(host, ours):
    rules, sets = mapped(["www.shop.com", "*.wide.com"], under_attack=True)
    assert decide(rules, sets, Asked(host=host)) == ("challenge" if ours else "")


def test_many_domains_are_several_patterns_and_one_too_long_is_refused():
    brought = [f"{'x' * 40}{number}.example.org" for number in range(50)]
    rules, sets = mapped(brought, under_attack=True)
    for host in brought:
        assert decide(rules, sets, Asked(host=host)) == "challenge"
    with pytest.raises(ValueError, match="as long as"):
        waf_rules.host_patterns(HOST, [".".join(["x" * 60] * 4)])


def test_networks_of_both_versions():
    networks = {"allow": ["192.0.2.0/24", "2001:db8::/32"], "deny": ["192.0.0.0/8", "2001::/16"]}
    rules, sets = mapped(addresses=networks, under_attack=True)
    assert sorted(sets) == ["arn:allow-4", "arn:allow-6", "arn:deny-4", "arn:deny-6"]
    for address, expected in (
        ("192.0.2.1", ""),
        ("192.0.3.1", "block"),
        ("2001:db8::1", ""),
        ("2001:1::1", "block"),
        ("203.0.113.9", "challenge"),
    ):
        assert decide(rules, sets, Asked(address=address)) == expected


@pytest.mark.parametrize(
    ("path", "rates"),
    [
        ("/login", "rate-exact"),
        ("/log%69n", "rate-exact"),
        ("//login", "rate-exact"),
        ("/login/", "rate-exact"),
        ("/login/x", ""),
        ("/api", "rate-begins"),
        ("/apix", ""),
        ("/api/", "rate-begins"),
        ("/%61pi/x", "rate-begins"),
        ("/LOGIN", ""),
    ],
)
def test_paths_are_compared_decoded(path, rates):
    rules, sets = mapped(rates=[rate("exact", path="/login"), rate("begins", path="/api/*")])
    assert decide(rules, sets, Asked(path=path)) == rates


def test_a_rate_by_address_header_and_cookie():
    told = [
        rate("a", action="challenge"),
        rate("b", key="header:X-Key", window=600, limit=2_000_000),
        rate("c", key="cookie:sid", methods=["POST", "PUT"]),
    ]
    rules, sets = mapped(rates=told)
    _, second, third, last = rules
    assert [one["Name"] for one in rules] == ["site", "rate-b", "rate-c", "rate-a"]
    counted = second["Statement"]["RateBasedStatement"]
    assert (counted["Limit"], counted["EvaluationWindowSec"]) == (2_000_000, 600)
    assert counted["CustomKeys"][0]["Header"]["Name"] == "X-Key"
    answer = second["Action"]["Block"]["CustomResponse"]
    assert answer["ResponseCode"] == 429
    assert {"Name": "Retry-After", "Value": "600"} in answer["ResponseHeaders"]
    assert third["Statement"]["RateBasedStatement"]["CustomKeys"][0]["Cookie"]["Name"] == "sid"
    assert last["Action"] == {"Challenge": {}}
    assert last["Statement"]["RateBasedStatement"]["AggregateKeyType"] == "IP"
    assert decide(rules, sets, Asked(method="PUT")) == "rate-b rate-c rate-a"
    assert decide(rules, sets, Asked(method="PUTS")) == "rate-b rate-a"


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ([rate(str(number)) for number in range(5)], "at most 4 rates"),
        ([rate(path="/a+b")], "cannot compare"),
        ([rate(path="/a//b")], "cannot compare"),
        ([rate(path="/" + "ü" * 150)], "cannot compare"),
        ([rate(path="/" + "a" * 199)], "cannot compare"),
        ([rate(path="/" + "a" * 189)], ""),
        ([rate(str(number)) for number in range(4)], ""),
    ],
)
def test_what_cannot_be_said_is_refused(rates, said):
    found = waf_rules.refusal({**empty(), "rates": rates})
    assert (said in found) if said else found == ""


agents = st.lists(
    st.fixed_dictionaries(
        {
            "contains": st.sampled_from(
                ["bot", "Bo", "curl", "sql", "a.c", "(x)", "[", "a|b", "$"]
            ),
            "action": st.sampled_from(["allow", "block", "challenge"]),
        }
    ),
    max_size=8,
)
choice = st.sampled_from(["off", "block", "challenge"])
countries = st.lists(st.sampled_from(["DE", "FR", "US"]), max_size=2)


class Never:
    def over(self, key, window, limit):
        return 0


@given(
    bots=st.fixed_dictionaries({"known": choice, "unnamed": choice, "agents": agents}),
    only=countries,
    never=countries,
    under_attack=st.booleans(),
    agent=st.sampled_from(
        [None, "", "Mozilla", "BOT", "abc", "a.c", "sqlmap/1", "curl (x)", "nikto[", "a|b$", "bo"]
    ),
    country=st.sampled_from(["DE", "FR", "US", ""]),
    address=st.sampled_from(["192.0.2.1", "192.0.3.1", "2001:db8::5", "203.0.113.1"]),
    cleared=st.booleans(),
)
def test_it_rules_as_the_local_edge_does(
    bots, only, never, under_attack, agent, country, address, cleared
):
    addresses = {"allow": ["192.0.2.0/24"], "deny": ["192.0.0.0/16", "2001:db8::/32"]}
    places = {"allow": only, "deny": [] if only else never}
    parts = {"bots": bots, "countries": places, "under_attack": under_attack}
    rules, sets = mapped(addresses=addresses, **parts)
    ready = edge.read(compact(completed({**empty(), "addresses": addresses, **parts})))
    visit = edge.Visit(
        *(address, country, "GET", "/", agent or ""), lambda _: "", lambda _: "", cleared
    )
    ruling = edge.judge(ready, visit, Never())
    headers = {} if agent is None else {"user-agent": agent}
    asked = Asked(address=address, country=country, headers=headers, token=cleared)
    assert decide(rules, sets, asked) == (ruling.action if ruling else "")


def test_names_and_priorities_are_unique():
    rules, _ = mapped(
        rates=[rate("site"), rate("refused"), rate("a")],
        bots={"known": "block", "unnamed": "challenge", "agents": []},
    )
    assert len({rule["Name"] for rule in rules}) == len(rules) == 6
    assert [rule["Priority"] for rule in rules] == list(range(6))
    assert json.dumps([rule["VisibilityConfig"] for rule in rules]).count("guard-p-") == 6
