"""A team with a proven domain and a SAML provider, and somebody who is about to come in."""

from __future__ import annotations

import secrets
from dataclasses import replace

from tests.fakes.saml_idp import Says
from tests.fakes.sso import begin, came_back, new_domain, post_answer, prove


class Team:
    """A team with a proven domain and SAML."""

    def __init__(self, api, owner, idp, names):
        self.api, self.owner, self.idp = api, owner, idp
        self.domain = new_domain()
        prove(owner, names, self.domain)
        self.path = f"/v1/teams/{owner.team}/sso"
        made = owner.client.put(
            self.path,
            {"kind": "saml", "metadata_xml": idp.metadata(), "default_role": "developer"},
        )
        assert made.status == 200, made.text
        self.come()

    def come(self):
        """Somebody new begins to sign in."""
        self.attempt = begin(self.api, team=self.owner.team)
        self.says = Says(
            f"eve-{secrets.token_hex(4)}@{self.domain}", attributes={"displayName": ["Eve"]}
        )

    def answer(self, **options):
        says = replace(self.says, **options.pop("says", {}))
        return self.idp.answer(self.attempt.question, says, **options)

    def send(self, saml_response):
        return came_back(post_answer(self.api, saml_response, self.attempt.query["RelayState"]))

    def error(self, saml_response):
        return self.send(saml_response).get("error")
