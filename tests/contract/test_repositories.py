"""What every implementation of the port Repositories promises, and that git calls stay tame."""

from __future__ import annotations

import io
import json
import os
import subprocess
import tarfile

import pytest

from chalicelib.clouds.aws.repositories import StoredSources
from chalicelib.clouds.aws.session import client
from chalicelib.clouds.aws.store import S3Store
from chalicelib.clouds.local.repositories import LocalRepositories
from chalicelib.core.config import Settings
from tests.fakes import FakeStore

PROJECT = "prj_01m7yyhsrgqv7yrwfmh2y406m5"

HOSTILE = [
    "--output=marker",
    "-x",
    "--upload-pack=touch marker",
    "$(touch marker)",
    "`touch marker`",
    "a;touch marker",
    "a|touch marker",
    "a&&touch marker",
    "a\ntouch marker",
    "ext::sh -c touch% marker",
    "file:///etc/passwd",
    "main --output=marker",
    "main:marker",
    "HEAD",
    "HEAD^",
    "@{-1}",
    "main@{1}",
    "main~1",
    "main^{tree}",
    "../../etc/passwd",
    "refs/../../marker",
    "a..b",
    ".lock",
    "a.lock",
    "/main",
    "main/",
    "",
    " ",
    "\0",
    "a\0b",
    "*",
    "?",
    "[a]",
    "a\\b",
    "é" * 300,
    ":/Add",
    "--all",
    "--format=%x00",
    "--exec=touch marker",
    "-c core.pager=touch",
]


@pytest.fixture
def repositories(tmp_path):
    return LocalRepositories(tmp_path / "git")


@pytest.fixture
def work(tmp_path, repositories):
    """A working copy whose remote is the project's repository."""
    repositories.create(PROJECT)
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    git(folder, "remote", "add", "origin", str(repositories.path(PROJECT)))
    return folder


def git(folder, *arguments):
    who = {"GIT_AUTHOR_NAME": "Ada", "GIT_AUTHOR_EMAIL": "a@example.com"}
    who |= {"GIT_COMMITTER_NAME": "Ada", "GIT_COMMITTER_EMAIL": "a@example.com"}
    who |= {"GIT_COMMITTER_DATE": "2026-11-21T10:00:00+02:00", "HOME": str(folder)}
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        check=True,
        env={"PATH": os.environ["PATH"], "GIT_CONFIG_NOSYSTEM": "1", **who},
    )
    return done.stdout.decode().strip()


def commit(folder, name, text, message="Add a file"):
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    git(folder, "add", "--all", "--force")
    git(folder, "commit", "-q", "-m", message)
    git(folder, "push", "-q", "--force", "origin", "HEAD")
    return git(folder, "rev-parse", "HEAD")


def names(archive):
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        return {entry.name: entry for entry in tar.getmembers()}


@pytest.fixture(params=["local", "fake store", "moto"])
def every(request):
    """Each implementation of the port, empty."""
    if request.param == "local":
        return request.getfixturevalue("repositories")
    if request.param == "fake store":
        return StoredSources(FakeStore())
    request.getfixturevalue("at_moto")
    now = Settings(prefix="moto")
    client("s3", now.region).create_bucket(Bucket=now.bucket("sources"))
    return StoredSources(S3Store(now))


def test_creating_and_removing_twice_is_no_error(every):
    every.create(PROJECT)
    every.create(PROJECT)
    assert every.heads(PROJECT) == []
    every.remove(PROJECT)
    every.remove(PROJECT)
    assert every.projects() == []


def test_removing_leaves_nothing_behind(repositories):
    repositories.create(PROJECT)
    repositories.remove(PROJECT)
    assert list((repositories.path(PROJECT)).parent.iterdir()) == []


def test_an_absent_repository_has_nothing(every):
    assert every.heads(PROJECT) == []
    assert every.commit(PROJECT, "main") is None
    assert every.commit(PROJECT, "a" * 40) is None
    assert every.archive(PROJECT, "a" * 40) is None


def test_a_remote_is_where_git_answers(tmp_path):
    assert LocalRepositories(tmp_path, "http://x/git").remote() == "http://x/git"
    assert StoredSources(FakeStore()).remote() is None


def test_a_stored_source_is_described_by_who_put_it_there():
    store, head = FakeStore(), "ab" * 20
    sources = StoredSources(store)
    store.put(f"sources/{PROJECT}/{head}.tar.gz", b"the tree", "application/gzip")
    nothing = {"message": "", "author": "", "time": ""}
    assert sources.archive(PROJECT, head) == b"the tree"
    assert sources.commit(PROJECT, head) == {"commit": head, **nothing}
    told = {"message": "Add ä", "author": "Ada", "time": "2026-11-21T08:00:00.000Z", "more": 1}
    for raw, known in (
        (json.dumps(told), {key: told[key] for key in nothing}),
        ("[]", nothing),
        ("{", nothing),
        ('{"message": null}', nothing),
        (json.dumps({"message": "x" * 9999}), {**nothing, "message": "x" * 4096}),
    ):
        store.put(f"sources/{PROJECT}/{head}.json", raw.encode())
        assert sources.commit(PROJECT, head) == {"commit": head, **known}
    assert sources.commit(PROJECT, "main") is None
    assert sources.commit("prj_other", head) is None
    sources.remove("prj_other")
    assert sources.archive(PROJECT, head) == b"the tree"
    sources.remove(PROJECT)
    assert store.objects == {}


@pytest.mark.parametrize("text", [*HOSTILE, "../" * 3 + "a" * 40, "A" * 40, "a" * 41])
def test_a_hostile_name_is_no_stored_source(text):
    store = FakeStore()
    store.put(f"sources/{PROJECT}/{text}.tar.gz", b"x")
    assert StoredSources(store).commit(PROJECT, text) is None
    assert StoredSources(store).archive(PROJECT, text) is None
    StoredSources(store).remove(text)
    assert store.objects


def test_heads_say_branch_commit_and_moment(repositories, work):
    first = commit(work, "a.txt", "a")
    git(work, "checkout", "-q", "-b", "feature/ü-1")
    second = commit(work, "b.txt", "b")
    heads = {head.branch: head for head in repositories.heads(PROJECT)}
    assert {name: head.commit for name, head in heads.items()} == {
        "main": first,
        "feature/ü-1": second,
    }
    moment = 1795248000 * 10**9  # the time of the commit, because nobody noted the push
    assert heads["main"].sequence == moment


def test_the_noted_moment_of_the_push_counts(repositories, work):
    head = commit(work, "a.txt", "a")
    zero = "0" * 40
    (repositories.path(PROJECT) / "clouddeck" / "pushes").write_text(
        f"7 {zero} {head} refs/heads/main\n9 {zero} {'b' * 40} refs/heads/main\nrubbish\n"
        f"x {zero} {head} refs/heads/main\n8 {zero} {head} refs/heads/other\n"
    )
    [found] = repositories.heads(PROJECT)
    assert found.sequence == 7


def test_a_commit_is_described(repositories, work):
    head = commit(work, "a.txt", "a", "Add ä\n\nWhy: because.\n")
    wanted = {
        "commit": head,
        "message": "Add ä\n\nWhy: because.",
        "author": "Ada",
        "time": "2026-11-21T08:00:00.000Z",
    }
    assert repositories.commit(PROJECT, "main") == wanted
    assert repositories.commit(PROJECT, "refs/heads/main") == wanted
    assert repositories.commit(PROJECT, head) == wanted
    assert repositories.commit(PROJECT, "other") is None
    assert repositories.commit(PROJECT, "f" * 40) is None


def test_an_archive_is_the_tree(repositories, work):
    (work / "run.sh").write_text("#!/bin/sh\n")
    (work / "run.sh").chmod(0o755)
    (work / "link").symlink_to("a.txt")
    head = commit(work, "deep/a.txt", "text\r\n")
    found = names(repositories.archive(PROJECT, head))
    assert {"run.sh", "link", "deep/a.txt"} <= set(found)
    assert found["run.sh"].mode & 0o111
    assert found["link"].issym()
    assert repositories.archive(PROJECT, "main") is None


def test_attributes_of_the_tree_change_nothing(repositories, work):
    (work / "secret.txt").write_text("$Format:%H$ $Id$\n")
    attributes = "secret.txt export-ignore\n*.txt export-subst text eol=crlf filter=x ident\n"
    head = commit(work, ".gitattributes", attributes)
    archive = repositories.archive(PROJECT, head)
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        assert tar.extractfile("secret.txt").read() == b"$Format:%H$ $Id$\n"


def test_a_replaced_object_is_not_believed(repositories, work):
    good = commit(work, "a.txt", "good")
    bad = commit(work, "a.txt", "bad")
    git(repositories.path(PROJECT), "update-ref", f"refs/replace/{good}", bad)
    with tarfile.open(fileobj=io.BytesIO(repositories.archive(PROJECT, good))) as tar:
        assert tar.extractfile("a.txt").read() == b"good"


@pytest.mark.parametrize("text", HOSTILE)
def test_a_hostile_name_is_only_a_name(repositories, work, tmp_path, text):
    commit(work, "a.txt", "a")
    assert repositories.commit(PROJECT, text) is None
    assert repositories.archive(PROJECT, text) is None
    assert not list(tmp_path.rglob("marker*"))


@pytest.mark.parametrize(
    "project", ["", "..", "../x", "prj_/x", "prj_..", "PRJ_1", "prj_1/../../x"]
)
def test_only_a_project_id_has_a_folder(repositories, project):
    with pytest.raises(ValueError):
        repositories.create(project)
