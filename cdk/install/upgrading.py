"""`deck upgrade`: what would change, what would be lost, then the change; and the way back."""

from __future__ import annotations

import subprocess
import sys
from argparse import Namespace
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from botocore.exceptions import ClientError

from cdk.assets import CHECKOUT
from cdk.install import choices, deploy, finishing, machine, prepare, remembered
from cdk.install.assembly import STATEFUL
from cdk.install.aws import Account, pages
from cdk.install.installing import deploy_all, ready_for_cdk, stop_at_failures
from cdk.install.prepare import Prepared
from cdk.install.problems import Failed, Refused, error_code
from cdk.install.remembered import Remembered
from cdk.install.terminal import Terminal
from cdk.names import Names

CHANGE_SET = "clouddeck-upgrade"
GO_ON = (
    "CloudFormation has put the failed stack back as it was; the ones before it have their new "
    "version. `deck upgrade` again continues, `deck upgrade --rollback` goes back."
)


@dataclass(frozen=True)
class Change:
    """One resource that would change. `replacement` is CloudFormation's word: True, False,
    Conditional (it depends on values that are not known before)."""

    stack: str
    action: str
    resource: str
    kind: str
    replacement: str

    @property
    def loses_data(self) -> bool:
        """Whether what is in it would be gone, or out of reach of the installation."""
        return self.kind in STATEFUL and (self.action == "Remove" or self.replacement == "True")

    @property
    def may_lose_data(self) -> bool:
        """Whether nobody can tell before."""
        return self.kind in STATEFUL and self.replacement == "Conditional"


def upgrade(given: Namespace, terminal: Terminal) -> dict[str, Any]:
    """Bring an installation up to this checkout; raises Problem."""
    account = Account.open(given.aws_profile, given.region)
    now = remembered.the(account, given.prefix)
    account.region = now.installation.region
    _not_while(now)
    now = replace(now, installation=choices.with_sender(now.installation, given))
    if given.rollback:
        return rollback(given, account, now, terminal)
    rows = machine.checks()
    terminal.findings(rows)
    stop_at_failures(rows)
    terminal.note(f"From {_named(now.version, now.commit)}")
    terminal.note(f"  to {_named(prepare.version(), prepare.commit())}")
    assets = prepare.packed(now.installation)
    prepared = prepare.synthesised(now.installation, assets, prepare.BUILD / "cdk.out")
    env = deploy.environment(account, given.aws_profile)
    ready_for_cdk(account, env, terminal)
    found = changes(account, prepared, env)
    terminal.notes(["", *text(found), ""])
    if given.dry_run:
        document = {"upgraded": False, "changes": [vars(change) for change in found]}
        terminal.result(document)
        return document
    refuse_loss(found, allowed=given.allow_replacement)
    terminal.confirm("Make these changes?")
    return make(account, now, prepared, env, terminal)


def make(
    account: Account,
    now: Remembered,
    prepared: Prepared,
    env: dict[str, str],
    terminal: Terminal,
) -> dict[str, Any]:
    """Everything after the yes."""
    names = Names(now.installation)
    # builds ask for the new agent as soon as the pipeline's stack is there, so it comes first
    finishing.upload_runner(account, names, prepared.assets)
    deploy_all(account, prepared, env, terminal, GO_ON)
    where = finishing.addresses(account, names)
    finishing.tell_console(account, names, where.console)
    seconds = finishing.healthy(where.api)
    after = Remembered(
        now.installation,
        prepare.version(),
        prepare.commit(),
        prepared.assets.runner_key,
        "installed",
    )
    remembered.save(account, after)
    document = {"upgraded": True, "from": now.version, "to": after.version, "api": where.api}
    terminal.result(document, [f"Upgraded; {where.api} answers in {seconds * 1000:.0f} ms."])
    return document


def _not_while(now: Remembered) -> None:
    if now.status == "installing":
        hint = "`deck install` continues it."
        raise Refused("not_finished", f"The install of {now.at} was not finished", hint)
    if now.status in {"removing", "kept"}:
        hint = "`deck install` puts everything beside the data again."
        raise Refused("being_removed", "This installation was removed, or half of it", hint)


def _named(version: str, commit: str) -> str:
    return f"{version} ({commit[:12]}{'+' * commit.endswith('+')})" if commit else version


# -- what would change -------------------------------------------------------------------------


def changes(account: Account, prepared: Prepared, env: dict[str, str]) -> list[Change]:
    """What CloudFormation says would change; nothing is changed yet."""
    done = deploy.change_sets(prepared.folder, CHANGE_SET, env)
    if done.code:
        raise Failed(
            "change_set_failed",
            f"What would change could not be worked out: {deploy.reason(done)}",
            "Nothing was changed.",
        )
    found: list[Change] = []
    for stack in prepared.stacks:
        found += _of_stack(account, stack.name, stack.region)
    return found


def _of_stack(account: Account, stack: str, region: str) -> list[Change]:
    """The resources in a change set, which is removed then; a stack without changes has none."""
    client = account.client("cloudformation", region)
    try:
        listed = list(
            pages(
                client,
                "describe_change_set",
                "Changes",
                StackName=stack,
                ChangeSetName=CHANGE_SET,
            )
        )
        client.delete_change_set(StackName=stack, ChangeSetName=CHANGE_SET)
    except ClientError as error:
        if error_code(error) == "ChangeSetNotFound" or "does not exist" in str(error):
            return []
        raise
    return [
        Change(
            stack,
            change["Action"],
            change["LogicalResourceId"],
            change["ResourceType"],
            change.get("Replacement", "False"),
        )
        for change in (item["ResourceChange"] for item in listed if "ResourceChange" in item)
    ]


def text(found: Iterable[Change]) -> list[str]:
    """Changes by stack, and every replacement by name."""
    listed = list(found)
    if not listed:
        return ["Nothing changes."]
    lines = []
    for stack in dict.fromkeys(change.stack for change in listed):
        counted = Counter(change.action.lower() for change in listed if change.stack == stack)
        words = ", ".join(f"{number} to {action}" for action, number in counted.most_common())
        lines.append(f"  {stack}: {words}")
    for change in listed:
        if change.loses_data:
            lines.append(f"  LOSES DATA: {change.stack} {change.kind} {change.resource}")
        elif change.may_lose_data:
            lines.append(f"  may be replaced: {change.stack} {change.kind} {change.resource}")
        elif change.replacement == "True":
            lines.append(f"  replaced: {change.stack} {change.kind} {change.resource}")
    return lines


def refuse_loss(found: Iterable[Change], *, allowed: bool) -> None:
    """Stop before anything stateful is replaced or removed; raises Refused."""
    lost = [change for change in found if change.loses_data]
    if lost and not allowed:
        raise Refused(
            "would_lose_data",
            f"{len(lost)} stateful resources would be replaced: "
            + ", ".join(f"{change.kind} {change.resource}" for change in lost),
            "Back them up (docs/operate.md), then add --allow-replacement.",
        )


# -- the way back --------------------------------------------------------------------------------


def rollback(
    given: Namespace, account: Account, now: Remembered, terminal: Terminal
) -> dict[str, Any]:
    """Install the version before with its own code, from a worktree of its commit."""
    before = remembered.before(account, now)
    terminal.note("A failed update needs none of this: CloudFormation rolls it back by itself.")
    terminal.note(f"From {_named(now.version, now.commit)} of {now.at}")
    terminal.note(f"  to {_named(before.version, before.commit)} of {before.at}")
    if given.dry_run:
        document = {"upgraded": False, "to": before.version, "commit": before.commit}
        terminal.result(document)
        return document
    terminal.confirm("Go back?")
    folder = worktree(before.commit.rstrip("+"))
    command = [str(folder / ".venv" / "bin" / "python"), "-m", "cdk", "upgrade", "--yes"]
    command += ["--prefix", given.prefix]
    command += ["--aws-profile", given.aws_profile] if given.aws_profile else []
    command += ["--allow-replacement"] if given.allow_replacement else []
    command += ["--json"] if terminal.json else []
    done = subprocess.run(command, cwd=folder, check=False)
    if done.returncode:
        sys.exit(done.returncode)
    return {"upgraded": True, "to": before.version}


def worktree(commit: str, checkout: Path = CHECKOUT) -> Path:
    """A second checkout of an earlier commit below `build/versions`, set up; raises Refused or
    Failed."""
    folder = checkout / "build" / "versions" / commit[:12]
    if not folder.is_dir():
        add = ["git", "-C", str(checkout), "worktree", "add", "--detach", str(folder), commit]
        done = subprocess.run(add, capture_output=True, text=True, check=False)
        if done.returncode:
            raise Refused(
                "version_not_here",
                f"Commit {commit[:12]} is not in this checkout: {done.stderr.strip()[-200:]}",
                "`git fetch` it, or check that version out and run `deck upgrade` there.",
            )
    code = subprocess.call(["tools/setup", "cdk"], cwd=folder, stdout=sys.stderr)
    if code:
        raise Failed("setup_failed", f"tools/setup cdk failed in {folder}", "Run it there.")
    return folder
