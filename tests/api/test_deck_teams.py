"""`deck team`, `members`, `invite`, `invitations` and the commands of keys, on the real API."""

from __future__ import annotations

import json
import re
import time

import pytest
from typer.testing import CliRunner

from cli.config import Profile, SignIn
from tests.fakes.people import member, person
from tests.fakes.server import served


@pytest.fixture
def deck(api, tmp_path, monkeypatch):
    """Run a command as somebody: `deck(ada, "team", "list")` -> result."""
    from cli.app import app

    monkeypatch.chdir(tmp_path)
    with served() as url:
        monkeypatch.setenv("CLOUDDECK_API", url)

        def run(somebody, *arguments, code=0, **options):
            monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / (somebody.id or "machine")))
            kind = "session" if somebody.email else "key"
            profile = Profile()
            if not profile.knows(url):
                token = somebody.client.token
                profile.save(url, SignIn(kind, token, "", time.time() + 900, somebody.email))
            result = CliRunner().invoke(app, list(arguments), prog_name="deck", **options)
            said = f"{result.exit_code}\n{result.stdout}\n{result.stderr}"
            assert result.exit_code == code, said
            if "--json" in arguments and code == 0:
                result.json = json.loads(result.stdout)
            return result

        yield run


def machine(api, secret):
    return type(person(api))("", "", "", api.with_token(secret), {})


def rows(result):
    return [line.split("\t") for line in result.stdout.splitlines()]


def test_a_team_from_beginning_to_end(deck, owner):
    assert deck(owner, "team", "create", "Rockets", "--use").stdout == "Made the team rockets\n"
    assert [(r[0], r[1], r[3]) for r in rows(deck(owner, "team", "list"))][-1:] == [
        ("*", "rockets", "owner")
    ]
    assert "rockets  Rockets" in deck(owner, "team", "show").stdout
    deck(owner, "team", "rename", "Better rockets")
    deck(owner, "team", "set", "--billing-email", "bills@example.com")
    shown = deck(owner, "team", "show", "--json").json
    assert (shown["name"], shown["billing_email"]) == ("Better rockets", "bills@example.com")
    assert deck(owner, "team", "set", "--billing-email", "", "--json").json["billing_email"] is None
    assert "second factor" in deck(owner, "team", "set", "--mfa", code=2).stderr
    assert "Give --yes" in deck(owner, "team", "delete", "rockets", code=2).stderr
    deck(owner, "team", "delete", "rockets", "--yes")
    assert deck(owner, "team", "list", "--json").json["in_use"] is None
    assert deck(owner, "team", "set", code=2).stderr.startswith("error: Nothing was named")


def test_the_team_in_use_is_meant(deck, owner):
    deck(owner, "team", "create", "Rockets", "--slug", "rockets")
    asked = deck(owner, "members", "list", code=2)
    assert "Which team?" in asked.stderr
    assert "rockets" in asked.stderr
    deck(owner, "team", "use", "rockets")
    made = owner.client.post(
        "/v1/projects", {"name": "p", "team": deck(owner, "team", "show", "--json").json["id"]}
    ).json()
    found = deck(owner, "projects", "--json").json["items"]
    assert [p["id"] for p in found] == [made["id"]]
    deck(owner, "team", "use", "--none")
    assert deck(owner, "projects", "--json").json["items"] == []
    assert "Which team?" in deck(owner, "team", "use", code=2).stderr
    assert "no team" in deck(owner, "team", "use", "nobodys", code=2).stderr


def test_from_invitation_to_leaving(deck, api, services, owner):
    bob = person(api, "bob@example.com")
    said = deck(owner, "invite", "bob@example.com", "--role", "viewer").stdout
    assert said.startswith("Invited bob@example.com as viewer")
    assert rows(deck(owner, "invitations", "list"))[0][:3] == ["bob@example.com", "viewer", "open"]
    deck(owner, "invitations", "revoke", "Bob@example.com")
    assert deck(owner, "invitations", "list", "--json").json["items"] == []
    deck(owner, "invite", "bob@example.com")
    command = services.mail.to("bob@example.com")[-1].text
    token = re.search(r"deck --api \S+ invitations accept (\S+)", command)[1]
    assert "as developer" in deck(bob, "invitations", "look", token).stdout
    deck(bob, "invitations", "accept", "-", input=f"{token}\n")
    slug = owner.client.get(f"/v1/teams/{owner.team}").json()["slug"]
    assert {r[0]: r[2] for r in rows(deck(bob, "members", "list", "-t", slug))} == {
        owner.email: "owner",
        bob.email: "developer",
    }
    deck(owner, "members", "set-role", bob.email, "admin")
    assert "owner_only" not in deck(bob, "members", "set-role", owner.email, "viewer", "-t", slug,
                                    code=2).stdout  # fmt: skip
    deck(owner, "team", "transfer", bob.email, "--yes")
    deck(bob, "members", "set-role", owner.email, "owner", "-t", slug)
    deck(bob, "members", "leave", "-t", slug, "--yes")
    assert [r[0] for r in rows(deck(owner, "members", "list"))] == [owner.email]
    assert "no member" in deck(owner, "members", "remove", bob.email, code=2).stderr


def test_roles_in_one_project(deck, api, owner):
    guest = person(api)
    owner.client.post("/v1/projects", {"name": "site", "slug": "site"})
    deck(owner, "members", "set-role", guest.email, "developer", "--project", "site")
    assert rows(deck(guest, "members", "list", "-p", "site"))[0][:3] == [
        guest.email,
        "Ada",
        "developer",
    ]
    deck(guest, "members", "leave", "-p", "site", "--yes")
    assert deck(owner, "members", "list", "-p", "site", "--json").json["items"] == []


def test_keys_of_people_and_machines(deck, api, owner):
    secret = deck(owner, "keys", "create", "mine", "--scope", "project.read").stdout.strip()
    made = deck(owner, "keys", "create", "robot", "--service", "--role", "developer", "--days", "9",
                "--rate", "60", "--json").json  # fmt: skip
    assert (made["kind"], made["role"], made["rate_per_minute"]) == ("service", "developer", 60)
    assert {r[2] for r in rows(deck(owner, "keys", "list"))} == {"api_key", "service"}
    assert "no other key" in deck(owner, "keys", "create", "x", "--role", "viewer", code=2).stderr
    robot = machine(api, made["secret"])
    slug = owner.client.get(f"/v1/teams/{owner.team}").json()["slug"]
    said = deck(robot, "whoami").stdout
    assert said.startswith(f"a service token of {slug} at")
    assert deck(robot, "projects", "--json").json["items"] == []
    assert "A machine leaves no team" in deck(robot, "members", "leave", "--yes", code=2).stderr
    deck(owner, "keys", "delete", made["id"])
    assert deck(robot, "projects", code=3).stderr.startswith("error: ")
    assert api.with_token(secret).get("/v1/projects").status == 200


def test_deploy_keys(deck, api, owner):
    project = owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()
    made = deck(owner, "deploy-keys", "create", "ci", "-p", "site", "--json").json
    assert rows(deck(owner, "deploy-keys", "list", "-p", "site"))[0][1:4] == [
        "ci",
        "deploy_key",
        "site",
    ]
    ci = machine(api, made["secret"])
    assert deck(ci, "whoami").stdout.startswith(f"a deploy key of {project['id']} at")
    deck(owner, "deploy-keys", "delete", made["id"], "-p", "site")
    assert deck(ci, "whoami", code=3).stdout == ""


def test_signing_in_with_a_machines_key(deck, api, owner, tmp_path):
    made = deck(owner, "keys", "create", "robot", "--service", "--role", "viewer", "--json").json
    result = deck(
        member(api, owner, "viewer"), "login", "--token", "-", input=made["secret"] + "\n"
    )
    assert "as a service token of" in result.stdout
