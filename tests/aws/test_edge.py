"""Rules, rollouts, doors and domains on the deployed stacks, with IAM enforced."""

from __future__ import annotations

import json
from collections.abc import Callable
from urllib.parse import urlsplit

from tests.acceptance.client import Api, Json
from tests.aws.cloud import Cloud
from tests.aws.test_deployed import page
from tests.e2e.asking import until

Make = Callable[[str], Json]
DOMAIN = "www.shop-one.com"
RULES = {
    "_redirects": b"/old/* /new/:splat 301\n/greeting /hallo.html 200 Language=de\n",
    "_headers": b"/*\n  X-Frame-Options: DENY\n",
    "hallo.html": b"<h1>hallo</h1>\n",
    "greeting.html": b"<h1>hello</h1>\n",
}


def shipped(cloud: Cloud, api: Api, made: Json, files: dict[str, bytes]) -> Json:
    """A push that has become ready."""
    found = cloud.settled(api, made["id"], cloud.push(made["id"], files))
    assert found["state"] == "ready", found["error"]
    return found


def test_rules_of_files_are_kept_at_the_edge(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("ruled")
    host = cloud.host(made)
    shipped(cloud, api, made, {**page("ruled"), **RULES})
    cloud.shows(host, b"ruled")
    assert cloud.edge.ask(host).headers["x-frame-options"] == "DENY"
    moved = cloud.edge.ask(host, "/old/a/b")
    assert (moved.status, moved.headers["location"]) == (301, "/new/a/b")
    assert until(lambda: cloud.edge.record(made["slug"]).get("l"), 20) == ["language"]
    german, english = {"accept-language": "de-DE"}, {"accept-language": "en"}
    for _ in range(2):  # the second is out of the cache
        assert b"hello" in cloud.edge.ask(host, "/greeting", **english).body
    # an unforced rule leaves a file alone
    assert b"hello" in cloud.edge.ask(host, "/greeting", **german).body
    assert cloud.edge.ask(host, "/_redirects").status == 404
    assert cloud.edge.distribution.faults == []


def test_a_canary_goes_to_some_and_comes_back(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("careful")
    host, path = cloud.host(made), f"/projects/{made['id']}"
    first = shipped(cloud, api, made, page("one"))
    cloud.shows(host, b"one")
    delivery = {"strategy": "canary", "steps": [{"weight": 25, "seconds": 86400}]}
    api.good("PATCH", path, {"delivery": delivery})
    second = shipped(cloud, api, made, page("two"))
    until(lambda: cloud.edge.record(made["slug"]).get("c") == _bare(second), 60)
    record = cloud.edge.record(made["slug"])
    assert (record["p"], record["w"]) == (_bare(first), 2500)
    seen = {cloud.edge.ask(host).headers["x-clouddeck-deployment"] for _ in range(60)}
    assert seen == {first["id"], second["id"]}
    (rollout,) = api.get(f"{path}/rollouts")["items"]
    assert (rollout["state"], rollout["deployment"]) == ("running", second["id"])

    api.post(f"{path}/rollback")
    until(lambda: "c" not in cloud.edge.record(made["slug"]), 20)
    assert cloud.edge.record(made["slug"])["p"] == _bare(first)
    assert {cloud.edge.ask(host).body for _ in range(20)} == {page("one")["index.html"]}
    assert api.get(f"{path}/rollouts/{rollout['id']}")["state"] in {"running", "overtaken"}


def test_a_rollout_goes_all_the_way(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("steady")
    path = f"/projects/{made['id']}"
    shipped(cloud, api, made, page("one"))
    steps = [{"weight": 50, "seconds": 1}, {"weight": 100, "seconds": 0}]
    api.good("PATCH", path, {"delivery": {"strategy": "canary", "steps": steps}})
    second = shipped(cloud, api, made, page("two"))
    (rollout,) = until(lambda: api.get(f"{path}/rollouts")["items"], 60)
    until(lambda: cloud.edge.record(made["slug"]).get("c") == _bare(second), 60)
    api.post(f"{path}/rollouts/{rollout['id']}/advance")
    until(lambda: cloud.edge.record(made["slug"])["p"] == _bare(second), 90)
    assert api.get(f"{path}/rollouts/{rollout['id']}")["state"] == "completed"
    assert api.get(f"{path}/pointer")["deployment"] == second["id"]


def test_a_protected_preview_asks_who_is_there(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("hidden")
    found = shipped(cloud, api, made, page("secret"))
    host, preview = cloud.host(made), cloud.host(made, found["id"])
    cloud.shows(preview, b"secret")
    wish = {"scope": "previews", "mode": "password", "password": "as the moon pulls"}
    api.good("PUT", f"/projects/{made['id']}/access", wish)
    # the bus, `on-route-changed`, the row, the stream and the store
    until(lambda: cloud.edge.ask(preview).status == 401, 60)
    door = cloud.edge.ask(preview)
    assert (door.headers["cache-control"], b"secret" in door.body) == ("no-store", False)
    assert b"secret" in cloud.edge.ask(host).body, "production is open"
    share = api.post(f"/projects/{made['id']}/shares", {"host": preview})
    link = urlsplit(share["url"])
    assert link.netloc == preview
    came = cloud.edge.ask(preview, f"{link.path}?{link.query}")
    assert (came.status, came.headers["location"]) == (302, "/")
    (cookie,) = came.cookies
    assert b"secret" in cloud.edge.ask(preview, cookie=cookie.partition(";")[0]).body
    assert cloud.edge.ask(preview).status == 401, "what was let in is in nobody else's cache"


def test_a_domain_from_its_proof_to_its_end(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("own-name")
    path = f"/projects/{made['id']}/domains"
    shipped(cloud, api, made, page("by name"))
    added = api.good("POST", path, {"domain": DOMAIN})
    proof = next(one for one in added["records"] if one["type"] == "TXT")

    def state() -> str:
        return str(api.get(f"{path}/{DOMAIN}")["state"])

    until(lambda: state() == "ownership_pending", 60)
    assert cloud.edge.ask(DOMAIN).status == 404, "nobody has proven it"
    cloud.dns.texts[proof["name"]] = [proof["value"]]
    until(lambda: state() == "active", 120)  # the machine looks again by itself
    cloud.shows(DOMAIN, b"by name")
    api.call("DELETE", f"{path}/{DOMAIN}")
    until(lambda: state() == "removed", 120)
    assert cloud.edge.ask(DOMAIN).status == 404
    log = json.dumps(api.get(f"/teams/{made['team']}/audit?action=domains.state")["items"])
    assert DOMAIN in log


def test_what_the_control_plane_may_do_with_domains(cloud: Cloud) -> None:
    """The emulator's IAM knows no tenants, so the roles are read."""
    for role in ("domain-look", "certificates", "api"):
        text = json.dumps(cloud.rights(role))
        assert "cloudfront:CreateDistributionTenant" in text
        assert '"cloudfront:UpdateDistribution"' not in text
    assert "cloudfront:" not in json.dumps(cloud.rights("on-project-deleted"))


def _bare(deployment: Json) -> str:
    return str(deployment["id"]).removeprefix("dpl_")
