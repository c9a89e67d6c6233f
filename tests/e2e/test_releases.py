"""A release to a few, its rollout to all, what holds one back, and the way back without an API."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.e2e.asking import Json, until
from tests.e2e.person import Person, Site

STEPS = "0:1h,50:1s,100"
VISITORS = 40


@pytest.fixture(scope="module")
def site(person: Person) -> Site:
    """A site whose first version is live; the next ones come in steps."""
    made = person.site("steps", {"index.html": "<h1>one</h1>\n", "old.txt": "old\n"})
    made.publish()
    limits = ("judge.min_requests=5", "judge.p95_ms=20000")
    steps = ("strategy=canary", f"steps={STEPS}", "match=header:x-beta=1", *limits)
    delivery = made.deck("delivery", "set", *steps)["delivery"]
    assert [step["weight"] for step in delivery["steps"]] == [0, 50, 100]
    return made


@pytest.fixture(scope="module")
def two(site: Site) -> Json:
    """The second version, ready and not live."""
    (site.folder / "old.txt").unlink()
    found = site.publish({"index.html": "<h1>two</h1>\n", "new.txt": "new\n"})
    assert found["live"] is False
    return found


def rollout(site: Site) -> Json:
    found: Json = site.deck("rollout", "show")
    return found


def seen(site: Site) -> set[str]:
    """Which versions visitors get who come for the first time."""
    with ThreadPoolExecutor(8) as pool:
        pages = list(pool.map(lambda _: site.page(), range(VISITORS)))
    assert {page.status for page in pages} == {200}
    return {page.text.strip() for page in pages}


def test_a_header_shows_the_canary(site: Site, two: Json) -> None:
    until(lambda: "two" in site.page(x_beta="1").text, 20)
    found = rollout(site)
    assert (found["deployment"], found["state"], found["weight"]) == (two["id"], "running", 0)
    assert seen(site) == {"<h1>one</h1>"}, "nobody else sees it"
    assert "one" in site.page(x_beta="2").text


def test_a_rollout_goes_to_its_end(site: Site, two: Json) -> None:
    site.deck("rollout", "advance")
    until(lambda: rollout(site)["weight"] >= 50, 30)
    versions: set[str] = set()

    def ended() -> Json | None:
        versions.update(seen(site))
        found = rollout(site)
        return None if found["state"] == "running" else found

    found = dict(until(ended, 60))
    assert found["state"] == "completed", found
    assert versions == {"<h1>one</h1>", "<h1>two</h1>"}, "half of them saw each"
    assert found["verdict"]["numbers"]["canary"]["requests"] >= 5
    looks = site.deck("rollout", "looks")["items"]
    assert [one["number"] for one in looks] == list(range(looks[0]["number"], 0, -1))
    assert (looks[0]["outcome"], looks[0]["numbers"]) == ("pass", found["verdict"]["numbers"])
    assert until(lambda: seen(site) == {"<h1>two</h1>"}, 10)
    assert site.api.deployment(two["id"])["live"] is True
    assert site.deck("rollout", "watch")["rollout"]["state"] == "completed"


def test_a_diff_names_what_changed(site: Site, two: Json) -> None:
    first = site.api.items(f"/projects/{site.id}/deployments")[-1]["id"]
    found = site.deck("diff", first, two["id"])
    files = found["files"]
    named = {kind: [file["path"] for file in files[kind]] for kind in files["counts"]}
    assert named == {"added": ["new.txt"], "removed": ["old.txt"], "changed": ["index.html"]}
    assert site.deck("diff", two["id"])["same"] is True, "the other one is what is live"


def test_a_lock_holds_what_is_pushed(site: Site, two: Json) -> None:
    site.deck("delivery", "set", "strategy=instant")
    site.deck("lock", "the auditors are here")
    three = site.publish({"index.html": "<h1>three</h1>\n"})
    assert three["live"] is False
    assert three["held"]["because"] == "locked"
    assert "auditors" in three["held"]["detail"]
    assert site.deck("promote", three["id"], code=2)["error"]["code"] == "project_locked"
    assert site.shows("two")
    site.deck("unlock")
    assert until(lambda: site.shows("three"), 90)
    assert site.api.deployment(three["id"])["held"] is None


@pytest.fixture
def no_api(site: Site) -> Iterator[None]:
    """The gateway has stopped and answers nobody."""
    pid = site.cloud.pid("gateway")
    site.cloud.signal(pid, signal.SIGSTOP)
    yield
    site.cloud.signal(pid, signal.SIGCONT)
    until(site.cloud.all_ready, 60)


def test_a_rollback_without_the_api(site: Site, two: Json, no_api: None) -> None:
    moved = site.deck("rollback", "--cloud", "local", "--reason", "the API is down")
    assert (moved["deployment"], moved["pinned"]) == (two["id"], True)
    assert until(lambda: site.shows("two"), 10)


def test_the_control_plane_agrees_afterwards(site: Site, two: Json) -> None:
    pointer = site.api.get(f"/projects/{site.id}/pointer")
    assert (pointer["deployment"], pointer["pinned"]) == (two["id"], True)
    assert pointer["history"][0]["reason"] == "the API is down"
    assert site.shows("two")
