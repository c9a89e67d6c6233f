"""Which deployment an address of the edge stands for, by the site's row and the manifest."""

from __future__ import annotations

import logging
import re
import time
from dataclasses import dataclass

from chalicelib.edge.rules import pages
from chalicelib.edge.rules.hosts import Site, home, is_alias
from chalicelib.edge.rules.manifests import Manifest
from chalicelib.edge.rules.pages import Notice
from functions.edge.origin.manifest import AbsentError, Manifests, StoreError
from functions.edge.origin.route import Routes, Row, UnknownRouteError

_ADDRESS = re.compile(
    r"/(?:(d)/([a-z0-9-]{1,63})/([0-7][0-9a-hjkmnp-tv-z]{25}|-)"
    r"|(p)/([a-z0-9-]{1,63})/([0-7][0-9a-hjkmnp-tv-z]{25}))(/.*)\Z",
    re.DOTALL,
)

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """What an address of the edge asks for; `deployment` without prefix, None for production.

    `slug` names a route: it is a site's slug, or an alias of one.
    """

    slug: str
    deployment: str | None
    path: bytes
    preview: bool

    @property
    def hidden(self) -> bool:
        """Whether search engines are told to stay away."""
        return self.preview or is_alias(self.slug)

    @property
    def host(self) -> Site:
        """What the host stands for that a visitor asked at."""
        return Site(self.slug, self.deployment if self.preview else None)


@dataclass(frozen=True, slots=True)
class Chosen:
    """The deployment that answers, and whether that may change within seconds.

    `named` says that the site's route names it: then it has to be there.
    """

    deployment: str
    site: str
    named: bool
    brief: bool


class RefusedError(Exception):
    """There is nothing to answer from; the notice says why."""

    def __init__(self, notice: Notice, chosen: Chosen | None = None) -> None:
        super().__init__(notice.code)
        self.notice = notice
        self.chosen = chosen


def parse_address(uri: str) -> Asked | None:
    """The parts of an address that the visitor's function made; None for any other."""
    match = _ADDRESS.match(uri)
    if not match:
        return None
    live, slug, deployment, _, preview_slug, preview, path = match.groups()
    return Asked(
        slug=slug if live else preview_slug,
        deployment=preview or (None if deployment == "-" else deployment),
        path=path.encode("utf-8", "surrogatepass"),
        preview=not live,
    )


class Chooser:
    """Chooses with what the two memories hold; `memo_seconds` is how old a row may be."""

    def __init__(self, routes: Routes, manifests: Manifests, memo_seconds: float) -> None:
        self._routes = routes
        self._manifests = manifests
        self._memo = memo_seconds

    def row(self, asked: Asked) -> Row | None:
        """The row of the site; None while the table is out of reach and never told of it.

        Raises RefusedError when there is no such site.
        """
        try:
            row = self._routes.get(asked.slug)
        except UnknownRouteError:
            return None
        if row is None or row.gone or not self._at_home(asked.slug, row):
            raise RefusedError(pages.UNKNOWN_HOST)
        return row

    def choose(self, asked: Asked, row: Row | None) -> tuple[Chosen, Manifest]:
        """The deployment that answers and its manifest; raises RefusedError."""
        if row is None:
            return self._trusted(asked)
        chosen = self._by_row(asked, row)
        manifest = self._manifest(chosen)
        if (manifest.project, manifest.team) == (row.site, row.team):
            return chosen, manifest
        if chosen.named:
            log.error(
                "the route of %s names %s, which is not its own", asked.slug, chosen.deployment
            )
            raise RefusedError(pages.unavailable(chosen.deployment), chosen)
        raise RefusedError(pages.NO_DEPLOYMENT)

    def _by_row(self, asked: Asked, row: Row) -> Chosen:
        """Production stands in for no deployment at all, for a revoked one and for one that never
        was live, but not in previews: nobody has a page of it at this host.

        Such an answer is kept for seconds only: what is revoked may be promoted again. So is one
        that follows from a row which cannot be asked for again: since then the deployment may have
        been revoked or the site deleted, the caches have been dropped for it, and nobody will drop
        this.
        """
        wanted, preview = asked.deployment, asked.preview
        if not preview and wanted is not None and not _is_known(row, wanted):
            row = self._routes.get(asked.slug, anew=True) or row
        fresh = self._routes.is_fresh(asked.slug)
        live = {row.production, row.canary}
        if wanted is None or preview:
            replaced = wanted is None
        elif wanted in row.revoked and wanted != row.production:
            replaced = True
        elif fresh or row.access is not None:
            replaced = not _is_known(row, wanted)
        else:  # the edge's store may have heard of what this old row has not
            replaced = False
        deployment = row.production if replaced else wanted
        if deployment is None:
            raise RefusedError(pages.NOT_PUBLISHED)
        return Chosen(
            f"dpl_{deployment}",
            row.site,
            named=deployment in live and not preview,
            brief=replaced or not fresh,
        )

    def _at_home(self, name: str, row: Row) -> bool:
        """Whether an alias belongs to the site that has the slug now: it ends with its site."""
        if not is_alias(name):
            return True
        try:
            site = self._routes.get(home(name))
        except UnknownRouteError:
            return True
        return site is not None and not site.gone and site.site == row.site

    def _trusted(self, asked: Asked) -> tuple[Chosen, Manifest]:
        """Without any row, what the edge's own store said counts, as far as the manifest agrees.

        Whether the deployment is revoked, or of an earlier owner of the name, cannot be told; that
        it was never published under another name can.
        """
        if asked.deployment is None:
            raise RefusedError(pages.ROUTE_UNAVAILABLE)
        deployment = f"dpl_{asked.deployment}"
        believed = Chosen(deployment, "", named=not asked.preview, brief=True)
        manifest = self._manifest(believed)
        if manifest.slug != home(asked.slug):
            raise RefusedError(pages.NO_DEPLOYMENT)
        return Chosen(deployment, manifest.project, named=False, brief=True), manifest

    def _manifest(self, chosen: Chosen) -> Manifest:
        try:
            if not chosen.named:  # what no route names may have been removed
                self._manifests.confirm(chosen.deployment, self._memo)
            return self._manifests.get(chosen.deployment)
        except AbsentError as error:
            if not chosen.named:
                raise RefusedError(pages.NO_DEPLOYMENT) from error
            log.error("what the route names has no manifest: %s", error)
            notice = pages.unavailable(chosen.deployment, missing=True)
            raise RefusedError(notice, chosen) from error
        except StoreError as error:
            log.error("%s: %s", chosen.deployment, error)
            raise RefusedError(pages.unavailable(chosen.deployment), chosen) from error


def _is_known(row: Row, deployment: str) -> bool:
    """Whether the row knows that a visitor of production may have a page of a deployment."""
    live = deployment in {row.production, row.canary}
    return live or deployment in row.revoked or row.was_live(deployment, int(time.time() * 1000))
