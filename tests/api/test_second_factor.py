"""Authenticator apps and recovery codes, through the whole API."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest

from chalicelib.core import clock
from tests.fakes.factors import answer_code, enrol_app, log_in
from tests.fakes.people import api_key, person


@pytest.fixture
def later(monkeypatch):
    """Moves the clock."""
    real, shift = clock.epoch, [0]
    real_ms = clock.now_ms
    monkeypatch.setattr(clock, "epoch", lambda more=0: real(more) + shift[0])
    monkeypatch.setattr(clock, "now_ms", lambda: real_ms() + shift[0] * 1000)

    def move(seconds):
        shift[0] += seconds

    return move


def test_without_a_factor_a_password_is_enough(api, owner):
    signed_in = log_in(api, owner).json()
    assert signed_in["challenge"] is None
    assert signed_in["access_token"]


def test_with_a_factor_a_password_gives_a_challenge_only(api, owner):
    app, codes = enrol_app(owner)
    assert len(set(codes)) == 10
    half = log_in(api, owner).json()
    assert half["access_token"] is half["refresh_token"] is half["expires_in"] is None
    assert half["challenge"]["methods"] == ["totp", "recovery"]
    assert half["challenge"]["options"] is None
    whole = answer_code(api, half["challenge"]["id"], app.fresh())
    assert whole.status == 200, whole.text
    assert api.with_token(whole.json()["access_token"]).get("/v1/me").status == 200


def test_the_factor_is_listed_and_no_secret_with_it(owner):
    app, codes = enrol_app(owner)
    answer = owner.client.get("/v1/me/factors")
    assert app.secret not in answer.text
    assert not any(code in answer.text for code in codes)
    body = answer.json()
    assert body["recovery_codes"] == 10
    assert [(f["id"], f["kind"], f["name"]) for f in body["items"]] == [
        (app.id, "totp", "Authenticator app")
    ]


def test_no_secret_lies_in_the_database_in_the_clear(owner, database):
    app, codes = enrol_app(owner)
    text = str(database.scan(TableName="test-core")["Items"])
    assert app.secret not in text
    assert not any(code in text or code.replace("-", "") in text for code in codes)


def test_a_code_is_good_once(api, owner):
    app, _ = enrol_app(owner)
    code = app.fresh()
    first = log_in(api, owner).json()["challenge"]["id"]
    second = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, first, code).status == 200
    again = answer_code(api, second, code)
    assert (again.status, again.code) == (401, "factor_failed")


def test_the_code_that_confirmed_an_app_does_not_sign_in(api, owner):
    made = owner.client.post("/v1/me/factors/totp").json()
    from tests.fakes.factors import App

    code = App(made["secret"]).code()
    owner.client.post("/v1/me/factors/totp/confirm", {"code": code})
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, code).code == "factor_failed"


def test_one_code_in_many_hands_signs_in_once(api, owner):
    app, _ = enrol_app(owner)
    code = app.fresh()
    asked = [log_in(api, owner).json()["challenge"]["id"] for _ in range(8)]
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda c: answer_code(api, c, code), asked))
    assert [a.status for a in answers].count(200) == 1


@pytest.mark.parametrize("shift", [-3, -2, 2, 3])
def test_codes_of_other_times_are_refused(api, owner, shift, later):
    app, _ = enrol_app(owner)
    later(300)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, app.code(shift)).code == "factor_failed"


@pytest.mark.parametrize("shift", [-1, 0, 1])
def test_codes_of_the_neighbouring_steps_are_taken(api, owner, shift, later):
    app, _ = enrol_app(owner)
    later(300)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, app.code(shift)).status == 200


@pytest.mark.parametrize(
    "code", ["", "12345", "1234567", "abcdef", "\uff11\uff12\uff13\uff14\uff15\uff16", "000000\n"]
)
def test_what_is_no_code(api, owner, code):
    enrol_app(owner)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, code).code == "factor_failed"


def test_five_wrong_answers_end_a_challenge(api, owner):
    app, _ = enrol_app(owner)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    codes = [answer_code(api, challenge, "000000").code for _ in range(5)]
    assert codes == ["factor_failed"] * 5
    right = answer_code(api, challenge, app.fresh())
    assert (right.status, right.code) == (401, "challenge_over")


def test_ten_wrong_codes_lock_the_person(api, owner):
    app, _ = enrol_app(owner)
    for _ in range(2):
        challenge = log_in(api, owner).json()["challenge"]["id"]
        for _ in range(5):
            answer_code(api, challenge, "000000")
    challenge = log_in(api, owner).json()["challenge"]["id"]
    locked = answer_code(api, challenge, app.fresh())
    assert (locked.status, locked.code) == (429, "too_many_attempts")
    assert 0 < int(locked.headers["Retry-After"]) <= 900


def test_a_challenge_is_good_once_and_five_minutes(api, owner, later):
    app, _ = enrol_app(owner)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, app.fresh()).status == 200
    assert answer_code(api, challenge, app.fresh()).code == "challenge_over"
    late = log_in(api, owner).json()["challenge"]["id"]
    later(301)
    assert answer_code(api, late, app.code()).code == "challenge_over"
    assert answer_code(api, "made up", app.code()).code == "challenge_over"


def test_another_persons_code_does_not_answer(api, owner):
    enrol_app(owner)
    other = person(api)
    theirs, codes = enrol_app(other)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, theirs.fresh()).code == "factor_failed"
    assert answer_code(api, challenge, codes[0], "recovery").code == "factor_failed"


def test_a_challenge_ends_with_the_sessions(api, owner):
    from chalicelib.identity.actions import end_sessions

    app, _ = enrol_app(owner)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    end_sessions(owner.id, "password_reset")
    assert answer_code(api, challenge, app.fresh()).code == "challenge_over"


def test_a_suspended_person_does_not_get_in_halfway(api, owner):
    from chalicelib.identity import rows

    app, _ = enrol_app(owner)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    rows.user_named(owner.id).update(actions=[rows.UserRow.status.set("suspended")])
    answer = answer_code(api, challenge, app.fresh())
    assert (answer.status, answer.code) == (403, "account_suspended")


def test_recovery_codes_sign_in_once_each_and_a_mail_says_so(api, owner, services):
    _, codes = enrol_app(owner)
    typed = [codes[0], codes[1].upper().replace("-", " "), codes[2].replace("-", "")]
    for code in typed:
        challenge = log_in(api, owner).json()["challenge"]["id"]
        assert answer_code(api, challenge, code, "recovery").status == 200
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, codes[0], "recovery").code == "factor_failed"
    mails = [m for m in services.mail.to(owner.email) if m.kind == "recovery_code_used"]
    assert len(mails) == 3
    assert "7 are left" in mails[-1].text
    assert not any(code in m.text + m.subject for m in services.mail.sent for code in codes)


def test_new_recovery_codes_end_the_old_ones(api, owner):
    _, old = enrol_app(owner)
    new = owner.client.post("/v1/me/factors/recovery-codes").json()["recovery_codes"]
    assert len(set(new) - set(old)) == 10
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, old[0], "recovery").code == "factor_failed"
    assert answer_code(api, challenge, new[0], "recovery").status == 200


def test_recovery_codes_need_a_factor(owner):
    answer = owner.client.post("/v1/me/factors/recovery-codes")
    assert (answer.status, answer.code) == (409, "no_factors")


def test_when_no_mail_can_be_sent_the_way_in_still_works(api, owner, services, monkeypatch):
    _, codes = enrol_app(owner)

    def fail(_message):
        raise OSError("no route to the mail server")

    monkeypatch.setattr(services.mail, "send", fail)
    challenge = log_in(api, owner).json()["challenge"]["id"]
    assert answer_code(api, challenge, codes[0], "recovery").status == 200


def test_confirming_wants_a_proposal_and_the_right_code(owner, later):
    nothing = owner.client.post("/v1/me/factors/totp/confirm", {"code": "000000"})
    assert (nothing.status, nothing.code) == (409, "totp_not_proposed")
    owner.client.post("/v1/me/factors/totp")
    wrong = owner.client.post("/v1/me/factors/totp/confirm", {"code": "wrong"})
    assert (wrong.status, wrong.code) == (422, "code_wrong")
    assert owner.client.get("/v1/me/factors").json()["items"] == []
    later(16 * 60)
    owner.client.post("/v1/auth/step-up", {"password": "correct horse battery"})
    late = owner.client.post("/v1/me/factors/totp/confirm", {"code": "000000"})
    assert late.code == "totp_not_proposed"


def test_a_proposal_alone_changes_nothing(api, owner):
    owner.client.post("/v1/me/factors/totp")
    assert log_in(api, owner).json()["challenge"] is None


def test_two_confirmations_at_once_make_one_factor(owner):
    from tests.fakes.factors import App

    app = App(owner.client.post("/v1/me/factors/totp").json()["secret"])
    code = {"code": app.code()}
    with ThreadPoolExecutor(4) as pool:
        answers = list(
            pool.map(lambda _: owner.client.post("/v1/me/factors/totp/confirm", code), range(4))
        )
    assert sorted(a.status for a in answers) == [200, 409, 409, 409]
    from chalicelib.identity import rows

    assert rows.user_of(owner.id).factors == 1
    assert len(owner.client.get("/v1/me/factors").json()["items"]) == 1


def test_twenty_factors_are_the_most(owner):
    for _ in range(20):
        enrol_app(owner)
    answer = owner.client.post("/v1/me/factors/totp")
    assert (answer.status, answer.code) == (409, "too_many_factors")


def test_only_the_first_factor_brings_recovery_codes(owner):
    assert len(enrol_app(owner)[1]) == 10
    assert enrol_app(owner)[1] == []


def test_adding_and_removing_is_told_by_mail(owner, services):
    app, _ = enrol_app(owner)
    owner.client.delete(f"/v1/me/factors/{app.id}")
    assert [m.kind for m in services.mail.to(owner.email)] == ["factor_added", "factor_removed"]
    assert app.secret not in str(services.mail.sent)


def test_removing_the_last_factor_ends_the_other_sessions(api, owner):
    elsewhere = api.with_token(log_in(api, owner).json()["access_token"])
    app, _ = enrol_app(owner)
    second, _ = enrol_app(owner)
    assert owner.client.delete(f"/v1/me/factors/{second.id}").status == 204
    assert elsewhere.get("/v1/me").status == 200
    assert owner.client.delete(f"/v1/me/factors/{app.id}").status == 204
    assert elsewhere.get("/v1/me").code == "token_revoked"
    assert owner.client.get("/v1/me").status == 200
    assert owner.client.get("/v1/me/factors").json() == {"items": [], "recovery_codes": 0}
    assert log_in(api, owner).json()["challenge"] is None
    from chalicelib.identity import rows

    session = rows.session_of(owner.tokens["refresh_token"][3:33])
    assert (session.mfa_at, rows.user_of(owner.id).factors) == (0, 0)


def test_another_persons_factor_looks_absent(api, owner):
    app, _ = enrol_app(owner)
    stranger = person(api)
    theirs = stranger.client.delete(f"/v1/me/factors/{app.id}")
    nobodys = stranger.client.delete("/v1/me/factors/fac_" + "0" * 26)
    assert theirs.status == nobodys.status == 404
    assert theirs.code == nobodys.code == "factor_not_found"
    assert len(owner.client.get("/v1/me/factors").json()["items"]) == 1


def test_clearing_lets_somebody_in_who_lost_everything(api, owner):
    from chalicelib.identity.actions.factors import clear

    enrol_app(owner)
    clear(owner.id)
    assert owner.client.get("/v1/me").code == "token_revoked"
    assert log_in(api, owner).json()["challenge"] is None


def test_keys_have_no_factors(owner):
    key = api_key(owner)
    for method, path in (
        ("GET", "/v1/me/factors"),
        ("POST", "/v1/me/factors/totp"),
        ("POST", "/v1/me/factors/recovery-codes"),
        ("DELETE", "/v1/me/factors/fac_" + "0" * 26),
        ("POST", "/v1/auth/step-up/options"),
        ("GET", "/v1/me/sessions"),
        ("DELETE", "/v1/me/sessions"),
    ):
        answer = key.call(method, path)
        assert (answer.status, answer.code) == (403, "session_required"), path


def test_confirming_a_factor_lifts_this_session(owner):
    from chalicelib.identity.actions import authenticate

    assert authenticate(owner.client.token).mfa_at == 0
    enrol_app(owner)
    assert authenticate(owner.client.token).mfa_at > 0


def test_resetting_the_owner_takes_their_factors_away(api, services):
    from chalicelib.teams.actions.installation import first_owner, reset_owner

    first = first_owner("boss@example.com", "Boss")
    who = {"email": first.email, "password": first.password}
    signed_in = api.post("/v1/auth/login", who).json()
    client = api.with_token(signed_in["access_token"])
    client.post("/v1/me/factors/totp")
    pending = client.post("/v1/me/factors/totp").json()
    from tests.fakes.factors import App

    client.post("/v1/me/factors/totp/confirm", {"code": App(pending["secret"]).code()})
    assert api.post("/v1/auth/login", who).json()["challenge"] is not None
    again = {"email": first.email, "password": reset_owner().password}
    assert api.post("/v1/auth/login", again).json()["challenge"] is None
    assert client.get("/v1/me").code == "token_revoked"
