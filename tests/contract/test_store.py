"""What every Store promises: S3 of the emulator, S3 of moto, and the fake of the tests."""

from __future__ import annotations

import hashlib
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

import pytest
import requests

from chalicelib.clouds.aws.store import S3Store
from chalicelib.core.config import Settings
from chalicelib.ports import Signed, Store
from chalicelib.resources import BUCKETS, bucket_of, everywhere
from tests.fakes import FakeStore

KEYS = [
    "blobs/team_1/" + "a" * 64,
    "blobs/one",
    "blobs/one/two",  # beside an object `one`, which a folder of files could not keep
    "sources/with space",
    "blobs/ünïcode/日本語 😀",
    "incoming/plus+and=equals&amp",
    "manifests/per%20cent/%2F",
    "shards/quote'\"<tag>",
    "sizes/ask?me#now",
    "runner/semi;colon,comma:at@$!*()[]{}^`|\\",
    "caches/prj_1/trusted/" + "k" * 900 + ".tar.gz",
]
BODY = b"<h1>hello</h1>"
OTHER = b"<h1>HELLO</h1>"
SHA = hashlib.sha256(BODY).hexdigest()
MANY = 1_005
NOT_READ = {"X-Amz-Algorithm"}
"""The emulator verifies only what calls itself SigV4, and believes a request that has a credential
and no signature; the proxy of builds therefore lets neither through (test_egress_rules)."""


@dataclass
class Rig:
    """A store, and somebody without credentials who has only what was signed."""

    store: Store

    def send(self, signed: Signed, body: bytes) -> int:
        if isinstance(self.store, FakeStore):
            return self.store.send(signed, body)
        return self._http("PUT", signed.url, body, signed.headers).status_code

    def fetch(self, url: str) -> tuple[int, bytes]:
        if isinstance(self.store, FakeStore):
            return self.store.fetch(url)
        answer = self._http("GET", url)
        return answer.status_code, answer.content

    @staticmethod
    def _http(method, url, body=None, headers=None):
        with requests.Session() as session:
            session.trust_env = False
            return session.request(method, url, data=body, headers=headers, timeout=20)


@pytest.fixture
def fake():
    return Rig(FakeStore())


@pytest.fixture
def emulated(at_emulator):
    """Buckets of its own for the test."""
    return Rig(_buckets(f"t{time.time_ns()}", at_emulator.secrets.access_key_id))


@pytest.fixture
def moto(at_moto):
    return Rig(_buckets("moto"))


def _buckets(prefix, key_id=None):
    from chalicelib.clouds.aws.session import client, credentials

    now = Settings(prefix=prefix)
    for bucket in everywhere(BUCKETS):
        client("s3", now.region).create_bucket(Bucket=now.bucket(bucket.name))
    assert key_id in {None, credentials().access_key}
    return S3Store(now)


@pytest.fixture(params=["fake", "emulated", "moto"])
def rig(request):
    return request.getfixturevalue(request.param)


@pytest.fixture(params=["fake", "emulated"])
def guarded(request):
    """A store that verifies signatures; moto believes everybody."""
    return request.getfixturevalue(request.param)


@pytest.fixture
def store(rig):
    return rig.store


def refused(status):
    return 400 <= status < 500


def everything(store):
    prefixes = (prefix for bucket in everywhere(BUCKETS) for prefix in bucket.holds)
    return sorted(key for prefix in prefixes for key, _ in store.sizes(prefix))


def test_what_was_put_is_there(store):
    assert store.get("blobs/a") is None
    assert store.size("blobs/a") is None
    store.put("blobs/a", BODY)
    assert store.get("blobs/a") == BODY
    assert store.size("blobs/a") == len(BODY)
    assert list(store.sizes("blobs/a")) == [("blobs/a", len(BODY))]
    store.delete(["blobs/a"])
    assert store.get("blobs/a") is None
    assert everything(store) == []


def test_keys_live_beside_each_other(store):
    for key in KEYS:
        store.put(key, key.encode())
    for key in KEYS:
        assert store.get(key) == key.encode()
        assert store.size(key) == len(key.encode())
        assert (key, len(key.encode())) in list(store.sizes(key))
    assert everything(store) == sorted(KEYS)
    store.delete(KEYS[::2])
    assert everything(store) == sorted(KEYS[1::2])


@pytest.mark.parametrize("key", ["", "x", "blob/x", "blobs", "Blobs/x", "/blobs/x", "logs/x"])
def test_a_key_that_no_bucket_holds_is_a_mistake(store, key):
    for use in (store.get, store.size, lambda key: list(store.sizes(key))):
        with pytest.raises(ValueError, match="no bucket holds"):
            use(key)
    for use in (lambda key: store.put(key, b""), lambda key: store.delete(["blobs/a", key])):
        with pytest.raises(ValueError, match="no bucket holds"):
            use(key)
    for sign in (store.signed_get, store.signed_put):
        with pytest.raises(ValueError, match="no bucket holds"):
            sign(key, 60)


def test_what_visitors_get_lies_apart(at_moto):
    from chalicelib.clouds.aws.session import client

    store, now = _buckets("moto"), Settings(prefix="moto")
    for key in KEYS:
        store.put(key, BODY)
    for name in ("sites", "sources"):
        found = client("s3", at_moto).list_objects_v2(Bucket=now.bucket(name))["Contents"]
        assert {item["Key"] for item in found} == {k for k in KEYS if bucket_of(k) == name}
    assert {bucket_of(key) for key in KEYS} == {"sites", "sources"}


def test_bytes_come_back_as_they_were(store):
    for body in (b"", b"\0" * 3, bytes(range(256)) * 20_000):
        store.put("blobs/body", body, "application/octet-stream")
        assert store.get("blobs/body") == body
        assert store.size("blobs/body") == len(body)


def test_the_last_put_counts(store):
    store.put("blobs/a", b"long before")
    store.put("blobs/a", b"now", "text/plain")
    assert store.get("blobs/a") == b"now"
    assert list(store.sizes("blobs/a")) == [("blobs/a", 3)]


def test_a_prefix_is_text_not_a_folder(store):
    for key in ("blobs/a/1", "blobs/a/2", "blobs/ab/3", "blobs/b/a/4"):
        store.put(key, key.encode() * 2)
    assert list(store.sizes("blobs/a/")) == [("blobs/a/1", 18), ("blobs/a/2", 18)]
    assert [key for key, _ in store.sizes("blobs/a")] == ["blobs/a/1", "blobs/a/2", "blobs/ab/3"]
    assert list(store.sizes("blobs/c")) == []


def test_deleting_what_is_absent_is_no_error(store):
    store.put("blobs/kept", BODY)
    store.delete([])
    store.delete(["blobs/absent", "blobs/absent", "blobs/never/was"])
    store.delete(iter(["blobs/absent"]))
    assert store.get("blobs/kept") == BODY


def test_more_than_a_page(store):
    keys = [f"incoming/many/{number:05}" for number in range(MANY)]
    with ThreadPoolExecutor(4) as pool:
        list(pool.map(lambda key: store.put(key, key[:10].encode()), keys))
    store.put("blobs/other", b"")
    assert list(store.sizes("incoming/many/")) == [(key, 10) for key in keys]
    store.delete(key for key in [*keys, "incoming/many/absent"])
    assert everything(store) == ["blobs/other"]


def test_signed_requests_need_no_credentials(rig):
    for key in KEYS:
        assert rig.send(rig.store.signed_put(key, 60), BODY) == 200
        assert rig.store.get(key) == BODY
        assert rig.fetch(rig.store.signed_get(key, 60)) == (200, BODY)
        demanding = rig.store.signed_put(key + "2", 60, length=len(BODY), sha256=SHA)
        assert rig.send(demanding, BODY) == 200
        assert rig.store.get(key + "2") == BODY


def test_an_empty_object_can_be_signed_for(rig):
    empty = hashlib.sha256(b"").hexdigest()
    assert rig.send(rig.store.signed_put("blobs/a", 60, length=0, sha256=empty), b"") == 200
    assert rig.store.size("blobs/a") == 0


def test_reading_what_is_absent(rig):
    assert rig.fetch(rig.store.signed_get("blobs/absent", 60))[0] == 404


def test_only_the_promised_content(guarded):
    for key, length in (("blobs/a", None), ("blobs/b", len(BODY))):
        signed = guarded.store.signed_put(key, 60, length=length, sha256=SHA)
        assert refused(guarded.send(signed, OTHER))
        assert refused(guarded.send(signed, b""))
        assert guarded.store.get(key) is None
        assert guarded.send(signed, BODY) == 200


def test_only_the_promised_length(guarded):
    signed = guarded.store.signed_put("blobs/a", 60, length=len(BODY))
    for body in (BODY[:-1], BODY + b"!", b"", BODY * 100):
        assert refused(guarded.send(signed, body))
    assert guarded.store.get("blobs/a") is None
    assert guarded.send(signed, OTHER) == 200


def test_promised_content_is_written_once(guarded):
    first = guarded.store.signed_put("blobs/a", 60, length=len(BODY), sha256=SHA)
    assert guarded.send(first, BODY) == 200
    assert guarded.send(first, BODY) == 412
    again = guarded.store.signed_put("blobs/a", 60, sha256=SHA)
    assert guarded.send(again, BODY) == 412
    different = guarded.store.signed_put("blobs/a", 60, sha256=hashlib.sha256(OTHER).hexdigest())
    assert refused(guarded.send(different, OTHER))
    assert guarded.store.get("blobs/a") == BODY


def test_without_a_promise_the_last_write_counts(guarded):
    signed = guarded.store.signed_put("blobs/a", 60)
    assert guarded.send(signed, BODY) == 200
    assert guarded.send(signed, OTHER) == 200
    assert guarded.store.get("blobs/a") == OTHER


def test_the_headers_are_part_of_the_promise(guarded):
    signed = guarded.store.signed_put("blobs/a", 60, sha256=SHA)
    for name in signed.headers:
        rest = {key: value for key, value in signed.headers.items() if key != name}
        assert refused(guarded.send(Signed(signed.url, rest), BODY))
        assert refused(guarded.send(Signed(signed.url, {**rest, name: "x"}), BODY))
    other = guarded.store.signed_put("blobs/a", 60, sha256=hashlib.sha256(OTHER).hexdigest())
    assert refused(guarded.send(Signed(signed.url, other.headers), OTHER))
    assert refused(guarded.send(Signed(signed.url, {}), OTHER))
    assert guarded.store.get("blobs/a") is None


def test_only_the_signed_key(guarded):
    guarded.store.put("blobs/secret", b"secret")
    read = guarded.store.signed_get("blobs/mine", 60)
    assert refused(guarded.fetch(read.replace("/mine?", "/secret?"))[0])
    write = guarded.store.signed_put("blobs/mine", 60)
    moved = Signed(write.url.replace("/mine?", "/secret?"), write.headers)
    assert refused(guarded.send(moved, BODY))
    assert guarded.store.get("blobs/secret") == b"secret"


def test_only_the_signed_method(guarded):
    guarded.store.put("blobs/a", BODY)
    assert refused(guarded.send(Signed(guarded.store.signed_get("blobs/a", 60), {}), OTHER))
    assert refused(guarded.fetch(guarded.store.signed_put("blobs/a", 60).url)[0])
    assert guarded.store.get("blobs/a") == BODY


def test_every_part_of_the_query_is_signed(guarded):
    guarded.store.put("blobs/a", BODY)
    parts = urlsplit(guarded.store.signed_get("blobs/a", 60))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    for name, value in query.items():
        if name in NOT_READ:
            continue
        flipped = value[:-1] + ("1" if value[-1:] != "1" else "2")
        changed = urlencode({**query, name: flipped}, quote_via=quote)
        assert refused(guarded.fetch(parts._replace(query=changed).geturl())[0]), name
        if name == "X-Amz-Signature":
            continue
        shorter = urlencode({k: v for k, v in query.items() if k != name}, quote_via=quote)
        assert refused(guarded.fetch(parts._replace(query=shorter).geturl())[0]), name
    assert refused(guarded.fetch(parts._replace(query="").geturl())[0])
    assert guarded.fetch(parts.geturl()) == (200, BODY)


def test_signatures_expire(guarded):
    guarded.store.put("blobs/a", BODY)
    read, write = guarded.store.signed_get("blobs/a", 1), guarded.store.signed_put("blobs/b", 1)
    content = guarded.store.signed_put("blobs/c", 1, length=len(BODY), sha256=SHA)
    longer = guarded.store.signed_get("blobs/a", 60)
    time.sleep(2.2)
    assert refused(guarded.fetch(read)[0])
    assert refused(guarded.send(write, BODY))
    assert refused(guarded.send(content, BODY))
    assert guarded.store.get("blobs/b") is None
    assert guarded.store.get("blobs/c") is None
    assert guarded.fetch(longer) == (200, BODY)


def test_ten_writers_of_the_same_content(guarded):
    signed = guarded.store.signed_put("blobs/a", 60, length=len(BODY), sha256=SHA)
    with ThreadPoolExecutor(5) as pool:
        statuses = list(pool.map(lambda _: guarded.send(signed, BODY), range(10)))
    assert set(statuses) <= {200, 409, 412}
    assert 200 in statuses
    assert guarded.store.get("blobs/a") == BODY


def test_what_s3_did_not_delete_is_told(at_moto):
    from botocore.stub import Stubber

    from chalicelib.clouds.aws.session import client

    store = _buckets("moto")
    with Stubber(client("s3", at_moto)) as stub:
        stub.add_response("delete_objects", {"Errors": [{"Key": "blobs/a", "Code": "SlowDown"}]})
        with pytest.raises(RuntimeError, match=r"kept 1 of 2 objects.*SlowDown"):
            store.delete(["blobs/a", "blobs/b"])
