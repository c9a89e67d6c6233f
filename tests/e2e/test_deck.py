"""Every command of `deck` once, from a folder that nobody knows to a site that is live."""

from __future__ import annotations

import json
import stat
from pathlib import Path
from typing import Any

import pytest

from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.person import DECK, Person, Site, write
from tests.e2e.surroundings import EMAIL

BUILD = """\
[build]
framework = "custom"
install = ""
command = "mkdir -p out && sed s/VERSION/$(cat version)/ page.html > out/index.html && echo made it"
output = "out"
"""
FILES = {
    "clouddeck.toml": BUILD,
    "page.html": "<h1>version VERSION</h1>\n",
    "version": "1\n",
    ".gitignore": "out\n",
}


@pytest.fixture(scope="module")
def someone(cloud: Cloud) -> Person:
    """Somebody with a computer of their own, who has not signed in."""
    somebody = Person(cloud, cloud.home.parent / "someone")
    somebody.environment["BROWSER"] = "true"
    return somebody


@pytest.fixture(scope="module")
def site(someone: Person) -> Site:
    """A folder that is linked to a project, with two versions that were live."""
    someone.sign_in()
    made = someone.site("by-deck", FILES)
    made.commit(message="First version")
    return made


@pytest.fixture(scope="module")
def versions(site: Site) -> list[str]:
    """Two deployments made with `deck deploy --prod`, oldest first."""
    first = site.deck("deploy", "--prod")
    write(site.folder, {"version": "2\n"})
    second = site.deck("deploy", "--prod", "--message", "Second version")
    assert second["deployment"]["message"] == "Second version"
    assert second["upload"]["sent_files"] == 1, "only what changed is sent"
    return [first["deployment"]["id"], second["deployment"]["id"]]


def test_nobody_is_signed_in_at_first(someone: Person) -> None:
    someone.environment  # noqa: B018  # makes the home folder
    refused = someone.deck(someone.home, "whoami", code=3)
    assert refused["error"]["code"]
    assert refused["error"]["hint"]
    wrong = ("login", "--email", EMAIL, "--password-stdin")
    assert someone.deck(someone.home, *wrong, given="wrong\n", code=3)["error"]


def test_login_and_whoami(someone: Person) -> None:
    signed_in = someone.sign_in()
    assert signed_in["user"]["email"] == EMAIL
    me = someone.deck(someone.home, "whoami")
    assert me["user"] == signed_in["user"]
    assert (me["via"], me["api"]) == ("session", someone.cloud.url)
    profile = someone.home / ".config" / "clouddeck" / "config.json"
    assert stat.S_IMODE(profile.stat().st_mode) == 0o600
    assert someone.cloud.owner["password"] not in profile.read_text()


def test_init_makes_a_project_and_a_remote(site: Site) -> None:
    assert site.project["slug"] == "by-deck"
    assert site.git("remote", "get-url", "clouddeck") == site.project["git_url"]
    kept = json.loads((site.folder / ".deck.json").read_text())
    assert kept == {"project": site.id, "slug": "by-deck", "api": site.cloud.url}
    again = site.deck("init", code=2)
    assert again["error"]["code"] == "already_linked"


def test_deploy_goes_live(site: Site, versions: list[str]) -> None:
    assert site.shows("version 2")
    found = site.deck("inspect", versions[1])
    assert (found["state"], found["live"], found["target"]) == ("ready", True, "production")
    assert (found["source"], found["files"]) == ("upload", 1)
    assert found["stages"][0]["started_at"]


def test_deploy_without_prod_is_a_preview(site: Site, versions: list[str]) -> None:
    write(site.folder, {"version": "preview\n"})
    made = site.deck("deploy")
    write(site.folder, {"version": "2\n"})
    assert made["deployment"]["target"] == "preview"
    assert "version preview" in site.page("/", made["deployment"]["url"]).text
    assert site.shows("version 2")


def test_deploy_prebuilt_and_again_sends_nothing(site: Site, versions: list[str]) -> None:
    pages = {f"out/page-{number}.html": f"<p>{number}</p>\n" for number in range(12)}
    write(site.folder, {"out/index.html": "<h1>built here</h1>\n", **pages})
    first = site.deck("deploy", "--prebuilt", "out")
    blobs = site.cloud.objects("blobs/")
    second = site.deck("deploy", "--prebuilt", "out")
    assert (first["upload"]["files"], first["upload"]["sent_files"]) == (13, 13)
    assert (second["upload"]["files"], second["upload"]["sent_files"]) == (13, 0)
    assert second["upload"]["sent_bytes"] == 0
    assert site.cloud.objects("blobs/") == blobs
    deployment = second["deployment"]
    assert (deployment["source"], deployment["build"]) == ("prebuilt", None)
    assert {s["name"]: s["state"] for s in deployment["stages"]}["build"] == "skipped"
    assert "built here" in site.page("/", deployment["url"]).text
    assert site.page("/page-7", deployment["url"]).text == "<p>7</p>\n"


def test_text_on_stdout_is_the_address(site: Site, versions: list[str]) -> None:
    done = site.person.run(site.folder, str(DECK), "deploy", "--prebuilt", "out")
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().startswith("http://")
    assert "built here" in site.page("/", done.stdout.strip()).text


def test_list_and_projects(site: Site, versions: list[str]) -> None:
    listed = site.deck("list")["items"]
    assert set(versions) <= {deployment["id"] for deployment in listed}
    assert [d["created_at"] for d in listed] == sorted(d["created_at"] for d in listed)[::-1]
    assert len(site.deck("list", "--limit", "1")["items"]) == 1
    assert {d["state"] for d in site.deck("list", "--state", "ready")["items"]} == {"ready"}
    assert site.id in {project["id"] for project in site.deck("projects")["items"]}


def test_inspect_takes_an_id_or_an_address(site: Site, versions: list[str]) -> None:
    by_id = site.deck("inspect", versions[0])
    assert site.deck("inspect", by_id["url"]) == by_id
    assert site.deck("inspect", "dpl_" + "0" * 26, code=2)["error"]["code"]


def test_logs(site: Site, versions: list[str]) -> None:
    lines = site.deck("logs", versions[1])
    numbers = [line["n"] for line in lines]
    assert numbers == sorted(set(numbers))
    assert any(line["text"] == "made it" and line["stage"] == "build" for line in lines)
    followed = site.deck("logs", versions[1], "--follow")
    assert followed[-1]["deployment"]["state"] == "ready"
    assert followed[:-1] == lines


def test_rollback_and_promote(site: Site, versions: list[str]) -> None:
    back = site.deck("rollback", "--to", versions[0], "--reason", "second thoughts")
    assert (back["deployment"], back["pinned"]) == (versions[0], True)
    assert back["history"][0]["reason"] == "second thoughts"
    assert until(lambda: site.shows("version 1"), 5)
    forward = site.deck("promote", versions[1])
    assert (forward["deployment"], forward["pinned"]) == (versions[1], False)
    assert until(lambda: site.shows("version 2"), 5)


def test_env(site: Site) -> None:
    site.deck("env", "set", "GREETING=hello", "PLACE=sea", "--plain")
    site.deck("env", "set", "PLACE=land", "--environment", "development", "--plain")
    site.deck("env", "set", "HIDDEN", "--secret", given="under a stone\n")
    items = site.deck("env", "ls")["items"]
    assert {(v["name"], v["environment"], v["value"]) for v in items} == {
        ("GREETING", "all", "hello"),
        ("PLACE", "all", "sea"),
        ("PLACE", "development", "land"),
        ("HIDDEN", "all", None),
    }
    pulled = site.deck("env", "pull", "mine.env")
    assert set(pulled["written"]) == {"GREETING", "PLACE"}
    assert pulled["secret"] == ["HIDDEN"]
    text = (site.folder / "mine.env").read_text()
    assert "PLACE=land" in text
    assert "under a stone" not in text
    (site.folder / "mine.env").unlink()
    assert site.deck("env", "rm", "GREETING", "PLACE")["removed"] == ["GREETING", "PLACE"]
    site.deck("env", "rm", "PLACE", "-e", "development")
    site.deck("env", "rm", "HIDDEN")
    assert site.deck("env", "ls")["items"] == []


def test_cancel_has_nothing_to_do_afterwards(site: Site, versions: list[str]) -> None:
    refused = site.deck("cancel", versions[0], code=2)
    assert refused["error"]["code"]
    assert site.deck("inspect", versions[0])["state"] == "ready"


def test_open(site: Site, versions: list[str]) -> None:
    assert site.deck("open") == {"url": site.url, "opened": False}
    assert site.deck("open", versions[0])["url"].startswith(f"http://{versions[0][4:]}--by-deck.")


def test_link_and_unlink(site: Site, someone: Person) -> None:
    other = someone.home / "other"
    other.mkdir()
    someone.git(other, "init", "--quiet")
    assert someone.deck(other, "list", code=2)["error"]["code"] == "no_project"
    linked = someone.deck(other, "link", "by-deck")
    assert linked["project"]["id"] == site.id
    assert someone.git(other, "remote", "get-url", "clouddeck") == site.project["git_url"]
    assert someone.deck(other, "list")["items"]
    assert someone.deck(other, "unlink")["unlinked"] == "by-deck"
    assert someone.deck(other, "list", code=2)["error"]["code"] == "no_project"
    assert not list(other.glob(".deck*"))


def test_status_and_doctor(site: Site) -> None:
    status = site.deck("status")
    assert status["ready"] is True
    assert {row["state"] for row in status["processes"].values()} == {"ready"}
    found: Any = site.deck("doctor")
    assert found["ok"] is True
    rows = {row["name"]: row["state"] for row in found["checks"]}
    assert {rows["api"], rows["signed in"], rows["project"], rows["git"]} == {"ok"}


def test_logout(cloud: Cloud) -> None:
    guest = Person(cloud, cloud.home.parent / "guest")
    guest.sign_in()
    profile: Path = guest.home / ".config" / "clouddeck" / "config.json"
    before = profile.read_text()
    assert guest.deck(guest.home, "logout") == {"api": cloud.url, "signed_out": True}
    assert guest.deck(guest.home, "whoami", code=3)["error"]
    profile.write_text(before)
    assert guest.deck(guest.home, "whoami", code=3)["error"], "the session itself has ended"
