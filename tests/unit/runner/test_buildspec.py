"""The script of the build machine, run as it stands with a bash of this machine."""

from __future__ import annotations

import hashlib
import json
import os
import shutil
import subprocess
import tempfile
import threading
from collections.abc import Iterator
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).parents[3]
PLACES = "/usr/local/bin:/usr/bin:/bin"
"""Where everybody finds their tools, as opposed to the home of root."""

pytestmark = pytest.mark.skipif(
    not all(shutil.which(tool, path=PLACES) for tool in ("bash", "curl", "setpriv", "python3")),
    reason="needs bash, curl, setpriv and python3 in /usr",
)
AGENT = """
import json, os, sys
seen = {"env": dict(os.environ), "uid": os.getuid(), "cwd": os.getcwd()}
seen["groups"] = os.getgroups()
seen["status"] = open("/proc/self/status").read()
work = os.environ["CLOUDDECK_WORKSPACE"]
seen["empty"] = os.listdir(work) == []
open(os.path.join(work, "written"), "w").close()
print("SEEN " + json.dumps(seen))
sys.exit(int(os.environ["CLOUDDECK_BUILD_TOKEN"].rpartition("-")[2]))
"""


class Quiet(SimpleHTTPRequestHandler):
    def log_message(self, *_: object) -> None:
        pass


@pytest.fixture
def served(tmp_path: Path) -> Iterator[str]:
    """Address of the agent, as if it were signed."""
    (tmp_path / "agent.pyz").write_text(AGENT)
    server = ThreadingHTTPServer(
        ("127.0.0.1", 0), lambda *given: Quiet(*given, directory=str(tmp_path))
    )
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_address[1]}/agent.pyz?X-Amz-Signature=abc"
    server.shutdown()
    server.server_close()


def document() -> Any:
    return yaml.safe_load((ROOT / "runner" / "buildspec.yml").read_text())


def run(url: str, sha256: str, *, token: str = "t-0", **more: str) -> Any:
    [script] = document()["phases"]["build"]["commands"]
    environment = {
        "PATH": PLACES,
        "HOME": "/tmp",  # the script opens it, so not the home of a person
        "NO_PROXY": "*",
        "CLOUDDECK_ORDER": "bld_1-1",
        "CLOUDDECK_API": "https://api.example.com",
        "CLOUDDECK_BUILD_TOKEN": token,
        "CLOUDDECK_SANDBOX": "machine,memory",
        "CLOUDDECK_RUNNER_URL": url,
        "CLOUDDECK_RUNNER_SHA256": sha256,
        "AWS_CONTAINER_CREDENTIALS_RELATIVE_URI": "/v2/credentials/secret",
        "AWS_REGION": "eu-west-1",
        "CODEBUILD_BUILD_ID": "x:1",
        **more,
    }
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        Path(folder).chmod(0o755)
        return subprocess.run(
            ["bash", "-c", script],
            env={**environment, "TMPDIR": folder},
            capture_output=True,
            text=True,
            timeout=60,
            check=False,
        )


def seen(done: Any) -> Any:
    [line] = [line for line in done.stdout.splitlines() if line.startswith("SEEN ")]
    return json.loads(line.removeprefix("SEEN "))


SHA256 = hashlib.sha256(AGENT.encode()).hexdigest()


def test_the_agent_gets_its_order_and_nothing_of_the_machine(served: str) -> None:
    done = run(served, SHA256)
    assert done.returncode == 0, done.stderr
    found = seen(done)
    names = set(found["env"]) - {"LC_CTYPE", "PWD", "SHLVL", "_", "OLDPWD"}
    assert names == {
        "PATH",
        "HOME",
        "CLOUDDECK_API",
        "CLOUDDECK_BUILD_TOKEN",
        "CLOUDDECK_SANDBOX",
        "CLOUDDECK_WORKSPACE",
    }
    assert found["empty"]
    assert found["cwd"] == "/"
    assert found["env"]["HOME"] == found["env"]["CLOUDDECK_WORKSPACE"]


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_the_agent_is_somebody_without_rights(served: str) -> None:
    found = seen(run(served, SHA256))
    assert found["uid"] != 0
    assert found["groups"] == []
    status = dict(line.split(":\t", 1) for line in found["status"].splitlines() if ":\t" in line)
    assert status["NoNewPrivs"] == "1"
    for kind in ("CapInh", "CapPrm", "CapEff", "CapBnd"):
        assert int(status[kind], 16) == 0
    assert found["env"]["CLOUDDECK_SANDBOX"] == "machine,memory,own_uid,no_new_privs"


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become somebody else")
def test_what_lies_below_the_home_of_root_can_be_run(served: str) -> None:
    """The images keep their Python below it, and nobody else may enter it."""
    with tempfile.TemporaryDirectory(dir="/tmp") as home:
        Path(home, "bin").mkdir()
        Path(home, "bin", "python3").symlink_to("/usr/bin/python3")
        assert Path(home).stat().st_mode & 0o777 == 0o700
        done = run(served, SHA256, HOME=home, PATH=f"{home}/bin:{PLACES}")
        assert done.returncode == 0, done.stderr
        assert seen(done)["uid"] != 0
        assert Path(home).stat().st_mode & 0o777 == 0o711


def test_without_such_a_user_nothing_is_claimed(served: str, tmp_path: Path) -> None:
    """As on a machine whose `setpriv` may not change anything."""
    fake = tmp_path / "bin" / "setpriv"
    fake.parent.mkdir()
    fake.write_text("#!/bin/sh\nexit 1\n")
    fake.chmod(0o755)
    done = run(served, SHA256, PATH=f"{fake.parent}:{PLACES}")
    assert done.returncode == 0, done.stderr
    assert seen(done)["env"]["CLOUDDECK_SANDBOX"] == "machine,memory"
    assert "no user without rights" in done.stdout


@pytest.mark.parametrize("code", [1, 2, 143])
def test_how_the_agent_ends_is_how_the_build_ends(served: str, code: int) -> None:
    assert run(served, SHA256, token=f"t-{code}").returncode == code


def test_another_agent_than_the_ordered_one_does_not_run(served: str) -> None:
    done = run(served, "0" * 64)
    assert done.returncode == 3
    assert "not the one that was ordered" in done.stderr
    assert "SEEN" not in done.stdout


def test_an_agent_that_is_not_there(served: str) -> None:
    done = run(served.replace("agent.pyz", "absent"), SHA256)
    assert done.returncode == 22
    assert "t-0" not in done.stdout + done.stderr


def test_secrets_are_not_said(served: str) -> None:
    done = run(served, SHA256)
    said = done.stderr + done.stdout.replace(json.dumps(seen(done)), "")
    assert "X-Amz-Signature" not in said
    assert "t-0" not in said


def test_it_needs_neither_source_nor_artifacts() -> None:
    found = document()
    assert str(found["version"]) == "0.2"
    assert set(found) == {"version", "env", "phases"}
    assert found["env"] == {"shell": "bash"}
