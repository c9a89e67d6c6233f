"""The API as the commands see it: JSON in, JSON out, a signed-in caller, errors raised."""

from __future__ import annotations

import json
import os
import threading
import time
import uuid
from collections.abc import Callable, Iterator
from typing import Any
from urllib.parse import quote, urlencode

from cli.config import Profile, SignIn, is_loopback
from cli.errors import DeckError, Failed, NetworkError, NotSignedIn, UserError
from cli.transport import Answer, Transport

Json = dict[str, Any]

RENEW_BEFORE = 30.0  # seconds of life left at which an access token is replaced


class Credentials:
    """The token to send, renewed when it has run out."""

    def __init__(self, api: str, profile: Profile, transport: Transport) -> None:
        self.api = api
        self._profile = profile
        self._transport = transport
        self._lock = threading.Lock()
        self._token = os.environ.get("CLOUDDECK_TOKEN") or None
        self.from_environment = self._token is not None

    def allowed_here(self) -> bool:
        """Whether a token from the environment may go to this API.

        A cloned repository can name any address in `.deck.json`; it must not be able to collect
        tokens that way.
        """
        named = os.environ.get("CLOUDDECK_API")
        return bool(named) or is_loopback(self.api) or self._profile.knows(self.api)

    def token(self) -> str:
        """A token that is good as far as we know."""
        if self._token is not None:
            if not self.allowed_here():
                raise UserError(
                    "token_not_sent",
                    f"CLOUDDECK_TOKEN is not sent to {self.api}, which only the project names",
                    f"If it is the right place, set CLOUDDECK_API={self.api} as well.",
                )
            return self._token
        sign_in = self._profile.sign_in(self.api)
        if sign_in is None:
            raise not_signed_in(self.api)
        if sign_in.kind == "session" and sign_in.expires_at - time.time() < RENEW_BEFORE:
            return self.renew(sign_in.access_token)
        return sign_in.access_token

    def renew(self, stale: str) -> str:
        """A token newer than the one that was refused."""
        if self._token is not None:
            raise NotSignedIn(
                "token_refused",
                f"{self.api} does not accept CLOUDDECK_TOKEN",
                "Make a new key, or unset CLOUDDECK_TOKEN and run `deck login`.",
            )
        with self._lock, self._profile.lock():
            sign_in = self._profile.sign_in(self.api)
            if sign_in is None or not sign_in.refresh_token:
                raise not_signed_in(self.api)
            if sign_in.access_token != stale:  # another deck was faster
                return sign_in.access_token
            body = {"refresh_token": sign_in.refresh_token}
            answer = self._transport.send(
                "POST",
                f"{self.api}/v1/auth/refresh",
                headers={"Content-Type": "application/json"},
                body=json.dumps(body).encode(),
            )
            if answer.status in (400, 401, 403, 422):
                raise not_signed_in(self.api, "The sign-in has ended")
            renewed = session(decoded(answer, self.api), sign_in.email)
            self._profile.save_locked(self.api, renewed)
            return renewed.access_token


def session(tokens: Json, email: str) -> SignIn:
    """What the profile keeps of an answer of login or refresh."""
    return SignIn(
        kind="session",
        access_token=tokens["access_token"],
        refresh_token=tokens["refresh_token"],
        expires_at=time.time() + float(tokens.get("expires_in", 0)),
        email=email,
    )


def not_signed_in(api: str, why: str = "You are not signed in") -> NotSignedIn:
    """The error for a caller without a good sign-in."""
    return NotSignedIn("not_signed_in", f"{why} at {api}", "Run `deck login`.")


class Api:
    """One API address, one caller."""

    def __init__(self, url: str, profile: Profile, transport: Transport | None = None) -> None:
        self.url = url
        self.transport = transport or Transport()
        self.credentials = Credentials(url, profile, self.transport)
        self.prove: Callable[[], None] | None = None
        """Asks the person for a fresh proof of identity, when a route wants one."""
        self._meta: Json | None = None

    def meta(self) -> Json:
        """What this API says about itself; asked for once."""
        if self._meta is None:
            self._meta = self.get("/meta", signed_in=False)
        return self._meta

    def get(self, path: str, *, signed_in: bool = True, **query: str | int | None) -> Json:
        """GET a document."""
        asked = {name: value for name, value in query.items() if value is not None}
        return self.call("GET", f"{path}?{urlencode(asked)}" if asked else path, None, signed_in)

    def post(self, path: str, body: Json | None = None, *, signed_in: bool = True) -> Json:
        """POST a document; the same call twice has one effect."""
        return self.call("POST", path, body if body is not None else {}, signed_in)

    def put(self, path: str, body: Json) -> Json:
        """PUT a document."""
        return self.call("PUT", path, body)

    def patch(self, path: str, body: Json) -> Json:
        """PATCH a document."""
        return self.call("PATCH", path, body)

    def delete(self, path: str, **query: str) -> None:
        """DELETE a thing; one that is already gone when we ask again counts as deleted."""
        self.call("DELETE", f"{path}?{urlencode(query)}" if query else path, None)

    def items(self, path: str, **query: str | int | None) -> Iterator[Json]:
        """All items of a list, page by page."""
        cursor: str | None = None
        while True:
            page = self.get(path, signed_in=True, **{**query, "cursor": cursor})
            yield from page["items"]
            cursor = page.get("next")
            if not cursor:
                return

    def text(self, path: str) -> str:
        """GET a document that is no JSON."""
        answer = self._answer("GET", path, None, signed_in=True)
        return answer.body.decode() if answer.status == 200 else str(decoded(answer, self.url))

    def page(self, path: str) -> tuple[str, str | None]:
        """GET a page of a long text, and the cursor of the next one."""
        answer = self._answer("GET", path, None, signed_in=True)
        if answer.status != 200:
            decoded(answer, self.url)
        headers = {name.lower(): value for name, value in answer.headers.items()}
        return answer.body.decode(), headers.get("x-next-cursor")

    def call(self, method: str, path: str, body: Json | None, signed_in: bool = True) -> Json:
        """One call; a token that has run out is renewed once, a proof asked for once."""
        return decoded(self._answer(method, path, body, signed_in), self.url)

    def _answer(self, method: str, path: str, body: Json | None, signed_in: bool) -> Answer:
        headers = {"Accept": "application/json"}
        data = None
        if body is not None:
            headers["Content-Type"] = "application/json"
            data = json.dumps(body).encode()
        if method == "POST":
            headers["Idempotency-Key"] = uuid.uuid4().hex
        token = self.credentials.token() if signed_in else None
        if token:
            headers["Authorization"] = f"Bearer {token}"
        url = f"{self.url}/v1{path}"
        answer = self.transport.send(method, url, headers=headers, body=data)
        if answer.status == 401 and token and _is_stale(answer) and self._may_renew():
            headers["Authorization"] = f"Bearer {self.credentials.renew(token)}"
            answer = self.transport.send(method, url, headers=headers, body=data)
        if answer.status == 401 and self.prove is not None and _wants_proof(answer):
            self.prove()
            answer = self.transport.send(method, url, headers=headers, body=data)
        return answer

    def _may_renew(self) -> bool:
        if self.credentials.from_environment:
            return False
        sign_in = self.credentials._profile.sign_in(self.url)
        return bool(sign_in and sign_in.refresh_token)


def _is_stale(answer: Answer) -> bool:
    """Whether a new access token could help; a missing or wrong proof is something else."""
    proofs = ("step_up_required", "factor_failed", "password_wrong", "challenge_over")
    return not any(f'"{code}"'.encode() in answer.body for code in proofs)


def _wants_proof(answer: Answer) -> bool:
    return b'"step_up_required"' in answer.body


def decoded(answer: Answer, api: str) -> Json:
    """The document of a good answer, or the error that a bad one describes."""
    if answer.status == 204 or (answer.status < 300 and not answer.body):
        return {}
    try:
        document = json.loads(answer.body)
    except ValueError:
        document = None
    if answer.status < 300 and isinstance(document, dict):
        return document
    if not isinstance(document, dict) or "code" not in document:
        raise _stranger(answer, api)
    raise problem(answer.status, document)


def _stranger(answer: Answer, api: str) -> DeckError:
    if answer.status in (502, 503, 504):
        return NetworkError(
            "unavailable", f"{api} is not available ({answer.status})", "Try again in a moment."
        )
    return NetworkError(
        "not_clouddeck",
        f"{api} answered, but not as a CloudDeck API does ({answer.status})",
        "Check the address: CLOUDDECK_API, or the `api` in .deck.json.",
    )


def problem(status: int, document: Json) -> DeckError:
    """The server's problem document as one of our errors."""
    message = str(document.get("detail") or document.get("title") or f"status {status}")
    for field in document.get("errors") or ():
        said = str(field.get("detail", "")) if isinstance(field, dict) else ""
        if said and said.rstrip(".").lower() not in message.lower():
            message += f"; {str(field.get('pointer', '')).strip('/')}: {said}"
    kind: type[DeckError] = Failed if status >= 500 or status == 429 else UserError
    hint = str(document.get("hint") or "")
    if status == 401:
        kind, hint = NotSignedIn, hint or "Run `deck login`."
    return kind(str(document["code"]), message, hint, str(document.get("request_id") or ""))


def segment(value: str) -> str:
    """A value as one segment of a path."""
    return quote(value, safe="")
