"""The shared cases, answered by the Python rules."""

import json
import re

import pytest

from chalicelib.edge.rules import conditions, types, visitors
from chalicelib.edge.rules.encodings import negotiate
from chalicelib.edge.rules.hosts import home, parse_host
from chalicelib.edge.rules.paths import with_query
from chalicelib.edge.rules.resolve import SiteRules, decide
from chalicelib.edge.rules.visitors import Visit
from tests.vectors.cases import FOLDER, Book, Case

BOOKS = [Book.read("serving"), Book.read("visitors")]
CASES = [(book, case) for book in BOOKS for case in book.made if not case.own_domain]
DOTS = re.compile(r"(?:/|\\|%2f|%5c)(?:\.|%2e){1,2}(?:/|\\|%2f|%5c|\Z)", re.IGNORECASE)
"""Paths with such a part never get into an address of the edge; see viewer_request.js."""
REPRESENTATION = json.loads((FOLDER / "representation.json").read_text())


def named(it: Book | Case) -> str:
    return it.name if isinstance(it, Case) else ""


def answer(book: Book, case: Case) -> dict[str, object]:
    """Host to decision and cookies, as an edge does it."""
    nothing = {"status": 404, "file": None, "location": None, "deployment": None, "cookies": {}}
    site = parse_host(case.host, book.domain)
    if site is None:
        return nothing | {"uri": None, "why": None}
    given = {name.lower(): value for name, value in case.headers.items()}
    path, _, query = case.path.partition("?")
    route = book.route(site.slug)
    visit = Visit(
        lambda name: given.get(name, ""),
        query,
        case.request_id,
        case.now or book.now,
        country=case.country,
    )
    choice = visitors.choose(None if case.own_record else route, site.deployment, visit)
    chosen = (choice.claimed or choice.deployment or "-").removeprefix("dpl_")
    below = "/%00" if DOTS.search(path) else path
    nothing |= {
        "uri": f"/{'p' if choice.preview else 'd'}/{site.slug}/{chosen}{below}",
        "why": choice.why,
    }
    of = book.route(home(site.slug))
    if route is None or route.gone or of is None or of.gone or of.site != route.site:
        return nothing
    deployment = choice.deployment or route.production
    versions = {known: version for version, known in book.deployments[home(site.slug)].items()}
    published = book.sites[home(site.slug)]["deployments"]
    manifest = published.get(versions.get(deployment or ""))
    if manifest is None or manifest.get("project", route.site) != route.site:
        return nothing
    rules = SiteRules(manifest.get("spa", False), manifest.get("clean_urls", True))
    exists = set(manifest["files"]).__contains__
    decision = decide(path.encode(), given.get("accept", ""), exists, rules)
    media_type = types.content_type(decision.file) if decision.file else ""
    cookies = visitors.cookies(choice, deployment, decision.status, media_type)
    return nothing | {
        "status": decision.status,
        "file": decision.file,
        "location": decision.location and with_query(decision.location, query.encode()),
        "deployment": deployment,
        "cookies": {cookie.name: [cookie.value, cookie.seconds] for cookie in cookies},
    }


@pytest.mark.parametrize(("book", "case"), CASES, ids=named)
def test_serving(book: Book, case: Case):
    assert answer(book, case) == {"cookies": {}, **case.expect}


@pytest.mark.parametrize("case", REPRESENTATION["ranges"], ids=lambda c: c["header"] or "empty")
def test_range(case):
    if case["expect"] == "unsatisfiable":
        with pytest.raises(conditions.UnsatisfiableError):
            conditions.parse_range(case["header"], case["size"])
        return
    span = conditions.parse_range(case["header"], case["size"])
    assert (span and [span.first, span.last]) == case["expect"]


@pytest.mark.parametrize("case", REPRESENTATION["encodings"], ids=lambda c: c["header"] or "empty")
def test_encoding(case):
    assert list(negotiate(case["header"])) == case["expect"]


@pytest.mark.parametrize("case", REPRESENTATION["none_match"], ids=lambda c: c["header"] or "empty")
def test_none_match(case):
    assert conditions.none_match(case["header"], case["tag"]) is case["expect"]


@pytest.mark.parametrize("case", REPRESENTATION["types"], ids=lambda c: c["path"])
def test_type(case):
    assert types.content_type(case["path"]) == case["type"]
    assert (types.cache_control(case["path"]) == types.IMMUTABLE) is case["immutable"]


def test_names_in_vectors_are_unique():
    for book in BOOKS:
        names = [case.name for case in book.made]
        assert len(names) == len(set(names))


def test_deployments_can_be_made_later():
    """The moved clock moves every deployment, and nothing else."""
    old = Book.read("visitors")
    new = Book.read("visitors", old.now + 86_400_000)
    for slug, versions in old.deployments.items():
        for version, deployment in versions.items():
            moved = new.deployments[slug][version]
            assert moved[14:] == deployment[14:]
            made = visitors.made_ms(moved.removeprefix("dpl_"))
            assert made - visitors.made_ms(deployment.removeprefix("dpl_")) == 86_400_000
