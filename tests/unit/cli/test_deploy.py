"""deploy: what is uploaded, what is asked for, how it ends."""

from __future__ import annotations

import hashlib
import json
import os
import signal
import time

import pytest

from cli.follow import TERMINAL


def paths(fake) -> list[str]:
    newest = list(fake.uploads.values())[-1]
    return [file["path"] for file in newest["list"]["files"]]


def test_deploy_prints_the_address_and_nothing_else(deck, linked, signed_in):
    result = deck("deploy")
    deployment = signed_in.deployments["dpl_" + "1".zfill(26)]
    assert result.stdout == deployment["url"] + "\n"
    assert "uploaded 1 of 1 files (14 B), 0 already there" in result.stderr
    assert "build   │ line 1" in result.stderr
    assert "ready in 4.0s" in result.stderr
    assert signed_in.wishes == [{"upload": "upl_1", "production": False}]
    assert signed_in.uploads["upl_1"]["kind"] == "source"


def test_the_list_of_files_is_as_agreed(deck, linked, signed_in):
    (linked / "a.sh").write_text("#!/bin/sh\n")
    (linked / "a.sh").chmod(0o755)
    (linked / "empty.txt").touch()
    (linked / ".well-known").mkdir()
    (linked / ".well-known" / "x").write_text("é")
    deck("deploy", "--no-wait")
    document = signed_in.uploads["upl_1"]["list"]
    assert document["version"] == 1
    assert paths(signed_in) == [".well-known/x", "a.sh", "empty.txt", "index.html"]
    assert [f["mode"] for f in document["files"]] == [0o644, 0o755, 0o644, 0o644]
    x = document["files"][0]
    assert (x["size"], x["sha256"]) == (2, hashlib.sha256("é".encode()).hexdigest())
    assert (signed_in.uploads["upl_1"]["files"], signed_in.uploads["upl_1"]["bytes"]) == (4, 26)


def test_only_what_is_missing_is_uploaded(deck, linked, signed_in):
    for n in range(20):
        (linked / f"{n}.txt").write_text(str(n))
    deck("deploy", "--no-wait")
    (linked / "3.txt").write_text("new")
    (linked / "copy.txt").write_text("new")
    signed_in.calls.clear()
    result = deck("deploy", "--no-wait", "--json")
    puts = [path for method, path in signed_in.calls if method == "PUT"]
    assert len(puts) == 2, "the list and one blob"
    assert result.json["upload"] == {
        "id": "upl_2",
        "files": 22,
        "bytes": 49,
        "sent_files": 2,
        "sent_bytes": 3,
        "present_files": 20,
    }
    assert result.json["deployment"]["state"] == "queued"


def test_private_files_stay_here(deck, linked, signed_in):
    for name in (".env", ".env.local", "sub/.env.production", ".envrc"):
        (linked / name).parent.mkdir(exist_ok=True)
        (linked / name).write_text("SECRET=canary")
    (linked / "alias").symlink_to(".env")
    result = deck("deploy", "--no-wait")
    assert paths(signed_in) == ["index.html"]
    assert not any(b"canary" in blob for blob in signed_in.blobs.values())
    assert "deck env set" in result.stderr


def test_without_git_sensible_folders_stay_here(deck, linked, signed_in):
    for name in ("node_modules/x", ".venv/x", "dist/x", "src/node_modules/x", ".git2/x", "src/y"):
        (linked / name).parent.mkdir(parents=True, exist_ok=True)
        (linked / name).touch()
    deck("deploy", "--no-wait")
    assert paths(signed_in) == [".git2/x", "index.html", "src/y"]


def test_git_says_what_belongs(deck, linked, signed_in, repository):
    (linked / ".gitignore").write_text("*.log\n")
    for name in ("a.log", "untracked.txt", "gone.txt", "dist.txt"):
        (linked / name).write_text(name)
    (linked / "node_modules").mkdir()
    (linked / "node_modules" / "x").touch()
    (linked / "sp ace\u00e9.txt").touch()
    repository("add", "index.html", "gone.txt")
    repository("commit", "-qm", "First\n\nbody")
    (linked / "gone.txt").unlink()
    deck("deploy", "--no-wait", "--prod")
    expected = [".gitignore", "dist.txt", "index.html", "sp ace\u00e9.txt", "untracked.txt"]
    assert paths(signed_in) == expected
    assert signed_in.wishes[0] == {
        "upload": "upl_1",
        "production": True,
        "branch": "main",
        "commit": repository("rev-parse", "HEAD"),
        "message": "First",
    }
    deck("deploy", "--no-wait", "--message", "mine")
    assert signed_in.wishes[1]["message"] == "mine"


def test_links_inside_are_content(deck, linked, signed_in, tmp_path):
    (linked / "docs").mkdir()
    (linked / "docs" / "a").write_text("a")
    (linked / "alias").symlink_to("docs")
    (linked / "docs" / "up").symlink_to("..")
    (linked / "nothing").symlink_to("nowhere")
    result = deck("deploy", "--no-wait")
    assert [p for p in paths(signed_in) if "up/" not in p] == ["alias/a", "docs/a", "index.html"]
    assert len(paths(signed_in)) < 20
    assert "link to nothing" in result.stderr


def test_links_that_loop_in_a_repository(deck, linked, signed_in, repository):
    (linked / "loop").symlink_to(".")
    repository("add", "-A")
    assert "contains it" in deck("deploy", "--no-wait").stderr
    assert paths(signed_in) == ["index.html"]


def test_links_outside_are_refused(deck, linked, signed_in, tmp_path):
    (tmp_path / "secret").write_text("x")
    (linked / "leak").symlink_to(tmp_path / "secret")
    result = deck("deploy", code=2)
    assert "leak is a symbolic link to" in result.stderr
    assert "outside the project" in result.stderr
    assert signed_in.calls == []


@pytest.mark.parametrize("name", [b"bad\xff", b"two\nlines", b"esc\x1b"])
def test_names_nobody_can_serve(deck, linked, name):
    (linked / os.fsdecode(name)).touch()
    assert "Rename the file" in deck("deploy", code=2).stderr


def test_a_pipe_is_skipped(deck, linked, signed_in):
    os.mkfifo(linked / "pipe")
    assert "not a regular file" in deck("deploy", "--no-wait").stderr


def test_prebuilt(deck, linked, signed_in, tmp_path):
    out = tmp_path / "out"
    for name in (".well-known/a", "node_modules/b", "dist/c", ".git/d", ".env"):
        (out / name).parent.mkdir(parents=True, exist_ok=True)
        (out / name).touch()
    deck("deploy", "--prebuilt", str(out))
    assert signed_in.uploads["upl_1"]["kind"] == "output"
    assert paths(signed_in) == [".well-known/a", "dist/c", "node_modules/b"]
    assert "not a folder" in deck("deploy", "--prebuilt", "nowhere", code=2).stderr


def test_nothing_to_deploy(deck, linked):
    (linked / "index.html").unlink()
    assert "no files" in deck("deploy", code=2).stderr


def test_no_project(deck, signed_in, folder):
    result = deck("deploy", code=2)
    assert result.stderr.splitlines()[1].startswith("hint: Run `deck init`")


@pytest.mark.parametrize("socket", ["ok", "drop", "refuse"])
def test_deploy_that_fails(deck, linked, signed_in, socket):
    signed_in.socket, signed_in.states = socket, ["queued", "building", "failed"]
    result = deck("deploy", "--json", code=1)
    assert json.loads(result.stdout)["deployment"]["state"] == "failed"
    assert json.loads(result.stderr)["error"] == {
        "code": "build_failed",
        "message": "npm run build exited with 1",
        "hint": "Read the log.",
        "request_id": "",
    }
    assert deck("deploy", code=1).stdout == ""


@pytest.mark.parametrize("end", [state for state in TERMINAL if state not in ("ready", "failed")])
def test_deploy_that_is_stopped(deck, linked, signed_in, end):
    signed_in.states = ["queued", end]
    signed_in.answers = {f"/v1/deployments/dpl_{'1'.zfill(26)}/logs": [
        (200, {"lines": [], "next": 0, "done": True})
    ]}  # fmt: skip
    assert deck("deploy", code=1).stderr


def test_the_store_may_stumble(deck, linked, signed_in):
    signed_in.put_answers = [500, 200, 503, 412]
    deck("deploy", "--no-wait")
    signed_in.put_answers = [200, 403]  # an address that ran out: ask again
    (linked / "index.html").write_text("other")
    result = deck("deploy", "--no-wait", "--json")
    assert result.json["upload"]["sent_files"] == 1
    assert len(signed_in.blobs) == 1


def test_the_store_may_refuse(deck, linked, signed_in):
    signed_in.put_answers = [400]
    assert "refused the list of files (400)" in deck("deploy", code=1).stderr


def test_a_file_that_changes_meanwhile(deck, linked, signed_in, monkeypatch):
    from cli import upload

    real = upload.file_list

    def late(files):
        (linked / "index.html").write_text("changed!")
        return real(files)

    monkeypatch.setattr(upload, "file_list", late)
    assert "index.html changed" in deck("deploy", code=2).stderr


def test_large_files_are_streamed(deck, linked, signed_in, monkeypatch):
    monkeypatch.setattr("cli.upload.IN_MEMORY", 10)
    signed_in.put_answers = [200, 500, 200]
    (linked / "big").write_bytes(b"0123456789" * 100_000)
    (linked / "index.html").unlink()
    deck("deploy", "--no-wait")
    assert [len(blob) for blob in signed_in.blobs.values()] == [1_000_000]


def test_many_files_over_many_connections(deck, linked, signed_in):
    signed_in.page = 100
    for n in range(500):
        (linked / f"{n}.txt").write_text(f"file {n}")
    start = time.perf_counter()
    deck("deploy", "--no-wait")
    assert len(signed_in.blobs) == 501
    assert time.perf_counter() - start < 60


def test_ctrl_c_while_waiting(command, linked, signed_in):
    signed_in.socket, signed_in.states = "refuse", ["queued", "queued", "ready"]
    process = command("deploy")
    while signed_in.calls[-1:] == [] or "deployments/dpl" not in signed_in.calls[-1][1]:
        time.sleep(0.05)
        assert process.poll() is None, process.stderr.read()
    process.send_signal(signal.SIGINT)
    out, err = process.communicate(timeout=20)
    assert process.returncode == 130
    assert out == ""
    assert "It goes on without you" in err
    assert "Traceback" not in err


def test_ctrl_c_while_uploading_does_not_wait(command, linked, signed_in):
    signed_in.http.RequestHandlerClass._store = lambda *_: time.sleep(30) or (200, b"")
    process = command("deploy")
    while ("PUT", "/store/list/upl_1") not in signed_in.calls:
        time.sleep(0.05)
    process.send_signal(signal.SIGINT)
    start = time.monotonic()
    _, err = process.communicate(timeout=20)
    assert (process.returncode, err) == (130, "")
    assert time.monotonic() - start < 5
