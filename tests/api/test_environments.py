"""Environments and their variables over the API: scopes, import, history, what a build finds."""

from __future__ import annotations

import json
import secrets
from typing import Any

import pytest

from chalicelib.builds.actions.variables import of_build
from chalicelib.core.errors import Conflict
from chalicelib.projects import actions as projects
from chalicelib.projects import rows
from chalicelib.projects.actions import effective_variables, environments, sealing, variables
from chalicelib.projects.actions.sealing import Scope, Wish
from tests.fakes.people import member, person


@pytest.fixture
def project(owner):
    slug = f"site-{secrets.token_hex(4)}"
    return owner.client.post("/v1/projects", {"name": "site", "slug": slug}).json()


@pytest.fixture
def at(project):
    return f"/v1/projects/{project['id']}"


def made(owner, at, name="staging", **more):
    answer = owner.client.post(f"{at}/environments", {"name": name, **more})
    assert answer.status == 201, answer.text
    return answer.json()


def put(client, at, name, value, **more):
    answer = client.put(f"{at}/env/{name}", {"value": value, "secret": False, **more})
    assert answer.status == 200, answer.text
    return answer.json()


def found(owner, at, **query):
    asked = "&".join(f"{name}={value}" for name, value in query.items())
    items = owner.client.get(f"{at}/env/effective?{asked}").json()["items"]
    return {item["name"]: item for item in items}


def test_environments_are_made_described_listed_and_removed(owner, at):
    built_in = owner.client.get(f"{at}/environments").json()["items"]
    assert [(e["name"], e["built_in"], e["target"]) for e in built_in] == [
        ("production", True, "production"),
        ("preview", True, "preview"),
        ("development", True, None),
    ]
    new = made(owner, at, description="Before it is live")
    assert (new["name"], new["target"], new["built_in"]) == ("staging", "preview", False)
    changed = owner.client.patch(f"{at}/environments/staging", {"description": "Other"})
    assert changed.json()["description"] == "Other"
    assert owner.client.get(f"{at}/environments/staging").json() == changed.json()
    assert owner.client.post(f"{at}/environments", {"name": "staging"}).code == "environment_exists"
    for name in ("production", "Staging", "a--b", "pr-3"):
        refused = owner.client.post(f"{at}/environments", {"name": name})
        assert refused.code == "invalid_environment", name
        assert refused.json()["errors"][0]["pointer"] == "/name"
    assert owner.client.delete(f"{at}/environments/staging").status == 204
    assert owner.client.get(f"{at}/environments/staging").code == "environment_not_found"
    assert owner.client.delete(f"{at}/environments/staging").code == "environment_not_found"
    for call in (
        owner.client.delete(f"{at}/environments/preview"),
        owner.client.patch(f"{at}/environments/preview", {"description": "x"}),
    ):
        assert call.code == "environment_built_in"


def test_only_admins_make_environments_and_all_see_them(api, owner, at):
    developer, viewer = member(api, owner, "developer"), member(api, owner, "viewer")
    refused = developer.client.post(f"{at}/environments", {"name": "qa"})
    assert refused.code == "missing_permission"
    assert viewer.client.get(f"{at}/environments").status == 200
    assert person(api).client.get(f"{at}/environments").code == "project_not_found"


def test_there_are_at_most_twenty(owner, at):
    for number in range(20):
        made(owner, at, f"e{number}")
    answer = owner.client.post(f"{at}/environments", {"name": "more"})
    assert answer.code == "too_many_environments"


def test_variables_of_an_environment_leave_with_it(owner, project, at):
    made(owner, at)
    put(owner.client, at, "A", "1", environment="staging")
    put(owner.client, at, "A", "2", environment="staging", branch="x")
    put(owner.client, at, "A", "3")
    assert owner.client.delete(f"{at}/environments/staging").status == 204
    assert [v.environment for v in rows.variables(project["id"])] == ["all"]
    refused = owner.client.put(f"{at}/env/A", {"value": "1", "environment": "staging"})
    assert (refused.status, refused.code) == (422, "invalid_environment")
    made(owner, at)
    assert found(owner, at, environment="staging")["A"]["value"] == "3"


def test_a_variable_cannot_slip_into_an_environment_that_is_being_removed(
    owner, project, at, monkeypatch
):
    made(owner, at)
    row = projects.resolve(project["id"])
    monkeypatch.setattr(variables, "check_scope", lambda *_: None)
    environments.remove(_actor(owner), row, "staging")
    with pytest.raises(Conflict):
        variables.put_variable(_actor(owner), row, Scope("staging"), Wish("A", "1"))
    assert list(rows.variables(project["id"])) == []


def _actor(owner):
    from chalicelib.core.actor import Actor

    return Actor(kind="user", id=owner.id, user=owner.id)


def test_an_environment_that_a_rule_leads_to_stays(owner, at):
    made(owner, at)
    git = {"branches": [{"match": "staging", "environment": "staging"}]}
    assert owner.client.patch(at, {"git": git}).status == 200
    refused = owner.client.delete(f"{at}/environments/staging")
    assert (refused.status, refused.code) == (409, "environment_in_use")
    owner.client.patch(at, {"git": {}})
    assert owner.client.delete(f"{at}/environments/staging").status == 204


def test_the_nearest_value_counts_and_says_what_it_stands_before(owner, project, at):
    made(owner, at)
    put(owner.client, at, "A", "all")
    put(owner.client, at, "A", "env", environment="staging")
    put(owner.client, at, "A", "branch", environment="staging", branch="feat/#1")
    put(owner.client, at, "B", "run", when="run")
    put(owner.client, at, "HUSH", "s3cret", secret=True)
    here = found(owner, at, environment="staging", branch="feat/%231")
    assert (here["A"]["value"], here["A"]["source"]) == ("branch", "branch")
    assert [(o["source"], o["environment"]) for o in here["A"]["overrides"]] == [
        ("environment", "staging"),
        ("all", "all"),
    ]
    assert "B" not in here
    assert (here["HUSH"]["value"], here["HUSH"]["hidden"]) == (None, "secret")
    assert (here["CI"]["value"], here["CI"]["source"]) == ("1", "system")
    assert here["CLOUDDECK_ENVIRONMENT"]["value"] == "staging"
    assert here["CLOUDDECK_BRANCH"]["value"] == "feat/#1"
    assert (here["CLOUDDECK_URL"]["value"], here["CLOUDDECK_URL"]["hidden"]) == (None, "deployment")
    assert found(owner, at, environment="staging")["A"]["source"] == "environment"
    assert found(owner, at)["A"]["source"] == "all"
    running = found(owner, at, environment="staging", when="run")
    assert (running["B"]["value"], "CI" in running) == ("run", False)
    assert owner.client.get(f"{at}/env/effective?environment=all").code == "invalid_environment"
    assert owner.client.get(f"{at}/env/effective?environment=qa").code == "invalid_environment"

    row = projects.resolve(project["id"])
    build = effective_variables(row, "staging", "feat/#1")
    assert {n: v.value for n, v in build.items()} == {"A": "branch", "HUSH": "s3cret"}
    assert effective_variables(row, "staging")["A"].value == "env"
    assert effective_variables(row, "production")["A"].value == "all"


def test_branches_are_told_apart_in_previews_only(owner, at):
    put(owner.client, at, "A", "1", environment="preview", branch="x")
    for environment in ("all", "production", "development"):
        refused = owner.client.put(
            f"{at}/env/A", {"value": "1", "environment": environment, "branch": "x"}
        )
        assert refused.code == "invalid_branch_scope", environment
    bad = owner.client.put(f"{at}/env/A", {"value": "1", "environment": "preview", "branch": "a b"})
    assert bad.code == "invalid_branch_scope"
    gone = owner.client.delete(f"{at}/env/A?environment=preview")
    assert gone.code == "variable_not_found"
    assert owner.client.delete(f"{at}/env/A?environment=preview&branch=x").status == 204


def test_a_sealed_value_opens_in_its_own_place_only(owner, project, at):
    put(owner.client, at, "A", "1", environment="preview", branch="x", secret=True)
    put(owner.client, at, "A", "2", environment="preview", branch="y", secret=True)
    row = projects.resolve(project["id"])
    one, two = list(rows.variables(project["id"]))
    one.sealed = two.sealed
    with pytest.raises(ValueError, match=r"changed|context|open"):
        sealing.opened(row, one)


FILE = "# site\nA=1\nexport B='two'\nC=\"three\\nlines\"\n"


def imported(owner, at, text, **more):
    return owner.client.post(f"{at}/env/import", {"text": text, **more})


def verdicts(answer):
    assert answer.status == 200, answer.text
    return {line["name"]: line["verdict"] for line in answer.json()["lines"]}


def test_a_file_is_rehearsed_imported_and_imported_again(owner, project, at):
    put(owner.client, at, "B", "old", secret=True)
    rehearsal = imported(owner, at, FILE, dry_run=True, overwrite=True)
    assert verdicts(rehearsal) == {"A": "created", "B": "updated", "C": "created"}
    assert rehearsal.json()["applied"] is False
    assert [v.name for v in rows.variables(project["id"])] == ["B"]
    assert verdicts(imported(owner, at, FILE)) == {"A": "created", "B": "kept", "C": "created"}
    again = imported(owner, at, FILE, overwrite=True)
    assert verdicts(again) == {"A": "unchanged", "B": "updated", "C": "unchanged"}
    row = projects.resolve(project["id"])
    values = {n: v.value for n, v in effective_variables(row, "production").items()}
    assert values == {"A": "1", "B": "two", "C": "three\nlines"}
    # the file says nothing of secrecy: everything is, unless asked
    assert {v["value"] for v in owner.client.get(f"{at}/env").json()["items"]} == {None}


def test_one_bad_line_and_nothing_is_imported(owner, project, at):
    text = "A=1\nPATH=/x\n1B=2\nAWS_KEY=hush\nLD_PRELOAD=x\nC='open\n"
    refused = imported(owner, at, text)
    assert (refused.status, refused.code) == (422, "invalid_env_file")
    told = {(e["pointer"], e["code"]) for e in refused.json()["errors"]}
    assert told == {
        ("/text/2", "reserved_env"),
        ("/text/3", "invalid_env_name"),
        ("/text/4", "reserved_env"),
        ("/text/5", "reserved_env"),
        ("/text/6", "unclosed_quote"),
    }
    assert "hush" not in refused.text
    assert list(rows.variables(project["id"])) == []
    rehearsal = imported(owner, at, text, dry_run=True)
    assert [line["verdict"] for line in rehearsal.json()["lines"]] == [
        "created",
        *["rejected"] * 5,
    ]


def test_what_does_not_fit_into_one_step_is_refused(owner, project, at):
    many = "".join(f"N{n}=x\n" for n in range(91))
    assert imported(owner, at, many).code == "import_too_large"
    assert list(rows.variables(project["id"])) == []
    assert imported(owner, at, "".join(f"N{n}=x\n" for n in range(90))).status == 200


def test_the_history_says_everything_but_values(api, owner, project, at):
    developer = member(api, owner, "developer")
    put(owner.client, at, "A", "first-value")
    put(developer.client, at, "A", "second-value", secret=True)
    put(owner.client, at, "B", "other")
    imported(owner, at, "A=third-value", overwrite=True, when="build")
    owner.client.delete(f"{at}/env/A")
    answer = owner.client.get(f"{at}/env/A/history?limit=3")
    assert [(c["what"], c["how"], c["changed"], c["version"]) for c in answer.json()["items"]] == [
        ("removed", "removed", [], 3),
        ("updated", "import", ["value", "when"], 3),
        ("updated", "set", ["value", "secret"], 2),
    ]
    assert answer.json()["items"][2]["by"] == developer.id
    rest = owner.client.get(f"{at}/env/A/history?limit=3&cursor={answer.json()['next']}")
    assert [c["what"] for c in rest.json()["items"]] == ["created"]
    whole = json.dumps([r.attribute_values for r in _log(project)], default=str)
    assert "-value" not in answer.text + rest.text + whole


def _log(project):
    from chalicelib.core import table

    return list(table.below(rows.VariableLog, rows.key(project["id"]), "VARLOG#"))


def test_a_policy_knows_environments_that_people_made(api, owner, project, at):
    developer = member(api, owner, "developer")
    made(owner, at)
    put(owner.client, at, "A", "everywhere")
    put(owner.client, at, "A", "here", environment="staging")
    policy = {
        "effect": "deny",
        "roles": ["developer"],
        "actions": ["env.*"],
        "conditions": {"environment": ["staging"]},
    }
    set_ = owner.client.put(f"/v1/teams/{owner.team}/policies/staging", policy)
    assert set_.status == 200, set_.text
    for environment in ("staging", "all"):
        body = {"value": "x", "environment": environment}
        assert developer.client.put(f"{at}/env/A", body).code == "policy_denied", environment
    assert (
        developer.client.put(f"{at}/env/A", {"value": "x", "environment": "preview"}).status == 200
    )
    assert developer.client.get(f"{at}/env/effective?environment=staging").code == "policy_denied"
    # what counts everywhere counts there too, so it is not told
    seen = found(developer, at, environment="production")["A"]
    assert (seen["value"], seen["hidden"]) == (None, "permission")
    history = developer.client.get(f"{at}/env/A/history").json()["items"]
    assert {c["environment"] for c in history} == {"preview"}
    cedar = (
        'forbid (principal, action == Action::"env.write", resource) '
        'when { context has environment && context.environment == "qa" };'
    )
    owner.client.put(f"/v1/teams/{owner.team}/policies/staging", {"cedar": cedar})
    assert developer.client.put(f"{at}/env/A", {"value": "x"}).code == "policy_denied"
    assert (
        developer.client.put(f"{at}/env/A", {"value": "x", "environment": "staging"}).status == 200
    )


def test_two_who_write_at_once_both_leave_their_mark(owner, project, at, monkeypatch):
    row = projects.resolve(project["id"])
    real = variables.commit
    raced: list[Any] = []

    def commit(actor, project_, how, changes):
        if not raced:
            raced.append(True)
            variables.put_variable(actor, project_, Scope(), Wish("A", "theirs", False))
        return real(actor, project_, how, changes)

    monkeypatch.setattr(variables, "commit", commit)
    done = variables.put_variable(_actor(owner), row, Scope(), Wish("A", "mine", False))
    assert (done.value, done.version) == ("mine", 2)
    assert len(_log(project)) == 2


def test_nothing_is_left_of_a_deleted_project(owner, project, at):
    from chalicelib.core import table

    made(owner, at)
    put(owner.client, at, "A", "1", environment="staging")
    owner.client.post(f"{at}/hooks", {"name": "h", "branch": "main"})
    owner.client.post(f"{at}/schedules", {"name": "s", "branch": "main", "cron": "0 3 * * *"})
    assert owner.client.delete(at).status == 204
    left = {row.sk for row in table.CoreRow.query(rows.key(project["id"]))}
    assert {sk for sk in left if sk.startswith(("VAR", "ENV", "DEPLOYHOOK", "SCHED"))} == set()


def test_what_is_shown_is_what_a_build_gets(owner, project, at):
    """Every way of setting a name in three scopes at three times, for every build there can be."""
    made(owner, at)
    scopes = [("all", None), ("production", None), ("preview", None), ("preview", "next")]
    scopes += [("staging", None), ("staging", "next")]
    for number, (environment, branch) in enumerate(scopes):
        for turn, when in enumerate(["build", "run", "both"]):
            # the digits of a name say at which time it is set in each scope; 3 is not at all
            names = [n for n in range(4**3) if n // 4 ** (number % 3) % 4 == turn]
            text = "".join(f"V{n:02}={environment}-{branch or ''}-{when}\n" for n in names)
            more = {"environment": environment, "when": when, "secret": False}
            answer = imported(owner, at, text, **more, **({"branch": branch} if branch else {}))
            assert answer.status == 200, answer.text
    builds = [("production", "main"), ("production", ""), ("preview", "next"), ("preview", "x")]
    builds += [("preview", ""), ("staging", "next"), ("staging", "main"), ("staging", "")]
    for environment, branch in builds:
        spec = {"environment": environment, "branch": branch, "trust": "trusted"}
        given = {name: v.value for name, v in of_build(project["id"], spec).items()}
        query = {"branch": branch} if branch and environment != "production" else {}
        shown = found(owner, at, environment=environment, **query)
        told = {n: v["value"] for n, v in shown.items() if v["source"] != "system"}
        assert told == given, (environment, branch)
        approved = of_build(project["id"], {**spec, "trust": "approved"})
        bare = found(owner, at, environment=environment)
        assert {n: v.value for n, v in approved.items()} == {
            n: v["value"] for n, v in bare.items() if v["source"] != "system"
        }
        assert of_build(project["id"], {**spec, "trust": "untrusted"}) == {}


def test_a_forgotten_quote_tells_nothing_of_the_key(owner, at, database):
    body, last = "MIIEvQIBADANBgkqhkiG9w0BAQEFAASC", "qL3kVb0f9Zx2Tt8Nw1Pp6Rr4Ss5Uu7Y="
    text = (
        f"KEY=-----BEGIN PRIVATE KEY-----\n{body}\n{last}\n-----END PRIVATE KEY-----\nB+={body}\n"
    )
    for more in ({}, {"dry_run": True}):
        answer = imported(owner, at, text, **more)
        assert answer.status == (200 if more else 422)
        assert body[:12] not in answer.text
        assert last[:12] not in answer.text
    kept = str(database.scan(TableName="test-core")["Items"])
    kept += str(database.scan(TableName="test-events")["Items"])
    assert last[:12] not in kept
    assert body[:12] not in kept
