"""Domains of people's own, over the API: added, proven, served, changed, removed, taken."""

from __future__ import annotations

import pytest

from chalicelib.domains.actions import looking, manage, watching
from functions.events import project_deleted
from tests.fakes.domains import HOST, add, check, project_of, prove, row_of, served, txt
from tests.fakes.people import member, person


def test_from_the_first_word_to_the_served_domain(owner, project, names, services):
    made = add(owner, project, "WWW.Shop-One.com.")
    assert made.status == 201, made.text
    found = made.json()
    assert (found["domain"], found["state"]) == (HOST, "requested")
    assert txt(found)["name"] == f"_clouddeck-challenge.{HOST}"
    assert txt(found)["value"].startswith("clouddeck-domain=")
    assert [r["type"] for r in found["records"]] == ["TXT", "CNAME"]
    (execution,) = [
        e for (machine, _), e in services.workflow.executions.items() if machine == "domain"
    ]
    assert execution.data == {"domain": HOST, "project": project, "run": 1}

    assert looking.look(project, HOST, 1) == {"outcome": "wait", "seconds": 60}
    waiting = owner.client.get(f"/v1/projects/{project}/domains/{HOST}").json()
    assert waiting["state"] == "ownership_pending"
    assert "TXT" in waiting["next_step"]
    assert services.domains.placed == {}, "nothing is served before it is proven"

    prove(names, found)
    assert looking.look(project, HOST, 1) == {"outcome": "done", "seconds": 0}
    active = owner.client.get(f"/v1/projects/{project}/domains/{HOST}").json()
    assert (active["state"], active["certificate"]["days_left"]) == ("active", 90)
    slug, how = services.domains.placed[HOST]
    assert (slug.startswith("s-"), how.site) == (True, project)
    assert ("domain.changed", "active") in [
        (kind, detail.get("state")) for kind, detail in services.bus.events
    ]


def test_asked_again_it_is_the_same(owner, project):
    first = add(owner, project).json()
    assert add(owner, project).json() == first
    listed = owner.client.get(f"/v1/projects/{project}/domains").json()["items"]
    assert [d["domain"] for d in listed] == [HOST]


@pytest.mark.parametrize(
    "text",
    [
        *("localhost", "a..b", "-a.com", "a b.com", "127.0.0.1", "[::1]", "a.com:80", "a.com/x"),
        *("http://a.com", "*", "*.com", "*.*.a.com", "a.*.com", "co.uk", "*.co.uk", "github.io"),
        *("a" * 64 + ".com", ("a" * 60 + ".") * 4 + "com", "localhost.localhost", "x.localhost"),
        *("user@a.com", "a.com?x", "fa\u00df.de", "xn--zzzzzz-.com", "a_b.com", "1.2.3"),
    ],
)
def test_what_is_no_domain(owner, project, text):
    refused = add(owner, project, text)
    assert (refused.status, refused.code) == (422, "domain_invalid"), refused.text


@pytest.mark.parametrize(
    ("text", "host"),
    [
        ("B\u00dcCHER-laden.com", "xn--bcher-laden-thb.com"),
        ("\uff41bc-laden.com", "abc-laden.com"),
        ("*.Shop-One.com", "*.shop-one.com"),
        ("shop.internal", "shop.internal"),
    ],
)
def test_one_name_has_one_spelling(owner, project, text, host):
    assert add(owner, project, text).json()["domain"] == host


def test_a_wildcard_is_proven_below_its_base_by_a_text_of_its_own(owner, project, names):
    star = add(owner, project, "*.shop-one.com").json()
    apex = add(owner, project, "shop-one.com").json()
    assert txt(star)["name"] == txt(apex)["name"] == "_clouddeck-challenge.shop-one.com"
    assert txt(star)["value"] != txt(apex)["value"]
    prove(names, apex)
    assert check(owner, project, "shop-one.com")["state"] == "active"
    assert check(owner, project, "*.shop-one.com")["state"] == "ownership_pending"


def test_a_record_of_one_project_proves_nothing_for_another(api, owner, project, names):
    other = person(api)
    theirs = project_of(other)
    prove(names, add(owner, project).json())
    add(other, theirs)
    assert check(other, theirs)["state"] == "ownership_pending"
    assert check(owner, project)["state"] == "active"


def test_nobody_is_kept_from_proving_by_somebody_who_was_first_to_ask(api, owner, project, names):
    squatter = person(api)
    add(squatter, project_of(squatter))
    assert served(owner, project, names)["state"] == "active"


def test_a_domain_moves_only_when_its_holders_record_is_gone(api, owner, project, names, services):
    served(owner, project, names)
    other = person(api)
    theirs = project_of(other)
    found = add(other, theirs).json()
    prove(names, found)
    refused = check(other, theirs)
    assert (refused["state"], "still stands" in refused["detail"]) == ("conflict", True)
    assert services.domains.placed[HOST][1].site == project

    names.texts[txt(found)["name"]] = [txt(found)["value"]]
    assert check(other, theirs)["state"] == "active"
    assert services.domains.placed[HOST][1].site == theirs
    lost = check(owner, project)
    assert (lost["state"], "proven the domain since" in lost["detail"]) == ("conflict", True)
    assert services.domains.placed[HOST][1].site == theirs, "the loser tells the edge nothing"
    manage.remove(project_row(project), HOST)
    looking.step(row_of(project))
    assert services.domains.placed[HOST][1].site == theirs, "nor takes it off"


def project_row(project):
    from chalicelib.projects.rows import projects

    found = projects.get(project)
    assert found is not None
    return found


def test_a_removed_domain_is_held_for_a_day(api, owner, project, names, services, monkeypatch):
    served(owner, project, names)
    gone = owner.client.delete(f"/v1/projects/{project}/domains/{HOST}")
    assert (gone.status, gone.json()["state"]) == (202, "removing")
    again = add(owner, project)
    assert (again.status, again.code) == (409, "domain_leaving"), "it would be undone in a moment"
    services.domains.slow[HOST] = 1
    run = int(row_of(project).run)
    assert looking.look(project, HOST, run)["outcome"] == "wait"
    assert looking.look(project, HOST, run) == {"outcome": "done", "seconds": 0}
    assert (row_of(project).state, services.domains.placed) == ("removed", {})
    assert owner.client.get(f"/v1/projects/{project}/domains").json()["items"] == []

    other = person(api)
    theirs = project_of(other)
    found = add(other, theirs).json()
    names.texts[txt(found)["name"]] = [txt(found)["value"]]
    held = check(other, theirs)
    assert (held["state"], "less than a day" in held["detail"]) == ("conflict", True)
    prove(names, add(owner, project).json())
    assert check(owner, project)["state"] == "active", "its own team has it back at once"


def test_one_that_was_released_is_free_at_once(api, owner, project, names):
    served(owner, project, names)
    owner.client.delete(f"/v1/projects/{project}/domains/{HOST}?release=true")
    looking.step(row_of(project))
    other = person(api)
    theirs = project_of(other)
    found = add(other, theirs).json()
    names.texts[txt(found)["name"]] = [txt(found)["value"]]
    assert check(other, theirs)["state"] == "active"


def test_a_deleted_project_leaves_no_domain(owner, project, names, services):
    served(owner, project, names)
    assert owner.client.delete(f"/v1/projects/{project}").status == 204
    (told,) = services.bus.of("project.deleted")
    assert project_deleted.handler({"detail": told}, None) == {"leaving": 1}
    looking.step(row_of(project))
    assert (row_of(project).state, services.domains.placed) == ("removed", {})
    assert project_deleted.handler({"detail": told}, None) == {"leaving": 0}


def test_even_without_a_word_of_the_deletion(owner, project, names, services):
    served(owner, project, names)
    owner.client.delete(f"/v1/projects/{project}")
    looking.step(row_of(project))
    assert (row_of(project).state, services.domains.placed) == ("removed", {})


@pytest.mark.parametrize(
    ("edge", "shown"),
    [
        ("waiting_dns", "dns_pending"),
        ("waiting_certificate", "certificate_pending"),
        ("issued", "attaching"),
        ("attaching", "attaching"),
        ("misconfigured", "dns_pending"),
        ("conflict", "conflict"),
        ("failed", "active"),  # a person asks, so another certificate is asked for
        ("absent", "tenant_creating"),
    ],
)
def test_every_state_of_the_edge_has_one_of_ours(owner, project, names, services, edge, shown):
    prove(names, add(owner, project).json())
    services.domains.states[HOST] = (edge, "because")
    found = check(owner, project)
    assert found["state"] == shown
    assert found["reason"]
    assert found["next_step"]


def test_dns_that_leads_elsewhere_is_said_and_heals_with_a_proof_only(
    owner, project, names, services
):
    served(owner, project, names)
    services.domains.states[HOST] = ("misconfigured", "no CNAME leads here")
    lost = check(owner, project)
    assert (lost["state"], lost["detail"]) == ("misconfigured", "no CNAME leads here")
    assert [m.kind for m in services.mail.sent] == ["domain_trouble"]
    services.domains.states.clear()
    proofs = dict(names.texts)
    names.texts.clear()
    assert check(owner, project)["state"] == "ownership_pending"
    names.texts.update(proofs)
    assert check(owner, project)["state"] == "active"


def test_dns_out_of_order_changes_nothing(owner, project, names, services):
    served(owner, project, names)
    names.broken = True
    assert check(owner, project)["state"] == "active"
    other = "two.shop-one.com"
    found = add(owner, project, other).json()
    assert check(owner, project, other)["state"] == "requested"
    names.broken = False
    prove(names, found)
    assert check(owner, project, other)["state"] == "active"


def test_what_waits_is_given_up_after_three_days_and_begun_again(
    owner, project, names, services, monkeypatch
):
    from chalicelib.core import clock

    found = add(owner, project).json()
    check(owner, project)
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 73 * 3600 * 1000)
    run = int(row_of(project).run)
    assert looking.look(project, HOST, run) == {"outcome": "done", "seconds": 0}
    given_up = row_of(project)
    assert (given_up.state, given_up.detail.startswith("it waited for 72 hours")) == (
        "failed",
        True,
    )
    assert [m.kind for m in services.mail.sent] == ["domain_trouble"]
    prove(names, found)
    assert check(owner, project)["state"] == "active"


def test_an_older_execution_ends_when_another_one_began(owner, project, names):
    add(owner, project)
    check(owner, project)
    assert looking.look(project, HOST, 1) == {"outcome": "done", "seconds": 0}
    assert looking.look(project, HOST, 2)["outcome"] == "wait"


def test_the_watch_resumes_what_was_lost_and_looks_at_what_is_settled(
    owner, project, names, services, monkeypatch
):
    from chalicelib.core import clock

    add(owner, project)
    assert watching.watch()["looked"] == 1, "a machine that never began"
    assert watching.watch() == {"looked": 0, "resumed": 0, "broken": 0}
    served(owner, project, names, "two.shop-one.com")
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 25 * 3600 * 1000)
    assert watching.watch() == {"looked": 2, "resumed": 1, "broken": 0}


def test_one_that_breaks_keeps_nobody_waiting(owner, project, names, services, monkeypatch):
    from chalicelib.core import clock

    served(owner, project, names)
    served(owner, project, names, "two.shop-one.com")
    services.domains.certificate = lambda host: 1 / 0 if host == HOST else None
    real = clock.now_ms
    monkeypatch.setattr(clock, "now_ms", lambda: real() + 25 * 3600 * 1000)
    assert watching.watch() == {"looked": 1, "resumed": 0, "broken": 1}


def test_redirects(owner, project, names, services):
    served(owner, project, names, "shop-one.com")
    path = f"/v1/projects/{project}/domains/{HOST}"
    assert add(owner, project, redirect="shop-one.com").json()["redirect"] == "shop-one.com"
    for wrong in (HOST, "else.shop-one.com", "*.shop-one.com"):
        refused = owner.client.call("PATCH", path, {"redirect": wrong})
        assert (refused.status, refused.code) == (422, "domain_redirect_invalid")
    back = owner.client.call(
        "PATCH", f"/v1/projects/{project}/domains/shop-one.com", {"redirect": HOST}
    )
    assert back.code == "domain_redirect_invalid", "a circle"
    used = owner.client.delete(f"/v1/projects/{project}/domains/shop-one.com")
    assert (used.status, used.code) == (409, "domain_in_use")
    prove(names, owner.client.get(path).json())
    assert check(owner, project)["state"] == "active"
    assert services.domains.placed[HOST][1].redirect == "shop-one.com"
    none = owner.client.call("PATCH", path, {"redirect": None, "tls": "1.3", "hsts_seconds": 300})
    assert (none.json()["redirect"], none.json()["tls"]) == (None, "1.3")
    check(owner, project)
    how = services.domains.placed[HOST][1]
    assert (how.redirect, how.tls, how.hsts_seconds) == ("", "1.3", 300)


def test_an_installation_without_tenants_says_so(owner, project, services):
    services.domains.why_not = "This installation has none."
    refused = add(owner, project)
    assert (refused.status, refused.code) == (409, "domains_unavailable")


def test_who_may(api, owner, project, names):
    developer = member(api, owner, "developer")
    assert add(developer, project).status == 403
    assert add(person(api), project).status == 404
    add(owner, project)
    assert developer.client.get(f"/v1/projects/{project}/domains").status == 200
    assert developer.client.delete(f"/v1/projects/{project}/domains/{HOST}").status == 403


def test_absent(owner, project):
    for name in ("none.shop-one.com", "no domain", "a..b"):
        answer = owner.client.get(f"/v1/projects/{project}/domains/{name.replace(' ', '%20')}")
        assert (answer.status, answer.code) == (404, "domain_not_found")


def test_the_inventory_of_a_team(owner, project, names):
    served(owner, project, names)
    served(owner, project_of(owner), names, "two.shop-one.com")
    found = owner.client.get(f"/v1/teams/{owner.team}/domains?limit=1").json()
    (first,) = found["items"]
    more = owner.client.get(f"/v1/teams/{owner.team}/domains?limit=1&cursor={found['next']}").json()
    assert [first["domain"], more["items"][0]["domain"]] == ["two.shop-one.com", HOST]
    assert first["certificate"]["expires_at"]
