"""The GitHub App: whose installation an installation is."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, urlsplit

import pytest

from chalicelib.git.actions import app_settings, installations
from chalicelib.git.rows import apps
from chalicelib.identity import rows as identity_rows
from tests.fakes.client import Client
from tests.fakes.git_provider import FakeProvider, installed
from tests.fakes.people import Person, member, person

BACK = "http://127.0.0.1:4711/back"
APP = {
    "app_id": "12", "client_id": "Iv1.x", "private_key": "a private key", "client_secret": "s3cret",
    "webhook_secret": "w" * 20,
}  # fmt: skip


@pytest.fixture
def host() -> Iterator[FakeProvider]:
    with installed("github") as fakes:
        yield fakes["github"]


@pytest.fixture
def administrator(owner: Person, host: FakeProvider) -> Person:
    row = identity_rows.user_named(owner.id)
    assert row is not None
    row.update(actions=[identity_rows.UserRow.admin.set(True)])
    return owner


@pytest.fixture
def app(administrator: Person) -> None:
    answer = administrator.client.put("/v1/admin/git/github", APP)
    assert answer.status == 200, answer.text


def begin(who: Person, team: str | None = None) -> str:
    path = f"/v1/teams/{team or who.team}/git/github/start"
    answer = who.client.post(path, {"return_to": BACK})
    assert answer.status == 200, answer.text
    url = urlsplit(answer.json()["url"])
    assert (url.netloc, url.path) == ("github.com", "/apps/our-deck/installations/new")
    return parse_qs(url.query)["state"][0]


def finish(who: Person, state: str, code: str, installation: str, team: str | None = None) -> Any:
    body = {"state": state, "code": code, "installation": installation}
    return who.client.post(f"/v1/teams/{team or who.team}/git/github", body)


def test_the_app_is_shown_without_its_secrets(administrator: Person, app: None) -> None:
    shown = administrator.client.get("/v1/admin/git/github")
    assert shown.json()["slug"] == "our-deck"
    assert shown.json()["webhook_url"].endswith("/v1/hooks/github")
    for secret in ("a private key", "s3cret", "w" * 20):
        assert secret not in shown.text
    row = apps.app()
    assert row is not None
    assert b"s3cret" not in bytes(row.sealed)
    assert app_settings.webhook_secret(row) == "w" * 20
    assert administrator.client.delete("/v1/admin/git/github").status == 204
    assert administrator.client.get("/v1/admin/git/github").code == "git_app_not_found"


def test_a_key_that_github_does_not_know_is_no_app(administrator: Person) -> None:
    answer = administrator.client.put("/v1/admin/git/github", {**APP, "private_key": "wrong"})
    assert (answer.status, answer.code) == (422, "invalid_request")
    answer = administrator.client.put(
        "/v1/admin/git/github", {**APP, "base_url": "https://10.0.0.1"}
    )
    assert answer.status == 422
    assert apps.app() is None


def test_whoever_manages_an_installation_connects_it_with_their_team(
    administrator: Person, app: None, host: FakeProvider
) -> None:
    host.managed["good"] = {"77": "acme"}
    host.host("acme/site")
    state = begin(administrator)
    back = Client().get(f"/v1/git/github/callback?state={state}&code=good&installation_id=77")
    assert back.status == 302
    brought = parse_qs(urlsplit(back.headers["Location"]).query)
    assert back.headers["Location"].startswith(BACK)
    assert brought == {"state": [state], "code": ["good"], "installation": ["77"]}
    made = finish(administrator, state, "good", "77")
    assert (made.status, made.json()["account"]) == (201, "acme")
    listed = administrator.client.get(f"/v1/teams/{administrator.team}/git").json()["items"]
    assert [one["id"] for one in listed] == ["77"]
    path = f"/v1/teams/{administrator.team}/git/77"
    offers = administrator.client.get(f"{path}/repositories").json()["items"]
    assert [one["name"] for one in offers] == ["acme/site"]
    assert finish(administrator, state, "good", "77").code == "state_invalid"  # once only
    assert administrator.client.delete(path).status == 204
    assert administrator.client.get(f"{path}/repositories").status == 404


def test_nobody_claims_an_installation_that_they_do_not_manage(
    administrator: Person, app: None, host: FakeProvider
) -> None:
    host.managed["mine"] = {"770": "eve"}
    for installation in ("77", "7", "0770", "7700"):
        answer = finish(administrator, begin(administrator), "mine", installation)
        assert (answer.status, answer.code) == (404, "installation_not_found")
    assert finish(administrator, begin(administrator), "stolen", "770").status == 404
    assert not apps.installations(administrator.team)


def test_somebody_sent_to_github_by_another_claims_nothing_for_them(
    api: Client, administrator: Person, app: None, host: FakeProvider
) -> None:
    """A stranger begins, and has the owner of an account finish: the code of the victim comes to
    the victim's own browser, and neither of the two can use it for the stranger's team."""
    host.managed["victim"] = {"77": "victim"}
    stranger, victim = person(api), person(api)
    state = begin(stranger)
    assert finish(victim, state, "victim", "77", team=stranger.team).status == 404
    assert finish(victim, state, "victim", "77").code == "state_invalid"
    assert not apps.installations(stranger.team)
    assert not apps.installations(victim.team)
    colleague = member(api, stranger, "admin")
    again = begin(stranger)
    assert finish(colleague, again, "victim", "77", team=stranger.team).code == "state_invalid"


def test_browsers_are_sent_nowhere_that_a_stranger_chooses(
    owner: Person, administrator: Person, app: None
) -> None:
    path = f"/v1/teams/{owner.team}/git/github/start"
    for place in ("https://evil.example/", "javascript:alert(1)", "http://127.0.0.1/", "//evil"):
        assert owner.client.post(path, {"return_to": place}).status == 422
    assert Client().get("/v1/git/github/callback?state=unknown&code=x").code == "state_invalid"


def test_a_teams_installation_opens_repositories_for_that_team_only(
    api: Client, administrator: Person, app: None, host: FakeProvider
) -> None:
    host.host("acme/site")
    apps.claim(administrator.team, "77", "acme", app_settings.GITHUB, administrator.id)
    stranger = person(api)
    project = str(stranger.client.post("/v1/projects", {"name": "x"}).json()["id"])
    body = {"provider": "github", "url": "https://github.com/acme/site", "installation": "77"}
    answer = stranger.client.post(f"/v1/projects/{project}/repository", body)
    assert (answer.status, answer.code) == (404, "installation_not_found")


def test_a_role_in_one_project_does_not_open_what_the_team_may_see(
    api: Client, administrator: Person, app: None, host: FakeProvider
) -> None:
    host.host("acme/site")
    apps.claim(administrator.team, "77", "acme", app_settings.GITHUB, administrator.id)
    project = str(administrator.client.post("/v1/projects", {"name": "x"}).json()["id"])
    guest = person(api)
    path = f"/v1/projects/{project}/members/{guest.id}"
    given = administrator.client.put(path, {"role": "admin"})
    assert given.status in {200, 201, 204}, given.text
    body = {"provider": "github", "url": "https://github.com/acme/site"}
    answer = guest.client.post(f"/v1/projects/{project}/repository", body)
    assert answer.status in {403, 404}, answer.text
    body["token"] = "their own"
    assert guest.client.post(f"/v1/projects/{project}/repository", body).status == 201


def test_an_installation_that_a_team_gave_up_opens_nothing_any_more(
    administrator: Person, app: None, host: FakeProvider
) -> None:
    host.host("acme/site")
    team = administrator.team
    apps.claim(team, "77", "acme", app_settings.GITHUB, administrator.id)
    project = str(administrator.client.post("/v1/projects", {"name": "x"}).json()["id"])
    path = f"/v1/projects/{project}/repository"
    body = {"provider": "github", "url": "https://github.com/acme/site"}
    assert administrator.client.post(path, body).status == 201
    assert administrator.client.post(f"{path}/check", {}).json()["state"] == "ok"
    installations.release(team, "77")
    checked = administrator.client.post(f"{path}/check", {}).json()
    assert (checked["state"], checked["fault"].partition(":")[0]) == (
        "broken",
        "repo_access_denied",
    )
