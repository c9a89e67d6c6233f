"""Git over SSH: a host is who it was, and nobody is let in without the deploy key."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from chalicelib.git.providers import Link, Refused, plain
from chalicelib.git.providers.wire.ssh import Ssh
from tests.fakes.git_hosts.plain import FakeSsh, new_key, read_key, ssh_served
from tests.fakes.git_hosts.repository import Repository


@pytest.fixture
def host(tmp_path, nearby):
    repository = Repository(tmp_path, "owner/site")
    repository.commit({"index.html": "1"}, "First")
    repository.push()
    with ssh_served(FakeSsh(tmp_path)) as found:
        found.commit = repository.git("rev-parse", "HEAD")
        yield found


@pytest.fixture
def link(host):
    found = Link("prj_1", "git", host.url, "owner/site.git", credential="ssh")
    link = replace(found, secret=host.deploy_key)
    return replace(link, host_key=plain.make().repository(link).host_key)


def test_a_host_key_is_seen_and_kept(host, link) -> None:
    key = read_key(host.host_key)
    assert link.host_key == f"{key.get_name()} {key.get_base64()}"


@pytest.mark.parametrize("known", ["", "ssh-ed25519 AAAA"])
def test_a_host_with_another_key_is_told_nothing(host, link, known) -> None:
    host.commands.clear()
    with pytest.raises(Refused) as caught:
        plain.make().heads(replace(link, host_key=known))
    assert caught.value.code == "host_key_changed"
    assert host.commands == []


def test_a_host_that_changed_its_key(host, link) -> None:
    host.host_key = new_key()
    with pytest.raises(Refused) as caught:
        plain.make().heads(link)
    assert caught.value.code == "host_key_changed"


def test_a_server_that_takes_no_environment_speaks_protocol_0(host, link) -> None:
    host.takes_environment = False
    provider = plain.make()
    assert provider.heads(link) == {"main": host.commit}
    assert provider.tip(link, "refs/heads/main").message == "First"
    into = io.BytesIO()
    provider.fetch(link, host.commit, into, 10**6)
    assert into.getvalue()


def test_the_path_is_one_word_for_the_shell_at_the_other_end(host, link) -> None:
    way = Ssh(host.url, "owner/site.git; touch /tmp/x", host.deploy_key, link.host_key)
    host.commands.clear()
    with pytest.raises(Refused) as caught, way.session():
        pass
    assert caught.value.code == "repo_not_found"
    assert host.commands == [
        "git-upload-pack '/owner/site.git; touch /tmp/x'",
        "git-upload-pack 'owner/site.git; touch /tmp/x'",
    ]


def test_a_private_address_is_not_connected_to(host, link, monkeypatch) -> None:
    monkeypatch.undo()
    with pytest.raises(Refused) as caught:
        plain.make().heads(link)
    assert caught.value.code == "git_url_not_allowed"
