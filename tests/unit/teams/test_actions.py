"""Authority and membership, on the real database."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, Forbidden, NotFound, not_found
from chalicelib.teams import actions
from chalicelib.teams.actions import Membership
from tests.fakes.counting import database_calls


def actor(user, **other):
    return Actor(kind="user", id=user.id, user=user.id, home=user.home, **other)


@pytest.fixture
def ada(database):
    return actions.create_owner_account("ada@example.com", "Ada", "correct horse battery")


@pytest.fixture
def bob(database):
    return actions.create_owner_account("bob@example.com", "Bob", None)


def own(user):
    return Membership(user.home, user.id, "owner")


def test_require_is_one_read(ada):
    with database_calls() as calls:
        found = actions.require(actor(ada), ada.home, "project.create")
    assert calls == ["BatchGetItem"]
    assert found == own(ada)


def test_default_team_reads_nothing(ada):
    with database_calls() as calls:
        assert actions.default_team(actor(ada)) == ada.home
    assert calls == []
    assert actions.default_team(Actor(kind="user", id=ada.id, user=ada.id)) == ada.home
    key = Actor(kind="api_key", id="key", user=ada.id, team="team_x", home="team_x")
    assert actions.default_team(key) == "team_x"


def test_a_stranger_learns_nothing(ada, bob):
    with pytest.raises(NotFound) as theirs:
        actions.require(actor(bob), ada.home, "team.read")
    absent = "team_" + "0" * 26
    with pytest.raises(NotFound) as none:
        actions.require(actor(bob), absent, "team.read")
    assert theirs.value.detail.replace(ada.home, absent) == none.value.detail
    with pytest.raises(NotFound, match="no project 'x'"):
        actions.require(actor(bob), ada.home, "team.read", absent=not_found("project", "x"))


def test_a_key_stays_in_its_team(ada, bob):
    actions.add_member(own(bob), ada.id, "admin")
    key = Actor(kind="api_key", id="key", user=ada.id, team=ada.home)
    actions.require(key, ada.home, "team.read")
    with pytest.raises(NotFound):
        actions.require(key, bob.home, "team.read")


def test_scopes_narrow_a_role_and_never_widen_it(ada, bob):
    actions.add_member(own(ada), bob.id, "viewer")
    scoped = actor(ada, scopes=frozenset({"team.read"}))
    actions.require(scoped, ada.home, "team.read")
    with pytest.raises(Forbidden) as found:
        actions.require(scoped, ada.home, "project.create")
    assert found.value.code == "missing_scope"
    wide = actor(bob, scopes=frozenset({"project.delete"}))
    with pytest.raises(Forbidden) as found:
        actions.require(wide, ada.home, "project.delete")
    assert found.value.code == "missing_permission"


def test_platform_and_builds_are_no_members(ada):
    for caller in (Actor(kind="platform", id="platform"), Actor(kind="build", id="b", build="b")):
        with pytest.raises(NotFound):
            actions.require(caller, ada.home, "team.read")


def test_slugs_are_unique(ada):
    actions.create_team(ada.id, "rockets", "Rockets")
    with pytest.raises(Conflict) as found:
        actions.create_team(ada.id, "rockets", "Others")
    assert found.value.code == "slug_taken"
    assert actions.team_named("rockets").startswith("team_")
    assert actions.team_named("nobody") == "nobody"


def test_personal_slugs_do_not_collide(database):
    first = actions.create_owner_account("x@a.example", "X", None)
    second = actions.create_owner_account("x@b.example", "X", None)
    assert first.home != second.home
    assert actions.team_named("x") == first.home


def test_members(ada, bob):
    actions.add_member(own(ada), bob.id, "viewer")
    with pytest.raises(Conflict):
        actions.add_member(own(ada), bob.id, "admin")
    actions.set_role(own(ada), bob.id, "developer")
    assert actions.require(actor(bob), ada.home, "project.create").role == "developer"
    actions.remove_member(own(ada), bob.id)
    with pytest.raises(NotFound, match="no member"):
        actions.remove_member(own(ada), bob.id)
    with pytest.raises(NotFound):
        actions.require(actor(bob), ada.home, "team.read")
    with pytest.raises(ValueError, match="role is one of"):
        actions.add_member(own(ada), bob.id, "king")


def test_only_owners_make_owners(ada, bob):
    admin = Membership(ada.home, bob.id, "admin")
    with pytest.raises(Forbidden):
        actions.add_member(admin, bob.id, "owner")
    with pytest.raises(Forbidden):
        actions.set_role(admin, ada.id, "viewer")
    with pytest.raises(Forbidden):
        actions.remove_member(admin, ada.id)


def test_the_last_owner_stays(ada, bob):
    with pytest.raises(Conflict, match="at least one owner"):
        actions.remove_member(own(ada), ada.id)
    actions.add_member(own(ada), bob.id, "owner")

    def leave(user):
        try:
            actions.remove_member(own(ada), user.id)
        except Conflict:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        left = list(pool.map(leave, (ada, bob)))
    assert left.count(True) <= 1


def change(user, expected, **changes):
    return actions.update_team(actor(user), user.home, changes, expected)[0]


def test_changes_count_versions(ada):
    changed = change(ada, None, name="New")
    assert (changed.name, changed.version) == ("New", 2)
    with pytest.raises(Conflict, match="version is 2"):
        change(ada, 1, name="Newer")

    def rename(number):
        try:
            return change(ada, 2, name=f"N{number}").version
        except Conflict:
            return 0

    with ThreadPoolExecutor(6) as pool:
        assert sorted(pool.map(rename, range(6))) == [0, 0, 0, 0, 0, 3]
