"""Running the CDK command: bootstrap, change sets, deploy; its many lines become a few."""

from __future__ import annotations

import os
import re
import subprocess
from collections import deque
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from cdk.assets import CHECKOUT
from cdk.install.aws import Account
from cdk.install.machine import cdk_command
from cdk.install.problems import Failed
from cdk.install.terminal import Terminal

_COLOUR = re.compile(r"\x1b\[[0-9;]*[A-Za-z]")
_EVENT = re.compile(
    r"^(?P<stack>[\w-]+)\s*\|\s*(?P<done>\d+)(?:/(?P<all>\d+))?\s*\|[^|]*\|\s*"
    r"(?P<status>[A-Z_]+)\s*\|\s*(?P<type>[\w:]+)\s*\|\s*(?P<what>.*)$"
)
_KEPT = 40


@dataclass
class Run:
    """One run of the CDK command."""

    code: int = 0
    last: deque[str] = field(default_factory=lambda: deque(maxlen=_KEPT))


def progress(line: str) -> str:
    """A finished or failed resource in one line; empty for everything else that CDK prints."""
    found = _EVENT.match(_COLOUR.sub("", line).strip())
    if not found or not found["status"].endswith(("_COMPLETE", "_FAILED")):
        return ""
    counted = f"{found['done']}/{found['all']}" if found["all"] else found["done"]
    failed = "FAILED  " if found["status"].endswith("_FAILED") else ""
    return f"  {found['stack']:<24} {counted:>8}  {failed}{found['type']}  {found['what'][:120]}"


def environment(account: Account, aws_profile: str) -> dict[str, str]:
    """The environment for CDK: our own, with the chosen profile and region."""
    found = {**os.environ, "AWS_REGION": account.region, "CDK_DISABLE_VERSION_CHECK": "1"}
    if aws_profile:
        found["AWS_PROFILE"] = aws_profile
    return found


def run(
    arguments: list[str],
    env: dict[str, str],
    show: Callable[[str], None],
    *,
    command: list[str] | None = None,
) -> Run:
    """Run `cdk <arguments>`; what is worth showing goes to `show`, the last lines are kept."""
    done = Run()
    process = subprocess.Popen(
        [*(command or cdk_command()), *arguments],
        cwd=CHECKOUT,  # where no cdk.json names an app
        env=env,
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        errors="replace",
    )
    try:
        for line in _lines(process):
            done.last.append(_COLOUR.sub("", line))
            shown = progress(line)
            if shown:
                show(shown)
        done.code = process.wait()
    finally:
        if process.poll() is None:
            process.terminate()
            process.wait(timeout=30)
    return done


def _lines(process: subprocess.Popen[str]) -> Iterator[str]:
    assert process.stdout is not None, "it was asked for"
    for line in process.stdout:
        yield line.rstrip("\n")


def bootstrap(
    account: Account, regions: list[str], env: dict[str, str], terminal: Terminal
) -> None:
    """Prepare regions for CDK: a bucket, a repository and the roles that deploy."""
    for region in regions:
        terminal.note(f"Preparing {region} for CDK (stack CDKToolkit)")
        place = f"aws://{account.identity.account}/{region}"
        done = run(["bootstrap", place], env, terminal.note)
        if done.code:
            raise Failed(
                "bootstrap_failed",
                f"CDK could not prepare {region}: {reason(done)}",
                f"It needs administrator rights once: `cdk bootstrap {place}`.",
            )


def deploy(folder: Path, outputs: Path, env: dict[str, str], show: Callable[[str], None]) -> Run:
    """Deploy every stack of an assembly, one after the other."""
    arguments = ["deploy", "--app", str(folder), "--all", "--require-approval", "never"]
    arguments += ["--outputs-file", str(outputs), "--progress", "events"]
    return run(arguments, env, show)


def change_sets(folder: Path, name: str, env: dict[str, str]) -> Run:
    """Have CloudFormation work out what would change, without changing anything."""
    arguments = ["deploy", "--app", str(folder), "--all", "--require-approval", "never"]
    arguments += ["--method", "prepare-change-set", "--change-set-name", name]
    return run(arguments, env, lambda _: None)


def reason(done: Run) -> str:
    """The last line of CDK that says something went wrong, or its last line at all."""
    telling = [line.strip() for line in done.last if re.search(r"error|fail|❌", line, re.I)]
    said = telling or [line.strip() for line in done.last if line.strip()]
    return said[-1] if said else f"it ended with code {done.code}"
