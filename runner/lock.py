"""Says whether two installs would give the same node_modules, so that the second can be skipped."""

import hashlib
import json
import os
from pathlib import Path

from runner.protocol import Plan

LOCKS = ("package-lock.json", "npm-shrinkwrap.json", "yarn.lock", "pnpm-lock.yaml", "bun.lock")
ALSO = ("package.json", ".npmrc", ".yarnrc", ".yarnrc.yml", ".nvmrc", ".node-version")
# Scripts of the project itself may write anywhere, so they have to run every time.
SCRIPTS = ("preinstall", "install", "postinstall", "preprepare", "prepare", "postprepare")


def fingerprint(root: Path, plan: Plan) -> str | None:
    """A digest of all that decides what an install does; None when that cannot be said."""
    install = next((step.run for step in plan.steps if step.name == "install"), None)
    if not install or (root / "pnpm-workspace.yaml").exists():
        return None
    if not any((root / name).is_file() for name in LOCKS):
        return None
    try:
        package = json.loads((root / "package.json").read_bytes())
    except (OSError, ValueError):
        return None
    if not _is_simple(package):
        return None
    digest = hashlib.sha256(f"{install}\0{plan.node}\0{_runtime()}\0".encode())
    for name in (*LOCKS, *ALSO):
        file = root / name
        if file.is_file():
            digest.update(f"{name}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\0".encode())
    return digest.hexdigest()


def _is_simple(package: object) -> bool:
    if not isinstance(package, dict) or "workspaces" in package:
        return False
    scripts = package.get("scripts")
    if isinstance(scripts, dict) and any(name in scripts for name in SCRIPTS):
        return False
    text = json.dumps(package)
    return not any(local in text for local in ('"file:', '"link:', '"portal:', '"workspace:'))


def _runtime() -> str:
    """Which node this is, without starting it."""
    import shutil  # slow to import, and few sites get here

    node = shutil.which("node")
    if node is None:
        return "none"
    real = os.path.realpath(node)
    info = Path(real).stat()
    return f"{real} {info.st_size} {info.st_mtime_ns} {os.uname().machine}"
