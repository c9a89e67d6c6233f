"""Whatever happens to sessions, in whatever order: one that was ended is refused at the very next
request, and one that was not never is."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    Bundle,
    RuleBasedStateMachine,
    consumes,
    initialize,
    invariant,
    multiple,
    rule,
    run_state_machine_as_test,
)

from chalicelib.identity import rows
from chalicelib.identity.actions import end_sessions, set_password
from tests.fakes.client import Client
from tests.fakes.people import PASSWORD, member, person


class Sessions(RuleBasedStateMachine):
    """One person in two teams' worth of trouble, and a bystander whom none of it touches."""

    tokens = Bundle("tokens")

    @initialize()
    def begin(self):
        self.api = Client()
        self.boss = person(self.api)
        self.her = member(self.api, self.boss, "developer")
        self.password = PASSWORD
        self.suspended = False
        self.role: str | None = "developer"
        self.live: dict[str, str] = {}  # session -> newest access token
        self.ended: list[str] = []
        self.refreshes: dict[str, str] = {}
        self.remember(self.her.tokens)

    def remember(self, tokens):
        session = tokens["refresh_token"][3:33]
        self.live[session] = tokens["access_token"]
        self.refreshes[session] = tokens["refresh_token"]
        return session

    def end(self, *sessions):
        for session in sessions:
            if session in self.live:
                self.ended.append(self.live.pop(session))

    @rule(target=tokens)
    def log_in(self):
        answer = self.api.post(
            "/v1/auth/login", {"email": self.her.email, "password": self.password}
        )
        if self.suspended:
            assert (answer.status, answer.code) == (403, "account_suspended")
            return multiple()
        assert answer.status == 200, answer.text
        return self.remember(answer.json())

    @rule(session=tokens)
    def refresh(self, session):
        answer = self.api.post("/v1/auth/refresh", {"refresh_token": self.refreshes[session]})
        if session in self.live:
            assert answer.status == 200, answer.text
            self.remember(answer.json())
        else:
            assert (answer.status, answer.code) == (401, "token_revoked")

    @rule(session=consumes(tokens))
    def log_out(self, session):
        if session in self.live:
            client = self.api.with_token(self.live[session])
            assert client.post("/v1/auth/logout").status == 204
            self.end(session)

    @rule(session=tokens)
    def end_the_others(self, session):
        if session in self.live:
            client = self.api.with_token(self.live[session])
            assert client.delete("/v1/me/sessions").status == 204
            self.end(*[s for s in self.live if s != session])

    @rule(session=tokens, other=tokens)
    def end_another(self, session, other):
        if session in self.live:
            client = self.api.with_token(self.live[session])
            status = client.delete(f"/v1/me/sessions/{other}").status
            assert status == (204 if other in self.live else status)
            self.end(other)

    @rule(session=tokens)
    def change_password(self, session):
        if session in self.live:
            self.password += "!"
            set_password(rows.user_of(self.her.id), self.password)
            end_sessions(self.her.id, "password_changed", keep=session)
            self.end(*[s for s in self.live if s != session])

    @rule()
    def reset(self):
        end_sessions(self.her.id, "password_reset")
        self.end(*self.live)

    @rule()
    def suspend(self):
        rows.user_named(self.her.id).update(actions=[rows.UserRow.status.set("suspended")])
        end_sessions(self.her.id, "suspended")
        self.suspended = True
        self.end(*self.live)

    @rule()
    def restore(self):
        rows.user_named(self.her.id).update(actions=[rows.UserRow.status.set("active")])
        self.suspended = False

    @rule(role=st.sampled_from(["viewer", "developer", "admin"]))
    def change_role(self, role):
        if self.role is not None:
            answer = self.boss.client.patch(
                f"/v1/teams/{self.boss.team}/members/{self.her.id}", {"role": role}
            )
            assert answer.status == 200, answer.text
            self.role = role

    @rule()
    def leave(self):
        if self.role is not None:
            path = f"/v1/teams/{self.boss.team}/members/{self.her.id}"
            assert self.boss.client.delete(path).status == 204
            self.role = None

    @invariant()
    def ended_ones_are_refused(self):
        for token in getattr(self, "ended", [])[-6:]:
            answer = self.api.with_token(token).get("/v1/me/factors")
            assert (answer.status, answer.code) == (401, "token_revoked")

    @invariant()
    def live_ones_never_are_and_have_the_role_of_this_moment(self):
        for token in list(getattr(self, "live", {}).values())[-4:]:
            client = self.api.with_token(token)
            assert client.get("/v1/me/factors").status == 200
            path = f"/v1/projects?team={self.boss.team}"
            assert client.get(path).status == (200 if self.role else 404)
            made = client.post("/v1/projects", {"name": "p", "team": self.boss.team, "slug": "-"})
            allowed = self.role in {"developer", "admin"}
            assert made.status == (422 if allowed else 403 if self.role else made.status)

    @invariant()
    def a_bystander_is_left_alone(self):
        if hasattr(self, "boss"):
            assert self.boss.client.get("/v1/me/factors").status == 200


@pytest.mark.timeout(280)
def test_sessions_end_when_they_end(api):
    run_state_machine_as_test(
        Sessions,
        settings=settings(
            max_examples=12,
            stateful_step_count=12,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
