"""The shared cases, answered by the Python rules."""

import json
from pathlib import Path

import pytest

from chalicelib.edge.rules import conditions, types
from chalicelib.edge.rules.encodings import negotiate
from chalicelib.edge.rules.hosts import parse_host
from chalicelib.edge.rules.resolve import SiteRules, decide

VECTORS = Path(__file__).parents[2] / "vectors" / "edge"
SERVING = json.loads((VECTORS / "serving.json").read_text())
REPRESENTATION = json.loads((VECTORS / "representation.json").read_text())


def answer(host, path, headers):
    """Host to decision, as an edge does it, from the vectors' own sites."""
    nothing = {"status": 404, "file": None, "location": None, "deployment": None}
    site = parse_host(host, SERVING["domain"])
    known = None if site is None else SERVING["sites"].get(site.slug)
    if site is None or known is None or known.get("gone"):
        return nothing
    versions = SERVING["deployments"][site.slug]
    deployment = site.deployment or versions.get(known["production"])
    version = next((v for v, d in versions.items() if d == deployment), None)
    if version is None:
        return nothing
    manifest = known["deployments"][version]
    rules = SiteRules(manifest.get("spa", False), manifest.get("clean_urls", True))
    raw, mark, query = path.partition("?")
    accept = headers.get("Accept", "")
    decision = decide(raw.encode(), accept, set(manifest["files"]).__contains__, rules)
    location = decision.location and decision.location + mark + query
    return {
        "status": decision.status,
        "file": decision.file,
        "location": location,
        "deployment": deployment,
    }


@pytest.mark.parametrize("case", SERVING["cases"], ids=lambda c: c["name"])
def test_serving(case):
    assert answer(case["host"], case["path"], case["headers"]) == case["expect"]


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
    names = [case["name"] for case in SERVING["cases"]]
    assert len(names) == len(set(names))
