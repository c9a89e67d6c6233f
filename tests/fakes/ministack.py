"""The emulator of S3, Lambda, Step Functions and EventBridge, started as the supervisor does."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from adapters.local import processes, settings
from adapters.local.bootstrap import ROLE
from adapters.local.settings import Installation

SECONDS = 60.0


@contextmanager
def running(home: Path, **environment: str) -> Iterator[Installation]:
    """MiniStack of an installation in `home`, with more `environment`; it checks signatures."""
    here = Installation(home, _ports())
    here.prepare()
    process = processes.ministack(here)
    with here.log("ministack").open("wb") as log:
        started = subprocess.Popen(
            process.argv,
            env={**process.environment, **environment},
            stdout=log,
            stderr=log,
            cwd=home,
            process_group=0,
        )
    try:
        _wait(started, f"http://127.0.0.1:{process.port}{process.ready}", here.log("ministack"))
        yield here
    finally:
        _end(started)


def client(here: Installation, service: str) -> Any:
    """A boto3 client of the emulator that tries once and uses no proxy."""
    import boto3
    from botocore.config import Config

    keys = here.secrets
    return boto3.session.Session().client(
        service,
        endpoint_url=here.url("ministack"),
        region_name=settings.REGION,
        aws_access_key_id=keys.access_key_id,
        aws_secret_access_key=keys.secret_access_key,
        config=Config(proxies={}, retries={"total_max_attempts": 1}),
    )


def make_role(here: Installation) -> None:
    """The role that functions, machines and rules of the embedded cloud run as."""
    name, iam = ROLE.rpartition("/")[2], client(here, "iam")
    services = ["lambda.amazonaws.com", "states.amazonaws.com", "events.amazonaws.com"]
    trust = {"Principal": {"Service": services}, "Action": "sts:AssumeRole"}
    iam.create_role(RoleName=name, AssumeRolePolicyDocument=_policy(trust))
    everything = _policy({"Action": "*", "Resource": "*"})
    iam.put_role_policy(RoleName=name, PolicyName="all", PolicyDocument=everything)


def _policy(statement: dict[str, Any]) -> str:
    return json.dumps({"Version": "2012-10-17", "Statement": [{"Effect": "Allow", **statement}]})


def _ports() -> int:
    """A base from which MiniStack's own port, the only one used here, is free."""
    offset = settings.PARTS.index("ministack")
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1]) - offset


def _wait(started: subprocess.Popen[bytes], url: str, log: Path) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with opener.open(url, timeout=2):
                return
        except OSError as error:
            if started.poll() is not None or time.monotonic() > deadline:
                raise RuntimeError(
                    f"MiniStack does not answer: {log.read_text()[-2000:]}"
                ) from error
            time.sleep(0.05)


def _end(started: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, which is its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        try:
            os.killpg(started.pid, number)
        except ProcessLookupError:
            break
        try:
            started.wait(10)
        except subprocess.TimeoutExpired:
            continue
        break
    started.wait()
