"""Packs that no git would make: each is refused with a reason, in time and in memory."""

from __future__ import annotations

import hashlib
import io
import random
import struct
import tempfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.git.providers import Refused
from chalicelib.git.providers.wire import trees
from chalicelib.git.providers.wire.delta import MAX_IN_MEMORY, applied
from chalicelib.git.providers.wire.pack import Pack
from chalicelib.git.providers.wire.packets import Broken, Packets
from chalicelib.git.providers.wire.protocol import _opening

COMMIT, TREE, BLOB, OFS, REF = 1, 2, 3, 6, 7


def head(kind: int, size: int) -> bytes:
    out = bytearray()
    byte = kind << 4 | size & 15
    size >>= 4
    while size:
        out.append(byte | 0x80)
        byte, size = size & 0x7F, size >> 7
    out.append(byte)
    return bytes(out)


def entry(kind: int, data: bytes, size: int | None = None, before: bytes = b"") -> bytes:
    return head(kind, len(data) if size is None else size) + before + zlib.compress(data)


def packed(*entries: bytes, count: int | None = None) -> bytes:
    number = len(entries) if count is None else count
    body = b"PACK" + struct.pack(">II", 2, number) + b"".join(entries)
    return body + hashlib.sha1(body).digest()


def name(kind: str, data: bytes) -> str:
    return hashlib.sha1(f"{kind} {len(data)}\0".encode() + data).hexdigest()


def tree(*items: tuple[str, bytes, str]) -> bytes:
    return b"".join(f"{m} ".encode() + n + b"\0" + bytes.fromhex(i) for m, n, i in items)


def whole(tree_data: bytes, *more: bytes) -> tuple[bytes, str]:
    text = f"tree {name('tree', tree_data)}\ncommitter A <a@b> 1772352000 +0000\n\nx".encode()
    data = packed(entry(COMMIT, text), entry(TREE, tree_data), *more)
    return data, name("commit", text)


def read(data: bytes) -> Pack:
    file = tempfile.TemporaryFile()  # noqa: SIM115  # the pack keeps reading it
    file.write(data)
    file.flush()
    return Pack(file)


def archived(data: bytes, commit: str, limit: int = 10**7) -> bytes:
    into = io.BytesIO()
    trees.archive(read(data), commit, into, limit)
    return into.getvalue()


EMPTY = entry(BLOB, b"")
NOTHING = name("blob", b"")


def refused(does) -> str:
    with pytest.raises(Refused) as caught:
        does()
    assert caught.value.code == "source_rejected"
    return caught.value.message


def test_the_maker_of_these_makes_whole_ones_too() -> None:
    data, commit = whole(tree(("100644", b"a", NOTHING)), EMPTY)
    assert archived(data, commit)


@pytest.mark.parametrize(
    "bad",
    [b"..", b".", b".git", b".GIT", b"", b"a/b", b"x" * 256],
)
def test_names_that_lead_elsewhere(bad: bytes) -> None:
    data, commit = whole(tree(("100644", bad, NOTHING)), EMPTY)
    assert "name that is none" in refused(lambda: archived(data, commit))


def test_two_files_of_one_name() -> None:
    data, commit = whole(tree(("100644", b"a", NOTHING), ("120000", b"a", NOTHING)), EMPTY)
    refused(lambda: archived(data, commit))


def test_a_mode_that_is_none() -> None:
    data, commit = whole(tree(("20666", b"a", NOTHING)), EMPTY)
    assert "mode 20666" in refused(lambda: archived(data, commit))


def test_a_tree_where_a_file_should_be() -> None:
    inner = tree(("100644", b"a", NOTHING))
    data, commit = whole(tree(("100644", b"a", name("tree", inner))), EMPTY, entry(TREE, inner))
    refused(lambda: archived(data, commit))


def test_a_bomb_of_folders() -> None:
    """Ten folders that hold the same ten folders, ten deep: ten thousand million files."""
    entries, inner, identifier = [EMPTY], b"", NOTHING
    for depth in range(10):
        mode = "100644" if depth == 0 else "40000"
        inner = tree(*((mode, f"d{n}".encode(), identifier) for n in range(10)))
        identifier = name("tree", inner)
        entries.append(entry(TREE, inner))
    data, commit = whole(inner, *entries)
    assert "more than 200000 files" in refused(lambda: archived(data, commit, 10**9))


def test_folders_without_end() -> None:
    entries, identifier, mode = [EMPTY], NOTHING, "100644"
    for _ in range(300):
        inner = tree((mode, b"d", identifier))
        identifier, mode = name("tree", inner), "40000"
        entries.append(entry(TREE, inner))
    data, commit = whole(inner, *entries)
    assert "too deeply" in refused(lambda: archived(data, commit))


def test_an_object_that_is_longer_than_it_says() -> None:
    bomb = zlib.compress(bytes(50_000_000))
    assert "longer" in refused(lambda: read(packed(head(BLOB, 10) + bomb)))


def test_an_object_that_is_shorter_than_it_says() -> None:
    assert "shorter" in refused(lambda: read(packed(head(BLOB, 10) + zlib.compress(b"x"))))


def test_a_difference_that_makes_a_giant() -> None:
    base = entry(BLOB, b"x" * 10)
    size = MAX_IN_MEMORY + 1
    number = bytearray()
    while size:
        number.append(size & 0x7F | (0x80 if size > 0x7F else 0))
        size >>= 7
    delta = b"\x0a" + bytes(number) + b"\x90\x0a" * 10
    back = bytes([len(base)])
    data = packed(base, entry(OFS, delta, before=back))
    assert "difference makes more" in refused(lambda: read(data))


@pytest.mark.parametrize(
    "delta",
    [b"", b"\x0a", b"\x0b\x01\x01x", b"\x0a\x02\x01x", b"\x0a\x01\x00", b"\x0a\x01\x91\x09\x05",
     b"\x0a\x01\x02xy", b"\x0a\x05\x05xy", b"\x0a\x01\x91", b"\xff" * 12],
)  # fmt: skip
def test_differences_that_do_not_fit(delta: bytes) -> None:
    refused(lambda: applied(b"0123456789", delta))


def test_a_difference_to_nothing() -> None:
    delta = entry(REF, b"\x00\x00", before=bytes(20))
    assert "does not hold" in refused(lambda: read(packed(delta)))
    later = entry(OFS, b"\x00\x00", before=b"\x7f")
    assert "nothing" in refused(lambda: read(packed(later)))


def test_two_differences_to_each_other() -> None:
    one = entry(REF, b"\x00\x00", before=bytes(20))
    two = entry(REF, b"\x00\x00", before=b"\x01" * 20)
    refused(lambda: read(packed(one, two)))


@pytest.mark.parametrize(
    "data",
    [b"", b"PACK", packed(EMPTY)[:-1], packed(EMPTY) + b"x", packed(EMPTY, count=2),
     packed(EMPTY, count=0), packed(EMPTY)[:-20] + bytes(20), b"JUNK" + packed(EMPTY)[4:],
     packed(EMPTY, count=2**32 - 1)],
)  # fmt: skip
def test_packs_that_are_none(data: bytes) -> None:
    refused(lambda: read(data))


def test_a_commit_that_was_not_asked_for() -> None:
    data, _ = whole(tree(("100644", b"a", NOTHING)), EMPTY)
    assert "missing" in refused(lambda: archived(data, "12" * 20))


def test_a_file_that_is_not_there() -> None:
    data, commit = whole(tree(("100644", b"a", "12" * 20)))
    assert "missing" in refused(lambda: archived(data, commit))


@settings(max_examples=400, deadline=None)
@given(st.integers(0, 2**32), st.integers(1, 8))
def test_a_pack_with_changed_bytes_is_refused_or_what_it_was(seed: int, changes: int) -> None:
    """With a checksum that fits again, so that what reads objects is reached."""
    data, commit = whole(
        tree(("100644", b"a", name("blob", b"abc" * 50)), ("100755", b"b", NOTHING)),
        EMPTY,
        entry(BLOB, b"abc" * 50),
    )
    right = archived(data, commit)
    luck, body = random.Random(seed), bytearray(data[:-20])
    for _ in range(changes):
        body[luck.randrange(12, len(body))] = luck.randrange(256)
    try:
        found = archived(bytes(body) + hashlib.sha1(body).digest(), commit)
    except Refused:
        return
    assert found == right


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=200))
def test_openings_are_read_or_refused(data: bytes) -> None:
    try:
        _opening(data)
    except (Broken, Refused):
        return


@settings(max_examples=200, deadline=None)
@given(st.lists(st.binary(max_size=40), max_size=8), st.data())
def test_packets_arrive_whole_however_they_are_cut(contents: list[bytes], data) -> None:
    stream = b"".join(b"%04x" % (len(c) + 4) + c for c in contents) + b"0000"
    found: list[bytes | None] = []
    reader, at = Packets(found.append), 0
    while at < len(stream):
        step = data.draw(st.integers(1, 30))
        reader.write(stream[at : at + step])
        at += step
    reader.finish()
    assert found == [*contents, None]
