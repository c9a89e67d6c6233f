"""From a finished site on a disk to a live one, and back."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import pytest

from tests.acceptance.client import Api, Json, file_list
from tests.e2e.asking import until

PROPAGATION = 90.0
"""Seconds in which every corner of an edge follows a pointer; on one computer it is at once."""

STYLE = b"body { color: #123456 }\n"
LOGO = bytes(range(256)) * 40


def version(word: str) -> dict[str, bytes]:
    """A site whose first page says a word."""
    page = f"<!doctype html><title>{word}</title><h1>{word}</h1>\n".encode()
    return {"index.html": page, "assets/style.css": STYLE, "assets/logo.bin": LOGO}


def test_only_what_the_store_lacks_is_sent(api: Api, project: Json) -> None:
    files = version(f"only once, {project['id']}")
    first, sent = api.upload(project["id"], files)
    page = hashlib.sha256(files["index.html"]).hexdigest()
    assert page in sent
    second, again = api.upload(project["id"], files)
    assert (first != second, again) == (True, [])


def test_a_changed_body_does_not_fit_its_signature(api: Api, project: Json) -> None:
    files = {"index.html": b"<h1>as announced " + project["id"].encode() + b"</h1>"}
    begun = api.post(
        f"/projects/{project['id']}/uploads",
        {"kind": "output", "files": 1, "bytes": len(files["index.html"])},
    )
    api.put(begun["list_url"], begun["list_headers"], file_list(files))
    (wanted,) = api.post(f"/uploads/{begun['id']}/missing")["uploads"]
    with pytest.raises(AssertionError, match="PUT: 4"):
        api.put(wanted["url"], wanted["headers"], files["index.html"].upper())
    assert api.post(f"/uploads/{begun['id']}/missing")["missing"] == 1


def test_deploy_look_promote_roll_back(api: Api, project: Json) -> None:
    where = f"/projects/{project['id']}"
    first = api.deploy(project["id"], version("first"), message="the first one")
    assert (first["live"], first["source"], first["files"]) == (True, "prebuilt", 3)
    assert first["message"] == "the first one"
    assert first["error"] is None
    assert {stage["state"] for stage in first["stages"]} <= {"done", "skipped"}

    second = api.deploy(project["id"], version("second"))
    assert second["live"] is True
    assert api.get(f"/deployments/{first['id']}")["live"] is False
    assert api.get(where)["production"] == second["id"]

    pages = api.pages(f"{where}/deployments", 1)
    assert all(len(page) <= 1 for page in pages)
    assert [item["id"] for page in pages for item in page] == [second["id"], first["id"]]
    listed = [item for page in api.pages(f"/deployments/{second['id']}/files", 2) for item in page]
    assert {item["path"]: item["size"] for item in listed} == {
        path: len(data) for path, data in version("second").items()
    }
    log = api.get(f"/deployments/{second['id']}/logs?limit=1000")
    numbers = [line["n"] for line in log["lines"]]
    assert log["done"] is True
    assert numbers
    assert numbers == sorted(set(numbers))

    back = api.post(f"{where}/rollback", {"reason": "the second one is broken"})
    assert (back["deployment"], back["pinned"]) == (first["id"], True)
    on = api.post(f"{where}/promote", {"deployment": second["id"]})
    assert (on["deployment"], on["pinned"]) == (second["id"], False)
    moves = api.get(f"{where}/pointer")["history"]
    assert [move["deployment"] for move in moves] == [
        *(second["id"], first["id"], second["id"], first["id"]),
    ]
    assert moves[1]["reason"] == "the second one is broken"


def test_a_preview_is_not_live(api: Api, project: Json) -> None:
    live = api.deploy(project["id"], version("live"))
    preview = api.deploy(project["id"], version("preview"), production=False)
    assert (preview["target"], preview["live"]) == ("preview", False)
    assert api.get(f"/projects/{project['id']}/pointer")["deployment"] == live["id"]


def test_what_has_ended_cannot_be_cancelled(api: Api, project: Json) -> None:
    done = api.deploy(project["id"], version("done"))
    refused = api.call("POST", f"/deployments/{done['id']}/cancel", {})
    assert refused.status_code == 409


def test_visitors_see_what_is_live(api: Api, project: Json, site: Callable[..., Any]) -> None:
    first = api.deploy(project["id"], version("first seen"))
    second = api.deploy(project["id"], version("second seen"))
    assert until(lambda: "second seen" in site(project["url"]).text, PROPAGATION)
    assert site(project["url"], "/assets/style.css").content == STYLE
    assert site(project["url"], "/assets/logo.bin").content == LOGO
    assert site(project["url"], "/absent").status_code == 404
    assert "first seen" in site(first["url"]).text, "every deployment keeps its own address"
    api.post(f"/projects/{project['id']}/rollback")
    assert until(lambda: "first seen" in site(project["url"]).text, PROPAGATION)
    assert "second seen" in site(second["url"]).text
