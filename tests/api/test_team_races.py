"""Teams, members and invitations when everybody acts at once."""

from __future__ import annotations

import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Barrier
from typing import Any

import pytest

from chalicelib.core.actor import Actor
from chalicelib.core.errors import Conflict, NotFound, Problem
from chalicelib.identity.rows import user_of
from chalicelib.projects import actions as projects
from chalicelib.projects import rows as project_rows
from chalicelib.teams import actions, rows
from chalicelib.teams.actions import Membership, leaving


def at_once(*works: Callable[[], Any]) -> list[Any]:
    """What each came to, started in one moment: its result, or the code of its refusal."""
    start = Barrier(len(works))

    def run(work: Callable[[], Any]) -> Any:
        start.wait()
        try:
            return work()
        except Problem as problem:
            return problem.code

    with ThreadPoolExecutor(len(works)) as pool:
        return list(pool.map(run, works))


def somebody(name: str) -> Any:
    return actions.create_owner_account(f"{name}@example.com", name, None)


def actor(user: Any) -> Actor:
    return Actor(kind="user", id=user.id, user=user.id, home=user.home)


@pytest.fixture
def ada(database, services):
    return somebody("ada")


@pytest.fixture
def team(ada):
    return actions.create_team(ada.id, None, "Rockets").id


def own(team: str, user: Any, role: str = "owner") -> Membership:
    return Membership(team, user.id, role)


def invited(services: Any, team: str, by: Any, email: str, role: str = "developer") -> str:
    actions.invite(actor(by), own(team, by), email, role)
    return tokens(services, email)[-1]


def tokens(services: Any, email: str) -> list[str]:
    return [re.search(r"inv_[\w-]{43}", mail.text)[0] for mail in services.mail.to(email)]


@pytest.mark.parametrize("number", [2, 3, 6])
def test_owners_who_all_leave_at_once_leave_one(team, ada, number):
    owners = [ada, *(somebody(f"o{n}") for n in range(number - 1))]
    for other in owners[1:]:
        actions.add_member(own(team, ada), other.id, "owner")
    found = at_once(*(lambda o=o: actions.remove_member(own(team, o), o.id) for o in owners))
    left = [m for m in rows.members_of(team) if m.role == "owner"]
    assert left
    assert len(left) == number - found.count("owner")
    assert set(found) <= {"owner", "last_owner", "conflict"}


def test_owners_who_demote_each_other(team, ada):
    bob = somebody("bob")
    actions.add_member(own(team, ada), bob.id, "owner")
    at_once(
        lambda: actions.set_role(own(team, ada), bob.id, "viewer"),
        lambda: actions.set_role(own(team, bob), ada.id, "viewer"),
        lambda: actions.remove_member(own(team, ada), bob.id),
    )
    assert [m for m in rows.members_of(team) if m.role == "owner"]


def test_ownership_is_handed_on_once(team, ada):
    heirs = [somebody(f"h{n}") for n in range(4)]
    for heir in heirs:
        actions.add_member(own(team, ada), heir.id, "viewer")
    found = at_once(*(lambda h=h: actions.transfer(own(team, ada), h.id) for h in heirs))
    assert found.count(None) == 1
    assert [m.role for m in rows.members_of(team)].count("owner") == 1


def test_a_mail_that_is_opened_everywhere_at_once(services, team, ada):
    bob = somebody("bob")
    token = invited(services, team, ada, "bob@example.com")
    found = at_once(*[lambda: actions.redeem(token, user_of(bob.id))] * 8)
    assert {joined.role for joined in found} == {"developer"}
    assert [m.user for m in rows.members_of(team)].count(bob.id) == 1


def test_accepting_and_revoking(services, team, ada):
    for number in range(6):
        bob = somebody(f"bob{number}")
        token = invited(services, team, ada, bob.email)
        row = rows.invitation_of(team, bob.email)
        joined, revoked = at_once(
            lambda token=token, bob=bob: actions.redeem(token, bob),
            lambda row=row: actions.revoke_invitation(own(team, ada), row.id),
        )
        member = rows.member_of(team, bob.id)
        assert (member is None) == (joined == "invitation_not_found")
        assert (member is None) == (revoked != "invitation_not_found")


def test_one_address_invited_by_everybody(services, team, ada):
    bob = somebody("bob")
    found = at_once(*[lambda: actions.invite(actor(ada), own(team, ada), bob.email, "viewer")] * 6)
    done = [row for row in found if not isinstance(row, str)]
    assert done
    assert len(list(rows.invitations_of(team))) == 1
    good = [token for token in tokens(services, bob.email) if _opens(token)]
    assert len(good) == 1


def _opens(token: str) -> bool:
    with suppress(NotFound):
        return actions.look(token).role == "viewer"
    return False


def test_fifty_invitations_stay_fifty(services, team, ada):
    for number in range(47):
        invited(services, team, ada, f"p{number}@example.com")
    found = at_once(
        *(
            lambda n=n: actions.invite(actor(ada), own(team, ada), f"q{n}@example.com", "viewer")
            for n in range(8)
        )
    )
    assert len(list(rows.invitations_of(team))) <= 50
    assert {code for code in found if isinstance(code, str)} <= {
        "too_many_invitations",
        "conflict",
    }
    assert "too_many_invitations" in found


def test_an_admin_who_invites_while_being_removed(services, team, ada):
    for number in range(6):
        admin, mallory = somebody(f"admin{number}"), somebody(f"mallory{number}")
        actions.add_member(own(team, ada), admin.id, "admin")
        at_once(
            lambda a=admin, m=mallory: actions.invite(
                actor(a), own(team, a, "admin"), m.email, "admin"
            ),
            lambda a=admin: actions.remove_member(own(team, ada), a.id),
        )
        for token in tokens(services, mallory.email):
            with pytest.raises(Problem):
                actions.redeem(token, mallory)
        assert rows.member_of(team, mallory.id) is None


def test_no_project_in_a_team_that_is_deleted(services, ada):
    for number in range(8):
        team = actions.create_team(ada.id, None, f"T{number}").id
        made, deleted = at_once(
            lambda team=team, n=number: projects.create(actor(ada), f"p{n}", team=team),
            lambda team=team: actions.delete_team(own(team, ada)),
        )
        row = rows.team_of(team)
        if row.deleted_at:
            assert deleted is None
            assert made == "team_not_found"
            assert project_rows.id_of_slug(f"p{number}") is None
        else:
            assert deleted in {"team_not_empty", "conflict"}
            assert rows.held(team) == "projects"


def test_nobody_joins_a_team_that_is_deleted(services, ada):
    for number in range(6):
        bob = somebody(f"bob{number}")
        team = actions.create_team(ada.id, None, f"T{number}").id
        token = invited(services, team, ada, bob.email)
        joined, deleted = at_once(
            lambda token=token, bob=bob: actions.redeem(token, bob),
            lambda team=team: actions.delete_team(own(team, ada)),
        )
        assert deleted is None
        assert actions.list_teams(actor(bob), limit=20)[0][0].id == bob.home
        assert len(actions.list_teams(actor(bob), limit=20)[0]) == 1
        assert not isinstance(joined, str) or joined == "invitation_not_found"


def test_who_leaves_takes_every_role_in_projects_along(services, team, ada):
    project = projects.create(actor(ada), "site", team=team).id
    for number in range(8):
        bob = somebody(f"bob{number}")
        actions.add_member(own(team, ada), bob.id, "viewer")
        given, removed = at_once(
            lambda bob=bob: actions.set_project_role(own(team, ada), project, bob, "admin"),
            lambda bob=bob: actions.remove_member(own(team, ada), bob.id),
        )
        assert removed in {"viewer", "conflict"}
        role = rows.project_member_of(project, bob.id)
        grants = list(rows.grants_of(team, bob.id))
        assert (role is None) == (not grants)
        if role is not None and removed == "viewer":
            # it was given after they had left: to a guest, which is what the caller then wanted
            assert given[1] is None
            assert rows.member_of(team, bob.id) is None


def test_a_slug_is_claimed_once(ada):
    found = at_once(*[lambda: actions.create_team(ada.id, "rockets", "R")] * 6)
    assert found.count("slug_taken") == 5
    made = at_once(*[lambda: actions.create_team(ada.id, None, "Same name")] * 6)
    assert len({team.slug for team in made if not isinstance(team, str)}) >= 2


def between(monkeypatch: Any, module: Any, name: str, rival: Callable[[], Any]) -> None:
    """Let `rival` act once, right after `module.name` was called: between reading and writing."""
    original, rivals = getattr(module, name), [rival]

    def first_the_rival(*arguments: Any) -> Any:
        result = original(*arguments)
        while rivals:
            rivals.pop()()
        return result

    monkeypatch.setattr(module, name, first_the_rival)


def test_a_role_that_is_given_while_its_owner_is_leaving(services, team, ada, monkeypatch):
    project = projects.create(actor(ada), "site", team=team).id
    bob = somebody("bob")
    actions.add_member(own(team, ada), bob.id, "viewer")
    between(
        monkeypatch,
        leaving,
        "take_grants",
        lambda: actions.set_project_role(own(team, ada), project, bob, "admin"),
    )
    assert actions.remove_member(own(team, ada), bob.id) == "viewer"
    assert rows.project_member_of(project, bob.id) is None
    assert list(rows.grants_of(team, bob.id)) == []


def test_an_old_mail_that_is_opened_while_a_new_one_is_sent(services, team, ada, monkeypatch):
    bob = somebody("bob")
    old = invited(services, team, ada, bob.email, "admin")
    between(
        monkeypatch,
        leaving,
        "clear_keys",
        lambda: invited(services, team, ada, bob.email, "viewer"),
    )
    with pytest.raises(NotFound):
        actions.redeem(old, bob)
    assert rows.member_of(team, bob.id) is None
    assert actions.redeem(tokens(services, bob.email)[-1], bob).role == "viewer"


def test_a_mail_that_is_opened_while_the_team_is_deleted(services, team, ada, monkeypatch):
    bob = somebody("bob")
    token = invited(services, team, ada, bob.email)
    monkeypatch.setattr(leaving, "clear_team", lambda _team: None)  # it died before tidying up
    between(monkeypatch, leaving, "clear_keys", lambda: actions.delete_team(own(team, ada)))
    with pytest.raises(NotFound):
        actions.redeem(token, bob)
    assert rows.member_of(team, bob.id) is None


def test_a_mail_that_is_opened_while_its_sender_is_made_less(services, team, ada, monkeypatch):
    bob, eve = somebody("bob"), somebody("eve")
    actions.add_member(own(team, ada), eve.id, "admin")
    actions.invite(actor(eve), own(team, eve, "admin"), bob.email, "admin")
    between(
        monkeypatch,
        leaving,
        "clear_keys",
        lambda: actions.set_role(own(team, ada), eve.id, "viewer"),
    )
    with pytest.raises(NotFound):
        actions.redeem(tokens(services, bob.email)[-1], bob)
    assert rows.member_of(team, bob.id) is None


def test_an_owner_who_is_demoted_while_another_leaves(services, team, ada, monkeypatch):
    bob = somebody("bob")
    actions.add_member(own(team, ada), bob.id, "owner")
    between(
        monkeypatch,
        leaving,
        "make_room",
        lambda: actions.set_role(own(team, ada), ada.id, "admin"),
    )
    with pytest.raises(Conflict, match="at least one owner"):
        actions.remove_member(own(team, bob), bob.id)
    assert rows.member_of(team, bob.id).role == "owner"
