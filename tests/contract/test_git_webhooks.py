"""Every host's webhooks, as they document them, in our words; and none that it did not sign."""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.clouds.aws import codecommit
from chalicelib.git.providers import Forged, Provider, bitbucket, github, gitlab, plain
from chalicelib.git.rules import PullRequest, Push, Tag
from tests.fakes.git_hosts import webhooks
from tests.fakes.git_hosts.webhooks import SECRET, Sign

A = "6113728f27ae82c7b1a177c8d03f9e96e0adf246"
B = "59b20b8d5c6ff8d09518454d4dd8b7b30f095ab5"
C = "0d1a26e67d8f5eaf1f6ba5c57fc3c7d91ac0fd1c"


@dataclass(frozen=True)
class Kind:
    """A way in which webhooks come. `says` is what a push tells besides where it went."""

    provider: Provider
    payloads: str
    sign: Sign
    repository: str
    dated: bool = False
    says: tuple[str, str] = ("octocat", "Update README.md")
    short: bool = False


KINDS = {
    "github": Kind(github.make(), "github", webhooks.github, "186853002"),
    "gitlab": Kind(gitlab.make(), "gitlab", webhooks.gitlab_token, "15"),
    "gitlab-signed": Kind(gitlab.make(), "gitlab", webhooks.gitlab_signed, "15", dated=True),
    "bitbucket": Kind(
        bitbucket.make(),
        "bitbucket",
        webhooks.bitbucket,
        "{673a6070-3421-46c9-9d48-90745f7bfe8e}",
        short=True,
    ),
    "bitbucket-server": Kind(
        bitbucket.make(), "bitbucket_server", webhooks.bitbucket, "84", says=("octocat", "")
    ),
    "git": Kind(plain.make(), "git", webhooks.ours, "", dated=True, says=("", "")),
    "gitea": Kind(plain.make(), "gitea", webhooks.gitea, ""),
}
CODECOMMIT = Kind(
    codecommit.make(),
    "codecommit",
    lambda *_: {},
    "arn:aws:codecommit:us-east-2:123456789012:hello-world",
    says=("octocat", ""),
)
NOW = 1_750_000_000_000_000_000
every = pytest.mark.parametrize("kind", KINDS.values(), ids=KINDS.keys())


def read(kind: Kind, scenario: str):
    known = webhooks.payloads(kind.payloads)
    if scenario not in known:
        pytest.skip(f"{kind.payloads} does not have this")
    delivery = known[scenario]
    if kind is CODECOMMIT:
        return kind.provider.read({}, json.dumps(delivery).encode(), "prj_1", NOW)
    headers, body = webhooks.signed(delivery, kind.sign)
    kind.provider.verify(headers, body, [SECRET])
    return kind.provider.read(headers, body, "prj_1", NOW)


reading = pytest.mark.parametrize(
    "kind", [*KINDS.values(), CODECOMMIT], ids=[*KINDS.keys(), "codecommit"]
)


@reading
@pytest.mark.parametrize(
    ("scenario", "branch", "commit", "previous"),
    [
        ("push", "main", B, A),
        ("branch_new", "feature/x", B, ""),
        ("push_forced", "main", C, B),
    ],
)
def test_a_push(kind: Kind, scenario: str, branch: str, commit: str, previous: str) -> None:
    found = read(kind, scenario)
    pusher, message = kind.says
    assert found.kind == "push"
    assert found.repository == kind.repository
    assert found.identifier
    assert found.events == (
        Push("prj_1", branch, commit, NOW, pusher, message, kind.provider.name, previous),
    )


@reading
def test_a_tag_is_at_its_commit_even_when_it_is_annotated(kind: Kind) -> None:
    found = read(kind, "tag")
    pusher, message = kind.says
    assert found.kind == "tag"
    assert found.events == (Tag("prj_1", "v1.0", B, NOW, pusher, message, kind.provider.name),)


@reading
def test_a_branch_that_goes_away_is_no_push(kind: Kind) -> None:
    found = read(kind, "branch_deleted")
    assert (found.kind, found.events) == ("deleted", ())


@reading
@pytest.mark.parametrize(
    ("scenario", "action", "commit", "base"),
    [
        ("pull_opened", "opened", B, "main"),
        ("pull_updated", "updated", C, "main"),
        ("pull_reopened", "reopened", B, "main"),
        ("pull_retargeted", "retargeted", B, "release"),
        ("pull_closed", "closed", B, "main"),
    ],
)
def test_a_pull_request(kind: Kind, scenario: str, action: str, commit: str, base: str) -> None:
    found = read(kind, scenario)
    assert found.kind == "pull_request"
    assert found.repository == kind.repository
    (pull,) = found.events
    assert isinstance(pull, PullRequest)
    assert (pull.project, pull.number, pull.action) == ("prj_1", 7, action)
    assert pull.commit == (commit[:12] if kind.short else commit)
    assert (pull.branch, pull.base, pull.fork) == ("changes", base, False)
    assert (pull.author, pull.bot, pull.sequence) == ("octocat", False, NOW)
    assert pull.title == "Update the README with new information."
    assert pull.merged == (action == "closed")
    assert pull.provider == kind.provider.name


@reading
def test_a_fork_is_one_whatever_its_branch_is_called(kind: Kind) -> None:
    (pull,) = read(kind, "pull_fork").events
    assert (pull.branch, pull.fork, pull.member) == ("main", True, False)
    assert pull.author == "mona"
    assert pull.repository != "octo-org/hello-world"


@pytest.mark.parametrize("kind", [KINDS["bitbucket"], KINDS["bitbucket-server"]])
def test_a_declined_pull_request_is_closed_and_not_merged(kind: Kind) -> None:
    (pull,) = read(kind, "pull_declined").events
    assert (pull.action, pull.merged) == ("closed", False)


def test_a_bot_is_one() -> None:
    (pull,) = read(KINDS["github"], "pull_bot").events
    assert (pull.bot, pull.member, pull.fork) == (True, False, False)


def test_a_fork_that_was_deleted_is_still_a_fork() -> None:
    body = webhooks.payloads("github")["pull_fork_deleted"]["body"]
    assert body["pull_request"]["head"]["repo"] is None
    (pull,) = read(KINDS["github"], "pull_fork_deleted").events
    assert (pull.action, pull.fork, pull.repository) == ("closed", True, "")


@reading
@pytest.mark.parametrize("scenario", ["unknown", "ignored_pull", "ping"])
def test_what_is_of_no_interest_is_ignored(kind: Kind, scenario: str) -> None:
    found = read(kind, scenario)
    assert found.events == ()
    assert found.kind == ("ping" if scenario == "ping" else "ignored")


# forgeries


@every
def test_one_of_two_secrets_is_enough(kind: Kind) -> None:
    headers, body = webhooks.signed(webhooks.payloads(kind.payloads)["push"], kind.sign)
    kind.provider.verify(headers, body, ["another", SECRET])
    kind.provider.verify(headers, body, [SECRET, "another"])


@every
def test_no_signature(kind: Kind) -> None:
    delivery = webhooks.payloads(kind.payloads)["push"]
    headers, body = webhooks.signed(delivery, lambda *_: {})
    assert refused(kind, headers, body) == "signature_missing"


@every
@pytest.mark.parametrize("secrets", [["wrong"], [], [""], [SECRET + "x"], [SECRET[:-1]]])
def test_another_secret(kind: Kind, secrets: list[str]) -> None:
    headers, body = webhooks.signed(webhooks.payloads(kind.payloads)["push"], kind.sign)
    assert refused(kind, headers, body, secrets) == "signature_invalid"


@every
def test_a_body_that_was_changed(kind: Kind) -> None:
    if kind.sign is webhooks.gitlab_token:
        pytest.skip("a token says nothing of the body")
    headers, body = webhooks.signed(webhooks.payloads(kind.payloads)["push"], kind.sign)
    assert refused(kind, headers, body + b" ") == "signature_invalid"


@every
@pytest.mark.parametrize("seconds", [-301, 301, -86_400])
def test_a_signature_of_another_time(kind: Kind, seconds: int) -> None:
    if not kind.dated:
        pytest.skip("this host's signature names no time")
    delivery = webhooks.payloads(kind.payloads)["push"]
    headers, body = webhooks.signed(delivery, kind.sign, at=int(time.time()) + seconds)
    assert refused(kind, headers, body) == "signature_expired"


@every
def test_a_signature_made_younger(kind: Kind) -> None:
    if not kind.dated:
        pytest.skip("this host's signature names no time")
    then, now = int(time.time()) - 900, int(time.time())
    delivery = webhooks.payloads(kind.payloads)["push"]
    headers, body = webhooks.signed(delivery, kind.sign, at=then)
    younger = {name: value.replace(str(then), str(now)) for name, value in headers.items()}
    assert refused(kind, younger, body) == "signature_invalid"


@every
@settings(max_examples=40, deadline=None)
@given(value=st.text(max_size=80))
def test_anything_as_a_signature(kind: Kind, value: str) -> None:
    delivery = webhooks.payloads(kind.payloads)["push"]
    headers, body = webhooks.signed(delivery, kind.sign)
    named = next(
        n for n in headers
        if "signature" in n or n == "x-gitlab-token"
    )  # fmt: skip
    if value == headers[named]:
        return
    assert refused(kind, {**headers, named: value}, body) in {
        "signature_missing",
        "signature_invalid",
        "signature_expired",
    }


def test_the_older_signature_of_github_counts_for_nothing() -> None:
    headers, body = webhooks.signed(webhooks.payloads("github")["push"], webhooks.github)
    headers["x-hub-signature"] = headers.pop("x-hub-signature-256")
    assert refused(KINDS["github"], headers, body) == "signature_missing"


def test_nobody_speaks_for_codecommit() -> None:
    assert refused(CODECOMMIT, {"x-hub-signature": "sha256="}, b"{}") == "signature_invalid"


def refused(kind: Kind, headers: dict[str, str], body: bytes, secrets: Any = None) -> str:
    with pytest.raises(Forged) as caught:
        kind.provider.verify(headers, body, [SECRET] if secrets is None else secrets)
    assert SECRET not in str(caught.value)
    return caught.value.code


# what nobody documents


@reading
@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_bodies_that_no_host_would_send_are_refused_or_read(kind: Kind, data: Any) -> None:
    """A field is lost, or becomes something else: the answer is a ValueError or a delivery."""
    known = webhooks.payloads(kind.payloads)
    delivery = known[data.draw(st.sampled_from(sorted(known)))]
    body = delivery if kind is CODECOMMIT else delivery["body"]
    at = body
    while True:
        key = data.draw(st.sampled_from(sorted(at))) if at else None
        if key is None or not isinstance(at[key], dict) or data.draw(st.booleans()):
            break
        at = at[key]
    if key is not None:
        at[key] = data.draw(
            st.one_of(
                st.none(),
                st.integers(),
                st.text(max_size=30),
                st.booleans(),
                st.lists(st.one_of(st.none(), st.integers(), st.just({})), max_size=3),
                st.just({}),
            )
        )
    headers = {k.lower(): v for k, v in delivery.get("headers", {}).items()}
    try:
        found = kind.provider.read(headers, json.dumps(body).encode(), "prj_1", NOW)
    except ValueError:
        return
    for event in found.events:
        assert event.project == "prj_1"
        assert len(event.commit) >= 12
        assert not set(event.commit) - set("0123456789abcdef")


@reading
@pytest.mark.parametrize("body", [b"", b"[]", b"{}", b"null", b'{"a":', b"[" * 100_000, b"\xff"])
def test_no_json_of_theirs(kind: Kind, body: bytes) -> None:
    headers = {} if kind is CODECOMMIT else webhooks.payloads(kind.payloads)["push"]["headers"]
    with pytest.raises(ValueError):
        kind.provider.read({k.lower(): v for k, v in headers.items()}, body, "prj_1", NOW)
