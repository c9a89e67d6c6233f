"""Single sign-on as people have it: client, browser, identity provider and API, over HTTP."""

from __future__ import annotations

import html
import json
import re
import time
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, HTTPServer
from threading import Thread
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
from typer.testing import CliRunner

from chalicelib.accounts.rules import pkce
from chalicelib.core import config, outbound
from cli.config import Profile, SignIn
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import person
from tests.fakes.saml_idp import SamlIdp
from tests.fakes.server import served
from tests.fakes.sso import new_domain


@pytest.fixture
def names(monkeypatch):
    from chalicelib.accounts.actions import domains

    server = Nameserver()
    monkeypatch.setattr(domains, "resolver", server.resolver)
    yield server
    server.stop()


@pytest.fixture
def idp(monkeypatch):
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)
    running = SamlIdp()
    running.start()
    yield running
    running.stop()


@pytest.fixture
def base(api, monkeypatch):
    """The API on a port of this machine, which knows its own address."""
    with served() as url:
        from chalicelib.accounts.actions import saml

        here = replace(config.settings(), api_url=url)
        monkeypatch.setattr(saml, "settings", lambda: here)
        yield url


@pytest.fixture
def deck(base, tmp_path, monkeypatch):
    """Run a command as somebody."""
    from cli.app import app

    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("CLOUDDECK_API", base)

    def run(somebody, *arguments, code=0, **options):
        monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / somebody.id))
        profile = Profile()
        if not profile.knows(base):
            token = somebody.client.token
            profile.save(base, SignIn("session", token, "", time.time() + 900, somebody.email))
        result = CliRunner().invoke(app, list(arguments), prog_name="deck", **options)
        assert result.exit_code == code, f"{result.exit_code}\n{result.stdout}\n{result.stderr}"
        return result

    return run


class Waiting(BaseHTTPRequestHandler):
    """The client on its loopback address."""

    def do_GET(self):
        self.server.heard = self.path
        self.send_response(200)
        self.end_headers()

    def log_message(self, *_):
        """Stay quiet."""


def browse(base, url):
    """What a browser does: open the address, send the provider's form, follow what comes back."""
    with requests.Session() as browser:
        page = browser.get(url, timeout=10)
        action = html.unescape(re.search(r'action="([^"]+)"', page.text)[1])
        fields = re.findall(r'name="(\w+)" value="([^"]*)"', page.text)
        assert action == f"{base}/v1/auth/saml/acs"
        form = {name: html.unescape(value) for name, value in fields}
        return browser.post(action, form, timeout=10)  # follows the redirect to the client


def sign_in(base, **whose):
    """A client that signs in; its tokens."""
    verifier = pkce.new_verifier()
    with HTTPServer(("127.0.0.1", 0), Waiting) as client:
        Thread(target=client.handle_request, daemon=True).start()
        body = {
            "return_to": f"http://127.0.0.1:{client.server_port}/",
            "challenge": pkce.challenge_of(verifier),
            **whose,
        }
        begun = requests.post(f"{base}/v1/auth/sso/start", json=body, timeout=10)
        assert begun.status_code == 200, begun.text
        assert browse(base, begun.json()["url"]).status_code == 200
        back = {k: v[0] for k, v in parse_qs(urlsplit(client.heard).query).items()}
    return requests.post(
        f"{base}/v1/auth/exchange", json={"code": back["code"], "verifier": verifier}, timeout=10
    )


def test_from_nothing_to_enforcement(api, base, deck, names, idp, tmp_path):
    domain = new_domain()
    owner = person(api, f"boss@{domain}")

    added = json.loads(deck(owner, "sso", "domain", "add", domain, "--json").stdout)
    assert deck(owner, "sso", "domain", "verify", domain, code=2).stderr.startswith("error: ")
    names.texts[added["record_name"]] = [added["record_value"]]
    assert deck(owner, "sso", "domain", "verify", domain).stdout == f"{domain} is proven\n"
    assert domain in deck(owner, "sso", "domain", "list").stdout

    file = tmp_path / "idp.xml"
    file.write_text(idp.metadata())
    deck(owner, "sso", "set-saml", str(file), "--default-role", "developer")
    shown = deck(owner, "sso", "show").stdout
    assert f"{base}/v1/auth/saml/acs" in shown
    assert idp.entity in shown
    assert "entityID=" in deck(owner, "sso", "metadata").stdout

    untried = deck(owner, "sso", "enforce", "--yes", code=2)
    assert "Only who has come in by this very provider" in untried.stderr

    newcomer = f"eve@{domain}"
    idp.will_say(email=newcomer, attributes={"displayName": ["Eve"]})
    tokens = sign_in(base, email=newcomer).json()
    me = requests.get(
        f"{base}/v1/me", headers={"Authorization": f"Bearer {tokens['access_token']}"}, timeout=10
    ).json()
    assert me["user"]["email"] == newcomer
    assert {t["id"]: t["role"] for t in me["teams"]}[owner.team] == "developer"
    assert [q.issuer for q in idp.asked] == [f"{base}/v1/teams/{owner.team}/sso/metadata"]

    idp.will_say(email=owner.email)
    tokens = sign_in(base, team=owner.team).json()
    came_by_it = replace(owner, id=f"{owner.id}-sso", client=api.with_token(tokens["access_token"]))
    said = deck(came_by_it, "sso", "enforce", "--yes", "--team", owner.team).stdout
    assert said == "Single sign-on is the only way in now\n"
    refused = deck(owner, "sso", "enforce", "--off", "--team", owner.team, code=2)
    assert "identity provider only" in refused.stderr
    login = {"email": owner.email, "password": "whatever it is"}
    answer = requests.post(f"{base}/v1/auth/login", json=login, timeout=10)
    assert (answer.status_code, answer.json()["code"]) == (403, "sso_required")

    deck(came_by_it, "sso", "enforce", "--off", "--team", owner.team)
    deck(owner, "sso", "domain", "remove", domain, "--yes")
    deck(owner, "sso", "remove", "--yes")
    assert "There is no single sign-on" in deck(owner, "sso", "show", code=2).stderr


def test_openid_connect_by_the_command(api, base, deck, idp):
    from adapters.local.idp.server import Idp

    owner = person(api)
    with Idp() as provider:
        deck(
            owner, "sso", "set-oidc", "--issuer", provider.url, "--client-id", "clouddeck",
            input=provider.clients["clouddeck"] + "\n",
        )  # fmt: skip
        shown = deck(owner, "sso", "show").stdout
        assert f"/v1/auth/callback/{owner.team}" in shown
        assert provider.clients["clouddeck"] not in shown
        deck(owner, "sso", "set-oidc", "--keep-secret", "--default-role", "developer")
        assert "developer" in deck(owner, "sso", "show").stdout
    assert "no secret" in deck(owner, "sso", "set-oidc", input="", code=2).stderr
    assert "cannot be read" in deck(owner, "sso", "set-saml", "/nowhere.xml", code=2).stderr
    assert "Give --yes" in deck(owner, "sso", "remove", code=2).stderr
