"""Trust of pull requests: facts as a whole, never what looks like one."""

from __future__ import annotations

import random
from dataclasses import replace

import pytest

from chalicelib.git.rules import PullRequest, trust_of
from chalicelib.git.rules.trust import same_id

OURS = PullRequest(
    "prj_x", 1, "opened", "a" * 40, "fix", "main", "ada/site", False, "ada", True, False, 1
)


@pytest.mark.parametrize(
    ("changes", "approved", "trust"),
    [
        ({}, False, "trusted"),
        ({"fork": True, "member": False}, False, "untrusted"),
        ({"fork": True, "member": True}, False, "untrusted"),
        ({"member": False}, False, "untrusted"),
        ({"bot": True}, False, "untrusted"),
        ({"fork": True, "branch": "main"}, False, "untrusted"),
        ({"fork": True, "action": "retargeted"}, False, "untrusted"),
        ({"fork": True, "action": "reopened"}, False, "untrusted"),
        ({"fork": True}, True, "approved"),
        ({"bot": True}, True, "approved"),
        ({}, True, "trusted"),
        ({"fork": None}, False, "untrusted"),
        ({"member": "true"}, False, "untrusted"),
        ({"bot": None}, False, "untrusted"),
        ({"fork": True}, "yes", "untrusted"),
    ],
)
def test_each_state_of_trust(changes: dict[str, object], approved: bool, trust: str) -> None:
    found, why = trust_of(replace(OURS, **changes), approved)  # type: ignore[arg-type]
    assert found == trust
    assert why.endswith(".")


def test_ten_thousand_changed_ids_never_pass() -> None:
    source = random.Random(20260101)
    number, text = 16024, "16024"
    shapes = [
        lambda n: f"{n}{source.randrange(10)}", lambda n: f"{source.randrange(1, 10)}{n}",
        lambda n: f" {n}", lambda n: f"{n} ", lambda n: f"{n}\n", lambda n: f"0{n}",
        lambda n: f"+{n}", lambda n: f"{n}.0", lambda n: f"{n}e0", lambda n: hex(int(n)),
        lambda n: f"^{n}$", lambda n: f"{n}|.*", lambda n: f"{n[:3]}_{n[3:]}", lambda n: f".*{n}.*",
        lambda n: n.translate({ord(str(d)): chr(0x0660 + d) for d in range(10)}),
        lambda n: n.translate({ord(str(d)): chr(0xFF10 + d) for d in range(10)}),
        lambda n: f"{n}\0", lambda n: f"\u200b{n}", lambda n: f"{n},{n}", lambda n: n[::-1],
    ]  # fmt: skip
    for _ in range(10_000):
        changed = source.choice(shapes)(text)
        assert not same_id(changed, text)
        assert not same_id(changed, number)
        assert not same_id(number + source.choice([-1, 1]) * source.randrange(1, 10**9), number)
    assert not same_id(text, number)
    assert not same_id(True, 1)
    assert not same_id("", "")
    assert same_id(text, text)
    assert same_id(number, number)
