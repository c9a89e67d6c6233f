"""Grants are enough: every function does its work, and its role allows each call it makes."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest
from pynamodb.connection.base import Connection

import app  # noqa: F401  # installs the services of the cloud, which the fakes then replace
from cdk.names import Names
from chalicelib import resources, wiring
from chalicelib.audit import actions as audit_actions
from chalicelib.builds import rows as build_rows
from chalicelib.builds.actions import order
from chalicelib.core import config
from chalicelib.core.actor import Actor
from chalicelib.core.trail import Trail
from chalicelib.deployments import rows
from chalicelib.deployments.actions import sweep
from chalicelib.ports import SmokeAnswer
from chalicelib.teams.actions import create_owner_account
from functions.events import errand, git_push, runner_end
from functions.install import owner as install_owner
from functions.live import connect, disconnect, message
from functions.pipeline import (
    attest,
    build,
    fail,
    notify,
    package,
    prepare,
    promote,
    publish,
    verify,
)
from functions.schedules import audit as auditing
from functions.schedules import sign_logs as signing
from functions.schedules import sweep as sweeping
from tests.fakes import line
from tests.infra.calls import Calls
from tests.infra.rights import allowed, roles
from tests.infra.stacks import Stacks, installation

COMMIT = "{:040x}"
SEQUENCE = 1_700_000_000_000_000_000


class Cloud:
    """One project, and everything that can happen to it, each by the function that does it."""

    def __init__(self, calls: Calls, services: Any, client: Any) -> None:
        self.calls, self.services, self.client = calls, services, client
        self.watched = calls.watch(services)
        wiring.install(lambda: self.watched)
        with calls.by("api"):
            self.project = client.post("/v1/projects", {"name": "Site"}).json()
        self.pushes = 0

    def push(self, branch: str = "main") -> str:
        """A push whose source a trusted function has put into the store."""
        self.pushes += 1
        commit = COMMIT.format(self.pushes)
        identifier = self.project["id"]
        self.services.store.objects[f"sources/{identifier}/{commit}.tar.gz"] = b"tree"
        event = {
            "detail": {
                "version": 1,
                "project": identifier,
                "branch": branch,
                "commit": commit,
                "sequence": SEQUENCE + self.pushes * 1_000_000,
                "pusher": "usr_x",
            }
        }
        with self.calls.by("on-git-push"):
            found: str = git_push.handler(event, None)["deployment"]
        self.watch(found)
        return found

    def watch(self, deployment: str) -> None:
        """Somebody looks on from now on."""
        where = {"requestContext": {"connectionId": f"c-{deployment}"}}
        token = self.client.token
        with self.calls.by("live-connect"):
            connect.handler({**where, "queryStringParameters": {"token": token}}, None)
        body = f'{{"action": "subscribe", "deployment": "{deployment}"}}'
        with self.calls.by("live-message"):
            message.handler({**where, "body": body}, None)

    def step(self, state: Any, deployment: str, **more: Any) -> dict[str, Any]:
        """One state of the machine."""
        with self.calls.by(f"pipeline-{state.__name__.rpartition('.')[2]}"):
            outcome: dict[str, Any] = state.handler({"deployment": deployment, **more}, None)
        return outcome

    def build(self, deployment: str) -> str:
        """As far as a build that waits for its runner; returns the build."""
        assert self.step(prepare, deployment)["outcome"] == "ok"
        token = f"task-{deployment}"
        self.services.workflow.waiting.add(token)
        self.step(build, deployment, token=token)
        return order.build_id(deployment)

    def deploy(self) -> str:
        """A push becomes a site."""
        deployment = self.push()
        identifier = self.build(deployment)
        with self.calls.by("api"):
            line.runner(self.services, identifier, line.PAGE)
        self.services.edge.default = SmokeAnswer(200, deployment, 3)
        for state in (package, attest, publish, verify, promote, notify):
            assert self.step(state, deployment)["outcome"] == "ok"
        return deployment

    def upload(self, path: str) -> None:
        """A folder of somebody's computer is deployed: what is missing is uploaded, then built."""
        with self.calls.by("api"):
            opened = self.client.post(
                f"{path}/uploads", {"kind": "source", "files": 1, "bytes": 10}
            ).json()
            line.upload_list(self.services, opened["id"], {"new.html": b"never seen"})
            missing = self.client.post(f"/v1/uploads/{opened['id']}/missing", {})
            assert missing.json()["missing"] == 1
        team = self.project["team"]
        digest = missing.json()["uploads"][0]["sha256"]
        self.services.store.objects[f"blobs/{team}/{digest}"] = b"never seen"
        with self.calls.by("api"):
            body = {"upload": opened["id"]}
            made = self.client.post(f"{path}/deployments", body).json()
        assert self.step(prepare, made["id"])["outcome"] == "ok"


@pytest.fixture
def cloud(api: Any, services: Any, monkeypatch: Any) -> Cloud:
    calls = Calls(Names(installation("hobby")))
    real = Connection._make_api_call

    def told(connection: Any, operation: str, request: dict[str, Any], *more: Any) -> Any:
        calls.dynamodb(operation, request)
        return real(connection, operation, request, *more)

    monkeypatch.setattr(Connection, "_make_api_call", told)
    monkeypatch.setattr(sweep, "QUIET_MS", -1)
    counting = replace(config.settings(), rate_factor=1000.0)
    monkeypatch.setattr(wiring, "settings", lambda: counting)
    from tests.fakes.people import person

    wiring.install(lambda: calls.watch(services))
    with calls.by("api"):
        client = person(api).client
    return Cloud(calls, services, client)


def everything(cloud: Cloud) -> None:
    """All that can happen, the faults as well."""
    path = f"/v1/projects/{cloud.project['id']}"
    with cloud.calls.by("api"):
        assert cloud.client.put(f"{path}/env/TOKEN", {"value": "x"}).status == 200
    first, second = cloud.deploy(), cloud.deploy()
    with cloud.calls.by("api"):
        assert cloud.client.post(f"{path}/rollback", {}).status == 200
        assert cloud.client.post(f"{path}/promote", {"deployment": second}).status == 200
        assert cloud.client.get(f"/v1/deployments/{second}/files").status == 200
        assert cloud.client.get(f"/v1/deployments/{second}/logs").status == 200
        assert cloud.client.get(f"{path}/deployments").status == 200
    cloud.upload(path)
    lost = cloud.build(cloud.push("feature"))
    with cloud.calls.by("on-runner-end"):
        row = build_rows.get(lost)
        assert row is not None
        assert runner_end.handler(ended(order.order_id(row)), None)["outcome"] == "lost"
    cloud.push("feature")  # ends the one before
    failing = cloud.push("other")
    cloud.build(failing)
    cloud.step(fail, failing, error={"Error": "States.Timeout", "Cause": "{}"})
    cloud.step(notify, failing)
    broken = cloud.push("third")
    identifier = cloud.build(broken)
    line.runner(cloud.services, identifier, line.PAGE)
    cloud.step(package, broken)
    for key in [key for key in cloud.services.store.objects if key.startswith("blobs/")]:
        del cloud.services.store.objects[key]
    cloud.step(publish, broken)
    silent = cloud.build(cloud.push("fourth"))
    row = build_rows.get(silent)
    assert row is not None
    build_rows.change(row, build_rows.Build.pk.exists(), state="running", heartbeat_ms=1)
    stopped = cloud.push("fifth")
    cloud.build(stopped)
    with cloud.calls.by("api"):
        assert cloud.client.post(f"/v1/deployments/{stopped}/cancel").status == 200
    with cloud.calls.by("sweep"):
        sweeping.handler({}, None)
    look_after_the_log(cloud)
    with cloud.calls.by("live-disconnect"):
        disconnect.handler({"requestContext": {"connectionId": f"c-{first}"}}, None)
    create_owner_account("linus@example.com", "Linus", None)
    with cloud.calls.by("api"):
        cloud.client.with_token(None).post("/v1/auth/reset", {"email": "linus@example.com"})
        invited = {"email": "grace@example.com", "role": "viewer"}
        team = cloud.project["team"]
        assert cloud.client.post(f"/v1/teams/{team}/invitations", invited).status == 201
    with cloud.calls.by("on-errand"):
        waiting = [detail for kind, detail in cloud.services.bus.events if kind == "errand.due"]
        assert errand.handler({"detail": waiting[-1]}, None) == {"outcome": "done"}
    assert cloud.services.mail.to("linus@example.com")
    with cloud.calls.by("owner"):
        install_owner.handler({"email": "ada@example.com"}, None)
        install_owner.handler({"reset": True}, None)
    with cloud.calls.by("api"):
        assert cloud.client.delete(f"/v1/projects/{cloud.project['id']}").status in {200, 204}
    assert rows.get(first) is not None


def look_after_the_log(cloud: Cloud) -> None:
    """Entries are read, verified and streamed; what nobody wrote is written; logs are signed."""
    path = f"/v1/teams/{cloud.project['team']}/audit"
    with cloud.calls.by("api"):
        stream = {"kind": "https", "url": "https://x.invalid/", "token": "0123456789"}
        for change in (
            cloud.client.put(f"{path}/retention", {"days": 100}),
            cloud.client.put(f"{path}/streams/siem", stream),
            cloud.client.post(f"{path}/streams/siem/test"),
        ):
            assert change.status == 200, change.text
        for question in ("", "/verify", "/export", "/streams", "/retention"):
            assert cloud.client.get(f"{path}{question}").status == 200
        trail = Trail("req_x", 1, "a.b", Actor("user", "u"), cloud.project["team"])
        audit_actions.Log().open(trail)
    with pytest.MonkeyPatch.context() as moment, cloud.calls.by("audit"):
        moment.setattr("chalicelib.audit.actions.recorder.GRACE_MS", -1)
        found = auditing.handler({}, None)
    assert (found["unknown"], found["failed"], found["troubled"]) == (1, 1, 0)
    with cloud.calls.by("sign-logs"):
        assert signing.handler({}, None)["signed"] >= 1


def ended(name: str) -> dict[str, Any]:
    """What CodeBuild tells of a machine that died."""
    variables = [{"name": "CLOUDDECK_ORDER", "value": name, "type": "PLAINTEXT"}]
    return {
        "detail": {
            "build-status": "FAULT",
            "project-name": "test-builds",
            "additional-information": {"environment": {"environment-variables": variables}},
        }
    }


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_every_call_that_a_function_makes_is_allowed_to_it(made: Stacks, cloud: Cloud) -> None:
    everything(cloud)
    there = roles(made)
    doing = {function for function, _, _ in cloud.calls.made}
    assert doing == {
        *(f"pipeline-{s}" for s in ("prepare", "build", "package", "attest", "publish")),
        *(f"pipeline-{s}" for s in ("verify", "promote", "notify", "fail")),
        *(
            "api",
            "on-git-push",
            "on-runner-end",
            "on-errand",
            "sweep",
            "owner",
            "audit",
            "sign-logs",
        ),
        *("live-connect", "live-message", "live-disconnect"),
    }
    refused = sorted(call for call in cloud.calls.made if not allowed(there[call[0]], *call[1:]))
    assert refused == []


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_a_call_that_is_not_granted_is_found(made: Stacks) -> None:
    there = roles(made)
    core = made.names.table_arn("core")
    assert allowed(there["pipeline-notify"], "dynamodb:GetItem", core)
    assert not allowed(there["pipeline-notify"], "dynamodb:GetItem", made.names.table_arn("usage"))
    assert not allowed(there["pipeline-notify"], "kms:Decrypt", "<data-key>")
    assert not allowed(there["live-connect"], "kms:Sign", "<signing-key>")
    assert allowed(there["live-connect"], "kms:GetPublicKey", "<signing-key>")


@pytest.mark.parametrize("made", ["hobby"], indirect=True)
def test_nobody_may_change_or_remove_what_is_in_the_audit_log(made: Stacks) -> None:
    events = made.names.table_arn("events")
    there = roles(made)
    assert allowed(there["api"], "dynamodb:PutItem", f"{events}#AUDIT")
    assert allowed(there["audit"], "dynamodb:Query", f"{events}#TRAIL")
    for role, statements in there.items():
        for action in ("UpdateItem", "DeleteItem", "BatchWriteItem", "PartiQLDelete", "Scan"):
            assert not allowed(statements, f"dynamodb:{action}", f"{events}#AUDIT"), role
        if "audit" not in granted_to(role):
            assert not allowed(statements, "dynamodb:PutItem", f"{events}#AUDIT"), role


def granted_to(name: str) -> set[str]:
    specs = {spec.name: spec.grants for spec in resources.FUNCTIONS}
    return set(resources.API_GRANTS if name == "api" else specs.get(name, ()))
