"""Lambda@Edge, origin request: which blob answers, or a redirect, a page, or another server.

CloudFront comes here when it holds no answer yet. The visitor's function has chosen a deployment
and put it in front of the path: `/d/<slug>/<deployment or -><path>`, or `/p/..` for a preview.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import cache
from typing import Any

from chalicelib.edge.rules import conditions, pages, tags, types
from chalicelib.edge.rules.manifests import Manifest
from chalicelib.edge.rules.pages import Notice
from chalicelib.edge.rules.routing import verdicts
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import Facts
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import Verdict
from functions.edge.origin import answer, custom, notes, passing, seen
from functions.edge.origin.answer import Whose
from functions.edge.origin.choice import Asked, Chooser, Chosen, RefusedError, parse_address
from functions.edge.origin.manifest import Manifests, StoreError
from functions.edge.origin.remote import Remote
from functions.edge.origin.route import Routes, Row
from functions.edge.origin.settings import OriginSettings, read_settings
from functions.edge.origin.tables import Tables

_READ = {"GET", "HEAD"}
_NOBODYS = {pages.UNKNOWN_HOST, pages.NOT_PUBLISHED}
_ALLOW = {"Allow": "GET, HEAD"}
_TO_BUCKET = {
    *("host", "user-agent", "via", "x-forwarded-for", "range"),
    *("accept-encoding", "cdn-loop", "content-length", "if-modified-since", "if-none-match"),
    *("if-range", "if-unmodified-since", "transfer-encoding"),
}
"""Whatever else a visitor sends is nobody's business there; S3 would listen to some of it."""

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Found:
    """A request on its way: what was chosen for it and what its answer is to say of itself.

    `seconds` is how long CloudFront keeps an answer out of the deployment, `missing` the same of
    one that says that there is none. `queried`: the cache tells one query from another.
    """

    asked: Asked
    chosen: Chosen
    manifest: Manifest
    whose: Whose
    seconds: int
    missing: int
    queried: bool


class OriginRequest:
    """The function with what it remembers between requests."""

    def __init__(self, settings: OriginSettings) -> None:
        self.settings = settings
        table = Remote(settings.table_url, "dynamodb", settings.table_region, read_seconds=1.0)
        store = Remote(settings.store_url, "s3", settings.store_region, read_seconds=4.0)
        self.routes = Routes(table, settings.table, settings.memo_seconds)
        self.manifests = Manifests(store, settings.memory_bytes)
        self.tables = Tables(store, settings.memory_bytes)
        self.chooser = Chooser(self.routes, self.manifests, settings.memo_seconds)

    def handle(self, request: dict[str, Any]) -> dict[str, Any]:
        """The request to send to the bucket or a server, or the answer to give instead."""
        asked = parse_address(request["uri"])
        if asked is None:
            return self._refused(pages.UNKNOWN_HOST, None, preview=False)
        try:
            row = self.chooser.row(asked)
            if row is not None and seen.is_shut_out(request["headers"], asked, row):
                return seen.door(request, asked, row)
            chosen, manifest = self.chooser.choose(asked, row)
            return self._answer(request, asked, row, chosen, manifest)
        except RefusedError as refusal:
            if request["method"] not in _READ and refusal.notice in _NOBODYS:
                return _not_allowed(asked)
            return self._refused(refusal.notice, refusal.chosen, preview=asked.hidden)

    def _answer(
        self,
        request: dict[str, Any],
        asked: Asked,
        row: Row | None,
        chosen: Chosen,
        manifest: Manifest,
    ) -> dict[str, Any]:
        """Ask the rules and do what they say; raises RefusedError."""
        try:
            table = self._table(manifest)
            if request["method"] not in _READ and not (table and table.open_methods):
                return _not_allowed(asked, chosen)
            looks = row.looks if row else frozenset()
            keyed = table is None or seen.is_keyed(table.looks, looks, asked)
            facts = seen.facts(request, table.looks if table else (), keyed=keyed)
            verdict = self._decide(request, asked, manifest, table, facts, row)
            if request["method"] not in _READ and _is_of_files(verdict):
                return _not_allowed(asked, chosen)
            queried = asked.preview or (table is not None and "query" in table.looks)
            found = self._found(
                request, asked, (chosen, manifest), verdict, keyed=keyed, queried=queried
            )
            return self._done(request, found, verdict)
        except StoreError as error:
            log.error("%s: %s", chosen.deployment, error)
            raise RefusedError(pages.unavailable(chosen.deployment), chosen) from error
        except (notes.TooLongError, passing.UnusableError) as error:
            log.error("%s: %s", chosen.deployment, error)
            raise RefusedError(pages.UNUSABLE_RULE, chosen) from error

    def _table(self, manifest: Manifest) -> Table | None:
        if manifest.routing is None:
            return None
        return self.tables.get(manifest.team, manifest.routing)

    def _decide(  # noqa: PLR0917  # a request, and all that a decision needs beside
        self,
        request: dict[str, Any],
        asked: Asked,
        manifest: Manifest,
        table: Table | None,
        facts: Facts,
        row: Row | None,
    ) -> Verdict:
        try:
            return decide(
                asked.path,
                answer.first(request["headers"], "accept"),
                lambda path: self.manifests.find(manifest, path) is not None,
                manifest.rules,
                table,
                facts,
                down=row.down if row else frozenset(),
            )
        except (ValueError, LookupError) as error:  # a table that nobody checked
            raise StoreError(f"the rules of {manifest.deployment}: {error}") from error

    def _found(
        self,
        request: dict[str, Any],
        asked: Asked,
        at: tuple[Chosen, Manifest],
        verdict: Verdict,
        *,
        keyed: bool,
        queried: bool,
    ) -> Found:
        chosen, manifest = at
        site = chosen.site
        whose = Whose(
            chosen.deployment,
            site,
            asked.hidden,
            tuple(tags.paths(site, asked.path) if site else ()),
        )
        # errors are shown to visitors as they are made here: nobody after us shall keep these
        shut = seen.is_admitted(request["headers"])
        unkept = verdict.private or not keyed
        seconds = 0 if unkept else self._seconds(chosen, self.settings.edge_seconds)
        missing = 0 if unkept or shut else self._seconds(chosen, self.settings.missing_seconds)
        return Found(asked, chosen, manifest, whose, seconds, missing, queried)

    def _done(self, request: dict[str, Any], found: Found, verdict: Verdict) -> dict[str, Any]:
        """What a verdict says, done; raises StoreError, TooLongError and UnusableError."""
        if isinstance(verdict, verdicts.Proxy):
            return _passed_on(request, found, verdict)
        if isinstance(verdict, verdicts.Redirect):
            said, rest = _caching(verdict, types.REVALIDATE, found.seconds)
            made = answer.redirect(
                verdict.status,
                verdict.location,
                said,
                carry=verdict.keep_query,
                more=found.whose.pairs,
            )
            return _with(made, rest)
        if isinstance(verdict, verdicts.Refused):
            asked = f'Basic realm="{verdict.realm}", charset="UTF-8"'
            more = {"WWW-Authenticate": asked, **found.whose.pairs}
            return _with(answer.page(pages.CREDENTIALS, 0, more), custom.of_page(verdict.headers))
        if request["method"] not in _READ:
            return _not_allowed(found.asked, found.chosen)
        blob = None
        if isinstance(verdict, verdicts.File):
            blob = self.manifests.find(found.manifest, verdict.file)
        if blob is None or not isinstance(verdict, verdicts.File):
            return _nothing(found, verdict)
        return _to_blob(request, found, verdict, blob)

    def _seconds(self, chosen: Chosen, seconds: int) -> int:
        return min(seconds, self.settings.brief_seconds) if chosen.brief else seconds

    def _refused(self, notice: Notice, chosen: Chosen | None, *, preview: bool) -> dict[str, Any]:
        deployment, site = (chosen.deployment, chosen.site) if chosen else ("", "")
        more = Whose(deployment, site, preview).pairs
        return answer.page(notice, self.settings.brief_seconds, more)


def _not_allowed(asked: Asked, chosen: Chosen | None = None) -> dict[str, Any]:
    deployment, site = (chosen.deployment, chosen.site) if chosen else ("", "")
    whose = Whose(deployment, site, asked.hidden)
    return answer.page(pages.METHOD, 0, {**whose.pairs, **_ALLOW})


def _is_of_files(verdict: Verdict) -> bool:
    """Whether no rule has a part in it: then there is nothing but to read."""
    return verdict.rule is None and not isinstance(verdict, verdicts.Refused)


def _caching(verdict: Verdict, usual: str, seconds: int) -> tuple[str, notes.Custom]:
    """(Cache-Control, the other headers of an answer that follow from the rules)."""
    said, rest = custom.parted(verdict.headers, usual, seconds, alone=verdict.private)
    return said, (*rest, *custom.varying(verdict.looked))


def _of_error(verdict: verdicts.File, usual: str, seconds: int) -> tuple[str, notes.Custom]:
    """The same of an answer that the function towards the visitor does not see."""
    alone = verdict.private or "country" in verdict.looked
    said, rest = custom.parted(verdict.headers, usual, seconds, alone=alone)
    return said, (*rest, *custom.varying(verdict.looked, name="Vary"))


def _with(made: dict[str, Any], rest: notes.Custom) -> dict[str, Any]:
    return {**made, "headers": custom.applied(made["headers"], rest)}


def _nothing(found: Found, verdict: Verdict) -> dict[str, Any]:
    """A page of our own where the deployment has none."""
    status = verdict.status if isinstance(verdict, verdicts.Nothing) else 404
    if verdict.rule is None and status != 404:
        notice = pages.bad_address(status, verdict.reason)
        return answer.page(notice, found.missing, found.whose.pairs)
    notice = pages.NOT_FOUND if verdict.rule is None else pages.ruled(status)
    made = answer.page(notice, found.missing, found.whose.pairs)
    return _with(made, custom.of_page(verdict.headers))


def _passed_on(request: dict[str, Any], found: Found, verdict: verdicts.Proxy) -> dict[str, Any]:
    """The request, turned to another server."""
    if verdict.signed:
        raise passing.UnusableError(f"{verdict.signed}: requests are not signed here")
    note = notes.Passed(
        deployment=found.chosen.deployment,
        site=found.chosen.site,
        preview=found.asked.hidden,
        tags=found.whose.tags,
        plain=passing.is_plain(request, verdict, keyed=found.queried) and found.seconds > 0,
        stale_seconds=verdict.backend.stale_seconds if verdict.backend else 0,
        custom=verdict.headers,
    )
    return passing.pass_on(request, verdict, note)


def _to_blob(
    request: dict[str, Any], found: Found, verdict: verdicts.File, blob: tuple[str, int]
) -> dict[str, Any]:
    """The visitor's request, turned to a blob. A page with another status is always sent whole.

    So is a file of which the visitor has the beginning in another version: the bucket knows other
    tags than visitors do, and nobody says that it hears `If-Range` at all. HEAD has no parts.
    """
    seconds = found.seconds if verdict.status == 200 else found.missing
    caching = _caching if verdict.status < 400 else _of_error
    said, rest = caching(verdict, types.cache_control(verdict.file), seconds)
    note = notes.Notes(
        deployment=found.chosen.deployment,
        site=found.chosen.site,
        media_type=types.content_type(verdict.file),
        caching=said,
        status=verdict.status,
        size=blob[1],
        preview=found.asked.hidden,
        tags=found.whose.tags,
        custom=rest,
    )
    given = {name: values for name, values in request["headers"].items() if name in _TO_BUCKET}
    held = answer.first(given, "if-range") if "if-range" in given else None
    whole = verdict.status != 200 or request["method"] == "HEAD"
    if whole or not conditions.range_applies(held, conditions.etag(blob[0])):
        given.pop("range", None)
    bucket = request.get("origin", {}).get("s3", {}).get("domainName")
    if bucket:
        given |= answer.headers({"Host": bucket})
    request["headers"] = given | note.written()
    request["uri"] = f"/blobs/{found.manifest.team}/{blob[0]}"
    request["querystring"] = ""
    return request


@cache
def _function() -> OriginRequest:
    return OriginRequest(read_settings())


def handler(event: dict[str, Any], _context: object) -> dict[str, Any]:
    """Lambda's entry."""
    request: dict[str, Any] = event["Records"][0]["cf"]["request"]
    return _function().handle(request)
