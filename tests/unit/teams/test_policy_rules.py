"""What a policy may look like, and where a Cedar text is wrong."""

from __future__ import annotations

import contextlib
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import app  # noqa: F401  # registers every route
from chalicelib.core.http import TABLE
from chalicelib.teams.actions import cedar
from chalicelib.teams.rules import cedar as compiled
from chalicelib.teams.rules import cedar_text
from chalicelib.teams.rules.conditions import PolicyError, address_of, conditions_of
from chalicelib.teams.rules.policies import KINDS, check_policy_name, kinds_asked, policy_of
from tests.unit.teams import policy_cases as cases


def fault(given):
    with pytest.raises(PolicyError) as found:
        policy_of("p", given)
    return found.value.pointer, found.value.code, found.value.detail


def deny(**fields):
    return {"effect": "deny", **fields}


@pytest.mark.parametrize("name", ["", "-a", "a-", "A", "a b", "a.b", "a" * 51, "ä", 'a"', "a\n"])
def test_names(name):
    with pytest.raises(PolicyError):
        check_policy_name(name)
    assert check_policy_name("a-1") == "a-1"


@pytest.mark.parametrize(
    ("given", "pointer"),
    [
        ({}, "/effect"),
        ({"effect": "permit"}, "/effect"),
        (deny(roles=["king"]), "/roles"),
        (deny(resources=["team:x"]), "/resources/0"),
        (deny(resources=["project", 'project:"']), "/resources/1"),
        (deny(resources=["planet"]), "/resources/0"),
        (deny(actions=["no.such"]), "/actions/0"),
        (deny(actions=["deployment.pro*"]), "/actions/0"),
        (deny(actions=["planet.*"]), "/actions/0"),
        ({"effect": "allow_only"}, "/conditions"),
        (deny(conditions={"time": {}}), "/conditions/time"),
        (deny(conditions={"time": {"days": ["Fri"]}}), "/conditions/time/days"),
        (deny(conditions={"time": {"from": "9:00"}}), "/conditions/time/from"),
        (deny(conditions={"time": {"from": "24:00"}}), "/conditions/time/from"),
        (deny(conditions={"time": {"to": "24:01"}}), "/conditions/time/to"),
        (deny(conditions={"time": {"from": "09:00", "to": "09:00"}}), "/conditions/time/to"),
        (
            deny(conditions={"time": {"days": ["fri"], "timezone": "Mars"}}),
            "/conditions/time/timezone",
        ),
        (
            deny(conditions={"time": {"days": ["fri"], "timezone": "../UTC"}}),
            "/conditions/time/timezone",
        ),
        (
            deny(conditions={"time": {"days": ["fri"], "timezone": "Europe"}}),
            "/conditions/time/timezone",
        ),
        (deny(conditions={"mfa": {"max_age_minutes": 0}}), "/conditions/mfa/max_age_minutes"),
        (deny(conditions={"network": {"cidrs": []}}), "/conditions/network/cidrs"),
        (deny(conditions={"network": {"cidrs": ["10.0.0.1/8"]}}), "/conditions/network/cidrs/0"),
        (deny(conditions={"network": {"cidrs": ["10.0.0.0/33"]}}), "/conditions/network/cidrs/0"),
        (deny(conditions={"network": {"cidrs": ["fe80::%1/10"]}}), "/conditions/network/cidrs/0"),
        (deny(conditions={"environment": ["all"]}), "/conditions/environment"),
        (deny(conditions={"environment": []}), "/conditions/environment"),
    ],
)
def test_what_is_wrong_is_named(given, pointer):
    assert fault(given)[:2] == (pointer, "invalid_policy")


@pytest.mark.parametrize(
    "given",
    [
        deny(actions=["project.delete"], conditions={"environment": ["production"]}),
        deny(actions=["team.update"], resources=["project"]),
        deny(actions=["env.write"], resources=["deployment"]),
        deny(actions=["env.write", "billing.read"], resources=["project:x"]),
    ],
)
def test_a_policy_that_protects_nothing_is_refused(given):
    assert fault(given)[1] == "policy_matches_nothing"


def test_the_network_that_was_meant_is_suggested():
    assert "10.0.0.0/8" in fault(deny(conditions={"network": {"cidrs": ["10.9.0.1/8"]}}))[2]


def test_mapped_networks_are_those_of_ipv4():
    found = conditions_of({"network": {"cidrs": ["::ffff:10.0.0.0/104", "2001:DB8::/32"]}})
    assert found.network == ("10.0.0.0/8", "2001:db8::/32")
    assert str(address_of("::ffff:10.0.0.1")) == "10.0.0.1"
    assert address_of("nothing") is None


def test_every_route_asks_of_a_kind_that_policies_know():
    asked = [(r.permission, r.scope) for r in TABLE if r.scope in KINDS]
    assert asked
    assert [pair for pair in asked if pair[1] not in kinds_asked(pair[0])] == []


@settings(max_examples=150, deadline=None)
@given(cases.policies)
def test_what_we_compile_fits_our_schema(given):
    text = compiled.compiled(policy_of("some-name", given))
    cedar.check_text(text)
    assert text.count("forbid") == 1
    assert "permit" not in text


def test_the_role_table_fits_our_schema():
    import cedarpy

    found = cedarpy.validate_policies("\n".join(compiled.role_table()), compiled.schema())
    assert found.validation_passed, found.errors


def text_fault(text):
    with pytest.raises(PolicyError) as found:
        cedar.check_text(text)
    return found.value.code, found.value.detail


HEAD = "forbid(principal, action, resource)"


@pytest.mark.parametrize(
    ("text", "line", "column"),
    [
        ("forbid(principal, action,\n resource) when { 1 + };", 2, 24),
        (f"{HEAD};\n  bla bla;", 2, 7),
        (HEAD, 1, 35),
        (f'{HEAD} when {{ "open }};', 1, 44),
        (f"{HEAD} when {{ context.foo }};", 1, 52),
        (f"{HEAD};\n\n{HEAD} unless {{ resource is Planet }};", 3, 58),
        ('forbid(principal, action == Action::"nope", resource);', 1, 37),
        ('forbid(principal in User::"x", action, resource);', 1, 21),
        (f"{HEAD} when {{ context.ip.isLoopback() }};", 1, 52),
        (f'{HEAD} when {{ ip("1.2.3.999").isIpv4() }};', 1, 47),
        (f'{HEAD} when {{ Zone::"Mars/One".minute > 5 }};', 1, 50),
        ("forbid(principal == ?principal, action, resource);", 1, 1),
        ("forbid(principal,\n  nothing, resource);", 2, 3),
        (f"{HEAD} when {{ foo(1) }};", 1, 44),
        (f"// a comment\n{HEAD} when {{ 5 }};", 2, 1),
    ],
)
def test_where_a_text_is_wrong(text, line, column):
    code, detail = text_fault(text)
    assert code == "invalid_policy"
    assert detail.startswith(f"Line {line}, column {column}: ")


@pytest.mark.parametrize(
    "text",
    [
        "permit(principal, action, resource);",
        f"{HEAD};\npermit(principal, action, resource);",
        f'{HEAD} when {{ "//" == "//" }}; permit(principal, action, resource);',
        f'{HEAD}; // note\n@id("x") permit(principal, action, resource);',
    ],
)
def test_permit_widens(text):
    assert text_fault(text)[0] == "policy_widens"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "  // nothing\n",
        ";",
        f"{HEAD} when {{ {'(' * 1000}",
        f"{HEAD} when {{ {'(' * 40}true{')' * 40} }};",
        f"{HEAD} when {{ {'[' * 900}{']' * 900} }};",
        f"{HEAD} when {{ {'{a:' * 600}1{'}' * 600} == 1 }};",
        f"{HEAD} when {{ {'if true then ' * 200}true{' else true' * 200} }};",
        f"{HEAD} when {{ {'true && ' * 450}true }};",
        f"{HEAD} when {{ 1{'+1' * 450} == 1 }};",
        f"{HEAD} when {{ {'!' * 450}true }};",
        f"{HEAD};" * 11,
        "x" * (cedar_text.MAX_TEXT + 1),
        '"' + "(" * 3000,
        "// " + "(" * 3000 + f"\n{HEAD};",
    ],
)
def test_what_is_too_much_is_refused_before_it_is_parsed(text):
    assert text_fault(text)[0] == "invalid_policy"


words = st.sampled_from(
    [
        "forbid",
        "permit",
        "(",
        ")",
        "{",
        "}",
        "[",
        "]",
        "principal",
        "action",
        "resource",
        ",",
        ";",
        "when",
        "unless",
        "context",
        ".",
        "ip",
        "has",
        "==",
        "&&",
        "||",
        "!",
        "in",
        "is",
        "like",
        '"a"',
        "1",
        "-",
        "Role",
        "::",
        'Action::"team.read"',
        "if",
        "then",
        "else",
        "\n",
        "//",
        '"',
        "\\",
        "@id",
        "?principal",
        "é",
        "\x00",
        "datetime",
        '("2026-01-01")',
        "true",
    ]
)


@settings(max_examples=500, deadline=None)
@given(st.one_of(st.lists(words, max_size=60).map(" ".join), st.text(max_size=200)))
def test_any_text_is_accepted_or_refused(text):
    with contextlib.suppress(PolicyError):
        cedar.check_text(text)
        # Cedar's own parser is asked once more, for what would be stored
        import cedarpy

        found = json.loads(cedarpy.policies_to_json_str(text))
        assert {p["effect"] for p in found["staticPolicies"].values()} == {"forbid"}
        assert not found["templates"]
