"""The cases of serving.json and visitors.json, and the sites they are about."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from chalicelib.core import ids
from chalicelib.edge.rules.hosts import home
from chalicelib.edge.rules.routes import Match
from chalicelib.edge.rules.visitors import PIN_COOKIE, VISITOR_COOKIE, made_ms, over_tls
from chalicelib.ports import SiteRoute
from tests.contract.edge_sites import FakeSite

FOLDER = Path(__file__).parent / "edge"
_UNSAID: Any = object()


@dataclass(frozen=True)
class Case:
    """One request and what shall come of it.

    `record` is the text that the store of routes holds for the site (None: nothing); `tenant` the
    parameters of a distribution tenant (None: an ordinary distribution). Both are unsaid mostly.
    """

    name: str
    host: str
    path: str
    headers: dict[str, str]
    expect: dict[str, Any]
    request_id: str = ""
    now: int | None = None
    country: str = ""
    record: str | None = _UNSAID
    tenant: dict[str, str] | None = _UNSAID

    def __str__(self) -> str:
        return self.name

    @property
    def own_record(self) -> bool:
        return self.record is not _UNSAID

    @property
    def own_domain(self) -> bool:
        return self.tenant is not _UNSAID

    @property
    def headers_over_tls(self) -> dict[str, str]:
        """The headers as a browser sends them to CloudFront, where the cookies have other names."""
        return {name: _over_tls(value) for name, value in self.headers.items()}

    @property
    def cookies_over_tls(self) -> dict[str, list[Any]]:
        """Like `cookies`, by the names that they have there."""
        return {over_tls(name): said for name, said in self.cookies.items()}

    @property
    def cookies(self) -> dict[str, list[Any]]:
        """Name -> [value, seconds]."""
        return self.expect.get("cookies", {})


@dataclass(frozen=True)
class Book:
    """A file of cases with its sites."""

    domain: str
    sites: dict[str, dict[str, Any]]
    deployments: dict[str, dict[str, str]]
    ids: dict[str, str]
    cases: list[dict[str, Any]]
    about: str = ""
    now: int = 0
    aliases: dict[str, dict[str, str]] = field(default_factory=dict)
    made: list[Case] = field(default_factory=list)

    @classmethod
    def read(cls, name: str, now: int | None = None) -> Book:
        """A file; with `now` its deployments are as old at that time as the file says."""
        text = (FOLDER / f"{name}.json").read_text()
        document = json.loads(text)
        if now is not None:
            text = _aged(text, document, now - document["now"])
            document = json.loads(text) | {"now": now}
        book = cls(**document)
        book.made.extend(Case(**case) for case in book.cases)
        return book

    def case(self, name: str) -> Case:
        """The case of that name."""
        return next(case for case in self.made if case.name == name)

    def route(self, slug: str) -> SiteRoute | None:
        """The route of a site as the control plane would publish it; None for an unknown one."""
        if slug in self.aliases:
            return self._alias(slug)
        known = self.sites.get(slug)
        if known is None:
            return None
        site = self.site(slug)
        versions = self.deployments[slug]
        return SiteRoute(
            site=site.project,
            team=site.team,
            slug=slug,
            production=versions.get(known["production"]),
            generation=1,
            gone=known.get("gone", False),
            canary=versions.get(known.get("canary")),
            weight=known.get("weight", 0),
            skew_seconds=known.get("skew_seconds", 0),
            match=_match(known.get("match")),
            past=tuple(
                (versions[version], self.now - ago * 1000)
                for version, ago in known.get("past", {}).items()
            ),
        )

    def _alias(self, name: str) -> SiteRoute:
        """The route of an alias; `site` is whose it is, if not that of the name."""
        said = self.aliases[name]
        owner = said.get("site", home(name))
        made = self.site(owner)
        return SiteRoute(
            site=said.get("project", made.project),
            team=made.team,
            slug=name,
            production=self.deployments[owner].get(said.get("version", "")),
            generation=1,
            gone="version" not in said,
        )

    @property
    def routes(self) -> list[SiteRoute]:
        """All routes that there are."""
        made = (self.route(name) for name in (*self.sites, *self.aliases))
        return [route for route in made if route is not None]

    def record(self, slug: str) -> dict[str, Any]:
        """The same as the edge's store of routes has it."""
        route = self.route(slug)
        assert route is not None
        record: dict[str, Any] = {"s": route.site, "g": route.generation}
        for key, value in (("p", route.production), ("c", route.canary)):
            record |= {key: value.removeprefix("dpl_")} if value else {}
        record |= {"w": route.weight} if route.weight else {}
        record |= {"k": route.skew_seconds} if route.skew_seconds else {}
        if route.match:
            record["m"] = [route.match.kind, route.match.name, list(route.match.values)]
        if route.skew_seconds and route.past:
            record["o"] = {one.removeprefix("dpl_"): at // 1000 for one, at in route.past[:6]}
        return record | ({"x": 1} if route.gone else {})

    def records(self, case: Case) -> dict[str, Any]:
        """All there is in the store of routes when `case` is asked."""
        records = {route.slug: self.record(route.slug) for route in self.routes}
        if not case.own_record:
            return records
        slug = case.host.partition(".")[0].rpartition("--")[2]
        del records[slug]
        return records | ({} if case.record is None else {slug: case.record})

    def site(self, slug: str) -> FakeSite:
        """A site with all its deployments, ready to be laid into a store."""
        made = FakeSite(slug, ids=self.deployments[slug], own_project=self.ids[slug])
        for version, manifest in self.sites[slug]["deployments"].items():
            files = {path: content(slug, version, path) for path in manifest["files"]}
            more = {key: value for key, value in manifest.items() if key != "files"}
            made.publish(files, version, **more)
        return made

    def owner(self, deployment: str) -> tuple[str, str]:
        """(slug, version) of a deployment."""
        return next(
            (slug, version)
            for slug, versions in self.deployments.items()
            for version, known in versions.items()
            if known == deployment
        )


def _match(said: list[Any] | None) -> Match | None:
    return Match(said[0], said[1], tuple(said[2])) if said else None


def _over_tls(text: str) -> str:
    for name in (VISITOR_COOKIE, PIN_COOKIE):
        text = text.replace(name, over_tls(name))
    return text


def content(slug: str, version: str, path: str) -> bytes:
    """Bytes that say whose they are."""
    return f"{slug} {version} {path}".encode()


def _aged(text: str, document: dict[str, Any], milliseconds: int) -> str:
    """The text with every deployment made so much later."""
    for versions in document["deployments"].values():
        for deployment in versions.values():
            ulid = deployment.removeprefix("dpl_")
            text = text.replace(ulid, ids.ulid(made_ms(ulid) + milliseconds)[:10] + ulid[10:])
    return text
