"""Signing up, answers that are no JSON, redirects and limits, whichever host says them."""

from __future__ import annotations

import csv
import io
import secrets
from collections.abc import Callable, Iterator
from urllib.parse import parse_qs, urlencode, urlsplit

import pytest

from tests.acceptance.client import Api, Json
from tests.acceptance.test_refusals import problem

RETURN_TO = "http://127.0.0.1:53211/back?tab=1"
CHALLENGE = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM"  # of RFC 7636, appendix B
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@pytest.fixture
def provider(anonymous: Api, login: Callable[[], Json]) -> Iterator[str]:
    """A provider that people may sign in with, set up by somebody who has just signed in."""
    boss = anonymous.signed_in(login()["access_token"])
    if any(one["id"] == "github" for one in anonymous.get("/auth/providers")["items"]):
        pytest.skip("this installation has a provider of its own")
    secret = {"client_id": "acceptance", "client_secret": secrets.token_hex(16)}
    boss.good("PUT", "/admin/providers/github", secret)
    yield "github"
    assert boss.call("DELETE", "/admin/providers/github").status_code == 204


def test_nobody_signs_up_where_people_are_invited(anonymous: Api) -> None:
    if anonymous.get("/auth/providers")["sign_up"] != "invite":
        pytest.skip("this installation lets others in too")
    who = {"email": f"{secrets.token_hex(6)}@example.com", "name": "Eve"}
    answer = anonymous.call("POST", "/auth/sign-up", {**who, "password": secrets.token_hex(12)})
    assert problem(answer) == (403, "sign_up_closed")


def test_answers_say_what_is_left(api: Api) -> None:
    first, second = (api.call("GET", "/me").headers for _ in range(2))
    assert first["RateLimit-Policy"].startswith('"read";q=')
    for headers in (first, second):
        assert headers["RateLimit"].startswith('"read";r=')
    refused = api.call("GET", "/projects/prj_00000000000000000000000000")
    assert refused.headers["RateLimit"].startswith('"read";r='), "errors as well"


def test_who_gives_up_at_a_provider_comes_back_with_an_error(anonymous: Api, provider: str) -> None:
    begun = {"return_to": RETURN_TO, "challenge": CHALLENGE}
    address = anonymous.post(f"/auth/providers/{provider}/start", begun)["url"]
    (state,) = parse_qs(urlsplit(address).query)["state"]
    asked = {"state": state, "error": "access_denied", "error_description": "no & never"}
    answer = anonymous.call("GET", "/auth/callback", params=asked)
    assert (answer.status_code, answer.content) == (302, b"")
    where = urlsplit(answer.headers["Location"])
    assert f"{where.scheme}://{where.netloc}{where.path}" == "http://127.0.0.1:53211/back"
    assert parse_qs(where.query) == {"tab": ["1"], "error": ["access_denied"]}
    assert answer.headers["Referrer-Policy"] == "no-referrer"
    again = anonymous.call("GET", "/auth/callback", params=asked)
    assert problem(again)[0] == 400, "once only"


def test_a_form_is_read_as_one(anonymous: Api) -> None:
    """What a browser posts for an identity provider of SAML."""
    body = urlencode({"SAMLResponse": "PGE+w6Q8L2E+", "RelayState": "nobody's"})
    answer = anonymous.call("POST", "/auth/saml/acs", data=body, headers=FORM)
    status, code = problem(answer)
    assert (status, code) == (400, "state_invalid")
    as_json = anonymous.call("POST", "/auth/saml/acs", {"SAMLResponse": "x", "RelayState": "y"})
    assert problem(as_json) == (415, "unsupported_media_type")


def test_the_log_is_handed_out_as_csv_and_lines(api: Api, project: Json) -> None:
    path = f"/teams/{project['team']}/audit/export"
    table = api.call("GET", path, params={"format": "csv", "limit": 5})
    assert table.headers["Content-Type"].startswith("text/csv")
    heading, *rows = csv.reader(io.StringIO(table.text))
    assert "action" in heading
    assert len(rows) > 0
    assert all(len(row) == len(heading) for row in rows)
    lines = api.call("GET", path, params={"limit": 5})
    assert lines.headers["Content-Type"].split(";")[0] != "application/json"
    assert len(lines.text.splitlines()) == len(rows)


def test_keys_of_tokens_are_public(anonymous: Api) -> None:
    keys = anonymous.get("/auth/jwks.json")["keys"]
    assert keys
    assert all("d" not in key and key["kid"] for key in keys)
