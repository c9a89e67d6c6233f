"""File lists and manifests."""

from __future__ import annotations

import contextlib
import hashlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.artifacts import rules

SHA = "a" * 64


def _list(*entries: Any) -> bytes:
    return json.dumps({"version": 1, "files": list(entries)}).encode()


def _entry(path: str = "index.html", sha256: str = SHA, size: int = 1) -> dict[str, Any]:
    return {"path": path, "sha256": sha256, "size": size, "mode": 0o644}


def test_a_good_list_is_read_in_path_order() -> None:
    files = rules.read_list(_list(_entry("b"), _entry("a/c")))
    assert [f.path for f in files] == ["a/c", "b"]


@pytest.mark.parametrize(
    "path",
    ["", "/etc/passwd", "../x", "a/../b", "a//b", "./a", "a/", "a\\b", "a\nb", "a\x00b", "é" * 600],
)
def test_paths_that_lead_elsewhere_are_refused(path: str) -> None:
    with pytest.raises(rules.FileListError) as caught:
        rules.read_list(_list(_entry(path)))
    assert caught.value.code == "output_rejected"


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        (b"", "output_rejected"),
        (b"[]", "output_rejected"),
        (b'{"version":2,"files":[]}', "output_rejected"),
        (_list(), "output_missing"),
        (_list(_entry(sha256="A" * 64)), "output_rejected"),
        (_list(_entry(size=-1)), "output_rejected"),
        (_list({**_entry(), "size": True}), "output_rejected"),
        (_list({**_entry(), "size": 1.5}), "output_rejected"),
        (_list(_entry(), _entry()), "output_rejected"),
        (_list(_entry("a"), _entry("a/b")), "output_rejected"),
        (_list(_entry("a", size=1), _entry("b", size=2)), "output_rejected"),
        (_list("index.html"), "output_rejected"),
        (b"[" * 100_000, "output_rejected"),
    ],
)
def test_bad_lists_say_why(raw: bytes, code: str) -> None:
    with pytest.raises(rules.FileListError) as caught:
        rules.read_list(raw)
    assert caught.value.code == code
    assert caught.value.message.endswith(".")


@given(st.binary(max_size=300))
def test_no_bytes_break_the_reader(raw: bytes) -> None:
    with contextlib.suppress(rules.FileListError):
        rules.read_list(raw)


names = st.lists(
    st.text(alphabet="abcdefgh", min_size=1, max_size=6), min_size=1, max_size=200, unique=True
)


@given(names)
def test_shards_hold_every_file_once_and_where_a_reader_looks(paths: list[str]) -> None:
    files = [rules.File(p, hashlib.sha256(p.encode()).hexdigest(), len(p)) for p in sorted(paths)]
    found: dict[str, Any] = {}
    for name, body in rules.shards(files).items():
        for path, entry in json.loads(body)["files"].items():
            assert hashlib.sha256(path.encode()).hexdigest().startswith(name)
            assert path not in found
            found[path] = (entry["h"], entry["s"])
    assert found == {f.path: (f.sha256, f.size) for f in files}


@given(names)
def test_digests_survive_packing(paths: list[str]) -> None:
    files = [rules.File(p, hashlib.sha256(p.encode()).hexdigest(), 1) for p in paths]
    assert rules.unpack(rules.pack(rules.digests(files))) == sorted(rules.digests(files))


def test_one_changed_file_changes_one_shard() -> None:
    files = [rules.File(f"p{i}", hashlib.sha256(b"%d" % i).hexdigest(), 1) for i in range(3000)]
    before = rules.shards(files)
    files[7] = rules.File("p7", "f" * 64, 2)
    after = rules.shards(files)
    assert sum(before[name] != after[name] for name in before) == 1


def test_manifest_names_files_or_shards() -> None:
    files = [rules.File("index.html", SHA, 3)]
    inline = rules.manifest({"deployment": "d"}, files, None)
    assert inline["files"] == {"index.html": {"h": SHA, "s": 3}}
    sharded = rules.manifest({"deployment": "d"}, files, rules.shards(files))
    assert "files" not in sharded
    assert sharded["count"] == 1
    assert sharded["bytes"] == 3
