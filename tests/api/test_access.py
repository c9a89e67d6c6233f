"""Protected sites: who is let in, by what, and for how long."""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.edge.rules import access as edge
from chalicelib.edge.rules.routes import Access
from chalicelib.projects import rows
from tests.fakes.client import Client
from tests.fakes.people import Person, member, person

PASSWORD = "river stones"


@pytest.fixture
def project(owner: Person) -> dict[str, Any]:
    made = owner.client.post("/v1/projects", {"name": "Guide", "slug": "guide"})
    assert made.status == 201
    return dict(made.json())


def _protect(owner: Person, project: dict[str, Any], **body: Any) -> None:
    answer = owner.client.put(f"/v1/projects/{project['id']}/access", body)
    assert answer.status == 200, answer.json()


def _access(project: dict[str, Any]) -> Access:
    kept = rows.get(project["id"]).access
    return Access(kept["scope"], kept["mode"], kept["key"], tuple(kept["revoked"]))


def _token(url: str) -> str:
    return parse_qs(urlsplit(url).query)["token"][0]


def _opens(project: dict[str, Any], url: str, at_ms: int | None = None) -> bool:
    from chalicelib.core import clock

    now = clock.now_ms() if at_ms is None else at_ms
    return edge.is_admitted(_access(project), project["slug"], _token(url), now)


def _knock(password: str, host: str = "guide.localhost", to: str = "/a?b=1") -> Any:
    from urllib.parse import urlencode

    form = urlencode({"host": host, "to": to, "password": password})
    headers = {"Content-Type": "application/x-www-form-urlencoded"}
    return Client().call("POST", "/v1/access/guide", raw=form.encode(), headers=headers)


def test_the_password_opens(owner: Person, project: dict[str, Any]) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    answer = _knock(PASSWORD)
    assert answer.status == 302
    location = answer.headers["Location"]
    assert location.startswith("http://guide.localhost:8081/_clouddeck/access?")
    assert parse_qs(urlsplit(location).query)["to"] == ["/a?b=1"]
    assert _opens(project, location)
    assert not edge.is_admitted(_access(project), "other", _token(location), 0)


def test_another_password_leads_back_without_opening(
    owner: Person, project: dict[str, Any]
) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    answer = _knock("river stone")
    assert answer.status == 302
    assert not _opens(project, answer.headers["Location"])


def test_hosts_that_are_not_the_sites_are_sent_nowhere(
    owner: Person, project: dict[str, Any]
) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    for host in ("evil.example", "guide.localhost.evil.example", "other.localhost", "", "guide"):
        assert _knock(PASSWORD, host=host).status in {404, 422}, host
    for to in ("//evil.example", "https://evil.example/", "/\\evil.example", "/a\r\nX: y"):
        answer = _knock(PASSWORD, to=to)
        assert answer.status in {302, 422}
        if answer.status == 302:
            location = answer.headers["Location"]
            assert parse_qs(urlsplit(location).query)["to"] == ["/"], to
            assert "\n" not in location


def test_a_new_password_ends_what_the_old_one_opened(
    owner: Person, project: dict[str, Any]
) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    before = _knock(PASSWORD).headers["Location"]
    _protect(owner, project, scope="previews", mode="password")
    assert _opens(project, before), "another scope asks nobody again"
    _protect(owner, project, scope="previews", mode="password", password="other stones")
    assert not _opens(project, before)


def test_passwords_that_a_site_may_not_have(owner: Person, project: dict[str, Any]) -> None:
    path = f"/v1/projects/{project['id']}/access"
    for body, code in (
        ({"mode": "password"}, "password_needed"),
        ({"mode": "password", "password": "short"}, "password_weak"),
        ({"mode": "password", "password": "with\nnew line"}, "password_weak"),
    ):
        answer = owner.client.put(path, body)
        assert (answer.status, answer.json()["code"]) == (422, code)
    assert owner.client.get(path).json() == {"scope": "none", "mode": None}


def test_no_answer_and_no_event_has_the_password_or_the_key(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    key = _access(project).key
    told = owner.client.get(f"/v1/projects/{project['id']}").json()
    log = owner.client.get(f"/v1/teams/{owner.team}/audit").json()
    for text in (json.dumps(told), json.dumps(log), repr(services.bus.events)):
        assert PASSWORD not in text
        assert key not in text
        assert "argon2" not in text


def test_the_edge_is_told_by_an_event(
    owner: Person, project: dict[str, Any], services: Any
) -> None:
    _protect(owner, project, scope="all", mode="team")
    assert ("route.changed", {"version": 1, "project": project["id"]}) in services.bus.events


def test_members_of_the_team_are_let_in_and_others_are_not(
    owner: Person, project: dict[str, Any]
) -> None:
    _protect(owner, project, scope="all", mode="team")
    viewer = member(Client(), owner, "viewer")
    body = {"host": "guide.localhost", "to": "/x"}
    assert _opens(project, viewer.client.post("/v1/me/access", body).json()["url"])
    stranger = person(Client())
    answer = stranger.client.post("/v1/me/access", body)
    assert (answer.status, answer.json()["code"]) == (404, "site_not_found")
    nobodys = stranger.client.post("/v1/me/access", {"host": "nobodys.localhost"})
    assert nobodys.json()["detail"] == answer.json()["detail"]
    assert Client().post("/v1/me/access", body).status == 401


def test_a_passwords_token_does_not_open_what_became_the_teams(
    owner: Person, project: dict[str, Any]
) -> None:
    _protect(owner, project, scope="all", mode="password", password=PASSWORD)
    opened = _knock(PASSWORD).headers["Location"]
    _protect(owner, project, scope="all", mode="team")
    assert not _opens(project, opened)


def test_a_share_link_opens_until_its_end(owner: Person, project: dict[str, Any]) -> None:
    _protect(owner, project, scope="previews", mode="team")
    body = {"expires_in": 3600, "host": "pr-7--guide.localhost", "path": "/new", "note": "for Ada"}
    made = owner.client.post(f"/v1/projects/{project['id']}/shares", body)
    assert made.status == 201
    assert made.json()["url"].startswith("http://pr-7--guide.localhost:8081/_clouddeck/access?")
    from chalicelib.core import clock

    now = clock.now_ms()
    assert _opens(project, made.json()["url"])
    assert _opens(project, made.json()["url"], now + 3_590_000)
    assert not _opens(project, made.json()["url"], now + 3_601_000)
    listed = owner.client.get(f"/v1/projects/{project['id']}/shares").json()["items"]
    assert [one["note"] for one in listed] == ["for Ada"]
    assert "url" not in listed[0]


def test_a_share_link_is_taken_back(owner: Person, project: dict[str, Any]) -> None:
    _protect(owner, project, scope="previews", mode="team")
    path = f"/v1/projects/{project['id']}/shares"
    made = [owner.client.post(path, {}).json() for _ in range(2)]
    assert owner.client.delete(f"{path}/{made[0]['id']}").status == 204
    assert [_opens(project, one["url"]) for one in made] == [False, True]
    assert owner.client.delete(f"{path}/{made[0]['id']}").status == 404


def test_more_links_are_taken_back_than_the_edge_can_remember(
    owner: Person, project: dict[str, Any]
) -> None:
    from chalicelib.protection.rules.lifetimes import REVOKED_MAX

    _protect(owner, project, scope="previews", mode="team")
    path = f"/v1/projects/{project['id']}/shares"
    urls = []
    for _ in range(REVOKED_MAX + 1):
        made = owner.client.post(path, {}).json()
        urls.append(made["url"])
        assert owner.client.delete(f"{path}/{made['id']}").status == 204
    assert not any(_opens(project, url) for url in urls)


def test_what_cannot_be_shared(owner: Person, project: dict[str, Any]) -> None:
    path = f"/v1/projects/{project['id']}/shares"
    assert owner.client.post(path, {}).json()["code"] == "not_protected"
    _protect(owner, project, scope="all", mode="team")
    owner.client.post("/v1/projects", {"name": "Other", "slug": "other"})
    for host in ("other.localhost", "evil.example", "guide.localhost.evil.example"):
        answer = owner.client.post(path, {"host": host})
        assert (answer.status, answer.json()["code"]) == (422, "host_not_yours"), host


def test_opening_up_again(owner: Person, project: dict[str, Any]) -> None:
    _protect(owner, project, scope="all", mode="team")
    path = f"/v1/projects/{project['id']}/access"
    assert owner.client.delete(path).status == 204
    assert owner.client.get(path).json() == {"scope": "none", "mode": None}
    assert owner.client.delete(path).status == 204


def test_a_share_link_of_an_own_domain(owner: Person, project: dict[str, Any]) -> None:
    from chalicelib.domains.rows import domains as domain_rows

    _protect(owner, project, scope="all", mode="team")
    path = f"/v1/projects/{project['id']}/shares"
    assert owner.client.post(path, {"host": "www.example.com"}).json()["code"] == "host_not_yours"
    for host in ("www.example.com", "*.example.org"):
        row = domain_rows.new(project["id"], owner.team, host, owner.id)
        domain_rows.new_claim(row, 1).save()
    for host in ("www.example.com", "shop.example.org"):
        made = owner.client.post(path, {"host": host})
        assert made.json()["url"].startswith(f"https://{host}/_clouddeck/access?"), made.json()
    odd = owner.client.post(path, {"host": "WWW.example.com.:4444"}).json()["url"]
    assert odd.startswith("https://www.example.com:4444/_clouddeck/"), "one spelling"
    for host in ("www.example.com:44:44", "www.example.com:4a", "evil.example:@www.example.com"):
        assert owner.client.post(path, {"host": host}).status == 422, host
    for host in ("example.org", "a.b.example.org", "example.com", "*.example.org"):
        assert owner.client.post(path, {"host": host}).status == 422, host
