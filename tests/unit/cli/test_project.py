"""init, link, unlink, projects."""

from __future__ import annotations

import json


def test_init_detects_creates_and_links(deck, signed_in, folder):
    (folder / "package.json").write_text('{"dependencies":{"astro":"5"}}')
    (folder / ".env").write_text("SECRET=1")
    result = deck("init", "--api", signed_in.url)
    assert "Detected Astro" in result.stderr
    assert "because package.json names astro" in result.stderr
    assert "Created my-site" in result.stdout
    link = json.loads((folder / ".deck.json").read_text())
    assert link == {
        "project": signed_in.projects["my-site"]["id"],
        "slug": "my-site",
        "api": signed_in.url,
    }
    first, second = signed_in.detect_bodies
    assert first["files"] == {}
    assert list(second["files"]) == ["package.json"], "neither secrets nor what lies outside"
    assert signed_in.wishes == [{"name": "My-Site"}], "what was detected is not pinned"


def test_init_says_what_will_go_wrong(deck, signed_in, folder):
    trouble = {"code": "no_build", "message": "there is no build script", "hint": "Add one."}
    signed_in.detected |= {"warnings": ["two lock files"], "error": trouble}
    said = deck("init").stderr
    assert "warning: two lock files" in said
    assert "warning: it cannot be built like this: there is no build script" in said
    assert "Add one." in said


def test_init_takes_overrides(deck, signed_in, folder):
    (folder / "web").mkdir()
    arguments = "init --json --name Shop --slug shop --framework vite --build b --output o"
    result = deck(*arguments.split(), "--install", "i", "--root", "web", "--team", "ada")
    assert set(result.json) == {"project", "detected", "remote"}
    assert result.stderr == ""
    assert signed_in.wishes[0] == {
        "name": "Shop",
        "slug": "shop",
        "team": "ada",
        "framework": "vite",
        "settings": {
            "root": "web",
            "install_command": "i",
            "build_command": "b",
            "output_directory": "o",
        },
    }


def test_init_adds_the_remote_and_answers_for_its_password(deck, signed_in, folder, repository):
    deck("init", "--slug", "site")
    url = f"{signed_in.url}/git/site.git"
    assert repository("remote", "get-url", "clouddeck") == url
    assert repository("config", f"credential.{url}.helper") == "!deck git-credential"
    deck("unlink")
    assert repository("remote") == ""
    assert not (folder / ".deck.json").exists()


def test_init_leaves_a_remote_of_somebody_else(deck, signed_in, folder, repository):
    repository("remote", "add", "clouddeck", "https://example.com/x.git")
    assert "left as it is" in deck("init", "--slug", "site").stderr
    deck("unlink")
    assert repository("remote") == "clouddeck"


def test_init_without_a_remote(deck, signed_in, folder, repository):
    deck("init", "--slug", "site", "--no-remote")
    assert repository("remote") == ""


def test_init_twice(deck, linked):
    assert "already linked to site" in deck("init", code=2).stderr


def test_init_with_a_slug_that_is_taken_links_nothing(deck, signed_in, folder):
    signed_in.add_project("site")
    result = deck("init", "--slug", "site", code=2)
    assert result.stderr.splitlines()[-2:] == ["error: site is taken", "request: req-1"]
    assert not (folder / ".deck.json").exists()


def test_init_with_a_root_elsewhere(deck, signed_in, folder):
    for root in ("..", "nowhere"):
        assert "not a folder in" in deck("init", "--root", root, code=2).stderr


def test_link_by_slug_and_again(deck, signed_in, folder):
    signed_in.add_project("one")
    signed_in.add_project("two")
    result = deck("link", "one", "--json")
    assert result.json["file"] == str(folder / ".deck.json")
    assert "Linked" in deck("link", "two").stdout
    assert json.loads((folder / ".deck.json").read_text())["slug"] == "two"


def test_link_to_nothing(deck, signed_in, folder):
    assert "no such project" in deck("link", "nothing", code=2).stderr
    assert "Which project?" in deck("link", code=2).stderr


def test_links_are_found_upwards(deck, linked, monkeypatch):
    (linked / "a" / "b").mkdir(parents=True)
    monkeypatch.chdir(linked / "a" / "b")
    assert deck("list", "--json").json == {"items": [], "next": None}


def test_unlink(deck, linked):
    assert deck("unlink", "--json").json == {"unlinked": "site", "folder": str(linked)}
    assert "deck init" in deck("unlink", code=2).stderr


def test_a_broken_link_is_named(deck, linked):
    (linked / ".deck.json").write_text('{"project":1}')
    result = deck("list", code=2)
    assert ".deck.json does not say" in result.stderr
    assert "deck link" in result.stderr


def test_projects(deck, linked, signed_in):
    signed_in.add_project("other", framework="astro")
    assert [p["slug"] for p in deck("projects", "--json").json["items"]] == ["site", "other"]
    lines = deck("projects").stdout.splitlines()
    assert lines[1].split("\t")[:3] == ["other", "astro", "http://other.localhost:8081"]
