"""Lambda@Edge, origin request: which blob answers, or a redirect, or a page of our own.

CloudFront comes here when it holds no answer yet. The visitor's function has chosen a deployment
and put it in front of the path: `/d/<slug>/<deployment or -><path>`, or `/p/..` for a preview.
"""

from __future__ import annotations

import logging
import re
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.edge.rules import conditions, pages, types
from chalicelib.edge.rules.hosts import home, is_alias
from chalicelib.edge.rules.manifests import Manifest
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.resolve import decide
from functions.edge.origin import answer, notes
from functions.edge.origin.manifest import AbsentError, Manifests, StoreError
from functions.edge.origin.remote import Remote
from functions.edge.origin.route import Routes, Row, UnknownRouteError
from functions.edge.origin.settings import OriginSettings, read_settings

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


class OriginRequest:
    """The function with what it remembers between requests."""

    def __init__(self, settings: OriginSettings) -> None:
        self.settings = settings
        table = Remote(settings.table_url, "dynamodb", settings.table_region, read_seconds=1.0)
        store = Remote(settings.store_url, "s3", settings.store_region, read_seconds=4.0)
        self.routes = Routes(table, settings.table, settings.memo_seconds)
        self.manifests = Manifests(store, settings.memory_bytes)

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request to send to the bucket, or the answer to give instead."""
        asked = parse_address(request["uri"])
        if asked is None:
            return self._refused(pages.UNKNOWN_HOST, None, preview=False)
        if request["method"] not in {"GET", "HEAD"}:
            whose = answer.whose("", "", preview=asked.hidden)
            return answer.page(pages.METHOD, 0, {**whose, **_ALLOW})
        try:
            chosen, manifest = self._choose(asked)
            return self._resolve(request, asked, chosen, manifest)
        except RefusedError as refusal:
            return self._refused(refusal.notice, refusal.chosen, preview=asked.hidden)

    def _choose(self, asked: Asked) -> tuple[Chosen, Manifest]:
        """The deployment that answers and its manifest; raises RefusedError."""
        try:
            row = self.routes.get(asked.slug)
        except UnknownRouteError as error:
            return self._trusted(asked, error)
        if row is None or row.gone or not self._at_home(asked.slug, row):
            raise RefusedError(pages.UNKNOWN_HOST)
        chosen = _by_row(asked, row, fresh=self.routes.is_fresh(asked.slug))
        manifest = self._manifest(chosen)
        if (manifest.project, manifest.team) == (row.site, row.team):
            return chosen, manifest
        if chosen.named:
            log.error(
                "the route of %s names %s, which is not its own", asked.slug, chosen.deployment
            )
            raise RefusedError(pages.unavailable(chosen.deployment), chosen)
        raise RefusedError(pages.NO_DEPLOYMENT)

    def _at_home(self, name: str, row: Row) -> bool:
        """Whether an alias belongs to the site that has the slug now: it ends with its site."""
        if not is_alias(name):
            return True
        try:
            site = self.routes.get(home(name))
        except UnknownRouteError:
            return True
        return site is not None and not site.gone and site.site == row.site

    def _trusted(self, asked: Asked, error: UnknownRouteError) -> tuple[Chosen, Manifest]:
        """Without any row, what the edge's own store said counts, as far as the manifest agrees.

        Whether the deployment is revoked, or of an earlier owner of the name, cannot be told; that
        it was never published under another name can.
        """
        if asked.deployment is None:
            raise RefusedError(pages.ROUTE_UNAVAILABLE) from error
        deployment = f"dpl_{asked.deployment}"
        believed = Chosen(deployment, "", named=not asked.preview, brief=True)
        manifest = self._manifest(believed)
        if manifest.slug != home(asked.slug):
            raise RefusedError(pages.NO_DEPLOYMENT) from error
        return Chosen(deployment, manifest.project, named=False, brief=True), manifest

    def _manifest(self, chosen: Chosen) -> Manifest:
        try:
            if not chosen.named:  # what no route names may have been removed
                self.manifests.confirm(chosen.deployment, self.settings.memo_seconds)
            return self.manifests.get(chosen.deployment)
        except AbsentError as error:
            if not chosen.named:
                raise RefusedError(pages.NO_DEPLOYMENT) from error
            log.error("what the route names has no manifest: %s", error)
            notice = pages.unavailable(chosen.deployment, missing=True)
            raise RefusedError(notice, chosen) from error
        except StoreError as error:
            log.error("%s: %s", chosen.deployment, error)
            raise RefusedError(pages.unavailable(chosen.deployment), chosen) from error

    def _resolve(
        self, request: dict[str, Any], asked: Asked, chosen: Chosen, manifest: Manifest
    ) -> dict[str, Any]:
        """Ask the rules and do what they say."""
        whose = answer.whose(chosen.deployment, chosen.site, preview=asked.hidden)
        seconds = self._seconds(chosen, self.settings.edge_seconds)
        accept = answer.first(request["headers"], "accept")
        try:
            decision = decide(
                asked.path,
                accept,
                lambda path: self.manifests.find(manifest, path) is not None,
                manifest.rules,
            )
            if decision.location is not None:
                return answer.redirect(decision.location, seconds, whose)
            blob = None if decision.file is None else self.manifests.find(manifest, decision.file)
        except StoreError as error:
            log.error("%s: %s", chosen.deployment, error)
            raise RefusedError(pages.unavailable(chosen.deployment), chosen) from error
        missing = self._seconds(chosen, self.settings.missing_seconds)
        if blob is None or decision.file is None:
            notice = pages.NOT_FOUND
            if decision.status != 404:
                notice = pages.bad_address(decision.status, decision.reason)
            return answer.page(notice, missing, whose)
        kept = missing if decision.status != 200 else seconds
        note = notes.Notes(
            deployment=chosen.deployment,
            site=chosen.site,
            media_type=types.content_type(decision.file),
            caching=answer.caching(types.cache_control(decision.file), kept),
            status=decision.status,
            size=blob[1],
            preview=asked.hidden,
        )
        tag = conditions.etag(blob[0])
        return _to_blob(request, f"/blobs/{manifest.team}/{blob[0]}", note, tag)

    def _seconds(self, chosen: Chosen, seconds: int) -> int:
        return min(seconds, self.settings.brief_seconds) if chosen.brief else seconds

    def _refused(self, notice: Notice, chosen: Chosen | None, *, preview: bool) -> dict[str, Any]:
        deployment, site = (chosen.deployment, chosen.site) if chosen else ("", "")
        more = answer.whose(deployment, site, preview=preview)
        return answer.page(notice, self.settings.brief_seconds, more)


def _by_row(asked: Asked, row: Row, *, fresh: bool) -> Chosen:
    """Production stands in for no deployment at all and for a revoked one, but not in previews.

    Such an answer is kept for seconds only: what is revoked may be promoted again. So is one that
    follows from a row which cannot be asked for again: since then the deployment may have been
    revoked or the site deleted, the caches have been dropped for it, and nobody will drop this.
    """
    wanted = asked.deployment
    out = wanted in row.revoked and wanted != row.production and not asked.preview
    replaced = wanted is None or out
    deployment = row.production if replaced else wanted
    if deployment is None:
        raise RefusedError(pages.NOT_PUBLISHED)
    return Chosen(
        f"dpl_{deployment}",
        row.site,
        named=deployment in {row.production, row.canary} and not asked.preview,
        brief=replaced or not fresh,
    )


def _to_blob(request: dict[str, Any], uri: str, note: notes.Notes, tag: str) -> dict[str, Any]:
    """The visitor's request, turned to a blob. A not-found page is always sent whole.

    So is a file of which the visitor has the beginning in another version: the bucket knows other
    tags than visitors do, and nobody says that it hears `If-Range` at all. HEAD has no parts.
    """
    given = request["headers"]
    notes.drop(given)
    given.pop("if-match", None)
    held = answer.first(given, "if-range") if "if-range" in given else None
    whole = note.status != 200 or request["method"] == "HEAD"
    if whole or not conditions.range_applies(held, tag):
        given.pop("range", None)
    given.update(note.written())
    request["uri"] = uri
    request["querystring"] = ""
    return request


_ALLOW = {"Allow": "GET, HEAD"}


@cache
def _function() -> OriginRequest:
    return OriginRequest(read_settings())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    return _function().handle(request)
