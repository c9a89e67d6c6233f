"""Who may see a protected site: the shared cases, answered in both languages."""

from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.edge.rules import access as rules
from chalicelib.edge.rules.access import Doors, Entrance
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.routes import Access
from tests.fakes.viewer import Viewer, event_request
from tests.vectors.cases import FOLDER

BOOK = json.loads((FOLDER / "access.json").read_text())
CASES: list[dict[str, Any]] = BOOK["cases"]
DOORS = Doors(*BOOK["doors"])
KEY = "5d" * 32
LIVE = "01kb" + "0" * 22


def made(said: list[Any] | None) -> Access | None:
    return Access(said[0], said[1], said[2], tuple(said[3])) if said else None


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_python(case: dict[str, Any]) -> None:
    site = parse_host(case["host"], BOOK["domain"])
    assert site is not None
    access = made(case["access"])
    path, _, query = case["path"].partition("?")
    if path == rules.PATH and case["method"] == "GET":
        entrance = rules.enter(access, site.slug, query, case["now"])
        cookie = entrance.cookie
        found = {"location": entrance.location, "seconds": cookie.seconds if cookie else None}
        assert case["expect"] == (found if entrance.location else 401)
        return
    given = {"cookie": f"a=1; __Host-cda={case['token']}"} if case["token"] is not None else {}
    token = rules.carried(lambda name: given.get(name, ""), secure=True)
    shut = access is not None and rules.is_protected(access, site)
    admitted = not shut or rules.is_admitted(access, site.slug, token, case["now"])  # type: ignore[arg-type]
    assert case["expect"] == (200 if admitted else 401)


@pytest.mark.parametrize("case", CASES, ids=lambda case: case["name"])
def test_javascript(viewer: Viewer, case: dict[str, Any]) -> None:
    headers = {"cookie": f"a=1; __Host-cda={case['token']}"} if case["token"] is not None else {}
    record = {"s": "prj_x", "p": LIVE, "g": 1} | ({"a": case["access"]} if case["access"] else {})
    got = viewer.request(
        event_request(case["host"], case["path"], headers, case["method"]),
        {"shop": record, "main--shop": record, ".doors": json.dumps(BOOK["doors"])},
        now=case["now"],
    )
    if case["expect"] == 200:
        assert got["uri"].endswith("/" + LIVE + "/") or got["uri"].startswith("/p/shop/")
        assert "__Host-cda" not in got["cookies"]
        shut = case["access"] and not (
            case["access"][0] == "previews" and case["host"] == "shop.localhost"
        )
        seen = got["headers"].get("x-clouddeck-seen", {}).get("value", "")
        assert ("access=1" in seen.split("&")) == bool(shut)
    elif case["expect"] == 401:
        assert got["statusCode"] == 401
        assert got["headers"]["cache-control"] == {"value": "no-store"}
        assert viewer.reads[1:] == [".doors"]
        mode = case["access"][1]
        assert (DOORS.api if mode == "password" else DOORS.console) in got["body"]
    else:
        assert got["statusCode"] == 302
        assert got["headers"]["location"] == {"value": case["expect"]["location"]}
        seconds = case["expect"]["seconds"]
        if seconds is None:
            assert "cookies" not in got
        else:
            attributes = got["cookies"]["__Host-cda"]["attributes"]
            assert attributes == f"Path=/; Secure; HttpOnly; SameSite=Lax; Max-Age={seconds}"


@given(st.text(max_size=200), st.sampled_from(["p", "t", "s"]))
def test_nobody_guesses_a_token(said: str, kind: Any) -> None:
    access = Access("all", "password", KEY)
    assert not rules.is_admitted(access, "shop", said, 0)
    right = rules.token(KEY, "shop", kind, "abcdefgh", 10)
    assert rules.is_admitted(access, "shop", right, 0)
    assert not rules.is_admitted(access, "shop", right + said, 0) or not said
    assert not rules.is_admitted(access, "shop", said + right, 0) or not said


@given(st.text(max_size=300))
def test_an_entrance_never_leads_to_another_host(to: str) -> None:
    entrance = rules.enter(None, "shop", f"to={to}", 0)
    assert entrance.location is not None
    assert entrance.location.isascii()
    assert entrance.location.isprintable()
    assert entrance.location[0] == "/"
    assert entrance.location[1:2] not in {"/", "\\"}


@pytest.mark.parametrize("identity", ["", "a.b", "A", "a" * 41, "a\n"])
def test_what_cannot_stand_in_a_token(identity: str) -> None:
    with pytest.raises(ValueError, match="not the id"):
        rules.token(KEY, "shop", "s", identity, 1)


@pytest.mark.parametrize("mode", ["password", "team"])
def test_the_page_of_the_door_lets_nothing_of_a_stranger_out(viewer: Viewer, mode: Any) -> None:
    path = "/\"'><script>alert(1)</script>"
    access = Access("all", mode, KEY)
    page = rules.door(access, "main--shop", "main--shop.localhost", path, DOORS)
    record = {"s": "prj_x", "p": LIVE, "g": 1, "a": ["all", mode, KEY, []]}
    got = viewer.request(
        event_request("main--shop.localhost", path),
        {"main--shop": record, ".doors": json.dumps(BOOK["doors"])},
    )
    for text in (page, got["body"]):
        assert "<script" not in text
        assert "main--shop.localhost" in text
        assert "/v1/access/shop" in text or mode == "team"
    policy = got["headers"]["content-security-policy"]["value"]
    assert policy == rules.door_policy(DOORS)


def test_who_was_refused_is_told_so(viewer: Viewer) -> None:
    access, said = Access("all", "password", KEY), "That did not open it."
    record = {"s": "prj_x", "p": LIVE, "g": 1, "a": ["all", "password", KEY, []]}
    for path, again in (("/", False), (rules.PATH, True)):
        page = rules.door(access, "shop", "shop.localhost", "/", DOORS, again=again)
        event = event_request("shop.localhost", path)
        got = viewer.request(event, {"shop": record, ".doors": json.dumps(BOOK["doors"])})
        assert (said in page, said in got["body"]) == (again, again)


def test_a_door_that_leads_nowhere_still_is_one(viewer: Viewer) -> None:
    record = {"s": "prj_x", "p": LIVE, "g": 1, "a": ["all", "team", KEY, []]}
    got = viewer.request(event_request("shop.localhost", "/"), {"shop": record})
    assert got["statusCode"] == 401


def test_a_refused_entrance_says_nothing_more() -> None:
    assert rules.enter(Access("all", "team", KEY), "shop", "", 0) == Entrance(None)
