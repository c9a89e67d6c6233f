"""Members in every order of events, on the real database: a team always has an owner."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from chalicelib.core.errors import Conflict, Forbidden, NotFound
from chalicelib.teams import actions, rows
from chalicelib.teams.rules import PERMISSIONS, ROLES

people = st.integers(0, 3)
roles = st.sampled_from(ROLES)


class Members(RuleBasedStateMachine):
    """Four people who give roles, take them away and leave; `model` is what we expect."""

    users: list[str] = []  # noqa: RUF012  # made once

    def __init__(self) -> None:
        super().__init__()
        self.team = actions.create_team(self.users[0], None, "Rockets").id
        self.model = {self.users[0]: "owner"}

    def by(self, person: int) -> actions.Membership | None:
        role = self.model.get(self.users[person])
        return actions.Membership(self.team, self.users[person], role) if role else None

    def attempt(self, allowed: bool, work) -> bool:
        """Whether it was done; it has to be, when it is allowed."""
        try:
            work()
        except (Conflict, Forbidden, NotFound):
            assert not allowed
            return False
        assert allowed
        return True

    def keeps_owner(self, user: str, role: str | None) -> bool:
        after = {**self.model, user: role}
        return "owner" in after.values()

    @staticmethod
    def has(role: str, other: str) -> bool:
        return PERMISSIONS[other] <= PERMISSIONS[role]

    @rule(giver=people, taker=people, role=roles)
    def add(self, giver: int, taker: int, role: str) -> None:
        by, user = self.by(giver), self.users[taker]
        if by is None:
            return
        allowed = self.has(by.role, role) and user not in self.model
        if self.attempt(allowed, lambda: actions.add_member(by, user, role)):
            self.model[user] = role

    @rule(giver=people, taker=people, role=roles)
    def change(self, giver: int, taker: int, role: str) -> None:
        by, user = self.by(giver), self.users[taker]
        if by is None:
            return
        known = self.model.get(user)
        allowed = (
            known is not None
            and self.has(by.role, role)
            and (user == by.user or self.has(by.role, known))
            and (known == role or self.keeps_owner(user, role))
        )
        if self.attempt(allowed, lambda: actions.set_role(by, user, role)):
            self.model[user] = role

    @rule(giver=people, taker=people)
    def remove(self, giver: int, taker: int) -> None:
        by, user = self.by(giver), self.users[taker]
        if by is None:
            return
        known = self.model.get(user)
        allowed = (
            known is not None
            and (user == by.user or self.has(by.role, known))
            and self.keeps_owner(user, None)
        )
        if self.attempt(allowed, lambda: actions.remove_member(by, user)):
            del self.model[user]

    @rule(giver=people, taker=people)
    def transfer(self, giver: int, taker: int) -> None:
        by, user = self.by(giver), self.users[taker]
        if by is None or by.role != "owner":
            return
        allowed = self.model.get(user) not in {None, "owner"}
        if self.attempt(allowed, lambda: actions.transfer(by, user)):
            self.model |= {user: "owner", by.user: "admin"}

    @invariant()
    def the_table_says_the_same(self) -> None:
        found = {m.user: m.role for m in rows.members_of(self.team)}
        assert found == self.model
        assert "owner" in found.values()


@pytest.mark.timeout(300)
def test_every_order_of_events(database):
    Members.users = [
        actions.create_owner_account(f"p{number}@example.com", "P", None).id for number in range(4)
    ]
    run_state_machine_as_test(
        Members,
        settings=settings(
            max_examples=40,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
