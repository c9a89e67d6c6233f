"""Every exit code, one line and a hint each, and nothing on stdout that does not belong there."""

from __future__ import annotations

import errno
import json
import os
import pty
import re
import ssl
import subprocess
import sys
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import cli
from cli import context, disk, errors, output
from cli.config import profile_path
from tests.unit.cli.conftest import ROOT
from tests.unit.cli.fake_api import EMAIL, PASSWORD, problem


def lines(text: str) -> list[str]:
    return text.splitlines()


def test_version_is_that_of_the_package(deck, command):
    import tomllib

    project = tomllib.loads((ROOT / "pyproject.toml").read_text())["project"]
    assert cli.__version__ == project["version"]
    assert deck("--version").stdout == f"deck {cli.__version__}\n"
    assert deck("--version", "--json").json == {"version": cli.__version__}
    process = command("--version")
    assert process.communicate()[0] == f"deck {cli.__version__}\n"


def loaded_after(script: str) -> list[str]:
    """Which of the heavy libraries are there after the script."""
    heavy = "{'typer','rich','urllib3','requests','websockets','chalicelib'}"
    script = f"import sys\n{script}\nprint(*sorted({heavy} & set(sys.modules)))"
    command = [sys.executable, "-c", script]
    done = subprocess.run(command, check=True, capture_output=True, text=True, cwd=ROOT)
    return lines(done.stdout)[-1].split()


def test_version_needs_nothing_heavy():
    script = "sys.argv[1:] = ['--version']\nfrom cli.main import main\nmain()"
    assert loaded_after(script) == []


def test_a_command_imports_only_what_it_uses():
    assert loaded_after("from cli.app import app") == ["typer"]


def test_deck_alone_helps(deck):
    assert "Commands" in deck().stdout
    assert "deploy" in deck("-h").stdout


@pytest.mark.parametrize("arguments", [["nonsense"], ["list", "--nope"], ["list", "-n", "0"]])
def test_usage_errors(deck, folder, arguments):
    result = deck(*arguments, code=2)
    error, hint = lines(result.stderr)
    assert error.startswith("error: ")
    assert hint.startswith("hint: See `deck")
    assert result.stdout == ""
    result = deck(*arguments, "--json", code=2)
    assert json.loads(result.stderr)["error"]["code"] == "usage"


def test_1_the_server_failed(deck, linked, signed_in):
    broken = problem(500, "internal", "Something broke")
    signed_in.answers["/v1/me"] = [broken] * 4
    assert lines(deck("whoami", code=1).stderr) == ["error: Something broke", "request: req-1"]


def test_1_a_bug_is_one_line_too(deck, linked, monkeypatch):
    monkeypatch.setattr(context.link, "find", lambda _: 1 / 0)
    result = deck("list", code=1)
    assert (
        lines(result.stderr)[0] == "error: Unexpected problem: ZeroDivisionError: division by zero"
    )
    assert "DECK_DEBUG=1" in result.stderr


def test_a_traceback_only_when_asked(command, folder):
    process = command("list", env={"DECK_DEBUG": "1"})
    assert "Traceback" in process.communicate()[1]
    assert "Traceback" not in command("list").communicate()[1]


def test_2_no_project(command, folder):
    process = command("list")
    out, err = process.communicate()
    assert (process.returncode, out) == (2, "")
    assert len(lines(err)) == 2


def test_2_all_wrong_fields_in_one_line(deck, linked, signed_in):
    status, body = problem(422, "invalid", "The request is not valid")
    body["errors"] = [{"pointer": "/name", "detail": "is too\nlong", "code": "x"}]
    signed_in.answers["/v1/me"] = [(status, body)]
    first = lines(deck("whoami", code=2).stderr)[0]
    assert first == "error: The request is not valid; name: is too long"


def test_3_not_signed_in(command, fake, folder):
    process = command("whoami", env={"CLOUDDECK_API": fake.url})
    assert "deck login" in process.communicate()[1]
    assert process.returncode == 3


@pytest.mark.parametrize(
    ("api", "code", "hint"),
    [
        ("http://localhost:9", "offline", "deck up"),
        ("http://127.0.0.1:9", "offline", "deck up"),
        ("http://x.localhost:9", "offline", "deck up"),
        ("http://no-such-host.invalid", "offline", "Check"),
    ],
)
def test_4_offline(deck, folder, api, code, hint):
    result = deck("login", "--api", api, "--token", "x", "--json", code=4)
    error = json.loads(lines(result.stderr)[-1])["error"]
    assert error["code"] == code
    assert hint in error["hint"]


def test_4_a_proxy_that_is_not_there(deck, folder, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    result = deck("login", "--api", "http://cloud.invalid", "--token", "x", code=4)
    assert "The proxy http://127.0.0.1:9" in result.stderr
    assert "NO_PROXY" in result.stderr
    monkeypatch.setenv("HTTP_PROXY", "strange://x")
    assert "proxy" in deck("login", "--api", "http://c.invalid", "--token", "x", code=4).stderr


def test_a_proxy_is_never_asked_for_this_machine(deck, signed_in, folder, monkeypatch):
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:9")
    deck("whoami")


@pytest.fixture
def tls_server(tmp_path):
    """An HTTPS server whose certificate nobody knows."""
    key, certificate = tmp_path / "key.pem", tmp_path / "cert.pem"
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "1"),
            *("-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"),
            *("-keyout", str(key), "-out", str(certificate)),
        ],
        check=True,
        capture_output=True,
    )
    server = HTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler)
    tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    tls.load_cert_chain(certificate, key)
    server.socket = tls.wrap_socket(server.socket, server_side=True)
    server.handle_error = lambda *_: None
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}", certificate
    server.shutdown()
    server.server_close()


def test_4_bad_tls(deck, folder, tls_server, monkeypatch):
    url, certificate = tls_server
    result = deck("login", "--api", url, "--token", "x", code=4)
    assert "is not trusted: self-signed certificate" in result.stderr
    assert "SSL_CERT_FILE" in result.stderr
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate))
    result = deck("login", "--api", url, "--token", "x", "--json", code=4)
    answer = json.loads(lines(result.stderr)[-1])
    assert answer["error"]["code"] == "not_clouddeck", "it answers 501"


@pytest.mark.parametrize("status", [200, 302, 404, 503])
def test_4_something_else_answers(deck, signed_in, folder, status):
    signed_in.answers["/v1/me"] = [(status, b"<html>Welcome to our hotel")] * 4
    assert signed_in.url in deck("whoami", code=4).stderr


def test_a_passing_fault_is_not_seen(deck, signed_in, folder):
    signed_in.answers["/v1/me"] = [problem(503, "busy", "Busy"), problem(429, "slow", "Slow")]
    deck("whoami")


@pytest.mark.parametrize("where", ["write", "fsync"])
def test_5_disk_full_leaves_no_half_file(deck, linked, signed_in, monkeypatch, where):
    before = profile_path().read_text()

    def full(*_, **__):
        raise OSError(errno.ENOSPC, "No space left on device")

    if where == "fsync":
        monkeypatch.setattr(disk.os, "fsync", full)
    else:
        monkeypatch.setattr(disk.tempfile, "mkstemp", full)
    deck("env", "set", "A=1")
    result = deck("env", "pull", code=5)
    assert lines(result.stderr) == [
        "error: No space left on device",
        "hint: Free some space and run the command again.",
    ]
    login = ("login", "--email", EMAIL, "--password-stdin")
    deck(*login, code=5, input=PASSWORD)
    assert sorted(os.listdir(linked)) == [".deck.json", "index.html"]
    assert profile_path().read_text() == before
    assert sorted(os.listdir(profile_path().parent)) == ["config.json", "config.lock"]


def test_5_stdout_is_full(command, linked, signed_in):
    with open("/dev/full", "w") as full:
        process = command("whoami", stdout=full)
        _, err = process.communicate()
    assert process.returncode == 5
    assert lines(err)[0] == "error: No space left on device"
    assert len(lines(err)) == 2


def test_5_no_access(tmp_path):
    error = errors.from_os_error(PermissionError(errno.EACCES, "Permission denied", "/x"))
    assert (error.exit_code, error.message) == (5, "Permission denied: /x")


def test_the_reader_of_a_pipe_may_leave(command, linked, signed_in):
    for _ in range(200):
        signed_in.add_deployment(message="m" * 60)
    reader, writer = os.pipe()
    os.close(reader)
    process = command("list", "-n", "100", stdout=writer)
    os.close(writer)
    assert process.communicate()[1] == ""
    assert process.returncode == 141


def test_130_ctrl_c_in_a_command(deck, folder, monkeypatch):
    def interrupted(_):
        raise KeyboardInterrupt

    monkeypatch.setattr(context.link, "find", interrupted)
    assert deck("list", code=130).stderr == ""


def in_terminal(*arguments: str, **environment: str) -> str:
    """What a person sees: the command with a pseudo-terminal as stdout and stderr."""
    ours, theirs = pty.openpty()
    env = {**os.environ, "TERM": "xterm", "PYTHONPATH": str(ROOT), **environment}
    process = subprocess.Popen(
        [sys.executable, "-m", "cli", *arguments], stdout=theirs, stderr=theirs, env=env
    )
    os.close(theirs)
    seen = b""
    while True:
        try:
            chunk = os.read(ours, 65536)
        except OSError:
            break
        if not chunk:
            break
        seen += chunk
    process.wait()
    os.close(ours)
    return seen.decode()


def test_colour_only_on_a_terminal_that_wants_it(deck, linked, signed_in):
    signed_in.add_deployment()
    assert "\x1b[" in in_terminal("list")
    assert "\x1b[" in in_terminal("inspect")
    assert "\x1b[" not in in_terminal("inspect", NO_COLOR="1")
    assert "\x1b[" not in in_terminal("inspect", TERM="dumb")
    assert "\x1b[" not in deck("inspect").stdout
    json.loads(in_terminal("list", "--json"))


@pytest.mark.parametrize("room", [20, 60, 80, 110, 200])
def test_tables_fit(room):
    headers = ("AGE", "STATE", "MESSAGE", "ID", "URL")
    row = ("3m", "superseded", "m" * 60, "d" * 30, "u" * 50)
    widths, total = output.fitting(headers, [row], room, "MESSAGE")
    assert total == sum(widths) + 2 * (len(widths) - 1)
    assert total <= room
    assert widths[:2] == [3, 10], "what matters most is never cut"
    assert (len(widths) == 5) == (room > 110)


def test_deploy_in_a_terminal(linked, signed_in):
    signed_in.lines[0]["text"] = "\x1b[35mviolet\x1b[0m \x1b]0;title\x07"
    seen = in_terminal("deploy")
    assert "35mviolet" in seen
    assert "title" not in seen
    assert signed_in.deployments["dpl_" + "1".zfill(26)]["url"] in seen.replace("\r\n", "")
    assert "uploaded 1 of 1 files" in seen
    plain = re.sub(r"\x1b\[\?25[lh]|\x1b\[\d?[AK]", "", in_terminal("deploy", NO_COLOR="1"))
    assert "\x1b[" not in plain, "the spinner moves the cursor, but nothing has a colour"
