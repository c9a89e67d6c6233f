"""The package registries that this machine's own clients are configured for.

Builds get the registries their host uses, so a company mirror works without a setting, and no
registry is named in this code.
"""

import contextlib
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from urllib.parse import urlsplit, urlunsplit

SECONDS = 20
PIP_DEFAULTS = (
    "import json; from pip._internal.models.index import PyPI; "
    "print(json.dumps([PyPI.simple_url, 'https://' + PyPI.file_storage_domain]))"
)


@dataclass(frozen=True, slots=True)
class Registries:
    """Hosts that tunnels may go to, and what tells the clients in a build to use them."""

    hosts: frozenset[str]
    env: Mapping[str, str] = field(default_factory=dict)


def discover(extra: Iterable[str], environ: Mapping[str, str] = os.environ) -> Registries:
    """Asks npm, yarn, pip and go; a client that is missing or silent contributes nothing."""
    commands = (
        ("npm", "config", "get", "registry"),
        ("yarn", "config", "get", "registry"),
        (sys.executable, "-m", "pip", "config", "list"),
        (sys.executable, "-c", PIP_DEFAULTS),
        ("go", "env", "GOPROXY"),
    )
    with ThreadPoolExecutor(len(commands)) as pool:
        npm, yarn, pip, defaults, go = pool.map(_ask, commands)
    return combine(
        npm=npm,
        yarn=yarn,
        pip=pip,
        pip_defaults=defaults,
        go=environ.get("GOPROXY", "") or go,
        extra=extra,
    )


def combine(
    *, npm: str, yarn: str, pip: str, pip_defaults: str, go: str, extra: Iterable[str]
) -> Registries:
    """Hosts and environment from what the clients printed."""
    env: dict[str, str] = {}
    urls = [line.strip() for line in (npm + "\n" + yarn).splitlines()]
    registry = next((url for url in npm.splitlines() if host_of(url.strip())), "")
    if registry:
        env["npm_config_registry"] = without_login(registry.strip())
    index, others = _pip_indexes(pip)
    if index:
        env["PIP_INDEX_URL"] = without_login(index)
    if others:
        env["PIP_EXTRA_INDEX_URL"] = " ".join(map(without_login, others))
    urls += [index, *others]
    with contextlib.suppress(ValueError):
        urls += json.loads(pip_defaults or "[]")
    proxies = [p for p in go.replace("|", ",").split(",") if host_of(p.strip())]
    if proxies:
        env["GOPROXY"] = ",".join(without_login(p.strip()) for p in proxies)
    urls += [p.strip() for p in proxies]
    found = {host_of(url) for url in urls} | {_pattern(host) for host in extra}
    return Registries(frozenset(found - {""}), env)


def host_of(url: str) -> str:
    """The host of an https URL on port 443; empty for anything else, such as file://."""
    try:
        parts = urlsplit(url)
        if parts.scheme != "https" or parts.port not in {None, 443}:
            return ""
        return (parts.hostname or "").lower().removesuffix(".")
    except ValueError:
        return ""


def without_login(url: str) -> str:
    """The URL without user name and password: a build must not learn the host's."""
    parts = urlsplit(url)
    return urlunsplit(parts._replace(netloc=parts.netloc.rpartition("@")[2]))


def _pip_indexes(config: str) -> tuple[str, list[str]]:
    """(index-url, extra-index-urls) that are https, from `pip config list`."""
    index, others = "", []
    for line in config.splitlines():
        key, _, value = line.partition("=")
        urls = value.strip().strip("'\"").replace("\\n", " ").split()
        name = key.rpartition(".")[2]
        if name == "index-url" and urls and host_of(urls[0]):
            index = urls[0]
        elif name == "extra-index-url":
            others += [url for url in urls if host_of(url)]
    return index, list(dict.fromkeys(others))


def _pattern(host: str) -> str:
    return host[1:] if host.startswith("*.") else host.removesuffix(".")


def _ask(command: tuple[str, ...]) -> str:
    program = shutil.which(command[0])
    if program is None:
        return ""
    try:
        done = subprocess.run(
            [program, *command[1:]],
            capture_output=True,
            text=True,
            timeout=SECONDS,
            check=False,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""
