"""`deck install`: look, say what it would make and cost, ask, make it, hand over the keys."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import Any

from cdk.install import (
    checks,
    choices,
    deploy,
    failures,
    finishing,
    machine,
    plan,
    prepare,
    quotas,
    remembered,
    unfinished,
)
from cdk.install.aws import Account
from cdk.install.finishing import Addresses
from cdk.install.prepare import Prepared
from cdk.install.problems import Failed, Refused
from cdk.install.remembered import Remembered
from cdk.install.terminal import Finding, Terminal, rows_as_data
from cdk.names import Names
from cdk.settings import Installation

GO_ON = "What was made stays and costs what it costs; `deck install` again continues from here."


def install(given: Namespace, terminal: Terminal) -> dict[str, Any]:
    """The whole of it; returns what a person or a program needs to go on. Raises Problem."""
    account = Account.open(given.aws_profile, given.region)
    if given.reset_owner:
        return reset_owner(given, account, terminal)
    terminal.note("Looking at this machine and the account")
    installation, rows = examine(given, account, terminal)
    terminal.findings(rows)
    stop_at_failures(rows)
    if given.dry_run:
        return _dry(installation, rows, terminal)
    terminal.note("Packing the code and writing the templates")
    assets = prepare.packed(installation)
    prepared = prepare.synthesised(installation, assets, prepare.BUILD / "cdk.out")
    terminal.notes(["", *plan.text(installation, prepared.stacks), ""])
    terminal.confirm("Make this?")
    return make(account, installation, prepared, given, terminal)


def examine(
    given: Namespace, account: Account, terminal: Terminal
) -> tuple[Installation, list[Finding]]:
    """Every check in the order in which one depends on the other. Raises Refused when it is
    installed already, Problem when nobody is signed in."""
    choices.chosen(given, "0" * 12, account.region)  # what makes no sense needs no account
    rows = machine.checks()
    before = remembered.find(account, given.prefix)
    if before is None:
        installation = choices.chosen(given, account.identity.account, account.region)
    else:
        installation = _go_on(before, given, account)
        terminal.note(f"Going on with the installation of {before.at}")
    account.region = installation.region
    rows += checks.account_rows(account)
    limits, low = checks.quota_rows(account, installation)
    rows += limits
    if low and given.request_quotas and not given.dry_run:
        terminal.notes(quotas.request(account, quota, code) for quota, code in low)
    rows += [checks.cloudfront_row(account), checks.mail_row(account, installation)]
    installation, about_domain = choices.with_zone(
        account, installation, given, may_create=not given.dry_run
    )
    return installation, [*rows, *about_domain, _owner_row(installation)]


def _owner_row(installation: Installation) -> Finding:
    if installation.email:
        return Finding("owner", "ok", f"{installation.email} signs in and gets the alarms")
    return Finding("owner", "fail", "nobody was named", "Add --email with an address of yours.")


def _go_on(before: Remembered, given: Namespace, account: Account) -> Installation:
    """The settings of an install that was not finished, or whose data was kept."""
    account.expect(before.installation.account)
    if before.status == "installed":
        raise Refused(
            "already_installed",
            f"'{given.prefix}' is installed since {before.at}, version {before.version}",
            "`deck upgrade` brings it up to this checkout; --prefix makes a second one.",
        )
    if before.status == "removing":
        raise Refused(
            "being_removed",
            f"'{given.prefix}' is being removed since {before.at}",
            "Finish with `deck uninstall`, then install again.",
        )
    if given.region and given.region != before.installation.region:
        raise Refused(
            "other_region",
            f"'{given.prefix}' was begun in {before.installation.region}",
            "Leave out --region, or choose another --prefix.",
        )
    return choices.continued(before, given)


def stop_at_failures(rows: list[Finding]) -> None:
    """Refuse to go on when a check failed; says which and what to do about the first."""
    failed = [row for row in rows if row.state == "fail"]
    if failed:
        raise Refused(
            "checks_failed",
            f"{len(failed)} of {len(rows)} checks failed: {', '.join(r.name for r in failed)}",
            failed[0].hint,
        )


def _dry(installation: Installation, rows: list[Finding], terminal: Terminal) -> dict[str, Any]:
    """The plan from templates with placeholders instead of code; nothing is changed anywhere."""
    folder = prepare.BUILD / "plan"
    prepared = prepare.synthesised(installation, prepare.bare(), folder)
    document = {**plan.document(installation, prepared.stacks), "checks": rows_as_data(rows)}
    terminal.result(document, ["", *plan.text(installation, prepared.stacks)])
    return document


def make(
    account: Account,
    installation: Installation,
    prepared: Prepared,
    given: Namespace,
    terminal: Terminal,
) -> dict[str, Any]:
    """Everything after the yes. May be repeated: each part finds what it did before."""
    env = deploy.environment(account, given.aws_profile)
    ready_for_cdk(account, env, terminal)
    memory = Remembered(
        installation, prepare.version(), prepare.commit(), prepared.assets.runner_key, "installing"
    )
    remembered.save(account, memory)
    names = Names(installation)
    unfinished.clear(account, names, terminal.note)
    deploy_all(account, prepared, env, terminal, GO_ON)
    finishing.upload_runner(account, names, prepared.assets)
    where = finishing.addresses(account, names)
    finishing.healthy(where.api)
    email = installation.email
    finishing.tell_console(account, names, where.console)
    made = finishing.owner(account, names, {"email": email, "name": email.partition("@")[0]})
    remembered.save(account, replace(memory, status="installed"))
    document = {
        "installed": True,
        "version": memory.version,
        **vars(where),
        "sites": f"https://<name>.{installation.domain}",
        "owner": made,
    }
    terminal.result(document, goodbye(installation, where, made))
    return document


def reset_owner(given: Namespace, account: Account, terminal: Terminal) -> dict[str, Any]:
    """Give the owner of an installation a new password."""
    installation = remembered.the(account, given.prefix).installation
    account.region = installation.region
    terminal.confirm(f"Give the owner of '{given.prefix}' a new password?")
    made = finishing.owner(account, Names(installation), {"reset": True})
    terminal.result(made, [f"Sign in as {made['email']}", f"Password   {made['password']}"])
    return made


def ready_for_cdk(account: Account, env: dict[str, str], terminal: Terminal) -> None:
    """Bootstrap the regions that CDK has not been used in, after asking."""
    regions = checks.unprepared_regions(account)
    if regions:
        terminal.note(f"CDK was never used in {' and '.join(regions)}: `cdk bootstrap` makes")
        terminal.note("a bucket, a repository and roles there, once for all CDK apps.")
        terminal.confirm("Do this?")
        deploy.bootstrap(account, regions, env, terminal)


def deploy_all(
    account: Account, prepared: Prepared, env: dict[str, str], terminal: Terminal, next_step: str
) -> None:
    """Deploy; raises Failed with the first resource that failed and why."""
    terminal.note(f"Deploying {len(prepared.stacks)} stacks; CloudFront alone takes minutes")
    outputs = prepared.folder.with_name("outputs.json")
    done = deploy.deploy(prepared.folder, outputs, env, terminal.note)
    if done.code == 0:
        return
    failed = failures.first(account, [(stack.name, stack.region) for stack in prepared.stacks])
    if failed is not None:
        raise failed.problem(next_step)
    raise Failed("deploy_failed", f"CDK stopped: {deploy.reason(done)}", next_step)


def goodbye(installation: Installation, where: Addresses, owner: dict[str, Any]) -> list[str]:
    """What to do next, with the password if one was made: it is shown this once."""
    lines = ["", "CloudDeck is installed.", ""]
    lines += [f"  API      {where.api}"] if where.api else []
    lines += [f"  Console  {where.console}"] if where.console else []
    lines += [f"  Sites    https://<name>.{installation.domain}", ""]
    if owner.get("password"):
        lines += [
            f"  Sign in as {owner['email']}",
            f"  Password   {owner['password']}",
            "  It is shown this once and kept nowhere; `deck install --reset-owner` makes another.",
        ]
    else:
        lines += [f"  The owner is {owner.get('email', 'there')}; the password is as it was."]
    return [
        *lines,
        f"  AWS has sent a mail to {installation.email}: without a click in it no alarm arrives.",
        "",
        "Next:",
        f"  deck --api {where.api} login --email {owner.get('email', 'YOU')}",
        "  cd my-site && deck init && deck deploy --prod",
        "  deck doctor --aws",
    ]
