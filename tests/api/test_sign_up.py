"""Signing up, verifying, resetting: every refusal, races, and what a stranger can learn."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import clock
from functions.events import errand
from tests.fakes.counting import database_calls
from tests.fakes.people import PASSWORD, person
from tests.fakes.post import deliver, last_to, token_in

ADA = "ada@example.com"
OTHER = "another long secret"


def allow(mode: str) -> None:
    from chalicelib.accounts.actions.settings import change_settings

    change_settings(mode, None)


def sign_up(api, email=ADA, password=PASSWORD, **more):
    return api.post(
        "/v1/auth/sign-up", {"email": email, "name": "Ada", "password": password, **more}
    )


def login(api, email=ADA, password=PASSWORD):
    return api.post("/v1/auth/login", {"email": email, "password": password})


def verify(api, services, email=ADA):
    return api.post("/v1/auth/verify", {"token": token_in(last_to(services, email))})


@pytest.fixture
def opened(api):
    """An installation at which everybody may sign up."""
    allow("open")
    return api


def test_from_sign_up_to_login(opened, services):
    assert sign_up(opened).status == 202
    message = last_to(services, ADA)
    assert message.kind == "verify_email"
    pending = login(opened)
    assert (pending.status, pending.code) == (403, "account_pending")
    assert login(opened, password="wrong wrong wrong").code == "login_failed"
    answer = opened.post("/v1/auth/verify", {"token": token_in(message)})
    assert (answer.status, answer.json()) == (200, {"email": ADA})
    tokens = login(opened).json()
    me = opened.with_token(tokens["access_token"]).get("/v1/me").json()
    assert me["user"]["status"] == "active"
    assert me["user"]["verified"] is True
    assert me["user"]["admin"] is False
    assert [team["role"] for team in me["teams"]] == ["owner"]


@pytest.mark.parametrize(
    ("mode", "code"), [("invite", "sign_up_closed"), ("request", "sign_up_by_request")]
)
def test_not_everybody_may_sign_up(api, services, mode, code):
    allow(mode)
    answer = sign_up(api)
    assert (answer.status, answer.code) == (403, code)
    assert deliver(services) == []


def test_invite_is_the_default(api):
    assert sign_up(api).code == "sign_up_closed"


@pytest.mark.parametrize(
    "password",
    ["short", "x" * 257, ADA, ADA.upper(), "password123", "PASSWORD123!", "aaaaaaaaaaab", "1" * 12],
)
def test_weak_passwords(opened, services, password):
    answer = sign_up(opened, password=password)
    assert (answer.status, answer.code) == (422, "weak_password")
    assert answer.json()["errors"][0]["pointer"] == "/password"
    assert deliver(services) == []


@pytest.mark.parametrize("email", ["", "ada", "a@b@c", "a b@example.com", "a@b.example\nBcc: x@y"])
def test_bad_addresses(opened, email):
    assert sign_up(opened, email=email).status == 422


def test_an_address_with_an_account_gets_another_letter(opened, services):
    known = person(opened)
    fresh, taken = sign_up(opened), sign_up(opened, email=known.email)
    assert fresh.status == taken.status == 202
    assert fresh.json() == taken.json()
    assert set(fresh.headers) == set(taken.headers)
    deliver(services)
    assert [m.kind for m in services.mail.to(known.email)] == ["known_account"]
    assert login(opened, known.email).status == 200


@pytest.mark.parametrize(
    ("path", "more"),
    [
        ("/v1/auth/sign-up", {"name": "Ada", "password": PASSWORD}),
        ("/v1/auth/reset", {}),
        ("/v1/auth/verify/resend", {}),
        ("/v1/access-requests", {"name": "Ada", "organisation": "Acme", "reason": "work"}),
    ],
)
def test_a_request_does_the_same_for_every_address(opened, services, path, more):
    """Same calls to the database and the bus, in the same order, whoever has the address."""
    known = person(opened)
    sign_up(opened, email="pending@example.com")
    deliver(services)
    opened.post(path, {"email": "warm@example.com", **more})
    seen = []
    for email in (known.email, "nobody@example.com", "pending@example.com"):
        services.bus.events.clear()
        services.mail.sent.clear()
        with database_calls() as calls:
            answer = opened.post(path, {"email": email, **more})
        kinds = [kind for kind, _ in services.bus.events]
        seen.append((answer.status, answer.text, list(calls), kinds, services.mail.sent))
    assert seen[0] == seen[1] == seen[2]
    assert seen[0][0] == 202


def test_the_password_is_hashed_for_every_address(opened, services, monkeypatch):
    from chalicelib.accounts.actions import sign_up as actions

    known = person(opened)
    hashed = []
    real = actions.hash_password
    monkeypatch.setattr(actions, "hash_password", lambda p: hashed.append(p) or real(p))
    sign_up(opened, email=known.email)
    sign_up(opened, email="nobody@example.com")
    assert hashed == [PASSWORD] * 2


def test_a_token_is_good_once(opened, services):
    sign_up(opened)
    token = token_in(last_to(services, ADA))
    with ThreadPoolExecutor(8) as pool:
        answers = list(
            pool.map(lambda _: opened.post("/v1/auth/verify", {"token": token}), range(8))
        )
    assert sorted(a.status for a in answers) == [200] + [422] * 7
    assert {a.code for a in answers} == {"", "link_invalid"}


@pytest.mark.parametrize("token", ["", "x", "A" * 43, "A" * 100, "../../" + "A" * 37])
def test_a_token_that_never_was(api, token):
    for path, more in (("verify", {}), ("reset/confirm", {"password": OTHER})):
        answer = api.post(f"/v1/auth/{path}", {"token": token, **more})
        assert (answer.status, answer.code) == (422, "link_invalid")


def test_a_token_that_was_mistyped_costs_no_read(api):
    api.post("/v1/auth/verify", {"token": "x"})
    with database_calls() as calls:
        api.post("/v1/auth/verify", {"token": "x"})
    assert "GetItem" not in calls


def test_a_link_of_one_kind_is_no_link_of_another(opened, services):
    known = person(opened)
    sign_up(opened)
    first = token_in(last_to(services, ADA))
    opened.post("/v1/auth/reset", {"email": known.email})
    second = token_in(last_to(services, known.email))
    answer = opened.post("/v1/auth/reset/confirm", {"token": first, "password": OTHER})
    assert answer.code == "link_invalid"
    assert opened.post("/v1/auth/verify", {"token": second}).code == "link_invalid"


def test_a_link_runs_out(opened, services, monkeypatch):
    sign_up(opened)
    token = token_in(last_to(services, ADA))
    real = clock.epoch
    monkeypatch.setattr(clock, "epoch", lambda shift=0: real(shift) + 24 * 3600 + 1)
    assert opened.post("/v1/auth/verify", {"token": token}).code == "link_invalid"


def test_whoever_opens_a_letter_gets_the_password_of_that_sign_up(opened, services):
    """Somebody signs up with the address of somebody else, before and after they do it."""
    sign_up(opened, password="the thief was first")
    deliver(services)
    sign_up(opened)
    own = token_in(last_to(services, ADA))
    sign_up(opened, password="the thief comes again")
    thief = token_in(last_to(services, ADA))
    assert opened.post("/v1/auth/verify", {"token": own}).status == 200
    assert login(opened).status == 200
    assert login(opened, password="the thief comes again").code == "login_failed"
    opened.post("/v1/auth/verify", {"token": thief})
    assert login(opened).status == 200
    assert login(opened, password="the thief comes again").code == "login_failed"


def test_another_letter(opened, services):
    sign_up(opened)
    deliver(services)
    assert opened.post("/v1/auth/verify/resend", {"email": ADA}).status == 202
    assert verify(opened, services).status == 200
    opened.post("/v1/auth/verify/resend", {"email": ADA})
    opened.post("/v1/auth/verify/resend", {"email": "nobody@example.com"})
    before = len(services.mail.sent)
    deliver(services)
    assert len(services.mail.sent) == before


def test_parallel_sign_ups_make_one_account(opened, services):
    with ThreadPoolExecutor(4) as pool:
        assert {a.status for a in pool.map(lambda _: sign_up(opened), range(4))} == {202}
    with ThreadPoolExecutor(4) as pool:
        events = [detail for kind, detail in services.bus.events if kind == "errand.due"]
        outcomes = list(pool.map(lambda d: errand.handler({"detail": d}, None), events * 2))
    assert sorted(o["outcome"] for o in outcomes) == ["done"] * 4 + ["gone"] * 4
    assert verify(opened, services).status == 200
    assert login(opened).status == 200


def test_reset(opened, services):
    known = person(opened)
    other = opened.with_token(login(opened, known.email).json()["access_token"])
    assert opened.post("/v1/auth/reset", {"email": known.email}).status == 202
    token = token_in(last_to(services, known.email))
    weak = opened.post("/v1/auth/reset/confirm", {"token": token, "password": known.email})
    assert weak.code == "weak_password"
    answer = opened.post("/v1/auth/reset/confirm", {"token": token, "password": OTHER})
    assert answer.status == 204
    assert known.client.get("/v1/me").code == "token_revoked"
    assert other.get("/v1/me").code == "token_revoked"
    assert login(opened, known.email).code == "login_failed"
    assert login(opened, known.email, OTHER).status == 200
    again = opened.post("/v1/auth/reset/confirm", {"token": token, "password": PASSWORD})
    assert again.code == "link_invalid"
    assert last_to(services, known.email).kind == "password_changed"


def test_of_two_reset_links_one_is_good(opened, services):
    known = person(opened)
    tokens = []
    for _ in range(2):
        opened.post("/v1/auth/reset", {"email": known.email})
        tokens.append(token_in(last_to(services, known.email)))
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(
                lambda token: opened.post(
                    "/v1/auth/reset/confirm", {"token": token, "password": OTHER}
                ),
                tokens * 2,
            )
        )
    assert sorted(a.status for a in answers) == [204, 422, 422, 422]


def test_reset_unlocks_and_verifies(opened, services):
    sign_up(opened)
    deliver(services)
    for _ in range(11):
        locked = login(opened, password="wrong wrong wrong")
    assert locked.status == 429
    opened.post("/v1/auth/reset", {"email": ADA})
    token = token_in(last_to(services, ADA))
    opened.post("/v1/auth/reset/confirm", {"token": token, "password": OTHER})
    assert login(opened, password=OTHER).status == 200


def test_nobody_suspended_gets_a_link(opened, services):
    from chalicelib.identity.rows import UserRow, user_named

    known = person(opened)
    opened.post("/v1/auth/reset", {"email": known.email})
    token = token_in(last_to(services, known.email))
    user_named(known.id).update(actions=[UserRow.status.set("suspended")])
    answer = opened.post("/v1/auth/reset/confirm", {"token": token, "password": OTHER})
    assert answer.code == "link_invalid"
    before = len(services.mail.sent)
    opened.post("/v1/auth/reset", {"email": known.email})
    deliver(services)
    assert len(services.mail.sent) == before


def test_five_letters_an_hour(opened, services):
    known = person(opened)
    for _ in range(8):
        opened.post("/v1/auth/reset", {"email": known.email})
    deliver(services)
    assert len(services.mail.to(known.email)) == 5


def test_mail_that_cannot_be_sent_is_sent_later(opened, services, monkeypatch):
    from chalicelib.accounts.actions import errands
    from chalicelib.core import ids

    sign_up(opened)
    real = services.mail.send

    def refuse(_message):
        raise OSError("no mail today")

    monkeypatch.setattr(services.mail, "send", refuse)
    assert deliver(services) == ["later"]
    monkeypatch.setattr(services.mail, "send", real)
    later = clock.epoch()
    monkeypatch.setattr(clock, "epoch", lambda shift=0: later + shift + 61)
    moment = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: moment + 61_000)
    assert errands.sweep() == 1
    assert deliver(services) == ["done"]
    assert len(services.mail.to(ADA)) == 1
    assert errands.sweep() == 0
    assert ids.is_id(ids.new("err"), "err")


def test_an_event_that_gets_lost_is_said_again(opened, services, monkeypatch):
    from chalicelib.accounts.actions import errands

    def refuse(_kind, _detail):
        raise RuntimeError("no bus today")

    real = services.bus.put
    monkeypatch.setattr(services.bus, "put", refuse)
    assert sign_up(opened).status == 202
    monkeypatch.setattr(services.bus, "put", real)
    moment = clock.now_ms()
    monkeypatch.setattr(clock, "now_ms", lambda: moment + 61_000)
    assert errands.sweep() == 1
    assert deliver(services) == ["done"]


def test_an_errand_that_always_fails_is_given_up(opened, services, monkeypatch):
    from chalicelib.accounts.actions import post

    sign_up(opened)
    detail = services.bus.of("errand.due")[0]

    def refuse(_message):
        raise OSError("no mail ever")

    monkeypatch.setattr(services.mail, "send", refuse)
    real, outcomes = clock.epoch, []
    for turn in range(9):
        monkeypatch.setattr(clock, "epoch", lambda shift=0, turn=turn: real(shift) + 61 * turn)
        outcomes.append(post.perform(detail["errand"]))
    assert outcomes == ["later"] * 7 + ["given_up", "gone"]


def test_no_secret_is_kept(opened, services, database):
    sign_up(opened)
    token = token_in(last_to(services, ADA))
    dump = str(database.scan(TableName="test-core")["Items"])
    assert token not in dump
    assert PASSWORD not in dump


def test_one_password_cannot_be_tried_on_everybody(api, monkeypatch):
    from chalicelib.identity.actions import attempts

    monkeypatch.setattr(attempts, "FAILURES_FROM_ONE_PLACE", 5)
    known = person(api)
    for n in range(5):
        assert login(api, f"p{n}@example.com").code == "login_failed"
        if n < 4:
            assert login(api, known.email).status == 200  # takes back nobody's failures
    locked = login(api, known.email)
    assert (locked.status, locked.code) == (429, "too_many_attempts")
    assert int(locked.headers["Retry-After"]) > 0


def test_the_domain_of_an_enforcing_team_does_not_sign_up(opened, services, monkeypatch):
    from chalicelib.core.errors import Forbidden
    from chalicelib.identity.actions import gates

    def refuse(email, *_):
        raise Forbidden("sso_required", f"{email} signs in elsewhere.")

    monkeypatch.setattr(gates, "check", refuse)
    assert (sign_up(opened).status, sign_up(opened).code) == (403, "sso_required")
    assert sign_up(opened, invitation="A" * 43).code == "sso_required"
    assert deliver(services) == []
