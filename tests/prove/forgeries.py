"""Tokens that are not what they say, sent to a cloud that runs: access tokens made with its own
key, refresh tokens used by fifty at once and used again, sessions that ended, hooks signed wrongly.
"""

import hashlib
import hmac
import json
import secrets
import threading
from collections import Counter
from typing import Any

from adapters.local.settings import Installation
from chalicelib.clouds.local.keys import LocalKeys
from tests.fakes import forgeries
from tests.prove.cloud import Cloud
from tests.prove.outcome import Outcome

GOAL = (
    "no forged token or signature gets in; fifty parallel refreshes give one chain; a session that "
    "was ended is refused at the next request"
)
AT_ONCE = 50
ROUNDS = {"smoke": 2, "full": 20}


def run(outcome: Outcome) -> None:
    """Everything against one cloud."""
    with Cloud() as cloud:
        _access_tokens(cloud, outcome)
        for _ in range(ROUNDS[outcome.tier]):
            _parallel_refreshes(cloud, outcome)
        _endings(cloud, outcome)
        _hooks(cloud, outcome)


def _access_tokens(cloud: Cloud, outcome: Outcome) -> None:
    kid, key = LocalKeys(cloud.home / "keys").signing_key()
    said = forgeries.claims_of(cloud.session())
    target = forgeries.Target(said["iss"], said["sub"], said["sid"], kid, key)
    outcome.expect(_status(cloud, target.good()) == 200, "a good token is refused")
    cases = forgeries.forged(target)
    accepted = [name for name, token in cases.items() if _status(cloud, token) != 401]
    # white space at the ends of a header field is no part of it
    outcome.expect(
        set(accepted) <= {"white space in front", "tab at the end", "line break"},
        f"not refused with 401: {accepted}",
    )
    outcome.figures["forged_tokens"] = len(cases)


def _status(cloud: Cloud, token: str) -> int:
    if not token.isprintable() or not token.isascii():
        return 401  # no client can send it as a header
    return cloud.api("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"}).status


def _parallel_refreshes(cloud: Cloud, outcome: Outcome) -> None:
    """One of fifty wins, the others learn that somebody did; the old token is a theft later."""
    tokens = cloud.must("POST", "/v1/auth/login", cloud.login())
    first = {"refresh_token": tokens["refresh_token"]}
    answers: list[Any] = []
    barrier = threading.Barrier(AT_ONCE)

    def refresh() -> None:
        barrier.wait()
        answers.append(cloud.api("POST", "/v1/auth/refresh", first))

    threads = [threading.Thread(target=refresh) for _ in range(AT_ONCE)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    counts = Counter(answer.status for answer in answers)
    outcome.expect(counts[200] == 1, f"{counts[200]} of {AT_ONCE} parallel refreshes won: {counts}")
    outcome.expect(set(counts) <= {200, 409}, f"parallel refreshes were told {dict(counts)}")
    (winner,) = [a.content for a in answers if a.status == 200][:1] or [{}]
    if winner:
        _again(cloud, outcome, winner, tokens["refresh_token"])
    outcome.figures["parallel_refreshes"] = (
        int(outcome.figures.get("parallel_refreshes", 0)) + AT_ONCE
    )


def _again(cloud: Cloud, outcome: Outcome, winner: dict[str, Any], stolen: str) -> None:
    """The chain goes on; a token from before its last turn ends it for everybody."""
    newest = cloud.api("POST", "/v1/auth/refresh", {"refresh_token": winner["refresh_token"]})
    outcome.expect(newest.status == 200, f"the chain ended after one refresh: {newest}")
    replay = cloud.api("POST", "/v1/auth/refresh", {"refresh_token": stolen})
    outcome.expect(replay.status == 401, f"a spent refresh token: {replay}")
    for kind in ("access_token", "refresh_token"):
        token = newest.content.get(kind, "")
        answer = (
            cloud.api("GET", "/v1/me", headers={"Authorization": f"Bearer {token}"})
            if kind == "access_token"
            else cloud.api("POST", "/v1/auth/refresh", {"refresh_token": token})
        )
        outcome.expect(answer.status == 401, f"the {kind} outlives a theft: {answer}")


def _endings(cloud: Cloud, outcome: Outcome) -> None:
    """Ways in which a session ends, and the very next request with its token."""
    ways = {
        "logout": ("POST", "/v1/auth/logout", None),
        "ended by id": ("DELETE", "/v1/me/sessions/{session}", None),
    }
    for name, (method, path, body) in ways.items():
        token = cloud.session()
        own = {"Authorization": f"Bearer {token}"}
        address = path.format(session=forgeries.claims_of(token)["sid"])
        ended = cloud.api(method, address, body, headers=own)
        outcome.expect(ended.status == 204, f"{name}: {ended}")
        outcome.expect(_status(cloud, token) == 401, f"{name}: the token goes on")
    kept, other = cloud.session(), cloud.session()
    with cloud.as_bearer(kept):
        cloud.api("DELETE", "/v1/me/sessions")
    outcome.expect(_status(cloud, other) == 401, "all others ended: another token goes on")
    outcome.expect(_status(cloud, kept) == 200, "all others ended: so was this one")
    with cloud.as_bearer(kept):
        key = cloud.must("POST", "/v1/keys", {"name": "short"})
        cloud.api("DELETE", f"/v1/keys/{key['id']}")
    outcome.expect(_status(cloud, key["secret"]) == 401, "a deleted key goes on")
    outcome.figures["endings"] = len(ways) + 2


def _changed(digits: str, at: int) -> str:
    return digits[:at] + ("1" if digits[at] == "0" else "0") + digits[at + 1 :]


def _hooks(cloud: Cloud, outcome: Outcome) -> None:
    """Signatures of the built-in remote's hook: thirty that are wrong, each in its own way."""
    project = cloud.project("hooks")["id"]
    update = {"ref": "refs/heads/main", "old": "0" * 40, "new": "a" * 40, "sequence": 1}
    body = json.dumps(
        {"project": project, "updates": [update], "pusher": "p", "delivery": "forged-delivery"}
    ).encode()
    secret = Installation(cloud.home, cloud.port).secrets.local_secret.encode()
    good = hmac.new(secret, body, hashlib.sha256).hexdigest()
    wrong = {
        "none": "",
        "empty": "sha256=",
        "of another body": hmac.new(secret, body + b" ", hashlib.sha256).hexdigest(),
        "of the body with other spacing": hmac.new(
            secret, json.dumps(json.loads(body), indent=1).encode(), hashlib.sha256
        ).hexdigest(),
        "by another secret": hmac.new(b"x", body, hashlib.sha256).hexdigest(),
        "by an empty secret": hmac.new(b"", body, hashlib.sha256).hexdigest(),
        "SHA-1": "sha1=" + hmac.new(secret, body, hashlib.sha1).hexdigest(),
        "SHA-512": hmac.new(secret, body, hashlib.sha512).hexdigest(),
        "plain hash": hashlib.sha256(body).hexdigest(),
        "secret in front": hashlib.sha256(secret + body).hexdigest(),
        "cut off": good[:-1],
        "longer": good + "0",
        "upper case": good.upper(),
        "twice": good + good,
        "with a comma": f"{good[:-1]}x,{good}",
        "the secret": secret.decode(),
        **{f"digit {n} changed": _changed(good, n) for n in range(0, 64, 5)},
        **{f"chance {n}": secrets.token_hex(32) for n in range(4)},
    }
    for name, signature in wrong.items():
        answer = cloud.api(
            "POST",
            "/v1/hooks/git",
            raw=body,
            headers={"X-CloudDeck-Signature": signature, "Authorization": ""},
        )
        outcome.expect(answer.status == 401, f"a hook with a signature that is {name}: {answer}")
    outcome.expect(not cloud.deployments("hooks"), "a forged hook made a deployment")
    outcome.figures["forged_hooks"] = len(wrong)
