"""Single sign-on that is in the way: an administrator ends its enforcement, or frees a domain."""

from __future__ import annotations

import pytest

from chalicelib.accounts.rows import sso as sso_rows
from chalicelib.audit import actions as audit
from chalicelib.audit.rules.entries import INSTALLATION
from chalicelib.core import clock
from chalicelib.identity import rows as identity_rows
from chalicelib.identity.actions.users import make_admin
from chalicelib.teams.rows import TeamRow, team_of
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import person
from tests.fakes.sso import new_domain, prove


@pytest.fixture
def names(monkeypatch):
    from chalicelib.accounts.actions import domains

    server = Nameserver()
    monkeypatch.setattr(domains, "resolver", server.resolver)
    yield server
    server.stop()


@pytest.fixture
def admin(api):
    found = person(api)
    make_admin(identity_rows.user_of(found.id))
    return found


def enforce(team: str, enforced: bool = True) -> None:
    if sso_rows.sso_of(team) is None:
        sso_rows.new_sso(team, "oidc", "https://idp.example.com", "viewer").save()
    team_of(team).update(actions=[TeamRow.sso_enforced.set(enforced)])


def entry_of(team: str, action: str):
    found, _ = audit.page(team, audit.Wanted(action=action), 1)
    return found[0] if found else None


def test_ending_enforcement_is_in_both_logs(admin, owner):
    enforce(owner.team)
    path = f"/v1/admin/teams/{owner.team}/sso"
    assert admin.client.put(path, {"enforced": False}).status == 200
    own, ours = entry_of(INSTALLATION, "admin.release_sso"), entry_of(owner.team, "admin.release")
    assert (own["before"]["enforced"], own["after"]["enforced"]) == (True, False)
    assert (own["resource"], own["actor"]["ip"]) == (owner.team, "192.0.2.1")
    assert (ours["after"], ours["actor"]["ip"]) == ({"enforced": False}, "")
    assert not team_of(owner.team).sso_enforced


def test_a_released_domain_is_whoevers_proves_it(api, admin, owner, names):
    domain = new_domain()
    prove(owner, names, domain)
    assert admin.client.delete(f"/v1/admin/domains/{domain.upper()}").status == 204
    (entry,) = [entry_of(INSTALLATION, "admin.release_domain")]
    assert (entry["resource"], entry["before"]) == (domain.upper(), {"team": owner.team})
    assert entry_of(owner.team, "admin.release_domain")["actor"]["ip"] == ""
    # the record that is still there proves nothing any more
    path = f"/v1/teams/{owner.team}/sso/domains"
    assert owner.client.post(f"{path}/{domain}/verify").code == "domain_not_found"
    owner.client.post(path, {"domain": domain})
    assert owner.client.post(f"{path}/{domain}/verify").code == "domain_not_proven"
    prove(person(api), names, domain)


def test_the_last_domain_of_an_enforcing_team_stays(admin, owner, names):
    domain = new_domain()
    prove(owner, names, domain)
    enforce(owner.team)
    refused = admin.client.delete(f"/v1/admin/domains/{domain}")
    assert (refused.status, refused.code) == (409, "sso_enforced")
    enforce(owner.team, enforced=False)
    assert admin.client.delete(f"/v1/admin/domains/{domain}").status == 204


@pytest.mark.parametrize("name", ["nobody-has-this.com", "no domain", "a%23b.com", "..%2f"])
def test_a_domain_that_nobody_proved(admin, name):
    refused = admin.client.delete(f"/v1/admin/domains/{name}")
    assert (refused.status, refused.code) == (404, "domain_not_found")


def test_a_claim_alone_is_not_taken(admin, owner):
    path, domain = f"/v1/teams/{owner.team}/sso/domains", new_domain()
    owner.client.post(path, {"domain": domain})
    assert admin.client.delete(f"/v1/admin/domains/{domain}").code == "domain_not_found"
    assert [d["domain"] for d in owner.client.get(path).json()["items"]] == [domain]


def _grow_stale(user: str) -> None:
    for session in identity_rows.sessions_of(user):
        identity_rows.session_named(session.id).update(
            actions=[identity_rows.SessionRow.proved_at.set(clock.epoch(-700))]
        )


def test_the_first_claim_asks_for_a_fresh_proof(owner):
    path, known = f"/v1/teams/{owner.team}/sso/domains", new_domain()
    assert owner.client.post(path, {"domain": known}).status == 201
    _grow_stale(owner.id)
    refused = owner.client.post(path, {"domain": new_domain()})
    assert (refused.status, refused.code) == (401, "step_up_required")
    assert owner.client.post(path, {"domain": known}).status == 201


def test_ending_the_duty_of_a_second_factor_asks_for_a_fresh_proof(owner):
    for session in identity_rows.sessions_of(owner.id):
        identity_rows.session_named(session.id).update(
            actions=[identity_rows.SessionRow.mfa_at.set(clock.epoch())]
        )
    path = f"/v1/teams/{owner.team}"
    assert owner.client.patch(path, {"mfa_required": True}).status == 200
    _grow_stale(owner.id)
    refused = owner.client.patch(path, {"mfa_required": False})
    assert (refused.status, refused.code) == (401, "step_up_required")
    assert owner.client.patch(path, {"mfa_required": True, "name": "A"}).status == 200
    assert team_of(owner.team).mfa_required
