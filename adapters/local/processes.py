"""What the embedded cloud consists of, as data: argument lists, environments, ready checks."""

from __future__ import annotations

import os
import subprocess
from dataclasses import dataclass, field
from functools import lru_cache

from adapters.local import settings
from adapters.local.settings import Installation

CONTAIN = ("bwrap", "--dev-bind", "/", "/", "--proc", "/proc", "--unshare-pid", "--die-with-parent")
"""Runs a program in a process namespace of its own: what it started dies with it."""


@dataclass(frozen=True)
class Process:
    """One program: how it is started, and how one sees that it works."""

    name: str
    argv: tuple[str, ...]
    port: int
    environment: dict[str, str] = field(repr=False)
    ready: str | None = None
    """Path that answers 200 when the program is ready; without one, an open port is enough."""


def processes(installation: Installation) -> tuple[Process, ...]:
    """Every program, in the order of starting; they are stopped in reverse."""
    return (
        database(installation),
        ministack(installation),
        ours(installation, "gateway", "/"),
        ours(installation, "edge"),
        ours(installation, "slots", extra=slot_environment(installation)),
    )


def slot_environment(installation: Installation) -> dict[str, str]:
    """What the slots get beyond the product's environment: they check signatures themselves."""
    keys = installation.credentials()
    known = f"{keys['AWS_ACCESS_KEY_ID']}:{keys['AWS_SECRET_ACCESS_KEY']}"
    return {**settings.build_environment(), "CLOUDDECK_S3_KEYS": known}


def database(installation: Installation) -> Process:
    """DynamoDB: one static program over SQLite, which makes absent tables itself."""
    home, port = installation.home, installation.ports["dynoxide"]
    argv = (
        *(settings.dynoxide(), "serve", "--host", "127.0.0.1", "--port", str(port)),
        *("--db-path", str(home / "db" / "clouddeck.db")),
        *("--schema", str(installation.run("tables.json"))),
    )
    return Process("dynoxide", argv, port, installation.base_environment())


def ministack(installation: Installation) -> Process:
    """S3, Lambda, Step Functions and EventBridge; presigned URLs are verified (AUTH)."""
    port = installation.ports["ministack"]
    environment = {
        **installation.base_environment(),
        **installation.credentials(),
        "PYTHONPATH": "",
        "AUTH": "true",
        "BIND_HOST": "127.0.0.1",
        "GATEWAY_PORT": str(port),
        "MINISTACK_HOST": "127.0.0.1",
        "MINISTACK_ACCOUNT_ID": settings.ACCOUNT,
        "AWS_DEFAULT_REGION": settings.REGION,
        "SERVICES": "s3,lambda,stepfunctions,events,scheduler,kms,iam,sts,logs",
        "S3_PERSIST": "1",
        "S3_DATA_DIR": str(installation.home / "s3"),
        "IOT_MTLS_ENABLED": "0",
        "LAMBDA_EXECUTOR": "local",
        "LAMBDA_WARM_TTL_SECONDS": "600",
        "LOG_LEVEL": "WARNING",
    }
    argv = (*contain(), settings.cloud_python(), "-m", "ministack")
    return Process("ministack", argv, port, environment, "/_ministack/health")


def ours(
    installation: Installation,
    name: str,
    ready: str | None = None,
    extra: dict[str, str] | None = None,
) -> Process:
    """A program of this repository: `python -m adapters.local.<name>`."""
    product = installation.product_environment()
    environment = {**installation.base_environment(), **(extra or {}), **product}
    argv = (settings.python(), "-m", f"adapters.local.{name}")
    contained = contain() if name == "edge" else ()
    return Process(name, (*contained, *argv), installation.ports[name], environment, ready)


def bootstrap(installation: Installation) -> Process:
    """The errand that registers functions, rules and machines; it ends when it is done."""
    environment = {**installation.base_environment(), **installation.product_environment()}
    argv = (settings.python(), "-m", "adapters.local.bootstrap")
    return Process("bootstrap", argv, 0, environment)


@lru_cache(maxsize=1)
def contain() -> tuple[str, ...]:
    """CONTAIN when this computer allows it; otherwise nothing: the process group must do."""
    if os.environ.get("CLOUDDECK_NO_BWRAP"):
        return ()
    try:
        trial = subprocess.run([*CONTAIN, "true"], capture_output=True, timeout=5, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ()
    return CONTAIN if trial.returncode == 0 else ()
