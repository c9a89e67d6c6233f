"""Addresses of repositories."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.git.rules.addresses import PROVIDERS, address_of


@pytest.mark.parametrize(
    ("provider", "url", "base", "repository"),
    [
        ("github", "https://github.com/ada/site", "https://github.com", "ada/site"),
        ("github", "https://GitHub.com/Ada/Site.git", "https://github.com", "Ada/Site"),
        ("github", "git@github.com:ada/site.git", "https://github.com", "ada/site"),
        ("github", "ssh://git@ghe.acme.org:22/ada/site", "https://ghe.acme.org", "ada/site"),
        ("gitlab", "https://gitlab.com/a/b/c/site.git", "https://gitlab.com", "a/b/c/site"),
        ("gitlab", "https://git.acme.org:8443/a/b", "https://git.acme.org:8443", "a/b"),
        ("bitbucket", "https://bitbucket.org/a/b", "https://bitbucket.org", "a/b"),
        ("bitbucket", "https://bb.acme.org/scm/PROJ/b.git", "https://bb.acme.org", "PROJ/b"),
        ("bitbucket", "https://acme.org/bb/scm/PROJ/b.git", "https://acme.org/bb", "PROJ/b"),
        ("bitbucket", "https://acme.org/bb/projects/P/repos/b", "https://acme.org/bb", "P/b"),
        ("bitbucket", "https://bb.acme.org/users/ada/repos/b", "https://bb.acme.org", "~ada/b"),
        ("codecommit", "https://git-codecommit.eu-west-1.amazonaws.com/v1/repos/site",
         "https://git-codecommit.eu-west-1.amazonaws.com", "site"),
        ("git", "https://git.acme.org/x.git", "https://git.acme.org", "x.git"),
        ("git", "git@git.acme.org:ada/x.git", "ssh://git@git.acme.org:22", "ada/x.git"),
        ("git", "ssh://me@git.acme.org:2222/x", "ssh://me@git.acme.org:2222", "x"),
    ],
)  # fmt: skip
def test_addresses_that_people_paste(provider: str, url: str, base: str, repository: str) -> None:
    found = address_of(provider, url)
    assert (found.base, found.repository) == (base, repository)


@given(st.sampled_from(PROVIDERS), st.text(max_size=80) | st.from_regex(r"[a-z+]{2,8}::?//.{0,40}"))
def test_whatever_is_given_only_https_and_ssh_come_out(provider: str, url: str) -> None:
    try:
        found = address_of(provider, url)
    except ValueError:
        return
    assert found.base.startswith(("https://", "ssh://"))
    assert not any(
        part.startswith("-") or set(part) <= {"."} for part in found.repository.split("/")
    )
    assert not found.host.startswith("-")
    assert all(33 <= ord(c) < 127 for c in found.base + found.repository)
