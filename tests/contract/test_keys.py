"""What every keeper of keys promises: files here, KMS (moto) there, and the fake of the tests."""

from __future__ import annotations

import json
import multiprocessing
import stat
import time

import jwt
import pytest

from chalicelib.core import crypto
from chalicelib.core.config import Settings
from tests.fakes import FakeKeys

CONTEXT = {"project": "prj_1", "name": "TOKEN"}


def _local(tmp_path):
    from chalicelib.clouds.local.keys import LocalKeys

    keys = LocalKeys(tmp_path / "keys")
    return keys, keys.rotate_signing


def _kms(prefix):
    import boto3

    from chalicelib.clouds.aws.keys import KmsKeys

    kms = boto3.client("kms", region_name="us-east-1")

    def signing():
        return kms.create_key(KeyUsage="SIGN_VERIFY", KeySpec="ECC_NIST_P256")["KeyMetadata"][
            "KeyId"
        ]

    data, first = kms.create_key()["KeyMetadata"]["KeyId"], signing()
    kms.create_alias(AliasName=f"alias/{prefix}-data", TargetKeyId=data)
    kms.create_alias(AliasName=f"alias/{prefix}-signing", TargetKeyId=first)
    keys = KmsKeys(Settings(prefix=prefix))

    def rotate():
        kms.create_alias(AliasName=f"alias/{prefix}-signing-previous", TargetKeyId=first)
        kms.update_alias(AliasName=f"alias/{prefix}-signing", TargetKeyId=signing())
        keys._public = (time.monotonic() - 1000, keys._public[1])

    return keys, rotate


@pytest.fixture(params=["local", "kms", "fake"])
def kept(request, tmp_path):
    """(keys, a function that rotates the signing key)."""
    if request.param == "local":
        yield _local(tmp_path)
    elif request.param == "fake":
        keys = FakeKeys()
        yield keys, keys.rotate
    else:
        from moto import mock_aws

        from chalicelib.clouds.aws import session

        with mock_aws():
            session.client.cache_clear()
            yield _kms("moto")
        session.client.cache_clear()


def test_wrap_and_unwrap(kept):
    keys, _ = kept
    wrapped = keys.wrap(b"k" * 32, CONTEXT)
    assert keys.unwrap(wrapped, CONTEXT) == b"k" * 32
    assert b"k" * 32 not in wrapped
    assert keys.wrap(b"k" * 32, CONTEXT) != wrapped


def test_context_and_bytes_are_bound(kept):
    keys, _ = kept
    wrapped = keys.wrap(b"k" * 32, CONTEXT)
    broken = wrapped[:-1] + bytes([wrapped[-1] ^ 1])
    for content, context in (
        (wrapped, {**CONTEXT, "name": "OTHER"}),
        (wrapped, {}),
        (broken, CONTEXT),
        (b"", CONTEXT),
        (b"short", CONTEXT),
    ):
        with pytest.raises(ValueError):
            keys.unwrap(content, context)


def test_sealing_works_on_top(kept):
    keys, _ = kept
    sealed = crypto.seal(keys, b"v" * 40_000, CONTEXT)
    assert crypto.unseal(keys, sealed, CONTEXT) == b"v" * 40_000


def test_signing_and_rotation(kept):
    keys, rotate = kept
    name, key = keys.signing_key()
    old = jwt.encode({"n": 1}, key, algorithm="ES256", headers={"kid": name})
    assert jwt.decode(old, keys.verifying_keys()[name], algorithms=["ES256"]) == {"n": 1}
    rotate()
    newer, key = keys.signing_key()
    assert newer != name
    new = jwt.encode({"n": 2}, key, algorithm="ES256", headers={"kid": newer})
    both = keys.verifying_keys()
    assert set(both) == {name, newer}
    assert jwt.decode(old, both[name], algorithms=["ES256"]) == {"n": 1}
    assert jwt.decode(new, both[newer], algorithms=["ES256"]) == {"n": 2}
    with pytest.raises(jwt.InvalidSignatureError):
        jwt.decode(new, both[name], algorithms=["ES256"])


def _first_use(folder, barrier, found):
    from chalicelib.clouds.local.keys import LocalKeys

    keys = LocalKeys(folder)
    barrier.wait(20)
    found.put((keys.signing_key()[0], keys.wrap(b"x", CONTEXT)[1:9]))


def test_processes_that_start_at_once_share_one_key(tmp_path):
    forked = multiprocessing.get_context("fork")
    barrier, found = forked.Barrier(8), forked.Queue()
    workers = [
        forked.Process(target=_first_use, args=(tmp_path / "keys", barrier, found))
        for _ in range(8)
    ]
    for worker in workers:
        worker.start()
    answers = {found.get(timeout=30) for _ in workers}
    for worker in workers:
        worker.join(10)
    assert len(answers) == 1


def test_files_are_private_and_whole(tmp_path):
    keys, rotate = _local(tmp_path)
    keys.wrap(b"x", CONTEXT)
    rotate()
    folder = tmp_path / "keys"
    assert stat.S_IMODE(folder.stat().st_mode) == 0o700
    names = {path.name for path in folder.iterdir() if path.suffix == ".json"}
    assert names == {"master.json", "signing.json"}
    for path in folder.glob("*.json"):
        assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert not [p for p in folder.iterdir() if p.suffix not in {".json", ".lock"}]


def test_another_process_sees_a_rotation(tmp_path):
    keys, rotate = _local(tmp_path)
    other, _ = _local(tmp_path)
    assert other.signing_key()[0] == keys.signing_key()[0]
    newest = rotate()
    assert other.signing_key()[0] == newest
    rotate()
    assert len(other.verifying_keys()) == 2


def test_old_master_keys_still_unwrap(tmp_path):
    keys, _ = _local(tmp_path)
    wrapped = [keys.wrap(b"0", CONTEXT)]
    for number in (b"1", b"2", b"3"):
        keys.rotate_master()
        wrapped.append(keys.wrap(number, CONTEXT))
    again, _ = _local(tmp_path)
    assert [again.unwrap(w, CONTEXT) for w in wrapped] == [b"0", b"1", b"2", b"3"]


@pytest.mark.parametrize("content", ["", "{", "{}", json.dumps({"version": 9, "keys": [1]})])
def test_a_broken_file_is_named_and_left_alone(tmp_path, content):
    keys, _ = _local(tmp_path)
    path = tmp_path / "keys" / "master.json"
    path.parent.mkdir()
    path.write_text(content)
    with pytest.raises(RuntimeError, match=r"master\.json is not a key file"):
        keys.wrap(b"x", CONTEXT)
    assert path.read_text() == content
