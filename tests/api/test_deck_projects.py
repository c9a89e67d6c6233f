"""`deck env import` and its like, `environments`, `settings`, `hooks`, `schedules`, for real."""

from __future__ import annotations

import json

import pytest

from tests.api.test_deck_teams import deck, rows  # noqa: F401


@pytest.fixture
def linked(deck, owner, tmp_path, monkeypatch):  # noqa: F811
    project = owner.client.post("/v1/projects", {"name": "site", "slug": "site"}).json()
    (tmp_path / ".deck.json").write_text(
        json.dumps({"project": project["id"], "slug": "site", "api": _api()})
    )
    return lambda *arguments, **options: deck(owner, *arguments, **options)


def _api():
    import os

    return os.environ["CLOUDDECK_API"]


def test_environments_and_the_rule_that_leads_to_one(linked):
    linked("environments", "create", "staging", "--description", "Before it is live")
    found = rows(linked("environments", "list"))
    assert ["staging", "preview", "Before it is live"] in found
    assert (
        "branch next now leads to staging" in linked("settings", "branch", "next", "staging").stdout
    )
    refused = linked("environments", "delete", "staging", "--yes", code=2)
    assert "rule" in refused.stderr
    linked("settings", "branch", "next")
    assert "There is no rule" in linked("settings", "branch", "next", code=2).stderr
    linked("environments", "describe", "staging", "Other")
    assert "Give --yes" in linked("environments", "delete", "staging", code=2).stderr
    linked("environments", "delete", "staging", "--yes")
    assert len(rows(linked("environments", "list"))) == 3


def test_rules_keep_their_order(linked):
    linked("settings", "branch", "a*", "preview")
    linked("settings", "branch", "b*", "none")
    linked("settings", "branch", "ab", "production", "--first")
    linked("settings", "branch", "a*", "production")
    linked("settings", "tag", "v*", "production")
    git = linked("settings", "show", "--json").json["git"]
    assert [(r["match"], r["environment"]) for r in git["branches"]] == [
        ("ab", "production"),
        ("a*", "production"),
        ("b*", "none"),
    ]
    assert ["tag v*", "production"] in rows(linked("settings", "show"))


def test_settings_are_set_shown_and_reset(linked, owner):
    linked(
        *("settings", "set", "build_command=make site", "spa=yes", "watch=docs/**, *.md"),
        *("gate.secrets=warn", "git.forks=approval", "git.preview_days=7", "node_version=22"),
        "production_branch=main",
    )
    project = owner.client.get("/v1/projects/site").json()
    settings, git = project["settings"], project["git"]
    assert (settings["build_command"], settings["spa"]) == ("make site", True)
    assert (settings["watch"], settings["node_version"]) == (["docs/**", "*.md"], "22")
    assert settings["gate"] == {"vulnerabilities": None, "severity": None, "secrets": "warn"}
    assert (git["forks"], git["preview_days"], git["comments"]) == ("approval", 7, True)
    assert project["production_branch"] == "main"
    linked("settings", "set", "build_command=", "gate.secrets=", "git.forks=")
    project = owner.client.get("/v1/projects/site").json()
    assert project["settings"]["build_command"] is None
    assert project["settings"]["gate"] is None
    assert project["settings"]["spa"] is True
    assert (project["git"]["forks"], project["git"]["preview_days"]) == ("untrusted", 7)


@pytest.mark.parametrize(
    "wish",
    ["nothing=1", "spa=perhaps", "git.preview_days=soon", "spa", "name="],
)
def test_settings_that_are_none(linked, wish):
    assert "hint" in linked("settings", "set", wish, code=2).stderr


@pytest.mark.parametrize(
    "wish",
    ["node_version=latest; rm", "watch=../x", "size=huge", "git.forks=yes", "git.preview_days=999"],
)
def test_settings_that_the_api_refuses(linked, wish):
    linked("settings", "set", wish, code=2)


def test_a_file_goes_in_and_its_values_come_from_somewhere(linked, tmp_path):
    (tmp_path / ".env").write_text("A=1\nB='two words'\n")
    rehearsal = linked("env", "import", ".env", "--dry-run")
    assert "+ A (created)" in rehearsal.stdout
    assert "rehearsal" in rehearsal.stderr
    linked("env", "import", ".env", "--plain")
    linked("env", "set", "A=2", "-e", "preview", "-b", "next", "--when", "build", "--plain")
    shown = {
        row[0]: row[1:] for row in rows(linked("env", "effective", "-e", "preview", "-b", "next"))
    }
    assert shown["A"] == ["2", "branch", "all"]
    assert shown["B"] == ["two words", "all", "-"]
    assert shown["CLOUDDECK_URL"][0] == "(of the deployment)"
    assert ["A", "preview:next", "2"] in [r[:3] for r in rows(linked("env", "ls"))]
    linked("env", "rm", "A", "-e", "preview", "-b", "next")
    told = rows(linked("env", "history", "A"))
    assert [(r[1], r[3]) for r in told] == [
        ("removed", "preview:next"),
        ("created", "preview:next"),
        ("created", "all"),
    ]
    (tmp_path / ".env").write_text("A=changed\n")
    kept = linked("env", "import", ".env", "--plain")
    assert "! A (kept)" in kept.stdout
    assert "--overwrite" in kept.stderr


def test_files_that_are_refused_here(linked, tmp_path):
    (tmp_path / "latin").write_bytes(b"A=\xff")
    (tmp_path / "large").write_bytes(b"A=" + b"x" * 100_001)
    for name, code in (("latin", "not_text"), ("large", "file_too_large"), ("none", "no_file")):
        result = linked("env", "import", name, "--json", code=2)
        assert json.loads(result.stderr.splitlines()[-1])["error"]["code"] == code


def test_hooks(linked, api, services):
    url = linked("hooks", "create", "CMS", "-b", "main").stdout.strip()
    assert api.with_token(None).post(url[url.index("/v1/") :]).status == 202
    (row,) = rows(linked("hooks", "list"))
    assert row[:2] == ["CMS", "main"]
    linked("hooks", "delete", row[3])
    assert rows(linked("hooks", "list")) == []
    assert len(services.bus.of("deploy.asked")) == 1


def test_schedules(linked):
    made = linked("schedules", "create", "Nightly", "0 3 * * *", "-b", "main", "--json").json
    assert made["timezone"] == "UTC"
    assert (
        "six fields"
        in linked("schedules", "create", "x", "* * * * * *", "-b", "main", code=2).stderr
    )
    assert "is off" in linked("schedules", "set", made["id"], "--off").stdout
    assert rows(linked("schedules", "list"))[0][4] == "(off)"
    linked("schedules", "set", made["id"], "--on", "--timezone", "Asia/Kolkata")
    assert rows(linked("schedules", "list"))[0][4].endswith("21:30:00.000Z")
    assert "Nothing was named" in linked("schedules", "set", made["id"], code=2).stderr
    linked("schedules", "delete", made["id"])
    assert rows(linked("schedules", "list")) == []
