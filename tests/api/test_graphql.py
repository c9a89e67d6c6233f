"""GraphQL answers what the routes answer: same things, same permissions, same traces."""

from __future__ import annotations

import secrets
import subprocess
import sys

import app  # noqa: F401  # registers every route
from tests.api.graph import ask
from tests.fakes import line


def test_it_says_what_the_routes_say(owner, services):
    project = owner.client.post("/v1/projects", {"name": "s"}).json()["id"]
    made = line.go_live(services, owner.client, project)
    found = ask(
        owner.client,
        """query($project: String!, $deployment: String!) {
            me { user { id email } teams { id slug role details { plan } } }
            teams { items { id members { items { user email } } projects { items { id } } } }
            project(project: $project) {
                id slug teamId team { name }
                pointer { deploymentId deployment { id state } generation }
                deployments(limit: 5) { items { id state projectId project { slug } } next }
                environments { items { name } }
                rollouts { items { id } } domains { items { domain } } variables { items { name } }
            }
            deployment(deployment: $deployment) {
                id bytes sequence logs(limit: 3) { lines { n text } } build { id state }
                rules { total }
            }
        }""",
        project=project,
        deployment=made,
    )
    assert "errors" not in found, found
    data = found["data"]
    rest = {
        name: owner.client.get(path).json()
        for name, path in {
            "me": "/v1/me",
            "project": f"/v1/projects/{project}",
            "pointer": f"/v1/projects/{project}/pointer",
            "deployment": f"/v1/deployments/{made}",
            "logs": f"/v1/deployments/{made}/logs?limit=3",
            "environments": f"/v1/projects/{project}/environments",
        }.items()
    }
    assert data["me"]["user"]["email"] == rest["me"]["user"]["email"]
    assert data["me"]["teams"][0]["details"]["plan"] == "free"
    assert data["project"]["teamId"] == rest["project"]["team"]
    assert data["project"]["pointer"]["generation"] == rest["pointer"]["generation"]
    assert data["project"]["pointer"]["deployment"] == {"id": made, "state": "ready"}
    assert data["project"]["deployments"]["items"][0]["project"]["slug"] == rest["project"]["slug"]
    assert [e["name"] for e in data["project"]["environments"]["items"]] == [
        e["name"] for e in rest["environments"]["items"]
    ]
    assert data["deployment"]["bytes"] == rest["deployment"]["bytes"]
    assert data["deployment"]["sequence"] == rest["deployment"]["sequence"] > 2**31
    assert [x["text"] for x in data["deployment"]["logs"]["lines"]] == [
        x["text"] for x in rest["logs"]["lines"]
    ]


def test_pages_go_on_where_they_ended(owner):
    for name in "abc":
        owner.client.post("/v1/projects", {"name": name, "slug": f"{name}-{secrets.token_hex(3)}"})
    query = "query($at: String) { projects(limit: 2, cursor: $at) { items { name } next } }"
    first = ask(owner.client, query)["data"]["projects"]
    second = ask(owner.client, query, at=first["next"])["data"]["projects"]
    assert [p["name"] for p in first["items"] + second["items"]] == ["c", "b", "a"]
    assert second["next"] is None
    # a cursor is one caller's and one list's: REST's own opens here and the other way round
    rest = owner.client.get(f"/v1/projects?limit=2&cursor={first['next']}").json()
    assert [p["name"] for p in rest["items"]] == ["a"]


def test_the_deeds_of_every_day(owner, services):
    made = ask(
        owner.client,
        "mutation($it: NewProjectInput!) { createProject(input: $it) { id slug } }",
        it={"name": "Rocket", "settings": {"root": "web"}},
    )["data"]["createProject"]
    project = made["id"]
    assert owner.client.get(f"/v1/projects/{project}").json()["settings"]["root"] == "web"
    commits = [secrets.token_hex(20) for _ in range(2)]
    deployments = []
    for commit in commits:
        services.repositories.push(project, "main", commit)
        deploy = (
            "mutation($p: String!) { deploy(project: $p, "
            'input: {branch: "main", production: true}) { id state } }'
        )
        deployments.append(ask(owner.client, deploy, p=project)["data"]["deploy"]["id"])
        assert line.carry(services, deployments[-1])["outcome"] == "ok"
    back = ask(
        owner.client,
        "mutation($p: String!) { rollback(project: $p, input: {}) { deploymentId pinned } }",
        p=project,
    )
    assert back["data"]["rollback"] == {"deploymentId": deployments[0], "pinned": True}
    forth = ask(
        owner.client,
        "mutation($p: String!, $d: String!) "
        "{ promote(project: $p, input: {deployment: $d}) { deploymentId } }",
        p=project,
        d=deployments[1],
    )
    assert forth["data"]["promote"]["deploymentId"] == deployments[1]
    late = ask(
        owner.client, "mutation($d: String!) { cancel(deployment: $d) { id } }", d=deployments[0]
    )
    assert late["data"] == {"cancel": None}
    assert late["errors"][0]["extensions"]["code"] == "already_finished"
    kept = ask(
        owner.client,
        'mutation($p: String!) { setVariable(project: $p, name: "A", input: {value: "1"}) '
        '{ name version } gone: deleteVariable(project: $p, name: "A") }',
        p=project,
    )
    assert kept["data"] == {"setVariable": {"name": "A", "version": 1}, "gone": True}
    asked = ask(
        owner.client,
        "mutation($t: String!) { invite(team: $t, input: "
        '{email: "new@example.com", role: "viewer"}) { state role } }',
        t=owner.team,
    )
    assert asked["data"]["invite"] == {"state": "open", "role": "viewer"}


def test_a_change_leaves_the_entry_of_its_route(owner):
    ask(owner.client, 'mutation { createProject(input: {name: "Audited"}) { id } }')
    ask(owner.client, "{ me { via } }")
    entries = owner.client.get(f"/v1/teams/{owner.team}/audit").json()["items"]
    assert [e["action"] for e in entries if "project" in e["action"]] == ["projects.create"]
    assert not [e for e in entries if "graphql" in e["action"]]


def test_a_change_sent_again_is_done_once(owner):
    key = {"Idempotency-Key": secrets.token_hex(16)}
    document = (
        'mutation { a: createProject(input: {name: "One"}) { id } '
        'b: createProject(input: {name: "Two"}) { id } }'
    )
    first, again = (ask(owner.client, document, headers=key) for _ in range(2))
    assert first == again
    assert len(owner.client.get("/v1/projects").json()["items"]) == 2
    other = document.replace("One", "Three")
    found = ask(owner.client, other, headers=key)
    assert found["errors"][0]["extensions"]["code"] == "idempotency_mismatch"


def test_the_library_is_imported_by_the_first_question_only():
    program = (
        "import sys, app; heavy = [m for m in sys.modules if m.split('.')[0] in "
        "{'strawberry', 'graphql'}]; sys.exit(str(heavy) if heavy else 0)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program], check=False, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stderr
