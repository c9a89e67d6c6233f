"""Going back, staying there, and going on."""

from __future__ import annotations

import pytest

from tests.e2e.asking import Json, until
from tests.e2e.person import Person, Site


@pytest.fixture(scope="module")
def history(person: Person) -> tuple[Site, list[Json]]:
    """A site whose second version is live."""
    site = person.site("history", {"index.html": "<h1>first</h1>\n"})
    first = site.publish()
    second = site.publish({"index.html": "<h1>second</h1>\n", "new.txt": "new\n"})
    assert until(lambda: site.shows("second"), 5)
    return site, [first, second]


def test_rollback_pin_promote(history: tuple[Site, list[Json]]) -> None:
    site, (first, second) = history
    before = site.api.items(f"/projects/{site.id}/deployments")
    pointer = site.deck("rollback", "--reason", "broken")
    assert (pointer["deployment"], pointer["pinned"]) == (first["id"], True)
    assert site.shows("first"), "the old content is there when the answer is"
    assert site.page("/new.txt").status == 404
    assert "second" in site.page("/", second["url"]).text, "its own address stays"
    assert len(site.api.items(f"/projects/{site.id}/deployments")) == len(before), "no build"

    third = site.publish({"index.html": "<h1>third</h1>\n"})
    assert third["live"] is False
    assert {s["name"]: s["state"] for s in third["stages"]}["promote"] == "skipped"
    assert site.shows("first"), "pinned against what is newer"
    assert "third" in site.page("/", third["url"]).text

    pointer = site.deck("promote", third["id"])
    assert (pointer["deployment"], pointer["pinned"]) == (third["id"], False)
    assert site.shows("third")

    fourth = site.publish({"index.html": "<h1>fourth</h1>\n"})
    assert fourth["live"] is True
    assert until(lambda: site.shows("fourth"), 5), "not pinned any more"
    moves = site.api.get(f"/projects/{site.id}/pointer")["history"]
    assert [move["deployment"] for move in moves] == [
        *(fourth["id"], third["id"], first["id"], second["id"], first["id"]),
    ]
    assert [move["generation"] for move in moves] == [5, 4, 3, 2, 1]


def test_only_what_is_ready_goes_live(history: tuple[Site, list[Json]], plain: Site) -> None:
    site, _ = history
    foreign = plain.api.items(f"/projects/{plain.id}/deployments")[0]["id"]
    refused = site.deck("promote", foreign, code=2)
    assert refused["error"]["code"] == "deployment_not_found"
    assert plain.shows("one")


def test_a_freed_name_serves_who_takes_it_next(person: Person) -> None:
    old = person.site("reused", {"index.html": "<h1>the old tenant</h1>\n"})
    first = old.publish()
    old.publish({"index.html": "<h1>the old tenant, again</h1>\n"})
    assert old.api.ask("DELETE", f"/projects/{old.id}").status == 204
    assert until(lambda: old.page().status == 404, 5), "a deleted site is gone"
    assert old.page("/", first["url"]).status == 404, "and so is each of its deployments"

    old.folder.rename(old.folder.with_name("reused-before"))
    new = person.site("reused", {"index.html": "<h1>the new tenant</h1>\n"})
    new.publish()
    assert until(lambda: new.shows("the new tenant"), 5)
    assert old.page("/", first["url"]).status == 404
