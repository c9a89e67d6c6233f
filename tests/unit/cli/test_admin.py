"""admin: what is asked, and what is shown."""

from __future__ import annotations

import pytest

ADA = {
    "id": "usr_1",
    "email": "ada@example.com",
    "name": "Ada",
    "status": "active",
    "admin": True,
    "factors": 1,
    "created_at": "2026-01-02T03:04:05.678Z",
    "verified_at": None,
}
TEAM = {
    "id": "team_1",
    "slug": "ada",
    "name": "Ada's",
    "status": "active",
    "plan": "free",
    "granted_plan": None,
    "granted_until": None,
    "created_at": "2026-01-02T03:04:05.678Z",
}


@pytest.fixture
def there(signed_in, monkeypatch):
    """`there[path] = answers`; the bodies that were sent are in `signed_in.sent`."""
    from cli.api import Api

    signed_in.sent = []
    real = Api.call

    def call(self, method, path, body, signed_in_=True):
        signed_in.sent.append((method, path, body))
        return real(self, method, path, body, signed_in_)

    monkeypatch.setattr(Api, "call", call)
    return signed_in


def answers(there, path, *bodies, status=200):
    there.answers[f"/v1{path}"] = [(status, body) for body in bodies]


def test_accounts_page_by_page(deck, there):
    one, two = {"items": [ADA], "next": "c"}, {"items": [{**ADA, "admin": False}], "next": None}
    answers(there, "/admin/users", one, two)
    rows = deck("admin", "users", "-q", "ada", "--admins").stdout.splitlines()
    assert [row.split("\t")[2] for row in rows] == ["active, admin", "active"]
    asked = [path for _, path, _ in there.sent]
    assert asked[0] == "/admin/users?query=ada&admin=true&limit=100"
    assert asked[1].endswith("&cursor=c")


def test_an_account(deck, there):
    teams = [{"id": "team_1", "slug": "ada", "name": "A", "role": "owner"}]
    found = {**ADA, "sessions": 2, "has_password": True, "teams": teams}
    answers(there, "/admin/users/ada%40example.com", found, found)
    said = deck("admin", "user", "ada@example.com").stdout
    assert "sessions 2, second factors 1" in said
    assert "owner    of ada" in said
    assert deck("admin", "user", "ada@example.com", "--json").json == found


@pytest.mark.parametrize(
    ("arguments", "sent", "answer", "said"),
    [
        (
            ["suspend", "usr_1", "--reason", "spam"],
            ("POST", "/admin/users/usr_1/suspend", {"reason": "spam"}),
            {**ADA, "status": "suspended"},
            "ada@example.com is suspended",
        ),
        (
            ["clear-factors", "usr_1", "--reason", "lost"],
            ("POST", "/admin/users/usr_1/clear-factors", {"reason": "lost"}),
            {**ADA, "factors": 0},
            "ada@example.com has no second factor now",
        ),
        (
            ["restore", "ada", "--team", "--reason", "paid"],
            ("POST", "/admin/teams/ada/restore", {"reason": "paid"}),
            TEAM,
            "ada is active",
        ),
        (
            ["grant", "usr_1"],
            ("PUT", "/admin/users/usr_1/admin", {"admin": True}),
            ADA,
            "ada@example.com runs the installation",
        ),
        (
            ["revoke", "usr_1"],
            ("PUT", "/admin/users/usr_1/admin", {"admin": False}),
            {**ADA, "admin": False},
            "ada@example.com does not run the installation",
        ),
        (
            ["plan", "ada", "pro", "--until", "2027-01-01T00:00:00Z", "--reason", "trial"],
            (
                "PATCH",
                "/admin/teams/ada",
                {"plan": "pro", "until": "2027-01-01T00:00:00Z", "reason": "trial"},
            ),
            {**TEAM, "plan": "pro", "granted_plan": "pro"},
            "ada has the plan pro (given, until for good)",
        ),
        (
            ["plan", "ada", "own", "--reason", "over"],
            ("PATCH", "/admin/teams/ada", {"plan": None, "reason": "over"}),
            TEAM,
            "ada has the plan free",
        ),
        (
            ["requests", "--approve", "req_1", "--note", "known"],
            ("POST", "/admin/access-requests/req_1/approve", {"note": "known"}),
            {"email": "bob@example.com", "state": "approved"},
            "bob@example.com is approved",
        ),
        (
            ["settings", "--sign-up", "open"],
            ("PATCH", "/admin/settings", {"sign_up": "open"}),
            {"sign_up": "open"},
            "sign-up: open",
        ),
        (
            ["sso-off", "ada"],
            ("PUT", "/admin/teams/ada/sso", {"enforced": False}),
            {"enforced": False},
            "ada signs in without single sign-on now",
        ),
        (
            ["release-domain", "acme.com", "--yes"],
            ("DELETE", "/admin/domains/acme.com", None),
            {},
            "acme.com is free again",
        ),
        (["settings"], ("GET", "/admin/settings", None), {"sign_up": "invite"}, "sign-up: invite"),
    ],
)
def test_changes(deck, there, arguments, sent, answer, said):
    answers(there, sent[1], answer)
    assert deck("admin", *arguments).stdout == f"{said}\n"
    assert there.sent == [sent]


def test_a_provider_and_its_secret_from_a_pipe(deck, there):
    found = {"name": "GitHub", "client_id": "abc", "redirect_uri": "https://x/v1/auth/callback"}
    answers(there, "/admin/providers/github", found)
    result = deck("admin", "providers", "github", "--client-id", "abc", input="s3cret\n")
    body = {"client_id": "abc", "client_secret": "s3cret"}
    assert there.sent == [("PUT", "/admin/providers/github", body)]
    assert "s3cret" not in result.output
    assert "Register there: https://x/v1/auth/callback" in result.stdout
    answers(there, "/admin/providers/github", {}, status=204)
    assert deck("admin", "providers", "github", "--remove").stdout == "Removed github\n"
    answers(there, "/auth/providers", {"items": [{"id": "github", "name": "GitHub"}]})
    assert deck("admin", "providers").stdout == "github\tGitHub\n"


def test_lists(deck, there):
    answers(there, "/admin/teams", {"items": [TEAM], "next": None})
    assert deck("admin", "teams").stdout.startswith("ada\tAda's\tactive\tfree\t")
    request = {"id": "req_1", "email": "b@x.zz", "name": "B", "organisation": "O", "reason": "r"}
    request["created_at"] = ADA["created_at"]
    answers(there, "/admin/access-requests", {"items": [request], "next": None})
    assert deck("admin", "requests").stdout.startswith("req_1\tb@x.zz\tB\tO\t")


@pytest.mark.parametrize(
    "arguments",
    [
        ["plan", "ada", "gold", "--reason", "x"],
        ["requests", "--approve", "a", "--reject", "b"],
        ["providers", "github", "--client-id", "abc"],
        ["suspend", "usr_1"],
    ],
)
def test_what_is_refused_here(deck, there, arguments):
    deck("admin", *arguments, code=2)
    assert there.sent == []


def test_somebody_who_does_not_run_it(deck, there):
    body = {"code": "admin_only", "detail": "Only those who run it.", "hint": "Ask one of them."}
    answers(there, "/admin/users", body, status=403)
    assert "hint: Ask one of them." in deck("admin", "users", code=2).stderr
