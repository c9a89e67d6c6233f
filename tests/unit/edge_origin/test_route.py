"""Route rows: remembered for a moment, and kept when the table is out of reach."""

import json

import pytest

from functions.edge.origin.remote import Remote
from functions.edge.origin.route import BadRowError, Routes, UnknownRouteError, bare, parse_row
from tests.fakes.origin import TABLE, row

DPL = "dpl_01ja0000000000000000000000"
SITE = "prj_01ja0000000000000000000001"
TEAM = "team_01ja000000000000000000002"


@pytest.fixture
def routes(backend, now):
    remote = Remote(backend.url, "dynamodb", "eu-central-1", read_seconds=1.0)
    return Routes(remote, TABLE, 1.0, now)


def test_a_row_is_remembered_for_a_second(backend, routes, now):
    backend.rows["shop"] = row(SITE, TEAM, DPL, revoked=("dpl_01ja0000000000000000000009",))
    first = routes.get("shop")
    assert (first.site, first.team, first.production) == (SITE, TEAM, DPL[4:])
    assert first.revoked == {"01ja0000000000000000000009"}
    assert not first.gone
    backend.rows["shop"] = row(SITE, TEAM, None, gone=True)
    now.seconds += 0.9
    assert routes.get("shop") is first
    now.seconds += 0.2
    assert routes.get("shop").gone
    assert backend.asked["ROUTE#shop"] == 2


def test_that_there_is_no_site_is_remembered_too(backend, routes, now):
    assert routes.get("none") is None
    assert routes.get("none") is None
    assert backend.asked["ROUTE#none"] == 1
    now.seconds += 2
    backend.rows["none"] = row(SITE, TEAM, DPL)
    assert routes.get("none").production == DPL[4:]


def test_the_last_row_counts_when_the_table_is_out_of_reach(backend, routes, now):
    backend.rows["shop"] = row(SITE, TEAM, DPL)
    known = routes.get("shop")
    backend.failing.add("dynamodb")
    now.seconds += 86400
    assert routes.get("shop") is known
    with pytest.raises(UnknownRouteError):
        routes.get("other")
    backend.failing.clear()
    backend.rows["shop"] = row(SITE, TEAM, None)
    assert routes.get("shop") is known, "a table that failed is left alone for a moment"
    now.seconds += 3
    assert routes.get("shop").production is None


def test_memory_is_bounded(backend, routes, now, monkeypatch):
    monkeypatch.setattr("functions.edge.origin.route._MOST", 3)
    backend.rows = {name: row(SITE, TEAM, DPL) for name in "abcde"}
    for name in "abcdevwxyz":
        routes.get(name)
    assert list(routes._rows) == ["c", "d", "e"], "names that nobody has take no room from them"
    assert list(routes._absent) == ["x", "y", "z"]
    now.seconds += 2
    backend.rows = {"z": row(SITE, TEAM, DPL)}
    assert (routes.get("z").production, routes.get("e")) == (DPL[4:], None)
    assert list(routes._rows) == ["d", "z"]
    assert list(routes._absent) == ["x", "y", "e"]


def test_an_unusable_row_is_no_row_and_nobody_elses_fault(backend, routes, now):
    backend.rows["shop"] = {"site": {"S": SITE}}
    backend.rows["other"] = row(SITE, TEAM, DPL)
    with pytest.raises(UnknownRouteError):
        routes.get("shop")
    assert routes.get("other").production == DPL[4:]


def test_what_the_table_did_not_say_just_now_is_not_fresh(backend, routes, now):
    assert not routes.is_fresh("shop")
    backend.rows["shop"] = row(SITE, TEAM, DPL)
    routes.get("shop")
    assert routes.is_fresh("shop")
    backend.failing.add("dynamodb")
    now.seconds += 2
    routes.get("shop")
    assert not routes.is_fresh("shop")


@pytest.mark.parametrize(
    "item",
    [
        {"site": {"S": SITE}, "team": {"S": TEAM}, "production": {"S": "../secrets"}},
        {"site": {"S": SITE}, "team": {"S": TEAM}, "revoked": {"SS": ["x"]}},
        {"site": {"N": "1"}, "team": {"S": TEAM}},
        [],
    ],
)
def test_rows_that_are_refused(item):
    with pytest.raises(BadRowError):
        parse_row(json.dumps({"Item": item}).encode())


def test_a_list_of_revoked_is_as_good_as_a_set():
    item = row(SITE, TEAM, DPL) | {"revoked": {"L": [{"S": DPL}]}, "production": {"NULL": True}}
    parsed = parse_row(json.dumps({"Item": item}).encode())
    assert parsed.revoked == {DPL[4:]}
    assert parsed.production is None


def test_bare():
    assert bare(DPL) == bare(DPL[4:]) == DPL[4:]
    with pytest.raises(ValueError, match="no deployment"):
        bare("dpl_../x")
