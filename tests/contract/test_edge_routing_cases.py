"""The shared cases of rules, asked of CloudFront: the visitor's function, the cache, the origin."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib.clouds.aws import routes
from chalicelib.edge.rules.routing.codec import parse_routing
from chalicelib.edge.rules.routing.table import Table
from chalicelib.ports import SiteRoute
from tests.fakes.bucket import DictBucket, Reply
from tests.fakes.cloudfront import CloudFront
from tests.fakes.origin import Backend
from tests.fakes.viewer import Viewer
from tests.vectors.routing import Request, deployments, requests

DEPLOYED = deployments()


class Anything(dict[str, Any]):
    """Every other server there is."""

    def __missing__(self, host: str) -> Any:
        return lambda _: Reply(200, {"content-type": "text/plain"}, b"another server")


@pytest.fixture(scope="module")
def fronts():
    """A distribution per table."""
    made: dict[str, tuple[CloudFront, Backend, SiteRoute]] = {}
    with pytest.MonkeyPatch.context() as patch, Viewer("localhost") as viewer:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        for name, one in DEPLOYED.items():
            backend = Backend()
            site = one.site()
            backend.objects.update(site.objects)
            looks = Table(parse_routing(one.routing, one.digest)).looks
            route = SiteRoute(site.project, site.team, name, site.deployment(), 1, looks=looks)
            record = json.loads(routes.record(route, 0))
            store = DictBucket(backend.objects)
            front = CloudFront.ours(
                viewer, store, backend.settings(memo_seconds=0.0), {name: record}
            )
            front.servers = Anything()
            made[name] = front, backend, route
        yield made
        for _, backend, _ in made.values():
            backend.close()


@pytest.mark.parametrize("again", [False, True], ids=["cold", "warm"])
@pytest.mark.parametrize("case", requests(), ids=str)
def test_case(fronts: Any, case: Request, again: bool) -> None:
    front, backend, route = fronts[case.table]
    backend.rows[case.table] = routes.attributes(
        SiteRoute(**{**vars(route), "down": tuple(case.down)})
    )
    front.passed.clear()
    headers = {name.lower(): value for name, value in case.headers.items()}
    headers |= {"cloudfront-viewer-country": case.country} if case.country else {}
    reply = front.ask(case.host, case.path, headers, case.method)
    assert front.faults == []
    want = case.expect
    assert reply.status == want["status"]
    if "location" in want:
        assert reply.headers.get("location") == want["location"]
    if want.get("file"):
        assert reply.body == (
            b"" if case.method == "HEAD" else f"{case.table} {want['file']}".encode()
        )
    if "proxy" in want:
        (made,) = front.passed
        query = made["querystring"]
        url = f"https://{made['headers']['host'][0]['value']}{made['uri']}"
        asked = url + (f"?{query}" if query else "")
        assert any(asked.startswith(goal.split("?")[0]) for goal in want["proxy"])
    if "realm" in want:
        assert f'realm="{want["realm"]}"' in reply.headers["www-authenticate"]
    for name, value in want.get("headers", {}).items():
        if value and name.lower() != "cache-control":
            assert reply.headers.get(name.lower()) == value
    if want.get("private") and reply.status < 400:
        assert "private" in reply.headers["cache-control"]
        assert not reply.hit
