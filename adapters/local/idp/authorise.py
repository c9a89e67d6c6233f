"""The authorisation endpoint, which every protocol has: ask the person, send the browser back."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING
from urllib.parse import urlencode

from adapters.local.idp.exchange import Reply, Request
from adapters.local.idp.grants import Grant
from adapters.local.idp.pages import choice

if TYPE_CHECKING:
    from adapters.local.idp.server import Idp

_CHALLENGE = re.compile(r"[A-Za-z0-9_-]{43}\Z")
_OPENID = ("/authorize", "/common/v2.0/authorize")


def authorise(idp: Idp, request: Request) -> Reply:
    """Show the page, or act on what was chosen there."""
    asked = request.form if request.method == "POST" else request.query
    wrong = _wrong(idp, request.path, asked)
    if wrong:  # nobody is sent to an address that was not registered
        return Reply(400, f"<!doctype html><p>This request cannot be answered: {wrong}.</p>")
    if request.method == "GET" and not idp.automatic:
        return Reply(200, choice(idp.people, asked))
    person = idp.person(idp.automatic or asked.get("person", ""))
    if person is None:
        return _back(asked, {"error": "access_denied"})
    grant = Grant(
        person,
        asked["client_id"],
        asked["redirect_uri"],
        asked["code_challenge"],
        asked.get("nonce", ""),
        time.time(),
    )
    return _back(asked, {"code": idp.grants.code(grant)})


def _wrong(idp: Idp, path: str, asked: dict[str, str]) -> str:
    back = asked.get("redirect_uri", "")
    known = any(
        back == one or (one.endswith("/") and back.startswith(one)) for one in idp.redirects
    )
    checks = (
        (asked.get("client_id") in idp.clients, "unknown client"),
        (known, "unknown redirect_uri"),
        (asked.get("response_type") == "code", "response_type is not code"),
        (bool(asked.get("state")), "there is no state"),
        (asked.get("code_challenge_method") == "S256", "PKCE with S256 is needed"),
        (bool(_CHALLENGE.match(asked.get("code_challenge", ""))), "bad code_challenge"),
        (path not in _OPENID or "openid" in asked.get("scope", "").split(), "no scope openid"),
    )
    return next((text for good, text in checks if not good), "")


def _back(asked: dict[str, str], answer: dict[str, str]) -> Reply:
    back = asked["redirect_uri"]
    query = urlencode({**answer, "state": asked["state"]})
    return Reply(302, "", {"Location": f"{back}{'&' if '?' in back else '?'}{query}"})
