"""What opens a repository that somebody wants to connect, and whether they may use it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from chalicelib.admin.actions import authority
from chalicelib.core.actor import Actor
from chalicelib.core.errors import Invalid, not_found
from chalicelib.git.actions import app_settings
from chalicelib.git.rows import apps
from chalicelib.git.rules.addresses import Address
from chalicelib.projects.rows import Project
from chalicelib.teams import actions as teams

if TYPE_CHECKING:
    from chalicelib.git.actions.links import Wanted


@dataclass(frozen=True)
class Credential:
    """What opens a repository; see `providers.Link`."""

    kind: str = ""
    secret: str = field(default="", repr=False)
    user: str = ""
    installation: str = ""
    public_key: str = ""


def credential_of(actor: Actor, project: Project, wanted: Wanted, address: Address) -> Credential:
    """The credential that a wish names; raises Invalid when it names none, or two.

    Repositories of CodeCommit are opened with the rights of this installation itself, so only
    those who run it may connect one: raises Forbidden `admin_only`.
    """
    if sum(map(bool, (wanted.token, wanted.installation, wanted.deploy_key))) > 1:
        raise _wrong("Send one of `token`, `installation` and `deploy_key`.")
    if wanted.provider == "codecommit":
        authority.authorise(actor, "admin.manage", "", {})
        if wanted.token or wanted.installation or wanted.deploy_key:
            raise _wrong("CodeCommit is read with the rights of this installation: send none.")
        return Credential()
    if wanted.deploy_key:
        if not address.ssh:
            raise _wrong("A deploy key goes with provider `git` and an address of SSH.")
        private, public = _key_pair(project.slug)
        return Credential("ssh", private, public_key=public)
    if wanted.token:
        return Credential("token", wanted.token, user=wanted.user)
    if wanted.provider == "github":
        return _installed(actor, project, wanted.installation, address)
    if wanted.installation:
        raise _wrong("Only GitHub has installations of an App.")
    return Credential()


def _installed(actor: Actor, project: Project, installation: str, address: Address) -> Credential:
    """The installation of the App: the one that is named, or the team's at the same owner.

    It opens all that the team may see there, so a role in this project alone is not enough.
    """
    found = apps.installations(project.team)
    if installation:
        found = [row for row in found if row.installation == installation]
        if not found or found[0].base != address.base:
            raise not_found("installation", installation)
    else:
        owner = address.repository.partition("/")[0].lower()
        found = [r for r in found if r.account.lower() == owner and r.base == address.base]
    if not found:
        return Credential()  # then only what everybody can read can be connected
    absent = not_found("installation", installation or found[0].installation)
    teams.require(actor, project.team, "git.manage", absent=absent)
    app = app_settings.current()
    if app is None or app.base != address.base:
        raise absent
    return Credential("app", installation=found[0].installation)


def _key_pair(slug: str) -> tuple[str, str]:
    """A new Ed25519 key pair in OpenSSH's formats: (private, public)."""
    from cryptography.hazmat.primitives import serialization
    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

    key = Ed25519PrivateKey.generate()
    private = key.private_bytes(
        serialization.Encoding.PEM,
        serialization.PrivateFormat.OpenSSH,
        serialization.NoEncryption(),
    )
    public = key.public_key().public_bytes(
        serialization.Encoding.OpenSSH, serialization.PublicFormat.OpenSSH
    )
    return private.decode(), f"{public.decode()} clouddeck-{slug}"


def _wrong(rule: str) -> Invalid:
    return Invalid("invalid_request", rule, hint="Correct the request.")
