"""What this machine must have before anything is asked of AWS."""

from __future__ import annotations

import importlib.util
import json
import re
import shutil
import subprocess
from pathlib import Path

from cdk.assets import CHECKOUT
from cdk.install.problems import Unprepared
from cdk.install.terminal import Finding

OLDEST_NODE = 20
SETUP = "Run `tools/setup cdk` in the checkout."


def pinned_cdk(checkout: Path = CHECKOUT) -> str:
    """The version of the CDK command that cdk/package.json asks for."""
    document = json.loads((checkout / "cdk" / "package.json").read_text(encoding="utf-8"))
    return str(document["dependencies"]["aws-cdk"])


def cdk_command(checkout: Path = CHECKOUT) -> list[str]:
    """The CDK command of the checkout; raises Unprepared when it is not installed.

    Never one from PATH: another version reads and writes other formats.
    """
    path = checkout / "cdk" / "node_modules" / ".bin" / "cdk"
    if not path.exists():
        raise Unprepared("cdk_missing", f"{path} does not exist", SETUP)
    return [str(path)]


def checks(checkout: Path = CHECKOUT) -> list[Finding]:
    """Node, the CDK command and the Python packages."""
    return [_node(), _cdk(checkout), _packages()]


def _node() -> Finding:
    said = version(["node"])
    number = re.match(r"v(\d+)\.", said)
    hint = f"Install Node.js {OLDEST_NODE} or newer."
    if not number:
        return Finding("node", "fail", "not found", hint)
    return Finding("node", "ok" if int(number[1]) >= OLDEST_NODE else "fail", said, hint)


def _cdk(checkout: Path) -> Finding:
    wanted = pinned_cdk(checkout)
    try:
        said = version(cdk_command(checkout)).split(" ")[0]
    except Unprepared as problem:
        return Finding("cdk", "fail", problem.message, problem.hint)
    if said != wanted:
        return Finding("cdk", "fail", f"{said or 'broken'}, expected {wanted}", SETUP)
    return Finding("cdk", "ok", said)


def _packages() -> Finding:
    missing = [name for name in ("aws_cdk", "chalice") if importlib.util.find_spec(name) is None]
    if missing:
        return Finding("packages", "fail", f"missing: {', '.join(missing)}", SETUP)
    return Finding("packages", "ok", "aws-cdk-lib and chalice are installed")


def version(command: list[str]) -> str:
    """What `<command> --version` says, or nothing when it cannot be run."""
    if shutil.which(command[0]) is None:
        return ""
    try:
        done = subprocess.run(
            [*command, "--version"], capture_output=True, text=True, check=False, timeout=60
        )
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout.strip()
