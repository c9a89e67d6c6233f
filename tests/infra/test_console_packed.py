"""From the folder of the console to its bucket: how its files get there, and as what."""

from __future__ import annotations

import io
import json
import posixpath
import re
import runpy
import sys
import types
import zipfile
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from adapters.local.gateway import console as local
from cdk.package import Target
from cdk.package import pages as packages
from tests.infra.stacks import Stacks

CHECKOUT = Path(__file__).resolve().parents[2]
BUILT = CHECKOUT / "console" / "dist"
"""What `tools/setup dev` makes of it."""


def test_pages_are_unpacked_by_who_may_write_there_and_nowhere_else(made: Stacks) -> None:
    (placed,) = made.every("Custom::Pages", "console")
    assert placed["bucket"] == made.names.bucket("console")
    policies = [
        policy
        for policy in made.every("AWS::IAM::Policy", "console")
        if "pagesunpacker" in policy["PolicyName"]
    ]
    (policy,) = policies
    allowed = {
        statement["Action"]: json.dumps(statement["Resource"])
        for statement in policy["PolicyDocument"]["Statement"]
    }
    assert set(allowed) == {"s3:GetObject", "s3:PutObject"}
    assert allowed["s3:PutObject"] == json.dumps(f"{made.names.bucket_arn('console')}/*")
    assert placed["from_key"] in allowed["s3:GetObject"]


PACKED = {
    "assets/": "",
    "assets/a-1.js": "text/javascript; charset=utf-8",
    "assets/inter.woff2": "font/woff2",
    "console.css": "text/css; charset=utf-8",
    "docs/index.html": "text/html; charset=utf-8",
    "docs/search.json": "application/json",
    "docs/sitemap.xml": "application/xml",
    "icon-192.png": "image/png",
    "icon.svg": "image/svg+xml",
    "index.html": "text/html; charset=utf-8",
    "manifest.webmanifest": "application/manifest+json",
    "robots.txt": "text/plain; charset=utf-8",
    "sw.js": "text/javascript; charset=utf-8",
    "x.bin": "application/octet-stream",
}


def pages(monkeypatch: pytest.MonkeyPatch, packed: bytes, put: Callable[..., None]) -> Any:
    """What CloudFormation calls: it unpacks `packed` by way of `put`."""

    class S3:
        def get_object(self, **asked: str) -> dict[str, Any]:
            assert asked == {"Bucket": "assets", "Key": "a.zip"}
            return {"Body": io.BytesIO(packed)}

        def put_object(self, **asked: Any) -> None:
            put(**asked)

    monkeypatch.setitem(sys.modules, "boto3", types.SimpleNamespace(client=lambda _: S3()))
    unpack = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["pages"]
    return unpack(
        {"from_bucket": "assets", "from_key": "a.zip", "bucket": "b", "config": '{"api":"x"}'}
    )


def packed_names() -> bytes:
    """A package of every kind of file."""
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for name in PACKED:
            archive.writestr(name, name)
    return packed.getvalue()


def test_a_package_becomes_files_with_their_types_and_the_page_comes_last(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put: list[dict[str, Any]] = []
    answer = pages(monkeypatch, packed_names(), lambda **asked: put.append(asked))
    assert answer == {"files": len(PACKED)}, "a folder is none, config.json is one more"
    assert {each["Key"] for each in put[-2:]} == {"index.html", "sw.js"}
    by_key = {each["Key"]: each for each in put}
    assert by_key.pop("config.json") == {
        "Bucket": "b",
        "Key": "config.json",
        "Body": b'{"api":"x"}',
        "ContentType": "application/json",
        "CacheControl": "no-cache",
    }
    assert {key: each["ContentType"] for key, each in by_key.items()} == {
        name: kind for name, kind in PACKED.items() if kind
    }
    kept = {key for key, each in by_key.items() if each["CacheControl"] != "no-cache"}
    assert kept == {"assets/a-1.js", "assets/inter.woff2"}
    assert "immutable" in by_key["assets/a-1.js"]["CacheControl"]


def test_a_file_that_could_not_be_written_fails_the_deployment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    put = []

    def full(**asked: Any) -> None:
        if asked["Key"] == "icon.svg":
            raise OSError("no room")
        put.append(asked["Key"])

    with pytest.raises(OSError, match="no room"):
        pages(monkeypatch, packed_names(), full)
    assert "docs/index.html" in put
    assert not {"index.html", "sw.js"} & set(put)


def test_every_file_of_the_build_is_something_to_a_browser() -> None:
    told = runpy.run_path(str(CHECKOUT / "cdk" / "provider" / "resource.py"))["content_type"]
    files = [path for path in BUILT.rglob("*") if path.is_file() and path.name[0] != "."]
    assert len(files) > 50
    for path in files:
        kind = told(path.name)
        assert kind != "application/octet-stream", path
        assert local._TYPES.get(path.suffix) == kind, path


def test_every_part_of_the_console_is_packed_unpacked_and_found(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """From the folder to the bucket: what a script imports lies where the script looks for it."""
    packages.console(tmp_path / "console", Target("3.13", "arm64"))
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as archive:
        for path in sorted((tmp_path / "console").rglob("*")):
            archive.write(path, path.relative_to(tmp_path / "console").as_posix())
    bucket: dict[str, dict[str, Any]] = {}

    pages(monkeypatch, packed.getvalue(), lambda **asked: bucket.__setitem__(asked["Key"], asked))
    scripts = {name: put for name, put in bucket.items() if name.endswith(".js")}
    assert any(name.startswith("assets/") for name in scripts)
    imported = set()
    for name, put in scripts.items():
        assert put["ContentType"] == "text/javascript; charset=utf-8"
        for asked in re.findall(r"""(?:from|import)\(?\s*[`'"](\.[^`'"]+)""", put["Body"].decode()):
            found = posixpath.normpath(posixpath.join("/", posixpath.dirname(name), asked))
            imported.add(found.strip("/"))
    assert imported
    assert imported <= set(bucket)
