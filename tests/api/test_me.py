"""Password, name, picture and address of oneself."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import clock
from tests.fakes.people import PASSWORD, api_key, person
from tests.fakes.post import deliver, last_to, token_in

NEW = "a password that is new"


def change(client, current=PASSWORD, password=NEW):
    return client.put("/v1/me/password", {"current": current, "password": password})


def login(api, email, password):
    return api.post("/v1/auth/login", {"email": email, "password": password})


def test_a_new_password_ends_the_other_sessions(api, services, owner):
    elsewhere = api.with_token(login(api, owner.email, PASSWORD).json()["access_token"])
    assert change(owner.client).status == 204
    assert owner.client.get("/v1/me").status == 200
    assert elsewhere.get("/v1/me").code == "token_revoked"
    assert login(api, owner.email, PASSWORD).code == "login_failed"
    assert login(api, owner.email, NEW).status == 200
    assert last_to(services, owner.email).kind == "password_changed"


@pytest.mark.parametrize("current", [None, "", "not it at all"])
def test_the_current_password_is_asked_for(owner, current):
    answer = change(owner.client, current)
    assert (answer.status, answer.code) == (422, "current_password_wrong")
    assert owner.client.get("/v1/me").status == 200


def test_guessing_the_current_password_locks(owner):
    codes = [change(owner.client, "not it at all").code for _ in range(11)]
    assert codes == ["current_password_wrong"] * 10 + ["too_many_attempts"]


def test_a_weak_password_is_refused_before_anything_else(owner):
    assert change(owner.client, password=owner.email).code == "weak_password"
    assert change(owner.client, password="tooshort").code == "weak_password"


def test_an_old_sign_in_is_not_enough(api, owner, monkeypatch):
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 601)
    for answer in (
        change(owner.client),
        owner.client.post("/v1/me/email", {"email": "new@example.com"}),
    ):
        assert (answer.status, answer.code) == (401, "step_up_required")


def test_who_has_no_password_sets_one(api, owner):
    from chalicelib.identity.rows import UserRow, user_named

    user_named(owner.id).update(actions=[UserRow.password_hash.remove()])
    assert change(owner.client, None).status == 204
    assert login(api, owner.email, NEW).status == 200


def test_of_parallel_changes_one_wins(api, owner):
    wanted = [f"{NEW} number {n}" for n in range(4)]
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda p: change(owner.client, password=p), wanted))
    good = [p for p in wanted if login(api, owner.email, p).status == 200]
    assert len(good) == 1
    assert answers[wanted.index(good[0])].status == 204
    assert {a.status for a in answers} <= {204, 401, 409, 422}


def test_a_key_changes_nobody(owner):
    key = api_key(owner)
    for answer in (
        change(key),
        key.patch("/v1/me", {"name": "Eve"}),
        key.post("/v1/me/email", {"email": "eve@example.com"}),
    ):
        assert (answer.status, answer.code) == (403, "session_required")


def test_profile(owner):
    picture = "https://pictures.example/ada.png?s=80"
    answer = owner.client.patch("/v1/me", {"name": " Ada  Lovelace ", "avatar_url": picture})
    assert answer.status == 200
    body = answer.json()
    assert (body["name"], body["avatar_url"], body["version"]) == ("Ada Lovelace", picture, 2)
    assert answer.headers["ETag"] == '"2"'
    assert owner.client.get("/v1/me").json()["user"] == body
    removed = owner.client.patch("/v1/me", {"avatar_url": None}).json()
    assert (removed["name"], removed["avatar_url"]) == ("Ada Lovelace", None)


def test_profile_does_not_overwrite_a_later_change(owner):
    assert owner.client.patch("/v1/me", {"name": "B"}, headers={"If-Match": '"1"'}).status == 200
    late = owner.client.patch("/v1/me", {"name": "C"}, headers={"If-Match": '"1"'})
    assert (late.status, late.code) == (409, "conflict")
    assert late.headers["ETag"] == '"2"'
    bad = owner.client.patch("/v1/me", {"name": "C"}, headers={"If-Match": "x"})
    assert bad.code == "invalid_if_match"


@pytest.mark.parametrize(
    "url",
    [
        "http://pictures.example/a.png",
        "javascript:alert(1)",
        "data:image/png;base64,AAAA",
        "https://user:secret@pictures.example/",
        "https://@pictures.example/",
        "https:///a.png",
        "https://pictures.example/a b.png",
        'https://pictures.example/"onload="x',
        "https://pictures.example/<script>",
        "https://pictures.example:99999/",
        "https://pictures.example/\\..\\x",
        "https://pictures.example/\u202ex",
        "https://" + "a" * 2001,
    ],
)
def test_pictures_that_are_refused(owner, url):
    assert owner.client.patch("/v1/me", {"avatar_url": url}).status == 422


@pytest.mark.parametrize(
    "field", ["email", "status", "admin", "verified", "verified_at", "factors", "home", "version"]
)
def test_no_other_field_can_be_changed(owner, field):
    answer = owner.client.patch("/v1/me", {"name": "Ada", field: "x"})
    assert (answer.status, answer.code) == (400, "unknown_field")


def test_a_new_address(api, services, owner):
    answer = owner.client.post("/v1/me/email", {"email": "Ada.New@example.com"})
    assert answer.status == 202
    assert owner.client.get("/v1/me").json()["user"]["email"] == owner.email
    token = token_in(last_to(services, "ada.new@example.com"))
    moved = api.post("/v1/auth/verify", {"token": token})
    assert moved.json() == {"email": "ada.new@example.com"}
    told = last_to(services, owner.email)
    assert told.kind == "email_changed"
    assert "a***@example.com" in told.text
    assert login(api, owner.email, PASSWORD).code == "login_failed"
    assert login(api, "ada.new@example.com", PASSWORD).status == 200
    assert api.post("/v1/auth/verify", {"token": token}).code == "link_invalid"
    # the old address is free again, and somebody else may have it
    assert person(api, owner.email).id != owner.id


def test_a_link_to_reset_does_not_follow_to_another_address(api, services, owner):
    api.post("/v1/auth/reset", {"email": owner.email})
    reset = token_in(last_to(services, owner.email))
    owner.client.post("/v1/me/email", {"email": "new@example.com"})
    api.post("/v1/auth/verify", {"token": token_in(last_to(services, "new@example.com"))})
    answer = api.post("/v1/auth/reset/confirm", {"token": reset, "password": NEW})
    assert answer.code == "link_invalid"


def test_an_address_that_is_taken(api, services, owner):
    known = person(api)
    free = owner.client.post("/v1/me/email", {"email": "free@example.com"})
    taken = owner.client.post("/v1/me/email", {"email": known.email})
    assert (free.status, free.text) == (taken.status, taken.text)
    assert last_to(services, known.email).kind == "address_in_use"
    same = owner.client.post("/v1/me/email", {"email": owner.email.upper()})
    assert (same.status, same.code) == (422, "same_email")


def test_an_address_that_got_an_account_meanwhile(api, services, owner):
    owner.client.post("/v1/me/email", {"email": "new@example.com"})
    token = token_in(last_to(services, "new@example.com"))
    person(api, "new@example.com")
    answer = api.post("/v1/auth/verify", {"token": token})
    assert (answer.status, answer.code) == (409, "email_taken")
    assert login(api, owner.email, PASSWORD).status == 200


def test_two_people_race_for_one_address(api, services, owner):
    other = person(api)
    tokens = []
    for somebody in (owner, other):
        somebody.client.post("/v1/me/email", {"email": "new@example.com"})
        tokens.append(token_in(last_to(services, "new@example.com")))
    with ThreadPoolExecutor(4) as pool:
        answers = list(pool.map(lambda t: api.post("/v1/auth/verify", {"token": t}), tokens * 2))
    assert sorted(a.status for a in answers)[0] == 200
    assert [a.status for a in answers].count(200) == 1
    assert login(api, "new@example.com", PASSWORD).status == 200
    deliver(services)
    assert len([m for m in services.mail.sent if m.kind == "email_changed"]) == 1
