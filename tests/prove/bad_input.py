"""Bad inputs and what each is told: the list that `fuzz` walks through, as the API's owner."""

from dataclasses import dataclass, field
from typing import Any

JSON = {"Content-Type": "application/json"}


@dataclass(frozen=True)
class Case:
    """One request and the answer it deserves."""

    name: str
    method: str
    path: str
    status: int
    code: str
    body: Any = None
    raw: bytes | None = None
    headers: dict[str, str] = field(default_factory=dict)


def _key(text: str) -> dict[str, str]:
    return {"Authorization": text}


CASES: tuple[Case, ...] = (
    Case("not JSON", "POST", "/v1/projects", 400, "invalid_json", raw=b"{name", headers=JSON),
    Case(
        "a key twice",
        *("POST", "/v1/projects", 400, "duplicate_key"),
        raw=b'{"name":"a","name":"b"}',
        headers=JSON,
    ),
    Case(
        "NaN",
        *("POST", "/v1/projects", 400, "invalid_number"),
        raw=b'{"name":NaN}',
        headers=JSON,
    ),
    Case(
        "an endless number",
        *("POST", "/v1/projects", 400, "invalid_number"),
        raw=b'{"name":1e999}',
        headers=JSON,
    ),
    Case(
        "nested 10,000 deep",
        *("POST", "/v1/projects", 400, "too_deep"),
        raw=b"[" * 10_000 + b"]" * 10_000,
        headers=JSON,
    ),
    Case(
        "a body of 5 MiB",
        *("POST", "/v1/projects", 413, "body_too_large"),
        raw=b'{"name":"' + b"a" * (5 << 20) + b'"}',
        headers=JSON,
    ),
    Case(
        "XML",
        *("POST", "/v1/projects", 415, "unsupported_media_type"),
        raw=b"<a/>",
        headers={"Content-Type": "text/xml"},
    ),
    Case("an unknown field", "POST", "/v1/teams", 400, "unknown_field", {"name": "a", "nam": 1}),
    Case("a missing field", "POST", "/v1/teams", 422, "invalid_request", {}),
    Case("a NUL in a name", "POST", "/v1/teams", 422, "invalid_characters", {"name": "a\0b"}),
    Case("text that turns", "POST", "/v1/teams", 422, "invalid_characters", {"name": "a\u202eb"}),
    Case("an unknown address", "GET", "/v1/nothing", 404, "route_not_found"),
    Case("a wrong method", "DELETE", "/v1/health", 405, "method_not_allowed"),
    Case("no token", "GET", "/v1/me", 401, "token_malformed", headers=_key("Bearer ")),
    Case("no bearer", "GET", "/v1/me", 401, "token_malformed", headers=_key("Basic YTpi")),
    Case("half a token", "GET", "/v1/me", 401, "token_malformed", headers=_key("Bearer a.b")),
    Case(
        "a key with a typing error",
        *("GET", "/v1/me", 401, "token_malformed"),
        headers=_key("Bearer ck_" + "a" * 49),
    ),
    Case("a page of none", "GET", "/v1/projects?limit=0", 422, "invalid_request"),
    Case("a page of all", "GET", "/v1/projects?limit=1000000000", 422, "invalid_request"),
    Case("a made-up cursor", "GET", "/v1/projects?cursor=abc", 400, "invalid_cursor"),
    Case(
        "a slug with dots", "POST", "/v1/teams", 422, "invalid_request", {"name": "a", "slug": ".."}
    ),
    Case(
        "a reserved slug", "POST", "/v1/teams", 422, "invalid_request", {"name": "a", "slug": "api"}
    ),
    Case("an absent team", "GET", "/v1/teams/team_" + "0" * 26, 404, "team_not_found"),
    Case(
        "a key for a scope that is none",
        "POST",
        "/v1/keys",
        422,
        "unknown_scope",
        {"name": "a", "scopes": ["root"]},
    ),
    Case(
        "a short password",
        "PUT",
        "/v1/me/password",
        422,
        "weak_password",
        {"password": "short"},
    ),
    Case(
        "a wrong password",
        "POST",
        "/v1/auth/login",
        401,
        "login_failed",
        {"email": "a@b.example", "password": "wrong horse battery"},
    ),
    Case(
        "an address that is none",
        "POST",
        "/v1/auth/sign-up",
        422,
        "invalid_request",
        {"email": "no", "name": "A", "password": "correct horse battery"},
    ),
    Case(
        "a refresh token that is none",
        "POST",
        "/v1/auth/refresh",
        401,
        "token_invalid",
        {"refresh_token": "rt_x"},
    ),
    Case(
        "a policy that widens",
        "PUT",
        "/v1/teams/{team}/policies/p",
        422,
        "policy_widens",
        {"cedar": "permit(principal, action, resource);"},
    ),
    Case(
        "a policy that is no Cedar",
        "PUT",
        "/v1/teams/{team}/policies/p",
        422,
        "invalid_policy",
        {"cedar": "forbid(principal"},
    ),
    Case(
        "a collector inside",
        "PUT",
        "/v1/teams/{team}/audit/streams/s",
        422,
        "address_not_allowed",
        {"kind": "https", "url": "ftp://x/", "token": "t" * 20},
    ),
    Case(
        "a public mail domain",
        "POST",
        "/v1/teams/{team}/sso/domains",
        422,
        "domain_public",
        {"domain": "gmail.com"},
    ),
    Case(
        "an IP as a domain",
        "POST",
        "/v1/teams/{team}/sso/domains",
        422,
        "domain_invalid",
        {"domain": "192.0.2.1"},
    ),
    Case(
        "an open redirect",
        "POST",
        "/v1/auth/providers/github/start",
        422,
        "invalid_request",
        {"return_to": "https://evil.example/", "challenge": "A" * 43},
    ),
    Case(
        "a form where JSON belongs",
        "POST",
        "/v1/teams",
        415,
        "unsupported_media_type",
        raw=b"name=a",
        headers={"Content-Type": "application/x-www-form-urlencoded"},
    ),
    Case(
        "a verification that was never sent",
        "POST",
        "/v1/auth/verify",
        422,
        "link_invalid",
        {"token": "x" * 43},
    ),
)
