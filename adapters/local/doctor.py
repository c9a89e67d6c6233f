"""`doctor`: can this computer run the embedded cloud, and if not, what to do about it."""

from __future__ import annotations

import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from adapters.local import settings, system
from adapters.local.lock import holder
from adapters.local.processes import contain
from adapters.local.settings import Installation, Refusal

MIN_FREE_BYTES = 2 * 1024**3


@dataclass(frozen=True)
class Finding:
    """One thing looked at; `needed` tells a stop from a hint."""

    name: str
    ok: bool
    detail: str
    fix: str = ""
    needed: bool = True


def examine(installation: Installation) -> list[Finding]:
    """Everything `up` and a build need, in the order in which to repair it."""
    looks: tuple[Callable[[Installation], Finding], ...] = (
        *(_python, _libraries, _git, _node, _ministack, _database),
        *(_sandbox, _folder, _space, _ports, _https, _names),
    )
    return [look(installation) for look in looks]


def as_rows(findings: list[Finding]) -> list[dict[str, object]]:
    """The findings for programs."""
    return [asdict(finding) for finding in findings]


def print_findings(findings: list[Finding]) -> int:
    """The findings for people; exit code 0 when nothing needed is missing."""
    for finding in findings:
        sign = "ok  " if finding.ok else "FAIL" if finding.needed else "hint"
        print(f"{sign}  {finding.name:<10} {finding.detail}")
        if not finding.ok and finding.fix:
            print(f"      {'':<10} -> {finding.fix}")
    return 0 if all(finding.ok or not finding.needed for finding in findings) else 1


def _python(_installation: Installation) -> Finding:
    version = ".".join(map(str, sys.version_info[:3]))
    return Finding("python", sys.version_info >= (3, 11), version, "Install Python 3.11 or newer.")


def _libraries(_installation: Installation) -> Finding:
    code = "import chalice, pynamodb, boto3, uvicorn, granian"
    ok = _succeeds(settings.python(), "-c", code)
    return Finding("libraries", ok, settings.python(), "Run: make setup")


def _git(_installation: Installation) -> Finding:
    path = shutil.which("git")
    return Finding("git", path is not None, path or "not found", "Install git.")


def _node(_installation: Installation) -> Finding:
    version = _output("node", "--version")
    major = version.lstrip("v").split(".")[0]
    ok = major.isdigit() and int(major) >= 20
    return Finding("node", ok, version or "not found", "Install Node.js 20 or newer.")


def _ministack(_installation: Installation) -> Finding:
    python = settings.cloud_python()
    ok = Path(python).exists() and _succeeds(python, "-c", "import ministack")
    return Finding("ministack", ok, python, "Run: make setup")


def _database(_installation: Installation) -> Finding:
    try:
        program = settings.dynoxide()
    except Refusal as refusal:
        return Finding("dynoxide", False, str(refusal), "Run: make setup")
    version = _output(program, "--version")
    return Finding("dynoxide", bool(version), version or f"{program} does not run", "make setup")


def _sandbox(_installation: Installation) -> Finding:
    if contain():
        return Finding("bubblewrap", True, "works")
    there = shutil.which("bwrap") is not None
    detail = "is installed, but may not make namespaces here" if there else "is not installed"
    fix = "Allow user namespaces." if there else "Run: sudo apt-get install -y bubblewrap"
    return Finding("bubblewrap", False, f"{detail}: builds have no sandbox", fix, needed=False)


def _folder(installation: Installation) -> Finding:
    folder = installation.home
    while not folder.exists():
        folder = folder.parent
    ok = os.access(folder, os.W_OK | os.X_OK)
    return Finding("folder", ok, str(installation.home), "Choose a writable one with --home.")


def _space(installation: Installation) -> Finding:
    folder = installation.home
    while not folder.exists():
        folder = folder.parent
    free = shutil.disk_usage(folder).free
    ok = free >= MIN_FREE_BYTES
    return Finding("space", ok, f"{free / 1e9:.1f} GB free", "Free 2 GB.", needed=False)


def _ports(installation: Installation) -> Finding:
    if holder(installation.home) is not None:
        return Finding("ports", True, "used by this very installation, which is running")
    taken = [port for port in installation.ports.values() if not system.port_free(port)]
    names = ", ".join(f"{port} (pid {system.port_holder(port) or '?'})" for port in taken)
    span = f"{installation.port} to {installation.port + len(installation.ports) - 1} are free"
    return Finding("ports", not taken, f"taken: {names}" if taken else span, "Choose with --port.")


def _https(installation: Installation) -> Finding:
    port = installation.https_port
    if holder(installation.home) is not None or (port and system.port_free(port)):
        return Finding("https port", True, str(port))
    what = f"{port} is taken by pid {system.port_holder(port) or '?'}" if port else "there is none"
    fix = "Choose with CLOUDDECK_EDGE_TLS_PORT; until then sites have no HTTPS."
    return Finding("https port", False, what, fix, needed=False)


def _names(_installation: Installation) -> Finding:
    try:
        socket.getaddrinfo("any-site.localhost", 80)
    except OSError:
        fix = "Browsers resolve it themselves; for curl use --resolve or a Host header."
        return Finding("*.localhost", False, "does not resolve here", fix, needed=False)
    return Finding("*.localhost", True, "resolves")


def _succeeds(*argv: str) -> bool:
    try:
        done = subprocess.run(argv, capture_output=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return False
    return done.returncode == 0


def _output(*argv: str) -> str:
    try:
        done = subprocess.run(argv, capture_output=True, text=True, timeout=30, check=False)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""
