"""can and policy: what is asked, what is shown, and the exit code."""

from __future__ import annotations

import json

import pytest

NO = {
    "allowed": False,
    "role": "developer",
    "code": "policy_denied",
    "hint": "Ask an admin.",
    "why": [
        {"step": "role", "allowed": True, "detail": "As developer this is allowed."},
        {"step": "policy friday", "allowed": False, "detail": "The policy 'friday' forbids it."},
    ],
}
POLICY = {
    "name": "friday",
    "description": "No weekend",
    "words": "nobody may deployment.promote in production",
    "cedar": 'forbid (principal, action == Action::"deployment.promote", resource);',
    "updated_at": "2026-01-02T03:04:05.678Z",
    "updated_by": "usr_1",
}


@pytest.fixture
def sent(signed_in, monkeypatch):
    """What was asked; the answer is `NO`, a list of `POLICY`, or `POLICY`."""
    from cli.api import Api

    asked = []

    def call(_self, method, path, body=None, *_):
        asked.append((method, path, body))
        if path.endswith("simulate"):
            return {**NO, "allowed": body["action"] == "team.read"}
        return {"items": [POLICY]} if method == "GET" else POLICY

    monkeypatch.setattr(Api, "call", call)
    return asked


def test_can_says_no_and_why(deck, sent):
    said = deck(
        *("can", "ada@example.com", "deployment.promote", "shop", "--env", "production"),
        *("--no-mfa", "--at", "2026-11-20T15:00", "--ip", "192.0.2.1", "--team", "acme"),
        code=1,
    )
    assert sent == [
        (
            "POST",
            "/policies/simulate",
            {
                "who": "ada@example.com",
                "action": "deployment.promote",
                "resource": "shop",
                "team": "acme",
                "context": {
                    "environment": "production",
                    "mfa": False,
                    "at": "2026-11-20T15:00",
                    "ip": "192.0.2.1",
                },
            },
        )
    ]
    assert said.stdout.splitlines() == [
        "no, as developer",
        "  + role: As developer this is allowed.",
        "  - policy friday: The policy 'friday' forbids it.",
        "  Ask an admin.",
    ]


def test_can_says_yes(deck, sent):
    assert deck("can", "me", "team.read", "-t", "acme").stdout.startswith("yes, as developer\n")
    assert sent[0][2] == {"who": "me", "action": "team.read", "context": {}, "team": "acme"}
    document = json.loads(deck("can", "me", "env.read", "-t", "acme", "--json", code=1).stdout)
    assert document["allowed"] is False


def test_set_from_options(deck, sent):
    deck(
        *("policy", "set", "friday", "--deny", "--role", "developer", "--role", "guest"),
        *("--action", "deployment.*", "--resource", "project:shop", "--env", "production"),
        *("--days", "fri,sat", "--from", "12:00", "--timezone", "Europe/Berlin"),
        *("--mfa-minutes", "10", "--network", "10.0.0.0/8", "-t", "acme"),
    )
    assert sent == [
        (
            "PUT",
            "/teams/acme/policies/friday",
            {
                "effect": "deny",
                "roles": ["developer", "guest"],
                "actions": ["deployment.*"],
                "resources": ["project:shop"],
                "conditions": {
                    "environment": ["production"],
                    "time": {
                        "days": ["fri", "sat"],
                        "from": "12:00",
                        "timezone": "Europe/Berlin",
                    },
                    "mfa": {"required": True, "max_age_minutes": 10},
                    "network": {"cidrs": ["10.0.0.0/8"]},
                },
            },
        )
    ]


def test_set_and_test_from_files(deck, sent, folder):
    (folder / "p.json").write_text('{"effect": "deny"}')
    (folder / "p.cedar").write_text("forbid(principal, action, resource);")
    deck("policy", "set", "p", "-f", "p.json", "--description", "d", "-t", "acme")
    assert sent[-1][2] == {"effect": "deny", "description": "d"}
    deck("policy", "set", "p", "-f", "-", "-t", "acme", input="forbid(")
    assert sent[-1][2] == {"cedar": "forbid("}
    deck("policy", "test", "p.cedar", "me", "env.read", "shop", "-t", "acme", code=1)
    assert sent[-1][2]["draft"] == {
        "cedar": "forbid(principal, action, resource);",
        "name": "draft",
    }


@pytest.mark.parametrize(
    "arguments",
    [
        (),
        ("--deny", "--allow-only"),
        ("--file", "none.json"),
        ("--file", "bad.json"),
        ("--file", "bad.bin"),
        ("--file", "ok.json", "--deny"),
    ],
)
def test_what_makes_no_policy(deck, sent, folder, arguments):
    (folder / "bad.json").write_text("{")
    (folder / "ok.json").write_text("{}")
    (folder / "bad.bin").write_bytes(b"\xff\xfe")
    said = deck("policy", "set", "p", *arguments, "-t", "acme", "--json", code=2)
    assert json.loads(said.stderr)["error"]["code"] == "bad_policy"
    assert sent == []


def test_list_show_delete(deck, sent):
    assert deck("policy", "list", "-t", "acme").stdout == (
        "friday\tnobody may deployment.promote in production\tNo weekend\n"
    )
    shown = deck("policy", "show", "friday", "-t", "acme").stdout
    assert POLICY["cedar"] in shown
    assert "No weekend" in shown
    deck("policy", "show", "other", "-t", "acme", code=2)
    deck("policy", "delete", "friday", "-t", "acme", code=2)
    assert not any(method == "DELETE" for method, _, _ in sent)
    deck("policy", "delete", "friday", "--yes", "-t", "acme")
    assert sent[-1][:2] == ("DELETE", "/teams/acme/policies/friday")
