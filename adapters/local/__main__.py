"""`python -m adapters.local <command>`: the embedded cloud from the command line."""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from adapters.local.settings import Installation, Refusal, installation


def main(argv: list[str] | None = None) -> int:
    """Run one command; refusals are one line on standard error and exit code 5."""
    given = _parser().parse_args(argv)
    try:
        return int(given.command(installation(given.home, given.port), given))
    except Refusal as refusal:
        print(f"clouddeck: {refusal}", file=sys.stderr)
        return refusal.exit_code


def _parser() -> argparse.ArgumentParser:
    common = argparse.ArgumentParser(add_help=False)
    common.add_argument("--home", help="data folder (default .clouddeck, or CLOUDDECK_HOME)")
    common.add_argument("--port", type=int, help="first of five ports (default 8080)")
    parser = argparse.ArgumentParser(prog="python -m adapters.local", description=__doc__)
    commands = parser.add_subparsers(required=True, metavar="command")

    def add(name: str, text: str) -> argparse.ArgumentParser:
        command = commands.add_parser(name, help=text, description=text, parents=[common])
        command.set_defaults(command=globals()[f"_{name}"])
        return command

    up = add("up", "start everything")
    up.add_argument("--detach", action="store_true", help="return when it is ready")
    up.add_argument("--without", default="", help=argparse.SUPPRESS)
    add("down", "stop everything")
    add("status", "show what runs").add_argument("--json", action="store_true")
    add("doctor", "check this computer").add_argument("--json", action="store_true")
    add("backup", "write all data to one file, also while running").add_argument("file", type=Path)
    add("restore", "read such a file into an empty folder").add_argument("file", type=Path)
    add("reset", "delete all data").add_argument("--yes", action="store_true")
    owner = add("owner", "create the owner account unless it is there")
    owner.add_argument("--email", default="owner@localhost")
    owner.add_argument("--name", default="Owner")
    keys = add("keys", "show the keys of access tokens, or make a new one")
    keys.add_argument("what", choices=("show", "rotate"))
    keys.add_argument("--key", choices=("signing", "master"), default="signing")
    from adapters.local.idp import program

    program.arguments(add("idp", "an identity provider for trying things out (--port 8090)"))
    trust = add("trust", "show how to trust the certificates of the sites of this computer")
    trust.add_argument("--out", type=Path, help="write the root certificate there instead")
    add("names", "a name server for the zones of this computer (--port 5335)")
    mail = add("mail", "show the mail that was sent")
    mail.add_argument("--json", action="store_true")
    mail.add_argument("--last", action="store_true", help="the newest one alone")
    return parser


def _up(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.up import up

    return up(here, given.detach, frozenset(filter(None, given.without.split(","))))


def _names(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local import names

    names.main(here.home, given.port or names.PORT)
    return 0


def _down(here: Installation, _given: argparse.Namespace) -> int:
    from adapters.local.control import down

    return down(here)


def _status(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.control import print_status, status

    document = status(here)
    if given.json:
        print(json.dumps(document, indent=1))
        return 0 if document["ready"] else 1
    return print_status(document)


def _doctor(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.doctor import as_rows, examine, print_findings

    findings = examine(here)
    if given.json:
        print(json.dumps(as_rows(findings), indent=1))
        return 0 if all(f.ok or not f.needed for f in findings) else 1
    return print_findings(findings)


def _backup(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.backup import backup

    size = backup(here, given.file.absolute())
    print(f"Wrote {given.file} ({size / 1e6:.1f} MB). It holds keys: keep it private.")
    return 0


def _restore(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.backup import restore

    entries = restore(here, given.file.absolute())
    print(f"Restored {entries} entries to {here.home}.")
    return 0


def _reset(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.control import reset

    return reset(here, given.yes)


def _owner(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.owner import credentials_file, owner

    kept = owner(here, given.email, given.name)
    print(f"Owner account: {kept['email']}\nPassword is in {credentials_file(here)}")
    return 0


def _idp(_here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.idp import program

    # --port is the provider's own here, so the installation is the one of the folder
    return program.run(given.port or program.DEFAULT_PORT, given, installation(given.home).api_url)


def _keys(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.keys import rotate, show

    if given.what == "rotate":
        print(f"New {given.key} key: {rotate(here, given.key)}")
    shown = show(here)
    for name in shown.verify:
        print(f"{name} {'signs' if name == shown.signs else 'verifies'}")
    return 0


def _trust(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.trust import trust

    return trust(here, given.out)


def _mail(here: Installation, given: argparse.Namespace) -> int:
    from adapters.local.mail import show

    return show(here, as_json=given.json, last=given.last)


if __name__ == "__main__":
    sys.exit(main())
