"""Whose site answers at a host."""

from __future__ import annotations

from collections.abc import Callable

from chalicelib.core.config import settings
from chalicelib.edge.rules.hosts import home, normalise_host, parse_host
from chalicelib.projects import rows
from chalicelib.projects.rows import Project

_own: list[Callable[[str], str | None]] = []


def own_with(lookup: Callable[[str], str | None]) -> None:
    """Say who knows the domains that people brought: host -> id of the project that it shows."""
    _own[:] = [lookup]


def project_of(host: str) -> Project | None:
    """The project that answers at a host, with or without a port; None for a host that is nobody's.

    The shape of a name says it for hosts below our own domain; whether the deployment or alias in
    front is there the edge says.
    """
    site = parse_host(host, settings().sites_domain)
    if site is not None:
        found = rows.id_of_slug(home(site.slug))
    else:
        name = normalise_host(host)
        found = _own[0](name) if name and _own else None
    project = rows.get(found) if found else None
    return None if project is None or project.deleted_at else project


def address(host: str) -> str:
    """Base URL of a host that answers for a site, as visitors open it."""
    site = parse_host(host, settings().sites_domain)
    label = normalise_host(host) or host
    if site is None:  # a port is ours to name: on one machine HTTPS has one of its own
        _, _, port = host.rpartition(":") if settings().cloud == "local" else ("", "", "")
        return f"https://{label}:{port}" if port.isdigit() else f"https://{label}"
    return settings().site_url(label.removesuffix(f".{settings().sites_domain}"))
