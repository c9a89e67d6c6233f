"""The emulator as an account of AWS in which IAM is enforced."""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from adapters.local import processes, settings

ACCOUNT = "123456789012"
SECONDS = 60.0
_KEPT = ("PATH", "HOME", "LANG", "TZ", "LD_LIBRARY_PATH")


@dataclass(frozen=True)
class Keys:
    """An access key: of the account's root, or of an IAM user."""

    id: str
    secret: str

    @property
    def environment(self) -> dict[str, str]:
        return {"AWS_ACCESS_KEY_ID": self.id, "AWS_SECRET_ACCESS_KEY": self.secret}


@dataclass(frozen=True)
class Account:
    """An account: where its services answer, and the keys of its root."""

    port: int
    root: Keys
    log: Path

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    @property
    def gateway(self) -> str:
        """Below which API Gateway answers, as `<id>/<stage>`."""
        return f"{self.url}/_aws/execute-api"

    def client(self, service: str, region: str, keys: Keys | None = None, **config: Any) -> Any:
        """A client that tries once; the root's unless other keys are given."""
        import boto3
        from botocore.config import Config

        who = keys or self.root
        if service == "s3":
            config["s3"] = {"addressing_style": "path"}
        return boto3.session.Session().client(
            service,
            region_name=region,
            endpoint_url=config.pop("endpoint_url", self.url),
            aws_access_key_id=who.id,
            aws_secret_access_key=who.secret,
            config=Config(
                **{
                    "proxies": {},
                    "retries": {"total_max_attempts": 1},
                    "read_timeout": 300,
                    **config,
                }
            ),
        )


def account(folder: Path) -> Account:
    """An account that does not run yet, with a root key of its own, in a folder."""
    root = Keys("AKIA" + secrets.token_hex(8).upper(), secrets.token_urlsafe(30))
    return Account(free_port(), root, folder / "ministack.log")


@contextlib.contextmanager
def running(account: Account, **environment: str) -> Iterator[Account]:
    """Run it, empty; `environment` is what its functions find beside their own.

    Nothing of this process's environment that could stand in for a forgotten setting is passed on.
    """
    folder, port = account.log.parent, account.port
    (folder / "tmp").mkdir(parents=True)
    given = {
        **{name: os.environ[name] for name in _KEPT if name in os.environ},
        **account.root.environment,
        "TMPDIR": str(folder / "tmp"),
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": ACCOUNT,
        "S3_PERSIST": "0",
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LOG_LEVEL": "INFO",
        "PYTHONUNBUFFERED": "1",
        **environment,
    }
    command = [*processes.contain(), settings.cloud_python(), "-m", "ministack"]
    with account.log.open("wb") as log:
        process = subprocess.Popen(
            command, env=given, stdout=log, stderr=log, cwd=folder, process_group=0
        )
    try:
        _wait(process, account)
        yield account
    finally:
        _end(process)


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def _wait(process: subprocess.Popen[bytes], account: Account) -> None:
    opener = urllib.request.build_opener(urllib.request.ProxyHandler({}))
    deadline = time.monotonic() + SECONDS
    while True:
        try:
            with opener.open(f"{account.url}/_ministack/health", timeout=2):
                return
        except OSError as error:
            if process.poll() is not None or time.monotonic() > deadline:
                said = account.log.read_text()[-2000:]
                raise RuntimeError(f"the emulator does not answer: {said}") from error
            time.sleep(0.05)


def _end(process: subprocess.Popen[bytes]) -> None:
    """End the process and what it started, which is its process group."""
    for number in (signal.SIGTERM, signal.SIGKILL):
        with contextlib.suppress(ProcessLookupError):
            os.killpg(process.pid, number)
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(10)
            return
