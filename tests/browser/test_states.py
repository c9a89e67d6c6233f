"""States that pages come into with real data: others' work, hosts that refuse, what leaves."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

import pytest
from playwright.sync_api import Browser, expect

from adapters.local.idp.people import Person as Known
from adapters.local.idp.server import Idp
from tests.browser.git_hub import GitHub
from tests.browser.visitor import Visitor, mailed
from tests.e2e.asking import Api, until
from tests.e2e.cloud import Cloud
from tests.e2e.surroundings import EMAIL
from tests.fakes.git_hosts import github
from tests.fakes.git_hosts.host import served
from tests.fakes.nameserver import Nameserver

pytestmark = pytest.mark.pages
PASSWORD = "a horse that nobody knows"
CORP = "corp-harbour.com"
FILES: dict[str, str | bytes] = {
    "index.html": "<h1>Harbour</h1>",
    "clouddeck.toml": (
        '[build]\nframework = "custom"\ncommand = "mkdir -p out && cp index.html out/"\n'
        'output = "out"\n'
    ),
}


@dataclass
class World:
    """A cloud, and what is around it: a git host, an identity provider, a name server."""

    cloud: Cloud
    hub: GitHub
    idp: Idp
    names: Nameserver
    owner: Api

    @property
    def team(self) -> str:
        return str(self.owner.get("/me")["teams"][0]["slug"])


@pytest.fixture(scope="module")
def world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[World]:
    folder = tmp_path_factory.mktemp("states")
    names = Nameserver()
    cloud = Cloud(
        folder / "home",
        more={"CLOUDDECK_PRIVATE_OUTBOUND": "1", "CLOUDDECK_NAMESERVER": names.address},
    )
    back = f"{cloud.url}/v1/auth/callback"
    people = [Known(f"olga@{CORP}", name="Olga")]
    root = folder / "hub"
    root.mkdir()
    try:
        cloud.up()
        owner = Api(cloud, entered(cloud, EMAIL, cloud.owner["password"]))
        with (
            served(GitHub(root, cloud.url)) as hub,
            Idp(people=people, redirects=(back, f"{back}/")) as idp,
        ):
            assert isinstance(hub, GitHub)
            hub.commit("main", FILES, "First page")
            yield World(cloud, hub, idp, names, owner)
    finally:
        cloud.down()
        names.stop()


def entered(cloud: Cloud, email: str, password: str) -> str:
    """The token of a new session."""
    said = Api(cloud, "").post("/auth/login", {"email": email, "password": password})
    return str(said["access_token"])


@pytest.fixture
def owner(browser: Browser, world: World) -> Iterator[Visitor]:
    """The owner of the installation, signed in."""
    with Visitor(browser) as found:
        login = {"email": EMAIL, "password": world.cloud.owner["password"]}
        found.signed_in(world.cloud, world.cloud.api.post("/auth/login", login))
        yield found


def new_project(world: World, slug: str) -> None:
    world.owner.post("/projects", {"team": world.team, "name": slug.title(), "slug": slug})


def test_a_domain_that_leaves_can_be_added_once_it_is_gone(owner: Visitor, world: World) -> None:
    host = "www.harbour-one.com"
    new_project(world, "leaving")
    world.owner.post("/projects/leaving/domains", {"domain": host})
    settle(world, host, "removing")
    owner.open(f"{world.cloud.url}/projects/leaving/domains/{host}")
    owner.sees("It is being taken off the edge.")
    expect(owner.page.get_by_role("button", name="Check now")).to_have_count(0)

    owner.open(f"{world.cloud.url}/projects/leaving/domains")
    owner.press("Add domain")
    owner.fill("Domain", host)
    owner.sees(f"{host} is still being taken off")
    add = owner.page.get_by_role("dialog").get_by_role("button", name="Add", exact=True)
    expect(add).to_be_disabled()

    settle(world, host, "removed")
    expect(add).to_be_enabled()
    add.click()
    owner.page.wait_for_url(f"**/domains/{host}")
    owner.sees("The record that proves that the domain is yours was not found.")
    owner.sees("or at once by Check now")


def settle(world: World, host: str, state: str) -> None:
    """Let a domain be in a state that passes too fast to be looked at; no machine minds it then."""
    project = world.owner.get("/projects/leaving")["id"]
    world.cloud.database().update_item(
        TableName="clouddeck-core",
        Key={"pk": {"S": f"PROJ#{project}"}, "sk": {"S": f"DOMAIN#{host}"}},
        UpdateExpression="SET #state = :state, #run = :run ADD #version :one",
        ExpressionAttributeNames={"#state": "state", "#run": "run", "#version": "version"},
        ExpressionAttributeValues={":state": {"S": state}, ":run": {"N": "99"}, ":one": {"N": "1"}},
    )


def test_the_record_of_a_domain_is_taken_whole(owner: Visitor, world: World) -> None:
    host = "a-name-that-is-long-enough-to-need-two-lines.harbour-one.com"
    new_project(world, "records")
    said = world.owner.post("/projects/records/domains", {"domain": host})
    wanted = next(one for one in said["records"] if one["type"] == "TXT")
    owner.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    owner.open(f"{world.cloud.url}/projects/records/domains/{host}")
    owner.page.set_viewport_size({"width": 360, "height": 740})
    value = owner.page.get_by_text(wanted["value"], exact=True)
    expect(value).to_be_visible()
    assert value.evaluate("one => one.scrollWidth <= one.clientWidth || !one.clientWidth")
    owner.press("Copy the value of the TXT record")
    assert owner.page.evaluate("navigator.clipboard.readText()") == wanted["value"]
    owner.fits()


def test_from_the_github_app_to_a_first_deployment(owner: Visitor, world: World) -> None:
    """The account is connected at the host, one of many repositories is searched and deployed."""
    app = {"app_id": github.APP, "client_id": "Iv1.deck", "base_url": world.hub.url}
    secrets = {"private_key": world.hub.key, "client_secret": "app-secret"}
    made = world.owner.ask(
        "PUT", "/admin/git/github", {**app, **secrets, "webhook_secret": "w" * 32}
    )
    assert made.status == 200, made.text
    owner.open(f"{world.cloud.url}/teams/{world.team}/new?way=repository")
    owner.press("Connect GitHub")
    owner.sees("The account is connected.")
    search = owner.page.get_by_placeholder(re.compile("Search 121 repositories"))
    search.fill("hello")
    offers = owner.page.get_by_role("list", name="Repositories")
    expect(offers.get_by_role("listitem")).to_have_count(1)
    owner.press(f"Choose {github.NAME}")
    expect(owner.page.get_by_label("Name in the address")).to_have_value("hello-world")
    owner.press("Connect and deploy")
    owner.sees("hello-world is live", 90)


def test_a_stranger_waits_for_somebody_who_read(owner: Visitor, world: World) -> None:
    connected(world, "strangers")
    changed = world.owner.ask("PATCH", "/projects/strangers", {"git": {"forks": "approval"}})
    assert changed.status == 200, changed.text
    commit = world.hub.commit("pull-13", FILES, "A typo")
    world.hub.stranger(13, commit, "Fix a typo")
    owner.open(f"{world.cloud.url}/projects/strangers/previews")
    owner.sees("Waits for an approval")
    row = owner.page.get_by_role("link", name="#13 Fix a typo")
    expect(row).to_have_attribute("href", f"{world.hub.url}/{github.NAME}/pull/13")
    owner.press("Approve")
    dialog = owner.page.get_by_role("dialog", name="Approve #13")
    expect(dialog).to_contain_text(commit)
    expect(dialog.get_by_role("button", name="Approve this commit")).to_be_disabled()

    dialog.get_by_label("I have read what this commit changes").check()
    owner.press("Approve this commit")
    owner.sees("pr-13--strangers", 60)
    until(lambda: any("pr-13--" in one["body"] for one in world.hub.comments.values()), 60)
    world.hub.stranger(13, commit, "Fix a typo", "pull_closed")
    owner.sees("No open pull requests")
    owner.page.get_by_text("Closed", exact=True).click()
    owner.sees("Its preview is removed")


def connected(world: World, slug: str) -> None:
    """A project of the repository, which a token opens."""
    new_project(world, slug)
    link = {"provider": "github", "url": f"{world.hub.url}/{github.NAME}", "token": github.PERSON}
    world.owner.post(f"/projects/{slug}/repository", link)


def test_a_token_that_was_revoked_is_said_and_replaced(owner: Visitor, world: World) -> None:
    connected(world, "revoked")
    owner.open(f"{world.cloud.url}/projects/revoked/settings?tab=git")
    owner.sees("connected")
    world.hub.revoked_tokens.add(github.PERSON)
    try:
        owner.press("Ask the host now")
        owner.sees("The repository cannot be read")

        owner.press("Connect it anew")
        owner.fill("Token", "another that opens nothing")
        owner.press("Connect")
        expect(owner.page.get_by_role("dialog").get_by_role("alert")).to_be_visible()
    finally:
        world.hub.revoked_tokens.clear()
    owner.fill("Token", github.PERSON)
    owner.press("Connect")
    owner.sees("The repository is connected")
    expect(owner.page.get_by_text("The repository cannot be read")).to_have_count(0)


def test_single_sign_on_is_tried_to_its_end(owner: Visitor, world: World) -> None:
    """DNS proof, provider, trial, and whoever comes by it is in the team."""
    owner.open(f"{world.cloud.url}/teams/{world.team}/sso")
    owner.fill("Domain", CORP)
    owner.press("Add the domain")
    owner.sees("Looked for")
    owner.press(f"Look for the record of {CORP}")
    owner.sees("has no TXT record that reads")
    claimed = world.owner.get(f"/teams/{world.team}/sso/domains")["items"][0]
    world.names.texts[claimed["record_name"]] = [claimed["record_value"]]
    owner.press(f"Look for the record of {CORP}")
    owner.sees(f"{CORP} is proven.")
    owner.fill("Issuer", world.idp.url)
    owner.fill("Client ID", "clouddeck")
    owner.fill("Client secret", "a secret of the client")
    owner.press("Save the provider")
    owner.sees("Come in by it yourself")
    owner.press("Sign in by the provider")
    owner.press(f"Olga, olga@{CORP}")
    owner.page.wait_for_url("**/teams/*/sso*")
    owner.sees("Single sign-on")
    tried = world.owner.get(f"/teams/{world.team}/sso")["tried_at"]
    assert tried is not None


def test_a_release_waits_for_somebody_else(browser: Browser, owner: Visitor, world: World) -> None:
    """Whoever pushed it is not asked to approve of it; the next person is, and it goes live."""
    grace = "grace@example.com"
    world.owner.post(f"/teams/{world.team}/invitations", {"email": grace, "role": "developer"})
    token = re.search(r"token=([^&]+)", mailed(world.cloud, grace, "invitations"))
    assert token is not None
    account = {"email": grace, "name": "Grace", "password": PASSWORD, "invitation": token[1]}
    assert Api(world.cloud, "").ask("POST", "/auth/sign-up", account).status == 202
    connected(world, "pier")
    first = until(lambda: world.owner.get("/projects/pier/deployments?limit=1")["items"], 60)[0]
    world.owner.ready(first["id"])
    changed = world.owner.ask("PATCH", "/projects/pier", {"delivery": {"approvals": 1}})
    assert changed.status == 200, changed.text
    again = world.owner.post("/projects/pier/deployments", {"branch": "main"})
    world.owner.ready(again["id"])
    owner.open(f"{world.cloud.url}/deployments/{again['id']}?tab=approvals")
    owner.sees("It is yours, so somebody else has to.")
    expect(owner.page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    with Visitor(browser) as other:
        login = {"email": grace, "password": PASSWORD}
        other.signed_in(world.cloud, Api(world.cloud, "").post("/auth/login", login))
        other.open(f"{world.cloud.url}/deployments/{again['id']}?tab=approvals")
        other.press("Approve")
        other.page.get_by_label("I have looked at what it changes").check()
        other.page.get_by_role("dialog").get_by_role("button", name="Approve").click()
        other.sees("Approved.")
        expect(other.page.get_by_role("button", name="Approve", exact=True)).to_have_count(0)
    owner.sees("1 of 1")


def test_a_graph_is_asked_under_the_policy(owner: Visitor, world: World) -> None:
    owner.open(f"{world.cloud.url}/explorer?tab=graphql")
    query = owner.page.get_by_label("Query or mutation")
    query.fill("query Mine($limit: Int!) { teams(limit: $limit) { items { slug } } }")
    owner.page.get_by_label("Variables").fill('{ "limit": 1 }')
    owner.press("Send as you")
    owner.sees(f'"slug": "{world.team}"')
    query.fill("{ nothing }")
    owner.press("Send as you")
    owner.sees("1 error")
    query.fill("{ teams { items { projects { items { " * 12 + "id" + " } } } }" * 12 + " }")
    owner.press("Send as you")
    expect(owner.page.get_by_text(re.compile("refused, 4|error")).first).to_be_visible()
    owner.page.get_by_label("Variables").fill("{ not json")
    owner.press("Send as you")
