"""install, upgrade, uninstall, cost: CloudDeck in an AWS account, done by the checkout's `cdk`."""

# ruff: noqa: ARG001 - `json` acts through its callback, and a command has as many parameters as
# it has options.

from __future__ import annotations

import subprocess
import sys
from typing import Annotated

import typer

from cli import localcloud
from cli.context import Deck, JsonOption, of
from cli.errors import SystemProblem

PrefixOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Which installation (default: clouddeck).")
]
ProfileOption = Annotated[
    str | None, typer.Option(metavar="NAME", help="Profile of the AWS CLI with the credentials.")
]
RegionOption = Annotated[
    str | None, typer.Option(metavar="REGION", help="Home region (default: the AWS CLI's).")
]
SizeOption = Annotated[
    str | None, typer.Option(metavar="SIZE", help="hobby (default), standard or production.")
]
SenderOption = Annotated[
    str | None,
    typer.Option("--mail-from", metavar="ADDRESS", help="Sender of mail, verified by SES."),
]
YesOption = Annotated[bool, typer.Option("--yes", help="Ask nothing.")]
DryRunOption = Annotated[
    bool, typer.Option("--dry-run", help="Say what it would do and change nothing.")
]


def install(
    ctx: typer.Context,
    *,
    domain: Annotated[
        str | None, typer.Option(metavar="HOST", help="Sites are <name>.HOST.")
    ] = None,
    zone: Annotated[
        str | None, typer.Option(metavar="ID", help="Hosted zone, when several fit.")
    ] = None,
    create_zone: Annotated[
        bool, typer.Option("--create-zone", help="Make the hosted zone if there is none.")
    ] = False,
    profile: SizeOption = None,
    email: Annotated[
        str | None, typer.Option(metavar="ADDRESS", help="Owner; gets the alarms.")
    ] = None,
    mail_from: SenderOption = None,
    prefix: PrefixOption = None,
    region: RegionOption = None,
    aws_profile: ProfileOption = None,
    request_quotas: Annotated[
        bool, typer.Option("--request-quotas", help="Ask AWS to raise limits that are too low.")
    ] = False,
    reset_owner: Annotated[
        bool, typer.Option("--reset-owner", help="Only give the owner a new password.")
    ] = False,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Install CloudDeck in an AWS account."""
    arguments = [
        *account(prefix, aws_profile, region),
        *_named(domain=domain, zone=zone, profile=profile, email=email, mail_from=mail_from),
        *_flags(
            create_zone=create_zone,
            request_quotas=request_quotas,
            reset_owner=reset_owner,
            yes=yes,
            dry_run=dry_run,
        ),
    ]
    run(of(ctx), "install", arguments, setup=True)


def upgrade(
    ctx: typer.Context,
    *,
    prefix: PrefixOption = None,
    region: RegionOption = None,
    aws_profile: ProfileOption = None,
    allow_replacement: Annotated[
        bool, typer.Option("--allow-replacement", help="Also what would lose data.")
    ] = False,
    rollback: Annotated[
        bool, typer.Option("--rollback", help="Install the version before.")
    ] = False,
    mail_from: SenderOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Bring an installation on AWS up to this checkout."""
    flags = _flags(allow_replacement=allow_replacement, rollback=rollback, yes=yes, dry_run=dry_run)
    named = _named(mail_from=mail_from)
    run(of(ctx), "upgrade", [*account(prefix, aws_profile, region), *named, *flags], setup=True)


def uninstall(
    ctx: typer.Context,
    *,
    keep_data: Annotated[
        bool, typer.Option("--keep-data", help="Leave tables, buckets and keys.")
    ] = False,
    prefix: PrefixOption = None,
    region: RegionOption = None,
    aws_profile: ProfileOption = None,
    yes: YesOption = False,
    dry_run: DryRunOption = False,
    json: JsonOption = False,
) -> None:
    """Remove an installation from an AWS account."""
    flags = _flags(keep_data=keep_data, yes=yes, dry_run=dry_run)
    run(of(ctx), "uninstall", [*account(prefix, aws_profile, region), *flags])


def cost(
    ctx: typer.Context,
    *,
    profile: SizeOption = None,
    deployments: Annotated[
        str | None, typer.Option(metavar="N", help="Deployments a month.")
    ] = None,
    minutes: Annotated[
        str | None, typer.Option(metavar="N", help="Started minutes of a build (default: 3).")
    ] = None,
    rollouts: Annotated[
        str | None, typer.Option(metavar="N", help="Releases that go out in steps.")
    ] = None,
    large: Annotated[
        str | None,
        typer.Option(metavar="PERCENT", help="How many are on large machines (default: 0)."),
    ] = None,
    requests: Annotated[
        str | None, typer.Option(metavar="N", help="Requests a month, such as 1e6.")
    ] = None,
    gb: Annotated[str | None, typer.Option(metavar="N", help="GB sent to visitors.")] = None,
    hits: Annotated[
        str | None, typer.Option(metavar="PERCENT", help="Answered by the edge (default: 95).")
    ] = None,
    storage: Annotated[str | None, typer.Option(metavar="GB", help="GB stored.")] = None,
    sites: Annotated[str | None, typer.Option(metavar="N", help="Sites.")] = None,
    domains: Annotated[str | None, typer.Option(metavar="N", help="Custom domains.")] = None,
    api_calls: Annotated[
        str | None, typer.Option(metavar="N", help="API calls beside those of deployments.")
    ] = None,
    visits: Annotated[
        str | None, typer.Option(metavar="N", help="Times ten minutes at the console.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """What a month on AWS costs, line by line."""
    arguments = _named(
        profile=profile,
        deployments=deployments,
        minutes=minutes,
        rollouts=rollouts,
        large=large,
        requests=requests,
        gb=gb,
        hits=hits,
        storage=storage,
        sites=sites,
        domains=domains,
        api_calls=api_calls,
        visits=visits,
    )
    run(of(ctx), "cost", arguments)


def account(prefix: str | None, aws_profile: str | None, region: str | None) -> list[str]:
    """The options that say where an installation is."""
    return _named(prefix=prefix, aws_profile=aws_profile, region=region)


def _named(**values: str | None) -> list[str]:
    """`--option=value` for what was given; a value that begins with a dash stays a value."""
    return [f"--{n.replace('_', '-')}={value}" for n, value in values.items() if value is not None]


def _flags(**given: bool) -> list[str]:
    return [f"--{name.replace('_', '-')}" for name, wanted in given.items() if wanted]


def run(deck: Deck, verb: str, arguments: list[str], *, setup: bool = False) -> None:
    """Run the checkout's own command on this terminal; its exit code is ours."""
    folder = localcloud.checkout(deck.here)
    if setup:
        aside = subprocess.DEVNULL if deck.out.json else sys.stderr
        done = subprocess.run(["tools/setup", "cdk"], cwd=folder, stdout=aside, check=False)
        if done.returncode:
            raise SystemProblem(
                "not_set_up", "tools/setup cdk failed", f"Run it in {folder} and read what it says."
            )
    wish = ["--json"] if deck.out.json else []
    command = [localcloud.python(folder), "-m", "cdk", verb, *arguments, *wish]
    code = subprocess.run(command, cwd=folder, check=False).returncode
    if code:
        raise typer.Exit(code if code > 0 else 1)
