"""How many people and teams an installation has: counted as they come and go, never by reading."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.core import census
from chalicelib.core.config import settings
from chalicelib.core.table import CoreRow
from chalicelib.identity.rows import UserRow, user_named
from chalicelib.meta import actions
from chalicelib.overview.actions import older
from chalicelib.teams.rows import TeamRow, team_named
from tests.fakes.counting import database_calls
from tests.fakes.people import person


def counted():
    return census.total("users"), census.total("teams")


def forget(*people):
    """As it was before there was a census."""
    for number in range(census.PARTS):
        CoreRow(f"CENSUS#{number}", "META").delete()
    for sk in ("LISTS", "COUNTS#teams", "COUNTS#users"):
        CoreRow("INSTALLATION", sk).delete()
    for one in people:
        user_named(one.id).update(actions=[UserRow.counted.remove()])
        team_named(one.team).update(actions=[TeamRow.counted.remove()])
    older._over.clear()


def test_accounts_and_teams_are_counted_as_they_come_and_go(api, owner):
    assert counted() == (1, 1)
    person(api)
    assert counted() == (2, 2)
    made = owner.client.post("/v1/teams", {"name": "Rockets"}).json()["id"]
    assert counted() == (2, 3)
    assert owner.client.delete(f"/v1/teams/{made}").status == 204
    assert owner.client.delete(f"/v1/teams/{made}").status == 404
    assert counted() == (2, 2)


def test_a_slug_that_is_taken_counts_nothing(owner):
    slug = owner.client.get(f"/v1/teams/{owner.team}").json()["slug"]
    assert owner.client.post("/v1/teams", {"name": "x", "slug": slug}).status == 409
    assert counted() == (1, 1)


def test_those_of_an_older_make_are_counted_once_by_the_sweep(api, owner):
    people = [owner, *(person(api) for _ in range(3))]
    forget(*people)
    new = person(api)
    assert counted() == (1, 1)
    assert older.complete() == 8
    assert counted() == (5, 5)
    older._over.clear()
    assert older.complete() == 0
    forget(*people, new)
    assert older.complete(seconds=-1) == 10  # a page of each, however late it is
    assert older.complete() == 0
    assert counted() == (5, 5)


def test_a_team_that_nobody_counted_is_not_taken_off(owner):
    made = owner.client.post("/v1/teams", {"name": "Rockets"}).json()["id"]
    forget()
    team_named(made).update(actions=[TeamRow.counted.remove()])
    assert owner.client.delete(f"/v1/teams/{made}").status == 204
    older.complete()
    assert census.total("teams") == 0


def test_the_count_costs_the_same_however_many_there_are(api, owner):
    def cost():
        with database_calls() as calls:
            counted()
        return calls.count("Query")

    before = cost()
    for _ in range(3):
        person(api)
    assert cost() == before == 2 * census.PARTS


def test_a_fault_of_ours_is_not_called_unknown(services, owner, monkeypatch):
    """Only what was not set up is; a KeyError in a check means that the part is down."""

    def broken(*_):
        raise KeyError("Location")

    monkeypatch.setattr(services.store, "size", broken)
    found = next(one for one in actions.look().parts if one.name == "store")
    assert (found.state, "KeyError" in found.detail) == ("down", True)


def test_mail_that_nobody_set_up_is_unknown(services, owner, monkeypatch):
    there = replace(settings(), cloud="aws", mail_sender="")
    monkeypatch.setattr(actions, "settings", lambda: there)
    found = actions.look()
    mail = next(one for one in found.parts if one.name == "mail")
    assert (mail.state, found.ok) == ("unknown", True)
    assert "No address" in mail.detail
