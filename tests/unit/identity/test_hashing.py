"""Passwords are hashed as the product means it, not as these tests do for their own sake."""

from __future__ import annotations

from argon2 import PasswordHasher

from chalicelib.identity.actions import users


def test_what_is_stored_of_a_password():
    hasher = PasswordHasher(users.PASSES, users.MEMORY_KIB, parallelism=1)
    stored = hasher.hash("correct horse battery")
    assert stored.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
