"""What a build keeps for the next, with the packed agent against the fake."""

import hashlib

import pytest

from tests.unit.runner.fake import archive, members

PACKAGE = '{"name":"x","dependencies":{"m":"1"}}'
NPM = {
    "install": "mkdir -p node_modules/m node_modules/.bin; echo hi > node_modules/m/i.js;"
    " ln -s ../m/i.js node_modules/.bin/m; ln -s /etc node_modules/bad; echo INSTALLED",
    "build": "sh build.sh",
    "output": "dist",
}
SOURCE = {
    "package.json": PACKAGE,
    "package-lock.json": "{}",
    "build.sh": "mkdir dist; cat node_modules/m/i.js > dist/a;"
    " mkdir -p node_modules/.fw; date +%N > node_modules/.fw/state",
}
NOTHING = {"key": "k1", "url": None, "sha256": None, "write": True}
EMPTY = [
    {"kind": "dependencies", "paths": ["node_modules", "~/.npm"], **NOTHING},
    {"kind": "framework", "paths": ["node_modules/.fw"], **NOTHING},
]


def states(fake):
    return {c["kind"]: c["state"] for c in fake.calls["complete"][-1]["caches"]}


def saved(fake):
    return [call["kind"] for call in fake.calls["cache_saved"]]


def again(fake, *caches):
    fake.logs.clear()
    fake.calls.clear()
    fake.plan["caches"] = list(caches)


def test_two_archives_go_round(fake, agent):
    fake.source(SOURCE)
    fake.plan |= {**NPM, "caches": EMPTY}
    assert agent.run() == 0, agent.errors
    assert states(fake) == {"dependencies": "miss", "framework": "miss"}
    assert saved(fake) == ["dependencies", "framework"]
    told = fake.calls["cache_saved"][0]
    body = fake.blobs["cache-dependencies"]
    assert (told["size"], told["sha256"]) == (len(body), hashlib.sha256(body).hexdigest())
    assert told["install_ms"] > 0
    names = members(body)
    assert "root/node_modules/.bin/m" in names
    assert "root/node_modules/bad" not in names
    assert not [name for name in names if ".fw" in name], "what a framework keeps goes apart"
    assert "root/node_modules/.fw/state" in members(fake.blobs["cache-framework"])
    # The same lock file again: nothing to install; dependencies are as they were.
    again(fake, fake.saved(), fake.saved("framework", paths=["node_modules/.fw"]))
    assert agent.run() == 0, agent.errors
    assert "Skipped the install" in fake.text()
    assert fake.published() == {"a": b"hi\n"}
    assert states(fake) == {"dependencies": "exact", "framework": "hit"}
    assert [s["outcome"] for s in fake.calls["complete"][0]["steps"]] == ["skipped", "ok"]
    assert saved(fake) == ["framework"]


def test_another_lock_file_installs_over_what_was_restored(fake, agent):
    fake.source(SOURCE)
    fake.plan |= {**NPM, "caches": EMPTY[:1]}
    assert agent.run() == 0, agent.errors
    again(fake, fake.saved())
    fake.source({**SOURCE, "package-lock.json": "{ }"})
    fake.plan["install_cached"] = "ls node_modules/m; echo OVER; exit 0"
    assert agent.run() == 0, agent.errors
    assert "OVER" in fake.text()
    assert "i.js" in fake.text()
    assert states(fake) == {"dependencies": "hit"}


def test_one_flipped_bit_is_a_miss_and_never_unpacked(fake, agent):
    fake.source(SOURCE)
    fake.plan |= {**NPM, "caches": EMPTY[:1]}
    assert agent.run() == 0, agent.errors
    good = fake.saved()
    body = bytearray(fake.blobs["cache-dependencies"])
    for at in (9, len(body) // 2, len(body) - 1):
        flipped = bytearray(body)
        flipped[at] ^= 1
        fake.blobs["cache-dependencies"] = bytes(flipped)
        again(fake, good)
        assert agent.run() == 0, agent.errors
        assert states(fake) == {"dependencies": "rejected"}
        assert "INSTALLED" in fake.text()
        assert "is not what was saved" in fake.text()


def test_another_archive_under_the_same_key_is_a_miss(fake, agent):
    fake.source(SOURCE)
    poison = {"marker.json": "{}", "root/node_modules/m/i.js": "MARKER"}
    fake.blobs["cache-dependencies"] = archive(poison)
    fake.plan |= {**NPM, "caches": [fake.saved(sha256="0" * 64)]}
    assert agent.run() == 0, agent.errors
    assert fake.published() == {"a": b"hi\n"}
    assert states(fake) == {"dependencies": "rejected"}


def test_who_may_not_write_does_not_ask(fake, agent):
    fake.source(SOURCE)
    closed = [{**cache, "write": False} for cache in EMPTY]
    fake.plan |= {**NPM, "caches": closed}
    assert agent.run() == 0, agent.errors
    assert states(fake) == {"dependencies": "off", "framework": "off"}
    assert not fake.calls["cache"]
    assert not fake.calls["cache_saved"]


@pytest.mark.parametrize(
    "body", [b"", b"garbage", b"\x1f\x8b\x08\x00broken", archive({"a": "b"})], ids=range(4)
)
def test_a_broken_archive_is_no_failure(fake, agent, body):
    fake.source({"index.html": "x"})
    fake.blobs["cache-dependencies"] = body
    fake.plan["caches"] = [fake.saved()]
    assert agent.run() == 0, agent.errors
    assert fake.calls["complete"][0]["cache_hit"] is False
    assert "could not be used" in fake.text()


def test_an_absent_archive_is_no_failure(fake, agent):
    fake.source({"index.html": "x"})
    fake.blobs["cache-dependencies"] = b"x"
    fake.plan["caches"] = [fake.saved()]
    del fake.blobs["cache-dependencies"]
    assert agent.run() == 0, agent.errors
    assert states(fake) == {"dependencies": "miss"}


@pytest.mark.parametrize(
    "marker", ["[]", '{"paths":5}', "[" * 60_000, " " * 70_000, '{"paths":[[]]}', '{"lock":[{}]}']
)
def test_a_marker_of_strangers_is_no_failure(fake, agent, marker):
    """What wrote the archive may have been a script of a dependency."""
    fake.source(SOURCE)
    fake.plan |= {**NPM, "caches": EMPTY[:1]}
    assert agent.run() == 0, agent.errors
    good = {"marker.json": marker, "root/node_modules/m/i.js": "hi\n"}
    fake.blobs["cache-dependencies"] = body = archive(good)
    again(fake, fake.saved(sha256=hashlib.sha256(body).hexdigest()))
    assert agent.run() == 0, agent.errors
    assert "Skipped the install" not in fake.text()
    assert fake.published() == {"a": b"hi\n"}
