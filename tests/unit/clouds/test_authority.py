"""The authority of one computer: what it issues holds, and nobody else's does."""

import contextlib
import multiprocessing
import os
import ssl
import stat
import subprocess
from datetime import UTC, datetime, timedelta

import pytest
from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from chalicelib.clouds.local import authority
from chalicelib.clouds.local.authority import Authority


@pytest.fixture
def here(tmp_path):
    return Authority(tmp_path / "edge" / "ca")


def names(pem):
    found = x509.load_pem_x509_certificate(pem).extensions
    return found.get_extension_for_class(x509.SubjectAlternativeName).value


def shake_hands(pem, trusted, host, folder):
    """A handshake in memory: the client believes `trusted` alone."""
    (folder / "leaf.pem").write_bytes(pem)
    server = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    server.load_cert_chain(folder / "leaf.pem")
    client = ssl.create_default_context(cadata=trusted.decode())
    to_server, to_client = ssl.MemoryBIO(), ssl.MemoryBIO()
    one = client.wrap_bio(to_client, to_server, server_hostname=host)
    other = server.wrap_bio(to_server, to_client, server_side=True)
    for _ in range(4):
        for side in (one, other):
            with contextlib.suppress(ssl.SSLWantReadError):
                side.do_handshake()
    return one.getpeercert()


@pytest.mark.parametrize("host", ["shop.localhost", "www.example.org", "127.0.0.1", "::1"])
def test_a_browser_that_trusts_the_root_believes_the_host(here, tmp_path, host):
    pem = here.issue(["example.org", host], 30)
    assert shake_hands(pem, here.root(), host, tmp_path)


def test_a_wildcard_is_one_label_deep(here, tmp_path):
    pem = here.issue(["*.example.org"], 30)
    assert shake_hands(pem, here.root(), "a.example.org", tmp_path)
    for host in ("example.org", "a.b.example.org"):
        with pytest.raises(ssl.SSLCertVerificationError, match="mismatch"):
            shake_hands(pem, here.root(), host, tmp_path)


def test_another_authority_is_not_believed(here, tmp_path):
    other = Authority(tmp_path / "other")
    with pytest.raises(ssl.SSLCertVerificationError):
        shake_hands(other.issue(["a.localhost"], 30), here.root(), "a.localhost", tmp_path)


def test_what_openssl_says(here, tmp_path):
    (tmp_path / "leaf.pem").write_bytes(here.issue(["a.localhost", "10.0.0.1"], 30))
    verified = subprocess.run(
        [
            *("openssl", "verify", "-x509_strict", "-purpose", "sslserver"),
            *("-verify_hostname", "a.localhost", "-CAfile", here.root_file, tmp_path / "leaf.pem"),
        ],
        capture_output=True,
        text=True,
        check=False,
    )
    assert verified.returncode == 0, verified.stderr


def test_a_leaf_issues_nothing_itself(here, tmp_path):
    """An authority signs leaves, never further authorities."""
    leaf = x509.load_pem_x509_certificate(here.issue(["a.localhost"]))
    assert leaf.extensions.get_extension_for_class(x509.BasicConstraints).value.ca is False
    root = x509.load_pem_x509_certificate(here.root())
    limits = root.extensions.get_extension_for_class(x509.BasicConstraints)
    assert (limits.value.ca, limits.value.path_length, limits.critical) == (True, 0, True)


def test_how_long_it_holds(here):
    leaf = x509.load_pem_x509_certificate(here.issue(["a.localhost"], 45))
    left = leaf.not_valid_after_utc - datetime.now(UTC)
    assert timedelta(days=44, hours=23) < left < timedelta(days=45)
    assert leaf.not_valid_before_utc < datetime.now(UTC) - timedelta(minutes=59)


def test_every_key_is_new_and_goes_with_its_certificate(here):
    pems = [here.issue(["a.localhost"]) for _ in range(3)]
    keys = {load_pem_private_key(pem, None).public_key().public_numbers() for pem in pems}
    assert len(keys) == 3
    for pem in pems:
        key = load_pem_private_key(pem, None).public_key()
        assert key == x509.load_pem_x509_certificate(pem).public_key()


def test_hosts_come_once(here):
    assert len(names(here.issue(["a.localhost", "a.localhost"]))) == 1


@pytest.mark.parametrize(
    "hosts",
    [
        [],
        [""],
        ["a b"],
        ["A.localhost"],
        ["a.localhost:8443"],
        ["a.localhost."],
        ["*"],
        ["*.*.example.org"],
        ["a.*.org"],
        ["ü.example.org"],
        ["a\nb"],
        ["a/b"],
        ["-a.org"],
        ["x" * 64 + ".org"],
        [f"h{n}.example.org" for n in range(101)],
    ],
    ids=str,
)
def test_no_names(here, hosts):
    with pytest.raises(ValueError):
        here.issue(hosts)


@pytest.mark.parametrize("days", [0, -1, 398])
def test_no_life(here, days):
    with pytest.raises(ValueError):
        here.issue(["a.localhost"], days)


def test_the_key_is_its_owners_alone(here, tmp_path):
    os.umask(0o022)
    here.issue(["a.localhost"])
    folder = tmp_path / "edge" / "ca"
    assert stat.S_IMODE((folder / "root-key.pem").stat().st_mode) == 0o600
    assert b"PRIVATE" not in here.root_file.read_bytes()
    assert {path.name for path in folder.iterdir()} == {"root.pem", "root-key.pem"}


def _ask(folder, queue):
    queue.put(Authority(folder).root())


def test_processes_that_start_at_once_agree(tmp_path):
    context = multiprocessing.get_context("fork")
    queue = context.Queue()
    workers = [context.Process(target=_ask, args=(tmp_path / "ca", queue)) for _ in range(8)]
    for worker in workers:
        worker.start()
    roots = {queue.get(timeout=60) for _ in workers}
    for worker in workers:
        worker.join()
    assert len(roots) == 1


def test_it_stays_the_same_and_shows_itself_again(here, tmp_path):
    first = here.root()
    here.root_file.unlink()
    assert Authority(tmp_path / "edge" / "ca").root() == first
    assert here.root_file.read_bytes() == first


def test_an_old_one_is_followed_by_a_new_one(here, monkeypatch):
    monkeypatch.setattr(authority, "_ROOT_DAYS", 20)
    old = here.root()
    monkeypatch.undo()
    new = here.root()
    assert new != old
    assert here.root_file.read_bytes() == new


def test_a_damaged_key_file_is_not_replaced_behind_peoples_backs(here, tmp_path):
    here.root()
    path = tmp_path / "edge" / "ca" / "root-key.pem"
    path.write_bytes(path.read_bytes()[:100])
    with pytest.raises(RuntimeError, match="restore it from a backup"):
        here.issue(["a.localhost"])
    assert len(path.read_bytes()) == 100
