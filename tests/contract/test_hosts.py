"""What the hosts beside AWS ask of us, and what we ask of them."""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from adapters.azure_functions.stage import stage
from adapters.hosted import Hosted, application, forwarded
from chalicelib.core import config

ROOT = Path(__file__).resolve().parents[2]
CLOUD_RUN = ROOT / "adapters" / "cloud_run"
AZURE = ROOT / "adapters" / "azure_functions"


# -- the ASGI application ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("lines", "proxies", "client"),
    [
        ([b"203.0.113.9"], 1, ("203.0.113.9", 0)),
        ([b"10.9.9.9, 203.0.113.9"], 1, ("203.0.113.9", 0)),
        ([b"10.9.9.9", b"203.0.113.9"], 1, ("203.0.113.9", 0)),
        ([b"10.9.9.9, 203.0.113.9, 192.0.2.1"], 2, ("203.0.113.9", 0)),
        ([b"203.0.113.9:50123"], 1, ("203.0.113.9", 50123)),
        ([b"2001:db8::7"], 1, ("2001:db8::7", 0)),
        ([b"[2001:db8::7]:443"], 1, ("2001:db8::7", 443)),
        ([b"[2001:db8::7]"], 1, ("2001:db8::7", 0)),
        ([], 1, None),
        ([b""], 1, None),
        ([b"203.0.113.9"], 2, None),
        ([b"203.0.113.9"], 0, None),
    ],
)
def test_the_client_is_whom_the_hosts_proxy_heard(lines, proxies, client):
    assert forwarded([(b"X-Forwarded-For", line) for line in lines], proxies) == client


def drive(app: Any, scope: dict[str, Any], *incoming: dict[str, Any]) -> list[dict[str, Any]]:
    """What an application sends for these messages."""
    sent: list[dict[str, Any]] = []
    waiting = list(incoming)

    async def receive() -> dict[str, Any]:
        return waiting.pop(0)

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    asyncio.run(app(scope, receive, send))
    return sent


def test_a_server_may_start_and_stop_it():
    sent = drive(
        application(),
        {"type": "lifespan"},
        {"type": "lifespan.startup"},
        {"type": "lifespan.shutdown"},
    )
    assert [m["type"] for m in sent] == ["lifespan.startup.complete", "lifespan.shutdown.complete"]


def test_websockets_are_refused():
    sent = drive(application(), {"type": "websocket"}, {"type": "websocket.connect"})
    assert sent == [{"type": "websocket.close", "code": 1008}]


def test_the_address_reaches_the_api_without_a_proxy_too():
    seen = []

    async def api(scope, receive, send):
        seen.append(scope["client"])

    for headers in ([], [(b"x-forwarded-for", b"198.51.100.4")]):
        drive(Hosted(api), {"type": "http", "headers": headers, "client": ("127.0.0.1", 9)})
    assert seen == [("127.0.0.1", 9), ("198.51.100.4", 0)]


# -- the container ----------------------------------------------------------------------------


def copied_by_the_dockerfile(to: Path) -> list[str]:
    """Lay out `/app` as the last stage of the Dockerfile does; the lines of that stage."""
    text = (CLOUD_RUN / "Dockerfile").read_text()
    last = text[text.rindex("\nFROM ") :].replace("\\\n", " ").splitlines()
    for line in last:
        words = line.split()
        if not words or words[0] != "COPY" or words[1].startswith("--from"):
            continue
        *sources, target = words[1:]
        for name in sources:
            into = to / target / Path(name).name if target.endswith("/") else to / target
            into.parent.mkdir(parents=True, exist_ok=True)
            if (ROOT / name).is_dir():
                shutil.copytree(ROOT / name, into, ignore=shutil.ignore_patterns("__pycache__"))
            else:
                shutil.copyfile(ROOT / name, into)
    return last


@contextlib.contextmanager
def container(tmp_path: Path) -> Iterator[tuple[subprocess.Popen[bytes], int]]:
    """The command of the Dockerfile, on the files that it copies and nothing else of ours."""
    lines = copied_by_the_dockerfile(tmp_path)
    command = json.loads(next(line[4:] for line in lines if line.startswith("CMD ")))
    assert command[0] == "python"
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [sys.executable, *command[1:]],
        cwd=tmp_path,
        env={
            "PATH": os.environ["PATH"],
            "PYTHONPATH": str(tmp_path),
            "PYTHONSAFEPATH": "1",
            "PORT": str(port),
            "AWS_REGION": "us-east-1",
        },
    )
    try:
        wait_for(port, process)
        yield process, port
    finally:
        process.kill()
        process.wait()


def wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + 60
    while True:
        with contextlib.suppress(OSError):
            socket.create_connection(("127.0.0.1", port), 1).close()
            return
        assert process.poll() is None, "it ended"
        assert time.monotonic() < deadline
        time.sleep(0.05)


def test_the_files_of_the_image_are_enough(tmp_path):
    with container(tmp_path) as (_, port), socket.create_connection(("127.0.0.1", port)) as line:
        line.sendall(b"GET /v1/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 200")
    assert b'{"status":"ok"}' in answer
    assert b"\r\nserver:" not in answer.lower()


def test_sigterm_lets_a_request_finish(tmp_path):
    """The request is half here when the host says stop; its answer comes, then the process ends."""
    body = b'{"email":"ada@example.com"}'
    head = (
        # counted among those that pass when there is no database to count in, as here
        b"POST /v1/auth/refresh HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\n"
        b"Content-Length: %d\r\n\r\n" % len(body)
    )
    with (
        container(tmp_path) as (process, port),
        socket.create_connection(("127.0.0.1", port), 10) as line,
    ):
        line.sendall(head + body[:5])
        time.sleep(0.3)
        process.send_signal(signal.SIGTERM)
        time.sleep(0.3)
        assert process.poll() is None, "it waits"
        with pytest.raises(OSError, match="refused"):
            socket.create_connection(("127.0.0.1", port), 1)
        line.sendall(body[5:])
        assert line.recv(65536).startswith(b"HTTP/1.1 422")
        assert process.wait(8) in {0, -signal.SIGTERM}


def test_the_image_is_pinned_and_nobodys():
    text = (CLOUD_RUN / "Dockerfile").read_text()
    bases = re.findall(r"^FROM (\S+)", text, re.M)
    assert len(bases) == 2
    assert all(re.fullmatch(r"python:3\.\d+\.\d+-slim-[a-z]+", base) for base in bases)
    user = re.findall(r"^USER (\S+)", text, re.M)[-1]
    assert user not in {"root", "0"}
    assert text.index("\nUSER ") > text.rindex("\nCOPY "), "what is copied belongs to root"


def test_docker_is_sent_what_it_copies_and_little_else():
    ignore = (CLOUD_RUN / "Dockerfile.dockerignore").read_text().splitlines()
    assert ignore[1] == "*", "everything is left out first"
    sent = {line[1:] for line in ignore if line.startswith("!")}
    text = (CLOUD_RUN / "Dockerfile").read_text()
    copied = re.findall(r"^COPY (?!--from)(.+) \S+$", text, re.M)
    wanted = {name for line in copied for name in line.split()}
    assert wanted
    for name in wanted:
        assert name in sent or name.partition("/")[0] in sent, name
        assert (ROOT / name).exists()


def pins(path: Path) -> dict[str, str]:
    lines = [line.strip() for line in path.read_text().splitlines()]
    return dict(
        line.partition("==")[::2] for line in lines if line and not line.startswith(("#", "-r"))
    )


@pytest.mark.parametrize("listed", [CLOUD_RUN, AZURE])
def test_what_hosts_install_is_what_we_test_with(listed):
    from importlib import metadata

    for name, version in pins(listed / "requirements.txt").items():
        assert version, f"{name} has no exact version"
        assert metadata.version(name) == version


# -- the settings of the hosts -----------------------------------------------------------------

GIVEN = {
    "service.yaml": re.findall(r"- name: ([A-Z_]+)", (CLOUD_RUN / "service.yaml").read_text()),
    "local.settings": list(
        json.loads((AZURE / "local.settings.example.json").read_text())["Values"]
    ),
}


@pytest.mark.parametrize("where", GIVEN)
def test_settings_are_those_that_the_product_reads(where):
    ours = {name for name in GIVEN[where] if name.startswith("CLOUDDECK_")}
    assert ours <= set(config._ENVIRONMENT)
    needed = {"CLOUDDECK_CLOUD", "CLOUDDECK_PREFIX", "CLOUDDECK_ACCOUNT", "CLOUDDECK_API"}
    assert needed | {"CLOUDDECK_LIVE", "CLOUDDECK_CONNECTIONS", "CLOUDDECK_RUNNER_KEY"} <= ours
    assert {"AWS_REGION", "AWS_ROLE_ARN", "AWS_CONFIG_FILE"} <= set(GIVEN[where])


def test_settings_are_on_the_page():
    page = (ROOT / "docs" / "hosts.md").read_text()
    for name in {name for names in GIVEN.values() for name in names}:
        assert f"`{name}`" in page, name


# -- Azure ------------------------------------------------------------------------------------


def test_the_staged_function_app_stands_alone(tmp_path):
    stage(tmp_path / "app")
    show = (
        "import json, function_app as f;"
        "(one,) = f.app.get_functions();"
        "print(json.dumps(one.get_trigger().get_dict_repr(), default=str))"
    )
    done = subprocess.run(
        [sys.executable, "-c", show],
        cwd=tmp_path / "app",
        env={"PATH": os.environ["PATH"], "PYTHONPATH": str(tmp_path / "app")},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    trigger = json.loads(done.stdout)
    assert (trigger["type"], trigger["route"]) == ("httpTrigger", "/{*route}")
    assert "ANONYMOUS" in str(trigger["authLevel"]).upper()
    host = json.loads((tmp_path / "app" / "host.json").read_text())
    assert host["extensions"]["http"]["routePrefix"] == ""
    needed = pins(tmp_path / "app" / "requirements.txt")
    assert {"azure-functions", "chalice", "boto3"} <= set(needed)
    with pytest.raises(FileExistsError):
        stage(tmp_path / "app")


@pytest.mark.parametrize(
    ("path", "raw"),
    [("/v1/projects/%50", b"/v1/projects/%2550"), ("/v1/projects/é", b"/v1/projects/%C3%A9")],
)
def test_azures_decoded_path_is_encoded_again(monkeypatch, path, raw):
    from adapters.azure_functions import function_app

    seen = []

    async def api(scope, receive, send):
        seen.append(scope["raw_path"])

    monkeypatch.setattr(function_app, "_api", api)
    drive(function_app.encoded, {"type": "http", "path": path, "raw_path": path.encode()})
    assert seen == [raw]
