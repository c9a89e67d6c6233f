"""Access tokens across a rotation of keys, with keys in files and with keys in KMS (moto)."""

from __future__ import annotations

import dataclasses
import subprocess
import sys

import jwt
import pytest

from chalicelib import wiring
from chalicelib.core import ids
from chalicelib.core.errors import Unauthenticated
from chalicelib.identity.actions import jwks, tokens
from tests.contract.test_keys import kept  # noqa: F401  # a fixture: local, kms, fake
from tests.fakes import fake_services

USER, SESSION = ids.new("usr"), ids.new("ses")


@pytest.fixture
def rotating(kept):  # noqa: F811
    keys, rotate = kept
    services = dataclasses.replace(fake_services(), keys=keys)
    wiring.install(lambda: services)
    return rotate


def test_both_keys_are_good_and_shown(rotating):
    old = tokens.issue(USER, SESSION)
    rotating()
    new = tokens.issue(USER, SESSION)
    assert tokens.read(old) == tokens.read(new) == tokens.Claims(USER, SESSION)
    shown = {key["kid"]: key for key in jwks.public_keys()}
    for token in (old, new):
        key = jwt.PyJWK(shown[jwt.get_unverified_header(token)["kid"]])
        found = jwt.decode(token, key.key, algorithms=["ES256"], audience="clouddeck-api")
        assert found["sub"] == USER
    assert len(shown) == 2


def test_a_token_under_the_name_of_the_other_key_is_refused(rotating):
    head, _, rest = tokens.issue(USER, SESSION).partition(".")
    rotating()
    other = tokens.issue(USER, SESSION).partition(".")[0]
    assert other != head
    with pytest.raises(Unauthenticated):
        tokens.read(f"{other}.{rest}")


def test_two_local_rotations_end_the_first_key(tmp_path):
    from chalicelib.clouds.local.keys import LocalKeys

    keys = LocalKeys(tmp_path / "home" / "keys")
    wiring.install(lambda: dataclasses.replace(fake_services(), keys=keys))
    first = tokens.issue(USER, SESSION)
    command = [sys.executable, "-m", "adapters.local", "keys", "rotate"]
    at = ["--home", str(tmp_path / "home")]
    said = subprocess.run([*command, *at], capture_output=True, text=True, check=True).stdout
    lines = said.splitlines()
    assert lines[0].startswith("New signing key: ")
    assert [line.split()[1] for line in lines[1:]] == ["signs", "verifies"]
    assert tokens.read(first).user == USER  # this process noticed by itself
    subprocess.run([*command, *at], capture_output=True, check=True)
    with pytest.raises(Unauthenticated):
        tokens.read(first)
