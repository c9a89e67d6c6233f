"""The hosts: each a process that answers the API, on the data of one embedded cloud."""

from __future__ import annotations

import contextlib
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import requests

from adapters.local.settings import Installation
from tests.e2e.cloud import Cloud, free_ports
from tests.e2e.surroundings import ROOT

PYTHON = sys.executable
FUNCTION = str(ROOT / "adapters" / "cloud_run" / "function.py")


@dataclass(frozen=True)
class Host:
    """Where the API answers, who may sign in, and where the sites are (nowhere: an empty text)."""

    name: str
    api: str
    email: str
    password: str
    edge: str = ""


def commands(port: int) -> dict[str, list[str]]:
    """How the hosts beside the gateway are started."""
    framework = str(Path(PYTHON).with_name("functions-framework"))
    place = ["--host", "127.0.0.1", "--port", str(port)]
    return {
        "cloud_run": [PYTHON, "-m", "adapters.cloud_run.main"],
        "functions_framework": [
            *(framework, "--asgi", "--target", "api", "--source", FUNCTION, *place),
        ],
        "azure_functions": [PYTHON, "-m", "tests.acceptance.azure_host", str(port)],
    }


NAMES = ("gateway", *commands(0))


@contextlib.contextmanager
def serving(name: str, cloud: Cloud) -> Iterator[Host]:
    """A host on the data of `cloud`; stopped politely at the end."""
    who = cloud.owner
    edge = f"http://127.0.0.1:{cloud.port + 1}"
    if name == "gateway":
        yield Host(name, cloud.url, who["email"], who["password"], edge)
        return
    port = free_ports(1)
    log = cloud.home / "logs" / f"{name}.log"
    with log.open("ab") as said:
        process = subprocess.Popen(
            commands(port)[name],
            cwd=cloud.home,
            env={**environment(cloud), "PORT": str(port)},
            stdout=said,
            stderr=said,
        )
    try:
        url = f"http://127.0.0.1:{port}"
        _wait(url, process, log)
        yield Host(name, url, who["email"], who["password"], edge)
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(15)
        except subprocess.TimeoutExpired:
            process.kill()
            raise


def environment(cloud: Cloud) -> dict[str, str]:
    """What every process of the product gets on this cloud."""
    installation = Installation(cloud.home, cloud.port)
    # all hosts are asked from one address, on one database: they count, and refuse nobody
    counting = {"CLOUDDECK_RATE_FACTOR": "100"}
    return {**installation.base_environment(), **installation.product_environment(), **counting}


def _wait(url: str, process: subprocess.Popen[bytes], log: Path, seconds: float = 60.0) -> None:
    deadline = time.monotonic() + seconds
    while True:
        with contextlib.suppress(requests.ConnectionError):
            if requests.get(f"{url}/v1/health", timeout=5, proxies={"http": ""}).ok:
                return
        ended = process.poll() is not None
        if ended or time.monotonic() > deadline:
            raise AssertionError(f"the host does not answer:\n{log.read_text()[-3000:]}")
        time.sleep(0.1)
