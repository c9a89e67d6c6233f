"""A team at a glance: lists over all its projects, and its numbers."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.core import census
from chalicelib.deployments import rows as deployments
from chalicelib.deployments.actions import finish, moving
from chalicelib.deployments.actions.moving import Move
from chalicelib.deployments.rows import Deployment
from chalicelib.overview import rows as overview_rows
from chalicelib.overview.actions import older
from chalicelib.projects.rows import pointer as pointer_of
from tests.fakes.counting import database_calls
from tests.fakes.people import Person, member, person

pytestmark = pytest.mark.usefixtures("database")

FAILED = {"code": "build_failed", "message": "m", "hint": "", "fault": "you"}


def project(by: Person, name: str) -> dict[str, Any]:
    answer = by.client.post("/v1/projects", {"name": name})
    assert answer.status == 201, answer.text
    return dict(answer.json())


def deploy(by: Person, services: Any, site: dict[str, Any], commit: str = "a") -> str:
    services.repositories.push(site["id"], "main", commit * 40)
    answer = by.client.post(f"/v1/projects/{site['id']}/deployments", {"branch": "main"})
    assert answer.status == 201, answer.text
    return str(answer.json()["id"])


def get(by: Person, what: str) -> dict[str, Any]:
    answer = by.client.get(f"/v1/teams/{by.team}/{what}")
    assert answer.status == 200, answer.text
    return dict(answer.json())


def test_a_team_with_nothing(owner: Person) -> None:
    found = get(owner, "overview")
    assert (found["projects"], found["live"], found["building"]) == (0, 0, 0)
    assert found["week"]["success_rate"] is None
    assert [len(found["week"]["days"]), len(found["traffic"]["series"])] == [7, 24]
    assert found["builds"] == {"count": 0, "p50_ms": None, "p95_ms": None}
    assert get(owner, "sites") == {"items": [], "next": None}
    assert get(owner, "deployments") == {"items": [], "next": None}


def test_what_is_on_its_way_and_what_is_over(owner: Person, services: Any) -> None:
    site = project(owner, "one")
    one = deploy(owner, services, site)
    assert get(owner, "overview")["building"] == 1
    finish.fail(one, FAILED)
    for _ in range(3):
        finish.notify(one)
    found = get(owner, "overview")
    assert (found["projects"], found["building"]) == (1, 0)
    assert found["week"]["finished"] == found["week"]["failed"] == 1
    assert found["week"]["success_rate"] == 0
    assert found["week"]["days"][-1]["failed"] == 1


def test_sites_by_newest_activity(owner: Person, services: Any) -> None:
    sites = [project(owner, name) for name in ("alpha", "beta", "gamma")]
    assert [one["slug"] for one in get(owner, "sites")["items"]] == [
        one["slug"] for one in reversed(sites)
    ]
    newest = deploy(owner, services, sites[0])
    first = get(owner, "sites")["items"][0]
    assert first["id"] == sites[0]["id"]
    assert first["latest"]["deployment"] == newest
    assert first["production"] is None
    assert not first["locked"]


def test_sites_are_found_by_name_and_slug(owner: Person) -> None:
    one, _ = project(owner, "Blue Whale"), project(owner, "red fox")
    assert one["slug"] == "blue-whale"
    for query in ("whale", "BLUE", one["slug"]):
        assert [s["id"] for s in get(owner, f"sites?query={query}")["items"]] == [one["id"]]
    owner.client.patch(f"/v1/projects/{one['id']}", {"name": "Green Turtle"})
    assert [s["id"] for s in get(owner, "sites?query=turtle")["items"]] == [one["id"]]
    # its slug stays, and what the name was finds nothing any more
    assert [s["id"] for s in get(owner, "sites?query=blue-whale")["items"]] == [one["id"]]
    assert get(owner, "sites?query=blue whale")["items"] == []


def test_a_page_costs_the_same_however_many_there_are(owner: Person, services: Any) -> None:
    def cost() -> int:
        with database_calls() as calls:
            get(owner, "sites?limit=20")
        return len(calls)

    for name in ("a", "b"):
        deploy(owner, services, project(owner, name))
    few = cost()
    for n in range(10):
        project(owner, f"more {n}")
    assert cost() == few


def test_pages_of_deployments_reach_all(owner: Person, services: Any) -> None:
    sites = [project(owner, name) for name in ("a", "b")]
    made = [deploy(owner, services, sites[n % 2], "abcdef"[n]) for n in range(5)]
    seen: list[str] = []
    at = ""
    while True:
        page = get(owner, f"deployments?limit=2{at}")
        seen += [one["id"] for one in page["items"]]
        if not page["next"]:
            break
        at = f"&cursor={page['next']}"
    assert seen == sorted(made, reverse=True)


def test_what_was_deleted_is_gone(owner: Person, services: Any) -> None:
    site = project(owner, "gone")
    deploy(owner, services, site)
    assert owner.client.delete(f"/v1/projects/{site['id']}").status == 204
    assert get(owner, "sites")["items"] == []
    assert get(owner, "deployments")["items"] == []
    assert get(owner, "overview")["projects"] == 0


def test_strangers_see_nothing(owner: Person, api: Any) -> None:
    for what in ("overview", "sites", "deployments"):
        assert person(api).client.get(f"/v1/teams/{owner.team}/{what}").status == 404
        assert (
            member(api, owner, "viewer").client.get(f"/v1/teams/{owner.team}/{what}").status == 200
        )


def forget_lists(team: str, sites: list[dict[str, Any]], made: list[str]) -> None:
    """As an installation was before there were lists."""
    from chalicelib.core.census import CensusRow
    from chalicelib.core.table import CoreRow

    keys = [(f"PROJ#{site['id']}", "SITE") for site in sites]
    keys += [(f"TEAM#{team}", f"DEP#{one}") for one in made]
    keys += [(f"TEAM#{team}", row.sk) for row in CoreRow.query(f"TEAM#{team}") if "DAY#" in row.sk]
    keys += [(row.pk, row.sk) for n in range(8) for row in CensusRow.query(f"CENSUS#{n}")]
    keys += [(f"TEAM#{team}", "TALLY")]
    for pk, sk in [*keys, ("INSTALLATION", "LISTS")]:
        CoreRow(pk, sk).delete()
    for one in made:
        row = deployments.get(one)
        assert row is not None
        row.update(actions=[Deployment.counted.remove()])


def test_what_is_live_is_counted_once(owner: Person, services: Any) -> None:
    site = project(owner, "one")
    for commit in "ab":
        row = deployments.get(deploy(owner, services, site, commit))
        assert row is not None
        row.update(actions=[Deployment.state.set("ready"), Deployment.published.set(True)])
        assert moving.write(Move(row, owner.id, "because"), pointer_of(site["id"]))
        found = get(owner, "overview")
        assert (found["projects"], found["live"]) == (1, 1)
        shown = get(owner, "sites")["items"][0]
        assert shown["production"]["deployment"] == shown["latest"]["deployment"] == row.id
        assert shown["production"]["commit"] == commit * 40
    forget_lists(owner.team, [site], [])
    older._over.clear()
    older.complete()
    assert get(owner, "overview")["live"] == 1
    assert owner.client.delete(f"/v1/projects/{site['id']}").status == 204
    found = get(owner, "overview")
    assert (found["projects"], found["live"]) == (0, 0)


def test_what_is_of_an_older_make_is_listed_by_the_sweep(owner: Person, services: Any) -> None:
    sites = [project(owner, name) for name in ("a", "b")]
    over, under_way = deploy(owner, services, sites[0]), deploy(owner, services, sites[1], "b")
    finish.fail(over, FAILED)
    finish.notify(over)
    before = {what: get(owner, what) for what in ("overview", "sites", "deployments")}
    forget_lists(owner.team, sites, [over, under_way])
    assert get(owner, "sites")["items"] == get(owner, "deployments")["items"] == []
    older._over.clear()
    assert older.complete() == 4
    assert {what: get(owner, what) for what in before} == before
    assert census.total("deployments") == census.total("projects") == 2
    # a second pass comes later, and finds nothing to do
    row = overview_rows.lists()
    assert (row.passes, older.complete()) == (1, 0)
    row.ended_ms = 0
    row.save()
    assert older.complete() == 0
    assert overview_rows.lists().passes == 2
    assert {what: get(owner, what) for what in before} == before


def test_a_pass_that_had_no_time_goes_on_where_it_was(owner: Person) -> None:
    sites = [project(owner, name) for name in ("a", "b", "c")]
    forget_lists(owner.team, sites, [])
    older._over.clear()
    assert older.complete(seconds=-1) == 0
    assert older.complete() == 3
    assert len(get(owner, "sites")["items"]) == 3


def test_a_project_that_nobody_has_listed_can_be_deleted(owner: Person) -> None:
    site = project(owner, "a")
    forget_lists(owner.team, [site], [])
    assert owner.client.delete(f"/v1/projects/{site['id']}").status == 204
    assert census.total("projects") == 0
