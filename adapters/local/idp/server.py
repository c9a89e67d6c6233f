"""The server: one address for every protocol."""

from __future__ import annotations

import json
import threading
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from adapters.local.idp import dialects, oidc
from adapters.local.idp.authorise import authorise
from adapters.local.idp.exchange import Reply, Request
from adapters.local.idp.grants import Grants
from adapters.local.idp.keys import Keys
from adapters.local.idp.people import PEOPLE, Person

_LONGEST = 64 * 1024
_ROUTES = {
    ("GET", "/.well-known/openid-configuration"): oidc.discovery,
    ("GET", "/common/v2.0/.well-known/openid-configuration"): oidc.discovery_with_tenants,
    ("GET", "/jwks"): oidc.jwks,
    ("POST", "/token"): oidc.token,
    ("POST", "/common/v2.0/token"): oidc.token_with_tenants,
    ("GET", "/userinfo"): oidc.userinfo,
    ("POST", "/login/oauth/access_token"): dialects.github_token,
    ("GET", "/api/v3/user"): dialects.github_user,
    ("GET", "/api/v3/user/emails"): dialects.github_emails,
    ("GET", "/user"): dialects.github_user,
    ("GET", "/user/emails"): dialects.github_emails,
    ("POST", "/site/oauth2/access_token"): dialects.bitbucket_token,
    ("GET", "/2.0/user"): dialects.bitbucket_user,
    ("GET", "/2.0/user/emails"): dialects.bitbucket_emails,
    **{
        (method, path): authorise
        for method in ("GET", "POST")
        for path in (
            "/authorize",
            "/common/v2.0/authorize",
            "/login/oauth/authorize",
            "/site/oauth2/authorize",
        )
    },
}


@dataclass
class Idp:
    """An identity provider on 127.0.0.1; `with Idp() as idp` serves until the end of the block.

    `redirects` are the addresses it sends people back to: a whole one, or a beginning that ends
    with a slash. `automatic` is the e-mail address of who is signed in without being asked.
    `algorithm` signs ID tokens; without `tells_email` only `userinfo` knows the address.
    """

    port: int = 0
    people: list[Person] = field(default_factory=lambda: list(PEOPLE))
    clients: dict[str, str] = field(default_factory=lambda: {"clouddeck": "a secret of the client"})
    redirects: tuple[str, ...] = ("http://localhost:8080/v1/auth/callback",)
    automatic: str = ""
    algorithm: str = "RS256"
    tells_email: bool = True
    keys: Keys = field(default_factory=Keys)
    grants: Grants = field(default_factory=Grants)

    def __enter__(self) -> Idp:
        self._server = ThreadingHTTPServer(("127.0.0.1", self.port), _handler(self))
        self._server.daemon_threads = True
        self.port = self._server.server_port
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()

    @property
    def url(self) -> str:
        """Its address, which is its issuer too."""
        return f"http://localhost:{self.port}"

    def person(self, email: str) -> Person | None:
        """Somebody by e-mail address."""
        return next((one for one in self.people if one.email == email), None)

    def id_token(self, claims: dict[str, Any]) -> str:
        """An ID token; tests of forgeries put another one in its place."""
        return self.keys.sign(claims, self.algorithm)

    def answer(self, request: Request) -> Reply:
        """The answer to a request."""
        route = _ROUTES.get((request.method, request.path))
        return route(self, request) if route else Reply(404, {"error": "not_found"})


def _handler(idp: Idp) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self._reply()

        def do_POST(self) -> None:
            self._reply()

        def _reply(self) -> None:
            parts = urlsplit(self.path)
            length = min(int(self.headers.get("Content-Length") or 0), _LONGEST)
            request = Request(
                self.command,
                parts.path,
                dict(parse_qsl(parts.query)),
                dict(parse_qsl(self.rfile.read(length).decode("utf-8", "replace"))),
                {name.lower(): value for name, value in self.headers.items()},
            )
            reply = idp.answer(request)
            text = reply.body if isinstance(reply.body, str) else json.dumps(reply.body)
            kind = "text/html; charset=utf-8" if isinstance(reply.body, str) else "application/json"
            self.send_response(reply.status)
            for name, value in {"Content-Type": kind, **reply.headers}.items():
                self.send_header(name, value)
            body = text.encode()
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_: object) -> None:
            """Say nothing: addresses hold codes."""

    return Handler
