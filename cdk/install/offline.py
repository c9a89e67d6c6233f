"""`python -m cdk plan` and `synth`: templates without an account, to look at or to check."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from pathlib import Path

from cdk.install import plan as plans
from cdk.install import prepare
from cdk.install.problems import Refused
from cdk.install.terminal import Terminal
from cdk.settings import PROFILES, Installation


def described(given: Namespace) -> Installation:
    """The installation that the options describe; raises Refused."""
    try:
        return Installation(
            account=given.account,
            region=given.region,
            prefix=given.prefix,
            profile=given.profile,
            domain=given.domain,
            zone=given.zone if given.domain else "",
            email=given.email,
            mail_from=given.mail_from,
        )
    except ValueError as error:
        raise Refused("installation_invalid", f"{error}", "See --help.") from None


def plan(given: Namespace, terminal: Terminal) -> None:
    """What an install would make and cost."""
    installation = described(given)
    prepared = prepare.synthesised(installation, prepare.bare(), prepare.BUILD / "plan")
    terminal.result(
        plans.document(installation, prepared.stacks), plans.text(installation, prepared.stacks)
    )


def synth(given: Namespace, terminal: Terminal) -> None:
    """Write the templates of one profile, or of each into a folder of its name."""
    installation = described(given)
    out: Path = given.out or prepare.BUILD / "cdk.out"
    chosen = PROFILES if given.all else (given.profile,)
    assets = prepare.packed(installation) if given.packed else prepare.bare()
    folders = {}
    for profile in chosen:
        folder = (out / profile if given.all else out).absolute()
        prepare.synthesised(replace(installation, profile=profile), assets, folder)
        folders[profile] = str(folder)
    terminal.result({"folders": folders}, folders.values())
