"""Projects and their variables; two people at one thing; the same request twice."""

from __future__ import annotations

import secrets
from collections.abc import Callable

from tests.acceptance.client import Api, Json

SECRET = "s3cr3t-" + secrets.token_hex(8)


def test_a_project_is_found_by_id_and_by_slug(api: Api, project: Json) -> None:
    assert api.get(f"/projects/{project['slug']}")["id"] == project["id"]
    assert api.get(f"/projects/{project['id']}") == project


def test_a_list_comes_in_pages(api: Api, make_project: Callable[..., Json]) -> None:
    mine = {make_project()["id"] for _ in range(3)}
    pages = api.pages("/projects", 2)
    assert all(len(page) <= 2 for page in pages)
    found = [item["id"] for page in pages for item in page]
    assert mine <= set(found)
    assert len(found) == len(set(found)), "nothing comes twice"
    newest = [identifier for identifier in found if identifier in mine]
    assert newest == sorted(mine, reverse=True)


def test_a_cursor_is_good_for_its_list_only(api: Api, make_project: Callable[..., Json]) -> None:
    for _ in range(2):
        make_project()
    cursor = api.good("GET", "/projects", params={"limit": 1})["next"]
    refused = api.call("GET", "/keys", params={"cursor": cursor})
    assert (refused.status_code, refused.json()["code"]) == (400, "invalid_cursor")


def test_a_secret_never_comes_back(api: Api, project: Json) -> None:
    where = f"/projects/{project['id']}/env"
    kept = api.good("PUT", f"{where}/API_TOKEN", {"value": SECRET, "environment": "production"})
    api.good("PUT", f"{where}/GREETING", {"value": "héllo", "secret": False, "environment": "all"})
    assert kept["value"] is None
    listed = api.call("GET", where)
    assert SECRET not in listed.text
    values = {item["name"]: item["value"] for item in listed.json()["items"]}
    assert values == {"API_TOKEN": None, "GREETING": "héllo"}
    gone = api.call("DELETE", f"{where}/GREETING", params={"environment": "all"})
    assert gone.status_code == 204
    assert [item["name"] for item in api.get(where)["items"]] == ["API_TOKEN"]


def test_of_two_people_the_second_is_told(api: Api, project: Json) -> None:
    where = f"/projects/{project['id']}"
    read = api.call("GET", where)
    tag = read.headers["ETag"]
    unchanged = api.call("GET", where, headers={"If-None-Match": tag})
    assert (unchanged.status_code, unchanged.content) == (304, b"")
    mine = api.call("PATCH", where, {"name": "mine"}, headers={"If-Match": tag})
    assert mine.status_code == 200
    assert mine.headers["ETag"] != tag
    theirs = api.call("PATCH", where, {"name": "theirs"}, headers={"If-Match": tag})
    assert (theirs.status_code, theirs.json()["code"]) == (409, "conflict")
    assert api.get(where)["name"] == "mine"


def test_the_same_request_twice_makes_one_project(api: Api) -> None:
    key = {"Idempotency-Key": secrets.token_hex(16)}
    body = {"name": f"acceptance-{secrets.token_hex(5)}"}
    first = api.call("POST", "/projects", body, headers=key)
    again = api.call("POST", "/projects", body, headers=key)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert "Idempotency-Replayed" not in first.headers
    assert again.headers["Idempotency-Replayed"] == "true"
    other = api.call("POST", "/projects", {"name": "another"}, headers=key)
    assert (other.status_code, other.json()["code"]) == (422, "idempotency_mismatch")
    assert api.call("DELETE", f"/projects/{first.json()['id']}").status_code == 204


def test_what_is_deleted_is_gone(api: Api, make_project: Callable[..., Json]) -> None:
    gone = make_project()["id"]
    assert api.call("DELETE", f"/projects/{gone}").status_code == 204
    assert api.call("GET", f"/projects/{gone}").status_code == 404
