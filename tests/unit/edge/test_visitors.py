"""What must hold of visitors, whoever they are."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.core import ids
from chalicelib.edge.rules import visitors
from chalicelib.edge.rules.routes import Match
from chalicelib.edge.rules.visitors import ALL, Choice, Visit
from chalicelib.ports import SiteRoute

OLD = "dpl_01kb" + "0" * 22
NEW = "dpl_01kc" + "0" * 22
ROUTE = SiteRoute("prj_x", "team_x", "a", OLD, 1, canary=NEW)
NOW = 1_800_000_000_000
PAGE = {"sec-fetch-dest": "document"}

visitor_ids = st.binary(min_size=16, max_size=16).map(bytes.hex)
weights = st.integers(0, ALL)


def choose(route: SiteRoute, headers: dict[str, str], query: str = "", now: int = NOW) -> Choice:
    visit = Visit(lambda name: headers.get(name, ""), query, "request", now)
    return visitors.choose(route, None, visit)


def seen(visitor: str, weight: int) -> str | None:
    route = replace(ROUTE, weight=weight)
    return choose(route, PAGE | {"cookie": f"__cdv={visitor}"}).deployment


@given(visitor_ids, weights, weights)
def test_a_growing_canary_takes_nobody_back(visitor: str, one: int, other: int) -> None:
    small, large = sorted((one, other))
    if seen(visitor, small) == NEW:
        assert seen(visitor, large) == NEW
    assert seen(visitor, 0) == OLD
    assert seen(visitor, ALL) == NEW


@pytest.mark.parametrize("weight", [100, 1000, 2500, 5000, 9000])
def test_a_canary_gets_its_share(weight: int) -> None:
    """Within four standard deviations, so that a fair division hardly ever fails."""
    many = 20_000
    people = [hashlib.sha256(str(n).encode()).hexdigest()[:32] for n in range(many)]
    got = sum(seen(visitor, weight) == NEW for visitor in people)
    share = weight / ALL
    assert abs(got - many * share) < 4 * (many * share * (1 - share)) ** 0.5


@given(st.text(), weights)
def test_who_is_new_gets_an_id_that_leads_back_to_the_same_answer(
    request: str, weight: int
) -> None:
    route = replace(ROUTE, weight=weight)
    first = visitors.choose(route, None, Visit(lambda _: "", "", request, NOW))
    assert (first.visitor is not None) == (weight > 0)
    if first.visitor is not None:
        assert seen(first.visitor, weight) == first.deployment
        again = choose(route, {"cookie": f"__cdv={first.visitor}"})
        assert again.visitor is None


ages = st.integers(-1000, 20_000_000_000)


@given(st.integers(0, 2**47), st.integers(1, 10_000_000), ages, ages)
def test_the_window_of_a_pin_begins_when_it_was_replaced(
    now: int, seconds: int, age: int, gone: int
) -> None:
    ulid = ids.ulid(max(now - age, 0))
    past = (("dpl_" + ulid, now - gone),)
    route = replace(ROUTE, skew_seconds=seconds, past=past)
    choice = choose(route, {"x-clouddeck-pin": ulid}, now=now)
    inside = gone <= seconds * 1000
    assert choice.why == ("pin" if inside else "production")
    assert choice.deployment == ("dpl_" + ulid if inside else OLD)


@given(st.integers(0, 2**48 - 1), st.integers(1, 10_000_000), ages)
def test_a_pin_to_what_never_was_live_is_a_claim(made: int, seconds: int, age: int) -> None:
    ulid = ids.ulid(made)
    assert visitors.made_ms(ulid) == made
    route = replace(ROUTE, skew_seconds=seconds, weight=ALL)
    choice = choose(route, {"x-clouddeck-pin": ulid}, now=made + age)
    if 0 <= age <= seconds * 1000:
        assert choice == Choice(OLD, "production", claimed="dpl_" + ulid)
    else:
        assert choice.claimed is None
        assert choice.why == "canary"


@pytest.mark.parametrize("pin", [OLD, NEW])
def test_a_page_of_what_is_live_may_be_of_any_age(pin: str) -> None:
    route = replace(ROUTE, skew_seconds=1)
    assert choose(route, {"x-clouddeck-pin": pin[4:]}, now=2**47) == Choice(pin, "pin")


@given(st.integers(0, 2**48 - 1))
def test_our_own_ids_say_when_they_were_made(made: int) -> None:
    assert visitors.made_ms(ids.new("dpl", made).removeprefix("dpl_")) == made


@given(st.text(max_size=200), st.text(max_size=200), st.text(max_size=60), st.text(max_size=60))
def test_no_stranger_gets_more_than_a_deployment_id(
    cookie: str, query: str, pin: str, destination: str
) -> None:
    route = replace(ROUTE, weight=5000, skew_seconds=3600)
    headers = {"cookie": cookie, "x-clouddeck-pin": pin, "sec-fetch-dest": destination}
    choice = choose(route, headers, query)
    assert choice.deployment is not None
    assert len(choice.deployment) == 30
    assert choice.why in {"pin", "canary", "production"}
    for made in visitors.cookies(choice, choice.deployment, 200, "text/html"):
        line = made.header(secure=True)
        assert line.isascii()
        assert line.isprintable()
        assert line.count(";") == 5


def test_a_neighbour_pins_nobody_over_tls():
    """A page of another site can set `__dpl` for the whole domain, but no name with `__Host-`."""
    route = replace(ROUTE, canary=None, weight=0, skew_seconds=10**9)
    own, laid = visitors.over_tls("__dpl"), f"__dpl={OLD.removeprefix('dpl_')}"
    for line, why in [(laid, "production"), (laid.replace("__dpl", own), "pin")]:
        headers = {"cookie": line, "sec-fetch-dest": "script"}
        visit = Visit(lambda name, h=headers: h.get(name, ""), "", "r", NOW, secure=True)
        assert visitors.choose(route, None, visit).why == why
    assert own == "__Host-dpl"


@given(
    st.lists(st.sampled_from([" ", ";", "=", "__dpl", "__cdv", "a", "\t", "é", ","]), max_size=40)
)
def test_reading_cookies_never_fails_and_finds_the_first(pieces: list[str]) -> None:
    line = "".join(pieces)
    value = visitors.cookie_value(line, "__dpl")
    assert ";" not in value
    first = visitors.cookie_value(f"__dpl=x; {line}", "__dpl")
    assert first == "x"


def test_reading_cookies_is_linear() -> None:
    for piece in ("; ", "=", ";=", "__dpl", " \t"):
        assert visitors.cookie_value(piece * 1_000_000, "__dpl") is not None


def test_a_site_that_divides_nobody() -> None:
    assert not visitors.divides(ROUTE)
    assert not visitors.divides(replace(ROUTE, canary=None, weight=5000))
    assert visitors.divides(replace(ROUTE, weight=1))
    assert visitors.divides(replace(ROUTE, skew_seconds=1))
    assert visitors.divides(replace(ROUTE, match=Match("country", "", ("DE",))))


@pytest.mark.parametrize(
    ("served", "status", "media_type", "names"),
    [
        (OLD, 200, "text/html; charset=utf-8", ["__cdv", "__dpl"]),
        (OLD, 304, "", ["__cdv", "__dpl"]),
        (OLD, 308, "", ["__cdv"]),
        (OLD, 200, "text/css", ["__cdv"]),
        ("", 200, "text/html", ["__cdv"]),
        (OLD, 400, "text/html", []),
        (OLD, 404, "text/html", []),
        (OLD, 502, "text/html", []),
    ],
)
def test_which_answers_are_remembered(served, status, media_type, names) -> None:
    choice = Choice(OLD, "production", "0" * 32, 60)
    made = visitors.cookies(choice, served, status, media_type)
    assert [cookie.name for cookie in made] == names


def test_a_cookie_without_a_value_is_none() -> None:
    assert visitors.cookie_value("__dpl; __dpl=x", "__dpl") == "x"
