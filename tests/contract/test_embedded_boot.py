"""The embedded cloud itself: it starts, keeps running, and leaves nothing behind."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time

import pytest

from adapters.local import settings, system
from adapters.local.supervisor import MARK

pytestmark = [pytest.mark.e2e, pytest.mark.timeout(240)]

PATIENCE = 45  # a busy machine; on a quiet one each of these waits takes a second or two


class Cloud:
    """One installation in a folder of its own, driven through its command line."""

    def __init__(self, home):
        self.home = home
        self.port = free_ports()

    def run(self, *arguments, code=0):
        done = subprocess.run(
            [*self.command, *arguments, *self.where],
            capture_output=True,
            text=True,
            env=self.environment,
            cwd=settings.ROOT,
            timeout=120,
            check=False,
        )
        assert done.returncode == code, (done.stdout, done.stderr, self.logs())
        return done.stdout + done.stderr

    command = (sys.executable, "-m", "adapters.local")

    @property
    def where(self):
        return ("--home", str(self.home), "--port", str(self.port))

    @property
    def environment(self):
        theirs = ("CLOUDDECK_", "AWS_", "POWERTOOLS_")
        return {n: v for n, v in os.environ.items() if not n.startswith(theirs)}

    def status(self):
        done = subprocess.run(
            [*self.command, "status", "--json", *self.where],
            capture_output=True,
            env=self.environment,
            cwd=settings.ROOT,
            check=False,
        )
        return json.loads(done.stdout)

    def ready(self):
        now = self.status()
        return now["ready"] and all(row["state"] == "ready" for row in now["processes"].values())

    def left(self):
        return list(system.marked(MARK, str(self.home)))

    def get(self, path, port=None):
        connection = http.client.HTTPConnection("127.0.0.1", port or self.port, timeout=10)
        try:
            connection.request("GET", path)
            answer = connection.getresponse()
            answer.read()
            return answer.status
        finally:
            connection.close()

    def client(self, service):
        import boto3

        here = settings.Installation(self.home, self.port)
        part = "dynoxide" if service == "dynamodb" else "ministack"
        return boto3.client(
            service,
            endpoint_url=here.url(part),
            region_name=settings.REGION,
            aws_access_key_id=here.secrets.access_key_id,
            aws_secret_access_key=here.secrets.secret_access_key,
        )

    def logs(self):
        return {p.stem: p.read_text()[-1500:] for p in (self.home / "logs").glob("*.log")}


def free_ports():
    """Below those that the system gives to clients, which would take one between two looks."""
    start = os.getpid() % 800 * 10
    for place in range(start, start + 8_000, 10):
        port = 12_000 + place % 8_000
        if all(system.port_free(port + n) for n in (*range(5), settings.HTTPS_OFFSET)):
            return port
    raise AssertionError


def until(condition, seconds=PATIENCE):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.fixture(scope="module")
def cloud(tmp_path_factory):
    made = Cloud(tmp_path_factory.mktemp("cloud") / "home")
    made.run("up", "--detach")
    yield made
    with contextlib.suppress(AssertionError):
        made.run("down")
    for pid in made.left():
        os.kill(pid, signal.SIGKILL)


def test_it_answers_as_soon_as_it_says_so(cloud):
    assert cloud.get("/v1/health") == 200
    assert cloud.get("/") == 200
    document = json.loads((cloud.home / "run" / "cloud.json").read_text())
    assert document["api"] == f"http://localhost:{cloud.port}"
    assert document["ports"]["edge"] == cloud.port + 1
    assert cloud.ready()


def test_everything_is_registered(cloud):
    from chalicelib import resources

    tables = cloud.client("dynamodb").list_tables()["TableNames"]
    assert tables == ["clouddeck-core", "clouddeck-events", "clouddeck-usage"]
    machines = cloud.client("stepfunctions").list_state_machines()["stateMachines"]
    assert {machine["name"] for machine in machines} == {
        f"clouddeck-{name}" for name in ("deploy", "domain", "rollout")
    }
    rules = cloud.client("events").list_rules(EventBusName="clouddeck-events")["Rules"]
    assert [rule["Name"] for rule in rules] == ["clouddeck-events"]
    heard = set(json.loads(rules[0]["EventPattern"])["detail-type"])
    assert {"errand.due", "git.push", "project.deleted"} <= heard
    assert heard == {kind for rule in resources.everywhere(resources.RULES) for kind in rule.kinds}
    buckets = cloud.client("s3").list_buckets()["Buckets"]
    assert [bucket["Name"] for bucket in buckets] == ["clouddeck-sites", "clouddeck-sources"]


def test_a_worker_has_every_handler_loaded(cloud):
    from chalicelib import resources

    function = cloud.client("lambda")
    until(lambda: function.get_function(FunctionName=settings.SHIM)["Configuration"])
    answer = function.invoke(FunctionName=settings.SHIM, Payload=b'{"warm":true}')
    assert json.loads(answer["Payload"].read()) == {
        "warm": len(resources.everywhere(resources.FUNCTIONS))
    }


def test_what_a_function_says_is_in_a_log(cloud):
    answer = cloud.client("lambda").invoke(FunctionName=settings.SHIM, Payload=b'{"nobody": 1}')
    assert answer["FunctionError"]
    until(lambda: "LookupError: no handler" in cloud.logs()["functions"])


def test_a_second_copy_names_the_first(cloud):
    said = cloud.run("up", code=5)
    assert f"pid {cloud.status()['pid']}" in said
    assert said.count("\n") == 1


def test_a_taken_port_is_named(cloud, tmp_path):
    other = Cloud(tmp_path / "other")
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", other.port + 3))
        taken.listen()
        said = other.run("up", "--detach", code=5)
    assert f"Port {other.port + 3} (ministack) is in use by pid {os.getpid()}" in said
    assert said.count("\n") == 1


def test_nobody_else_gets_in(cloud):
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port + 3, timeout=10)
    connection.request("GET", "/clouddeck-sites/x")
    assert connection.getresponse().status == 403


def test_it_listens_on_the_loopback_address_only(cloud):
    for table in ("/proc/net/tcp", "/proc/net/tcp6"):
        with open(table) as file:
            for line in file.readlines()[1:]:
                address, port = line.split()[1].split(":")
                if line.split()[3] == "0A" and cloud.port <= int(port, 16) < cloud.port + 5:
                    assert address in {"0100007F", "0" * 24 + "01000000"}, line


@pytest.mark.parametrize("name", ["gateway", "edge", "dynoxide", "ministack", "slots"])
def test_what_is_killed_comes_back(cloud, name):
    cloud.client("dynamodb").put_item(
        TableName="clouddeck-core", Item={"pk": {"S": "TEST#1"}, "sk": {"S": name}}
    )
    cloud.client("s3").put_object(Bucket="clouddeck-sites", Key=f"test/{name}", Body=b"kept")
    before = cloud.status()["processes"][name]["pid"]
    os.kill(before, signal.SIGKILL)
    until(lambda: cloud.status()["processes"].get(name, {}).get("pid") not in {before, None})
    until(cloud.ready)
    assert cloud.get("/v1/health") == 200
    key = {"pk": {"S": "TEST#1"}, "sk": {"S": name}}
    assert cloud.client("dynamodb").get_item(TableName="clouddeck-core", Key=key)["Item"]
    body = cloud.client("s3").get_object(Bucket="clouddeck-sites", Key=f"test/{name}")["Body"]
    assert body.read() == b"kept"
    until(lambda: cloud.client("stepfunctions").list_state_machines()["stateMachines"])


def test_backup_while_running_and_restore_elsewhere(cloud, tmp_path):
    cloud.client("s3").put_object(Bucket="clouddeck-sites", Key="test/saved", Body=b"saved")
    file = tmp_path / "all.tar.gz"
    cloud.run("backup", str(file))
    assert file.stat().st_mode & 0o777 == 0o600
    other = Cloud(tmp_path / "restored")
    other.run("restore", str(file))
    assert "in use" in other.run("restore", str(file), code=5)
    other.run("up", "--detach")
    try:
        body = other.client("s3").get_object(Bucket="clouddeck-sites", Key="test/saved")["Body"]
        assert body.read() == b"saved"
    finally:
        other.run("down")
    assert other.left() == []
    assert "--yes" in other.run("reset", code=5)
    other.run("reset", "--yes")
    assert not other.home.exists()


def test_a_killed_supervisor_leaves_nothing_and_loses_nothing(cloud):
    cloud.client("s3").put_object(Bucket="clouddeck-sites", Key="test/last", Body=b"last")
    assert len(cloud.left()) > 5
    os.kill(cloud.status()["pid"], signal.SIGKILL)
    until(lambda: not cloud.left(), 10)
    until(lambda: all(system.port_free(cloud.port + n) for n in range(5)), 10)
    cloud.run("up", "--detach")
    body = cloud.client("s3").get_object(Bucket="clouddeck-sites", Key="test/last")["Body"]
    assert body.read() == b"last"
    assert cloud.get("/v1/health") == 200


def test_it_stops_at_once_and_completely(cloud):
    began = time.monotonic()
    cloud.run("down")
    assert time.monotonic() - began < 6
    assert cloud.left() == []
    assert not (cloud.home / "run" / "cloud.json").exists()
    assert "not running" in cloud.run("down")
