"""The identity provider as a program."""

from __future__ import annotations

import argparse
import contextlib
import sys
import threading

DEFAULT_PORT = 8090
"""Beside the ports of a cloud, which count up from 8080."""


def arguments(parser: argparse.ArgumentParser) -> None:
    """Its options."""
    parser.add_argument(
        "--client", default="clouddeck:a secret of the client", metavar="ID:SECRET", help="who asks"
    )
    parser.add_argument(
        "--redirect",
        action="append",
        metavar="URL",
        help="address to send people back to; a beginning when it ends with /",
    )
    parser.add_argument(
        "--person", action="append", default=[], metavar="EMAIL", help="somebody more"
    )
    parser.add_argument(
        "--unverified",
        action="append",
        default=[],
        metavar="EMAIL",
        help="whose address is unproven",
    )
    parser.add_argument(
        "--automatic", default="", metavar="EMAIL", help="who is signed in without being asked"
    )


def run(port: int, given: argparse.Namespace, api: str) -> int:
    """Serve until Ctrl-C; `api` is the API that people are sent back to unless said otherwise."""
    from adapters.local.idp.people import PEOPLE, Person
    from adapters.local.idp.server import Idp

    client, _, secret = given.client.partition(":")
    people = [*PEOPLE, *map(Person, given.person)]
    people += [Person(email, verified=False) for email in given.unverified]
    redirects = given.redirect or [f"{api}/v1/auth/callback", f"{api}/v1/auth/callback/"]
    idp = Idp(port, people, {client: secret}, tuple(redirects), given.automatic)
    try:
        with idp:
            print(f"Identity provider on {idp.url}, for trying things out only")
            print(f"client id {client}, client secret {secret}", flush=True)
            with contextlib.suppress(KeyboardInterrupt):
                threading.Event().wait()
    except OSError as error:
        print(f"Port {port}: {error.strerror or error}", file=sys.stderr)
        return 5
    return 0
