"""Git spoken with git itself: what arrives is what was committed."""

from __future__ import annotations

import io
import os
import tarfile

import pytest

from chalicelib.git.providers import Refused, wire
from tests.fakes.git_hosts.host import Answer, Asked, Host, served
from tests.fakes.git_hosts.repository import Repository

FILES = {
    "index.html": "<h1>hello</h1>",
    "deep/er/ünï.txt": "x" * 300_000,
    "left-out.txt": "archives would leave this out",
    ".gitattributes": "left-out.txt export-ignore\n*.html export-subst\n",
    "empty": "",
}


class Open(Host):
    def may_read(self, asked: Asked, name: str) -> bool:
        return True


@pytest.fixture(params=["2", "0"])
def host(tmp_path, nearby, request):
    with served(Open(tmp_path)) as found:
        if request.param == "0":  # a server that knows no other protocol
            real = found._git
            found._git = lambda asked: real(
                Asked(**{**vars(asked), "headers": {**asked.headers, "git-protocol": ""}})
            )
        yield found


def unpacked(data: bytes) -> dict[str, tuple[int, bytes | str]]:
    found = {}
    with tarfile.open(fileobj=io.BytesIO(data)) as tar:
        for member in tar.getmembers():
            if member.isfile():
                found[member.name] = (member.mode, tar.extractfile(member).read())
            elif member.issym():
                found[member.name] = (member.mode, member.linkname)
    return found


def fetched(host: Host, name: str, commit: str, limit: int = 10**9) -> bytes:
    into = io.BytesIO()
    wire.fetch(wire.Http(f"{host.url}/{name}.git"), commit, into, limit)
    return into.getvalue()


@pytest.mark.parametrize("algorithm", ["sha1", "sha256"])
def test_a_commit_arrives_as_it_was_made(host, tmp_path, algorithm):
    repository = Repository(tmp_path, "site", algorithm)
    repository.commit({"old.txt": "was here"})
    (repository.work / "old.txt").unlink()
    (repository.work / "link").symlink_to("deep/er")
    program = repository.work / "run"
    program.write_text("#!/bin/sh\n")
    program.chmod(0o755)
    commit = repository.commit(FILES)
    repository.push()
    data = fetched(host, "site", commit)
    assert fetched(host, "site", commit) == data  # the same bytes each time
    found = unpacked(data)
    assert found == {
        **{path: (0o644, text.encode()) for path, text in FILES.items()},
        "run": (0o755, b"#!/bin/sh\n"),
        "link": (0o777, "deep/er"),
    }


def test_differences_between_objects_are_put_together(host, tmp_path):
    repository = Repository(tmp_path, "site")
    lines = [f"line {n} {os.urandom(8).hex()}\n" for n in range(3000)]
    files = {}
    for version in range(30):
        lines[version * 7] = f"changed {version}\n"
        files[f"v{version}.txt"] = "".join(lines)
    commit = repository.commit(files)
    repository.push()
    repository._run(repository.bare, "repack", "-adfq", "--depth=50", "--window=50")
    kinds = repository._run(
        repository.bare, "cat-file", "--batch-all-objects", "--batch-check=%(deltabase)"
    )
    assert len([k for k in kinds.split() if set(k) != {"0"}]) > 20  # there are differences
    assert {k: v[1] for k, v in unpacked(fetched(host, "site", commit)).items()} == {
        path: text.encode() for path, text in files.items()
    }


def test_heads_and_tags_are_told(host, tmp_path):
    repository = Repository(tmp_path, "site")
    first = repository.commit({"a": "1"})
    repository.push("main")
    repository.push("feature/x")
    plain = repository.tag("v1")
    second = repository.commit({"a": "2"})
    annotated = repository.tag("v2", "a word about it")
    repository.push("main")
    way = wire.Http(f"{host.url}/site.git")
    assert wire.heads(way) == {"main": second, "feature/x": first}
    assert wire.refs(way, ["refs/tags/"]) == {"refs/tags/v1": plain, "refs/tags/v2": annotated}
    assert wire.default_branch(way) == "main"


def test_a_commit_says_who_and_when(host, tmp_path):
    repository = Repository(tmp_path, "site")
    when = "2026-03-01T10:00:00+0200"
    commit = repository.commit({"a": "1"}, "A title\n\nand more", GIT_COMMITTER_DATE=when)
    repository.push()
    tip = wire.describe(wire.Http(f"{host.url}/site.git"), commit)
    assert (tip.commit, tip.message, tip.author) == (commit, "A title\n\nand more", "Ada")
    assert tip.time == "2026-03-01T08:00:00.000Z"


def test_a_commit_that_is_not_there(host, tmp_path):
    repository = Repository(tmp_path, "site")
    repository.commit({"a": "1"})
    repository.push()
    with pytest.raises(Refused) as caught:
        fetched(host, "site", "12" * 20)
    assert caught.value.code == "commit_not_found"


def test_too_large_is_said_before_it_fills_anything(host, tmp_path):
    repository = Repository(tmp_path, "site")
    commit = repository.commit({"random": os.urandom(400_000)})
    repository.push()
    with pytest.raises(Refused) as caught:
        fetched(host, "site", commit, 300_000)
    assert caught.value.code == "source_too_large"


@pytest.mark.parametrize("status", [401, 403])
def test_a_closed_door(host, status):
    host.hostile = lambda _: Answer(status)
    with pytest.raises(Refused) as caught:
        wire.heads(wire.Http(f"{host.url}/x.git"))
    assert caught.value.code == "repo_access_denied"


def test_a_redirect_is_not_followed(host):
    host.hostile = lambda _: Answer(302, headers={"Location": "http://169.254.169.254/"})
    with pytest.raises(Refused) as caught:
        wire.heads(wire.Http(f"{host.url}/x.git"))
    assert caught.value.code == "repo_not_found"
    assert len(host.asked) == 1
