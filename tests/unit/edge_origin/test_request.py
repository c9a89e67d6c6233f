"""What origin-request makes of an address, without CloudFront around it."""

import hashlib

import pytest

from chalicelib.edge.rules import tags
from chalicelib.edge.rules.routing.codec import encode
from chalicelib.edge.rules.routing.model import Routing, Rule
from functions.edge import origin_request
from functions.edge.origin_request import Asked, OriginRequest, parse_address
from tests.contract.edge_sites import FakeSite
from tests.fakes.origin import row

D = "01ja0000000000000000000000"


def asking(uri, method="GET", **headers):
    return {
        "method": method,
        "uri": uri,
        "querystring": "x=1",
        "headers": {
            name.replace("_", "-"): [{"key": name, "value": value}]
            for name, value in headers.items()
        },
    }


@pytest.fixture
def site(backend):
    made = FakeSite("shop")
    backend.rows["shop"] = row(
        made.project,
        made.team,
        made.publish({"index.html": b"one", "404.html": b"no", "a.js": b"j"}),
    )
    backend.objects = made.objects
    return made


@pytest.fixture
def function(backend):
    return OriginRequest(backend.settings())


@pytest.mark.parametrize(
    ("uri", "asked"),
    [
        (f"/d/shop/{D}/", Asked("shop", D, b"/", preview=False)),
        (f"/d/shop/{D}/d/other/x", Asked("shop", D, b"/d/other/x", preview=False)),
        ("/d/shop/-/a/b", Asked("shop", None, b"/a/b", preview=False)),
        (f"/p/a-1/{D}//x", Asked("a-1", D, b"//x", preview=True)),
        (f"/d/shop/{D}/\u00fc\n", Asked("shop", D, b"/\xc3\xbc\n", preview=False)),
        (f"/d/shop/{D}/\ud800", Asked("shop", D, b"/\xed\xa0\x80", preview=False)),
        ("/p/shop/-/a", None),
        (f"/d/shop/{D}", None),
        (f"/d/shop/{D}x/", None),
        (f"/d/shop/dpl_{D}/", None),
        (f"/d/SHOP/{D}/", None),
        (f"/d/a/b/{D}/", None),
        (f"/x/shop/{D}/", None),
        ("/manifests/x.json", None),
        ("/blobs/team/x", None),
        ("", None),
        ("/", None),
    ],
)
def test_addresses(uri, asked):
    assert parse_address(uri) == asked


def test_a_file_becomes_a_blob_with_notes(function, site):
    request = asking(
        f"/d/shop/{site.deployment()[4:]}/a.js",
        x_clouddeck_evil="1",
        x_clouddeck_type="x",
        range="r",
    )
    made = function.handle(request)
    assert made["uri"] == f"/blobs/{site.team}/{hashlib.sha256(b'j').hexdigest()}"
    assert (made["method"], made["querystring"]) == ("GET", "")
    notes = {
        name: values[0]["value"]
        for name, values in made["headers"].items()
        if name.startswith("x-clouddeck-")
    }
    assert notes == {
        "x-clouddeck-deployment": site.deployment(),
        "x-clouddeck-site": site.project,
        "x-clouddeck-type": "text/javascript; charset=utf-8",
        "x-clouddeck-caching": "public,max-age=0,must-revalidate,s-maxage=31536000",
        "x-clouddeck-status": "200",
        "x-clouddeck-size": "1",
        "x-clouddeck-preview": "0",
        "x-clouddeck-tags": ",".join(
            (
                f"dep-{site.deployment()[4:]}",
                f"site-{site.project}",
                *tags.paths(site.project, b"/a.js"),
            )
        ),
    }
    assert "range" in made["headers"]


@pytest.mark.parametrize(("path", "kept"), [("a.js", True), ("none", False)])
def test_a_part_of_a_not_found_page_is_never_asked_for(function, site, path, kept):
    uri = f"/d/shop/-/{path}"
    made = function.handle(asking(uri, range="bytes=0-1", if_match='"x"', if_none_match='"y"'))
    assert ("range" in made["headers"]) is kept
    assert "if-match" not in made["headers"], "the bucket's tags are not the site's"
    assert "if-none-match" in made["headers"], "read-only"


def caching(made):
    return made["headers"]["cache-control"][0]["value"].rpartition("=")[2]


def test_how_long_answers_are_kept(function, site, backend):
    live = site.deployment()[4:]
    assert caching(function.handle(asking(f"/d/shop/{live}/index.html"))) == "31536000"
    assert caching(function.handle(asking("/d/shop/-/index.html"))) == "5"
    bad = site.publish({"index.html": b"one"}, "v2")
    backend.rows["shop"] = row(site.project, site.team, site.deployment(), past=(bad,))
    function.routes._rows.clear()
    assert caching(function.handle(asking(f"/d/shop/{bad[4:]}/%zz"))) == "300"
    assert caching(function.handle(asking("/d/shop/-/%zz"))) == "5"
    assert caching(function.handle(asking("/d/none/-/"))) == "5"
    function.routes._rows.clear()
    backend.rows["shop"] = row(site.project, site.team, site.deployment(), revoked=(bad,))
    assert caching(function.handle(asking(f"/d/shop/{bad[4:]}/index.html"))) == "5"
    assert caching(function.handle(asking(f"/p/shop/{bad[4:]}/index.html"))) == "31536000"


def test_production_stays_itself_even_when_it_is_listed_as_revoked(function, site, backend):
    live = site.deployment()
    backend.rows["shop"] = row(site.project, site.team, live, revoked=(live,))
    assert caching(function.handle(asking(f"/d/shop/{live[4:]}/index.html"))) == "31536000"


@pytest.mark.parametrize("kind", ["d", "p"])
def test_production_of_a_strange_project_is_a_fault_of_ours(function, site, backend, kind):
    thief = FakeSite("thief")
    backend.rows["thief"] = row(thief.project, thief.team, site.deployment())
    made = function.handle(asking(f"/{kind}/thief/{site.deployment()[4:]}/index.html"))
    assert made["status"] == ("502" if kind == "d" else "404")


@pytest.mark.parametrize("theirs", [True, False])
def test_a_canary_that_is_not_there_is_a_fault_of_ours_too(site, backend, theirs):
    """Whoever invents a preview hears that there is none; whom a route sends there does not."""
    thief = FakeSite("thief")
    own = thief.publish({"index.html": b"own"})
    backend.objects.update(thief.objects)
    canary = site.deployment() if theirs else f"dpl_{D}"
    for named, kind, status in [(canary, "d", "502"), (canary, "p", "404"), (None, "p", "404")]:
        backend.rows["thief"] = row(thief.project, thief.team, own, canary=named)
        function = OriginRequest(backend.settings())
        assert function.handle(asking(f"/{kind}/thief/{canary[4:]}/"))["status"] == status


def test_who_invents_a_canary_gets_production(function, site):
    """So does who has a page of what was live too long ago: see Chooser."""
    made = function.handle(asking(f"/d/shop/{D}/a.js"))
    notes = {name: values[0]["value"] for name, values in made["headers"].items()}
    assert notes["x-clouddeck-deployment"] == site.deployment()
    assert notes["x-clouddeck-caching"].endswith(",s-maxage=5")


def test_the_team_has_to_agree_as_well(function, site, backend):
    live = site.deployment()
    backend.rows["shop"] = row(site.project, "team_01ja0000000000000000000000", live)
    assert function.handle(asking(f"/p/shop/{live[4:]}/"))["status"] == "404"


def test_nothing_is_published_yet(function, site, backend):
    backend.rows["shop"] = row(site.project, site.team, None)
    made = function.handle(asking("/d/shop/-/"))
    assert made["status"] == "404"
    assert made["headers"]["x-clouddeck-error"][0]["value"] == "not_published"
    assert function.handle(asking(f"/p/shop/{site.deployment()[4:]}/"))["uri"]


def test_a_site_that_is_gone_has_no_previews(function, site, backend):
    backend.rows["shop"] = row(site.project, site.team, None, gone=True)
    for uri in ("/d/shop/-/", f"/p/shop/{site.deployment()[4:]}/", f"/d/shop/{D}/"):
        made = function.handle(asking(uri))
        assert made["headers"]["x-clouddeck-error"][0]["value"] == "unknown_host"


@pytest.mark.parametrize("uri", ["/blobs/x", "/manifests/x.json", "/", "", "/d/../p"])
def test_other_addresses_lead_nowhere(function, backend, uri):
    made = function.handle(asking(uri))
    assert made["status"] == "404"
    assert not backend.asked


def test_the_entry_reads_the_settings_that_were_baked_in(monkeypatch, backend, site):
    monkeypatch.setattr(origin_request, "read_settings", backend.settings)
    origin_request._function.cache_clear()
    event = {"Records": [{"cf": {"request": asking("/d/shop/-/")}}]}
    try:
        assert origin_request.handler(event, None)["uri"].startswith("/blobs/")
    finally:
        origin_request._function.cache_clear()


@pytest.mark.parametrize("to", ["http://[::1/", "backend:none/x", "https://:b/", "neither"])
def test_a_table_that_nobody_checked_is_a_page_that_says_so(backend, site, function, to):
    rules = encode(Routing((Rule("x", 1, "/x", to, 200),)))
    digest = hashlib.sha256(rules).hexdigest()
    site.publish({"index.html": b"one"}, routing=digest)
    site.objects[f"rules/{site.team}/{digest}.json"] = rules
    bare = site.deployment().removeprefix("dpl_")
    answer = function.handle(asking(f"/d/shop/{bare}/x"))
    assert answer["status"] == "502"
