"""Share links: a protected site, shown to whoever has the address, for a while."""

from __future__ import annotations

import secrets
from dataclasses import dataclass

from chalicelib.core import clock
from chalicelib.core.actor import Actor
from chalicelib.core.config import settings
from chalicelib.core.errors import Conflict, Invalid, not_found
from chalicelib.projects.rows import Project
from chalicelib.projects.rows import key as project_key
from chalicelib.protection import rows
from chalicelib.protection.actions import access, entering, hosts
from chalicelib.protection.rows import Share
from chalicelib.protection.rules.lifetimes import SHARES_MAX

_ALPHABET = "0123456789abcdefghijklmnopqrstuvwxyz"


@dataclass(frozen=True)
class Wanted:
    """A share link to be made: of one host of the site (none: production), for so long."""

    seconds: int
    host: str | None = None
    path: str = "/"
    note: str = ""


def create(actor: Actor, project: Project, wanted: Wanted) -> tuple[Share, str]:
    """Make a share link: its row and its address, which is not kept.

    Raises Conflict for a site that everybody may see, or with too many links; Invalid for a host
    that is not the project's.
    """
    if not project.access:
        raise Conflict(
            "not_protected",
            "Everybody may see this site: its address is enough.",
            hint="`deck protect set` protects it.",
        )
    if len(rows.shares(project.id)) >= SHARES_MAX:
        raise Conflict(
            "too_many_shares",
            f"A project has at most {SHARES_MAX} share links.",
            hint="Take one back that nobody uses: `deck shares`.",
        )
    host = wanted.host or settings().site_host(project.slug)
    owner = hosts.project_of(host)
    if owner is None or owner.id != project.id:
        raise Invalid(
            "host_not_yours",
            f"{host} is not an address of this project.",
            hint="Name a host of one of its deployments, aliases or domains.",
        )
    expires = clock.now_ms() // 1000 + wanted.seconds
    identifier = "".join(secrets.choice(_ALPHABET) for _ in range(8))
    row = Share(
        pk=project_key(project.id),
        sk=rows.share_key(identifier),
        id=identifier,
        project=project.id,
        host=host,
        note=wanted.note,
        expires=expires,
        created_at=clock.iso(),
        created_by=actor.id,
        ttl=expires,
    )
    row.save(condition=Share.pk.does_not_exist())
    return row, entering.link(project, identifier, host, wanted.path, expires)


def list_all(project: Project) -> list[Share]:
    """The share links that open something, the one that ends first first."""
    now = clock.now_ms() // 1000
    return [row for row in rows.shares(project.id) if int(row.expires) > now]


def delete(project: Project, share: str) -> Share:
    """Take a share link back: the edge refuses it, and its cookies, within seconds.

    When so many were taken back that the edge has no room to remember one more, everything that
    was given out ends: people type the password again, and other links have to be made again.
    """
    row = rows.share(project.id, share)
    if row is None:
        raise not_found("share", share)
    still = {one.id for one in list_all(project)}
    still |= set((project.access or {}).get("revoked") or ())
    if not access.revoke(project, share, still):
        access.renew(project)
    row.delete()
    return row
