"""Access requests and settings: who decides, once, and what follows from it."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from tests.fakes.people import PASSWORD, person
from tests.fakes.post import deliver, last_to, token_in

ASKED = {
    "email": "grace@example.com",
    "name": "Grace",
    "organisation": "Acme",
    "reason": "We want\nto deploy.",
}
LIST = "/v1/admin/access-requests"


@pytest.fixture
def admin(api):
    """Whoever runs the installation."""
    from chalicelib.identity.actions.users import make_admin
    from chalicelib.identity.rows import user_of

    somebody = person(api)
    make_admin(user_of(somebody.id))
    return somebody.client


def ask(api, **more):
    return api.post("/v1/access-requests", {**ASKED, **more})


def pending(admin):
    return admin.get(LIST).json()["items"]


def test_from_request_to_account(api, services, admin):
    assert admin.patch("/v1/admin/settings", {"sign_up": "request"}).status == 200
    assert ask(api).status == 202
    (found,) = pending(admin)
    assert {name: found[name] for name in ASKED} == ASKED
    assert (found["state"], found["reviewed_by"], found["note"]) == ("pending", None, None)
    answer = admin.post(f"{LIST}/{found['id']}/approve", {"note": "welcome"})
    assert answer.status == 200
    decided = answer.json()
    assert (decided["state"], decided["note"]) == ("approved", "welcome")
    assert decided["reviewed_by"] == admin.get("/v1/me").json()["user"]["id"]
    assert decided["reviewed_at"]
    assert pending(admin) == []
    assert admin.get(f"{LIST}?state=approved").json()["items"] == [decided]
    token = token_in(last_to(services, ASKED["email"]))
    wanted = {"email": ASKED["email"], "name": "Grace", "password": PASSWORD, "invitation": token}
    assert api.post("/v1/auth/sign-up", wanted).status == 202
    signed_in = api.post("/v1/auth/login", {"email": ASKED["email"], "password": PASSWORD})
    assert signed_in.status == 200
    assert last_to(services, ASKED["email"]).kind == "welcome"
    again = api.post("/v1/auth/sign-up", wanted)
    assert (again.status, again.code) == (404, "invitation_not_found")


def test_an_invitation_is_for_one_address(api, services, admin):
    ask(api)
    admin.post(f"{LIST}/{pending(admin)[0]['id']}/approve", {})
    token = token_in(last_to(services, ASKED["email"]))
    wanted = {"email": "eve@example.com", "name": "E", "password": PASSWORD, "invitation": token}
    answer = api.post("/v1/auth/sign-up", wanted)
    assert (answer.status, answer.code) == (403, "invitation_for_another_address")
    unknown = api.post("/v1/auth/sign-up", {**wanted, "invitation": "A" * 43})
    assert (unknown.status, unknown.code) == (404, "invitation_not_found")


def test_parallel_sign_ups_by_one_invitation(api, services, admin):
    ask(api)
    admin.post(f"{LIST}/{pending(admin)[0]['id']}/approve", {})
    token = token_in(last_to(services, ASKED["email"]))
    wanted = {"email": ASKED["email"], "name": "Grace", "invitation": token}
    passwords = [f"{PASSWORD} {n}" for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda p: api.post("/v1/auth/sign-up", {**wanted, "password": p}), passwords)
        )
    assert {a.status for a in answers} <= {202, 404}
    signed_in = [
        api.post("/v1/auth/login", {"email": ASKED["email"], "password": p}).status
        for p in passwords
    ]
    assert signed_in.count(200) == 1


def test_asking_twice_is_asking_once(api, services, admin):
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda _: ask(api), range(4)))
    assert {a.text for a in answers} == {answers[0].text}
    assert len(pending(admin)) == 1
    assert ask(api, name="Somebody else").status == 202
    assert [found["name"] for found in pending(admin)] == ["Grace"]


def test_a_rejected_one_may_ask_again(api, services, admin):
    ask(api)
    (found,) = pending(admin)
    answer = admin.post(f"{LIST}/{found['id']}/reject", {"note": "who is this?"})
    assert answer.json()["state"] == "rejected"
    assert deliver(services) == []
    late = admin.post(f"{LIST}/{found['id']}/approve", {})
    assert (late.status, late.code) == (409, "already_decided")
    ask(api)
    assert len(pending(admin)) == 1
    assert len(admin.get(f"{LIST}?state=rejected").json()["items"]) == 1


def test_the_same_decision_again_sends_no_second_mail(api, services, admin):
    ask(api)
    path = f"{LIST}/{pending(admin)[0]['id']}/approve"
    first = admin.post(path, {})
    assert admin.post(path, {}).json() == first.json()
    deliver(services)
    assert admin.post(path, {}).json() == first.json()
    deliver(services)
    assert [m.kind for m in services.mail.to(ASKED["email"])] == ["access_approved"]


def test_raced_decisions_are_one_decision(api, services, admin):
    ask(api)
    identifier = pending(admin)[0]["id"]
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(
                lambda verb: admin.post(f"{LIST}/{identifier}/{verb}", {}),
                ["approve", "reject"] * 4,
            )
        )
    good = {a.json()["state"] for a in answers if a.status == 200}
    assert len(good) == 1
    assert {a.code for a in answers if a.status != 200} == {"already_decided"}
    deliver(services)
    letters = services.mail.to(ASKED["email"])
    assert len(letters) == (1 if good == {"approved"} else 0)


def test_unknown_requests(admin):
    answer = admin.post(f"{LIST}/acr_{'0' * 26}/approve", {})
    assert (answer.status, answer.code) == (404, "request_not_found")
    assert admin.get(f"{LIST}?state=open").status == 422


def test_pages(api, admin):
    for n in range(3):
        ask(api, email=f"p{n}@example.com")
    first = admin.get(f"{LIST}?limit=2").json()
    second = admin.get(f"{LIST}?limit=2&cursor={first['next']}").json()
    found = [item["email"] for item in first["items"] + second["items"]]
    assert found == [f"p{n}@example.com" for n in range(3)]


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("email", "grace"),
        ("name", ""),
        ("name", "x" * 81),
        ("organisation", "\u0007"),
        ("organisation", "x" * 121),
        ("reason", " "),
        ("reason", "x" * 2001),
    ],
)
def test_bad_input(api, field, value):
    answer = ask(api, **{field: value})
    assert answer.status == 422
    assert answer.json()["errors"][0]["pointer"] == f"/{field}"


def test_hidden_directions_are_refused(api):
    assert ask(api, reason="a\u202eb").code == "invalid_characters"


def test_settings(admin):
    shown = admin.get("/v1/admin/settings")
    assert shown.json() == {"sign_up": "invite", "version": 1, "updated_at": None}
    changed = admin.patch(
        "/v1/admin/settings", {"sign_up": "open"}, headers={"If-Match": shown.headers["ETag"]}
    )
    assert changed.json()["sign_up"] == "open"
    late = admin.patch(
        "/v1/admin/settings", {"sign_up": "request"}, headers={"If-Match": shown.headers["ETag"]}
    )
    assert (late.status, late.code) == (409, "conflict")
    assert admin.get("/v1/admin/settings").json()["sign_up"] == "open"
    assert admin.patch("/v1/admin/settings", {}).json()["sign_up"] == "open"
    assert admin.patch("/v1/admin/settings", {"sign_up": "all"}).status == 422


def test_raced_changes_of_settings(admin):
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda mode: admin.patch(
                    "/v1/admin/settings", {"sign_up": mode}, headers={"If-Match": '"1"'}
                ),
                ["open", "request", "open", "request"],
            )
        )
    assert sorted(a.status for a in answers) == [200, 409, 409, 409]


def test_only_who_runs_the_installation_decides(api, owner):
    for answer in (
        owner.client.get(LIST),
        owner.client.post(f"{LIST}/acr_{'0' * 26}/approve", {}),
        owner.client.get("/v1/admin/settings"),
        owner.client.patch("/v1/admin/settings", {"sign_up": "open"}),
    ):
        assert answer.status == 403
    assert api.get(LIST).status == 401
