"""Credentials for a role of AWS, from what Google or Azure say of the service that runs."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[3]
ROLE = "arn:aws:iam::111122223333:role/clouddeck-elsewhere"
GIVEN = {
    "AccessKeyId": "ASIAEXAMPLE",
    "SecretAccessKey": "secret",
    "SessionToken": "session",
    "Expiration": 1795000000.0,
}


class Elsewhere(HTTPServer):
    """Google's metadata server, Azure's identity endpoint and STS, on one port."""

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answer)
        self.asked: list[tuple[str, dict[str, str], dict[str, list[str]]]] = []
        self.refuse = False

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}"


class Answer(BaseHTTPRequestHandler):
    server: Elsewhere

    def do_GET(self) -> None:
        where = urlsplit(self.path)
        self.server.asked.append((where.path, dict(self.headers), parse_qs(where.query)))
        if where.path.startswith("/computeMetadata"):
            good, text = self.headers.get("Metadata-Flavor") == "Google", "google-token"
        else:
            good = self.headers.get("X-IDENTITY-HEADER") == "of-this-app"
            text = json.dumps({"access_token": "azure-token"})
        self._say(200 if good else 403, text if good else "no")

    def do_POST(self) -> None:
        form = parse_qs(self.rfile.read(int(self.headers["Content-Length"])).decode())
        self.server.asked.append((self.path, dict(self.headers), form))
        if self.server.refuse:
            self._say(403, json.dumps({"Error": {"Code": "AccessDenied", "Message": "not you"}}))
            return
        result = {"AssumeRoleWithWebIdentityResult": {"Credentials": GIVEN}}
        self._say(200, json.dumps({"AssumeRoleWithWebIdentityResponse": result}))

    def _say(self, status: int, text: str) -> None:
        self.send_response(status)
        self.end_headers()
        self.wfile.write(text.encode())

    def log_message(self, *_: object) -> None: ...


@pytest.fixture
def elsewhere() -> Iterator[Elsewhere]:
    server = Elsewhere()
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def environment(server: Elsewhere, **more: str) -> dict[str, str]:
    return {
        "PATH": os.environ["PATH"],
        "AWS_REGION": "eu-central-1",
        "AWS_ROLE_ARN": ROLE,
        "AWS_ENDPOINT_URL_STS": server.url,
        "GCE_METADATA_HOST": server.url.removeprefix("http://"),
        "IDENTITY_ENDPOINT": f"{server.url}/msi/token",
        "IDENTITY_HEADER": "of-this-app",
        "AWS_FEDERATION_APP": "api://clouddeck",
        "NO_PROXY": "127.0.0.1",
        **more,
    }


def run(host: str, given: dict[str, str]) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-I", str(ROOT / "adapters" / "federation.py"), host]
    return subprocess.run(command, env=given, capture_output=True, text=True, check=False)


@pytest.mark.parametrize("host", ["google", "azure"])
def test_a_token_of_the_host_becomes_credentials_of_the_role(elsewhere, host):
    done = run(host, environment(elsewhere))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout) == {
        "Version": 1,
        "AccessKeyId": "ASIAEXAMPLE",
        "SecretAccessKey": "secret",
        "SessionToken": "session",
        "Expiration": "2026-11-18T11:06:40Z",
    }
    (_, _, query), (_, headers, form) = elsewhere.asked
    assert form["WebIdentityToken"] == [f"{host}-token"]
    assert form["RoleArn"] == [ROLE]
    assert form["Action"] == ["AssumeRoleWithWebIdentity"]
    assert headers["Accept"] == "application/json"
    wanted = {"google": ("audience", "clouddeck"), "azure": ("resource", "api://clouddeck")}[host]
    assert query[wanted[0]] == [wanted[1]]


def test_the_form_is_one_that_sts_knows(monkeypatch):
    import botocore.session

    model = botocore.session.get_session().get_service_model("sts")
    shape = model.operation_model("AssumeRoleWithWebIdentity").input_shape
    from adapters import federation

    seen: dict[str, list[str]] = {}

    def ask(_whom, _url, _headers, body):
        seen.update(parse_qs(body.decode()))
        return json.dumps(
            {
                "AssumeRoleWithWebIdentityResponse": {
                    "AssumeRoleWithWebIdentityResult": {"Credentials": GIVEN}
                }
            }
        )

    monkeypatch.setattr(federation, "_ask", ask)
    federation.credentials("token", {"AWS_ROLE_ARN": ROLE})
    assert seen.pop("Version") == [model.api_version]
    assert seen.pop("Action") == ["AssumeRoleWithWebIdentity"]
    assert set(seen) <= set(shape.members)
    assert set(shape.required_members) <= set(seen)


@pytest.mark.parametrize(
    ("folder", "top"), [("cloud_run", "/app"), ("azure_functions", "/home/site/wwwroot")]
)
def test_the_sdk_takes_them(elsewhere, monkeypatch, tmp_path, folder, top):
    """botocore calls the process that the host's configuration names, in the place it has here."""
    text = (ROOT / "adapters" / folder / "aws.config").read_text()
    assert f" {top}/adapters/federation.py " in text
    (tmp_path / "aws.config").write_text(text.replace(top, str(ROOT)))
    show = (
        "import botocore.session as s; c = s.get_session().get_credentials();"
        "print(c.method, c.get_frozen_credentials().access_key)"
    )
    given = environment(
        elsewhere,
        AWS_CONFIG_FILE=str(tmp_path / "aws.config"),
        AWS_SHARED_CREDENTIALS_FILE=os.devnull,
        PATH=f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}",
    )
    # credentials that have ended would be refused
    monkeypatch.setitem(GIVEN, "Expiration", 4102444800.0)
    done = subprocess.run(
        [sys.executable, "-c", show], env=given, capture_output=True, text=True, check=False
    )
    assert done.stdout.split() == ["custom-process", "ASIAEXAMPLE"], done.stderr


@pytest.mark.parametrize(
    ("host", "change", "says"),
    [
        ("google", {"AWS_ROLE_ARN": ""}, "AWS_ROLE_ARN is not set"),
        ("azure", {"IDENTITY_HEADER": "somebody"}, "identity endpoint answers 403"),
        ("azure", {"IDENTITY_ENDPOINT": ""}, "managed identity"),
        ("google", {"GCE_METADATA_HOST": "127.0.0.1:1"}, "does not answer"),
    ],
)
def test_who_refuses_is_named_in_one_line(elsewhere, host, change, says):
    done = run(host, environment(elsewhere, **change))
    assert done.returncode == 1
    assert done.stdout == ""
    assert says in done.stderr
    assert done.stderr.count("\n") == 1


def test_sts_may_refuse(elsewhere):
    elsewhere.refuse = True
    done = run("google", environment(elsewhere))
    assert (done.returncode, done.stdout) == (1, "")
    assert "STS answers 403" in done.stderr
    assert "not you" in done.stderr
    assert "google-token" not in done.stderr
