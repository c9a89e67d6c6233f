"""The options of `python -m cdk`, which are those of `deck install` and its sisters."""

from __future__ import annotations

import argparse
from pathlib import Path

from cdk.cost import report
from cdk.settings import PROFILES, Installation


class Parser(argparse.ArgumentParser):
    """Says what is wrong in the shape of `deck`'s errors instead of printing the usage."""

    def error(self, message: str) -> None:  # type: ignore[override]  # it raises
        """Raise what the door prints."""
        from cdk.install.problems import Refused

        raise Refused("usage", message, f"See `{self.prog} --help`.")


def parser() -> argparse.ArgumentParser:
    """All commands."""
    made = Parser(prog="python -m cdk", description="CloudDeck in an AWS account.")
    verbs = made.add_subparsers(dest="verb", required=True, metavar="COMMAND")
    for add in (_install, _upgrade, _uninstall, _doctor, _plan, _synth, _cost):
        add(verbs)
    return made


def _verb(verbs: argparse._SubParsersAction[Parser], name: str, text: str) -> Parser:
    made = verbs.add_parser(name, help=text, description=text)
    made.add_argument("--json", action="store_true", help="print JSON and nothing else")
    return made


def _account(made: Parser) -> None:
    made.add_argument("--prefix", default=Installation.prefix, metavar="NAME")
    made.add_argument("--aws-profile", default="", metavar="NAME", help="profile of the AWS CLI")
    made.add_argument("--region", default="", help="home region (default: the AWS CLI's)")


def _confirmed(made: Parser) -> None:
    made.add_argument("--yes", action="store_true", help="ask nothing")
    made.add_argument("--dry-run", action="store_true", help="say what it would do, change nothing")


def _chosen(made: Parser) -> None:
    made.add_argument("--domain", default="", metavar="HOST", help="sites are <name>.<domain>")
    made.add_argument("--zone", default="", metavar="ID", help="hosted zone, when several fit")
    made.add_argument("--create-zone", action="store_true", help="make the hosted zone")
    made.add_argument("--profile", choices=PROFILES, default=None, help="size (default: hobby)")
    made.add_argument("--email", default="", metavar="ADDRESS", help="owner; gets the alarms")
    _sender(made)


def _sender(made: Parser) -> None:
    made.add_argument("--mail-from", default="", metavar="ADDRESS", help="sender of mail (SES)")


def _install(verbs: argparse._SubParsersAction[Parser]) -> None:
    made = _verb(verbs, "install", "Install CloudDeck in an AWS account.")
    _account(made)
    _chosen(made)
    _confirmed(made)
    made.add_argument("--request-quotas", action="store_true", help="ask AWS to raise low limits")
    made.add_argument("--reset-owner", action="store_true", help="give the owner a new password")


def _upgrade(verbs: argparse._SubParsersAction[Parser]) -> None:
    made = _verb(verbs, "upgrade", "Bring an installation up to this checkout.")
    _account(made)
    _confirmed(made)
    _sender(made)
    made.add_argument("--allow-replacement", action="store_true", help="also what loses data")
    made.add_argument("--rollback", action="store_true", help="install the version before")


def _uninstall(verbs: argparse._SubParsersAction[Parser]) -> None:
    made = _verb(verbs, "uninstall", "Remove an installation.")
    _account(made)
    _confirmed(made)
    made.add_argument("--keep-data", action="store_true", help="leave tables, buckets and keys")


def _doctor(verbs: argparse._SubParsersAction[Parser]) -> None:
    _account(_verb(verbs, "doctor", "Look at an installation."))


def _plan(verbs: argparse._SubParsersAction[Parser]) -> None:
    made = _verb(verbs, "plan", "Show what an install would make and cost; asks AWS nothing.")
    _offline(made)
    made.add_argument("--profile", choices=PROFILES, default=Installation.profile)


def _synth(verbs: argparse._SubParsersAction[Parser]) -> None:
    made = _verb(verbs, "synth", "Write the templates; asks AWS nothing.")
    _offline(made)
    which = made.add_mutually_exclusive_group()
    which.add_argument("--profile", choices=PROFILES, default=Installation.profile)
    which.add_argument("--all", action="store_true", help="of every profile")
    made.add_argument("--out", type=Path, default=None, metavar="DIR", help="build/cdk.out")
    made.add_argument("--packed", action="store_true", help="with the real code, ready to deploy")


def _offline(made: Parser) -> None:
    made.add_argument("--prefix", default=Installation.prefix, metavar="NAME")
    made.add_argument("--region", default=Installation.region)
    made.add_argument("--account", default="111111111111", metavar="NUMBER")
    made.add_argument("--domain", default="apps.example.com", metavar="HOST")
    made.add_argument("--zone", default="Z0123456789EXAMPLE", metavar="ID")
    made.add_argument("--email", default="owner@example.com", metavar="ADDRESS")
    made.add_argument("--mail-from", default="deck@example.com", metavar="ADDRESS")


def _cost(verbs: argparse._SubParsersAction[Parser]) -> None:
    report.options(_verb(verbs, "cost", "What a month costs, line by line."))
