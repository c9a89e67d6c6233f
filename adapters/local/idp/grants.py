"""Codes and access tokens that the identity provider gave out, kept in memory."""

from __future__ import annotations

import base64
import hmac
import secrets
import threading
import time
from dataclasses import dataclass
from hashlib import sha256

from adapters.local.idp.people import Person

CODE_SECONDS = 60


@dataclass(frozen=True)
class Grant:
    """What somebody allowed whom."""

    person: Person
    client: str
    redirect_uri: str
    challenge: str
    nonce: str
    at: float


class Grants:
    """Every code is good once, for a minute, for the client and the verifier it was made for."""

    def __init__(self) -> None:
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}
        self._lock = threading.Lock()

    def code(self, grant: Grant) -> str:
        """A new code."""
        code = secrets.token_urlsafe(24)
        with self._lock:
            self._codes[code] = grant
        return code

    def redeem(self, code: str, client: str, redirect_uri: str, verifier: str) -> Grant | None:
        """The grant of a code; None when it is no good, and then never again."""
        with self._lock:
            grant = self._codes.pop(code, None)
        if grant is None or time.time() - grant.at > CODE_SECONDS:
            return None
        if grant.client != client or grant.redirect_uri != redirect_uri:
            return None
        made = base64.urlsafe_b64encode(sha256(verifier.encode()).digest()).rstrip(b"=").decode()
        return grant if hmac.compare_digest(made, grant.challenge) else None

    def token(self, grant: Grant) -> str:
        """A new access token."""
        token = secrets.token_urlsafe(24)
        with self._lock:
            self._tokens[token] = grant
        return token

    def of_token(self, header: str) -> Grant | None:
        """The grant behind an `Authorization` header."""
        scheme, _, token = header.partition(" ")
        return self._tokens.get(token.strip()) if scheme.lower() in {"bearer", "token"} else None
