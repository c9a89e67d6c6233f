"""Real git against the bridge: the hooks run, only the announcement goes to a stub."""

from __future__ import annotations

import gzip
import hashlib
import hmac
import http.client
import json
import os
import subprocess
from types import SimpleNamespace
from urllib.parse import urlsplit

import pytest

from adapters.local.gateway import git as bridge
from adapters.local.gateway.git import GitBridge, parse, token_of
from chalicelib.clouds.local.repositories import LocalRepositories
from chalicelib.core.config import Settings
from chalicelib.core.errors import Forbidden, NotFound, Problem, Unauthenticated
from tests.unit.local.asgi import served

SECRET = "a secret of the installation"


class Api:
    """ASGI stub for POST /v1/hooks/git."""

    def __init__(self):
        self.calls = []
        self.statuses = []

    async def __call__(self, scope, receive, send):
        if scope["type"] != "http":
            return
        body = (await receive())["body"]
        headers = dict(scope["headers"])
        self.calls.append((scope["path"], headers, body))
        status = self.statuses.pop(0) if self.statuses else 200
        rows = [
            {"ref": u["ref"], "id": "dpl_1", "url": "http://x--site.localhost:8081"}
            for u in json.loads(body)["updates"]
        ]
        content = json.dumps({"deployments": rows, "detail": "said no"}).encode()
        await send({"type": "http.response.start", "status": status, "headers": []})
        await send({"type": "http.response.body", "body": content})


class Site:
    """Everything of one test: repository, bridge address, stub API."""

    def __init__(self, url, repositories, api):
        self.url = url
        self.repositories = repositories
        self.api = api
        self.remote = url.replace("://", "://x:good@") + "/git/site.git"

    @property
    def path(self):
        return self.repositories.path("prj_1")


@pytest.fixture
def site(tmp_path, monkeypatch):
    repositories = LocalRepositories(tmp_path / "git")
    repositories.create("prj_1")
    refused, flow = {}, {}

    def access(token, slug, write, _address):
        if token not in {"good", "reader"}:
            raise Unauthenticated("key_unknown", "That key is not known.", hint="Make a new one.")
        if slug != "site":
            raise NotFound("project_not_found", "There is no such project.")
        if write and token == "reader":
            raise Forbidden("not_allowed", "You may not push here.")
        return SimpleNamespace(
            project_id="prj_1",
            path=repositories.path("prj_1"),
            pusher="usr_1",
            production_branch="main",
            refused=refused,
            flow=flow,
        )

    api = Api()
    with served(api) as hooks_url, served(GitBridge(access)) as url:
        values = Settings(connections_url=hooks_url, local_secret=SECRET)
        monkeypatch.setattr(bridge, "settings", lambda: values)
        site = Site(url, repositories, api)
        site.refused, site.flow = refused, flow
        yield site


def git(folder, *arguments, ok=True, **environment):
    done = subprocess.run(
        ["git", *arguments],
        cwd=folder,
        capture_output=True,
        text=True,
        env={
            "PATH": os.environ["PATH"],
            "HOME": str(folder),
            "GIT_CONFIG_NOSYSTEM": "1",
            "GIT_TERMINAL_PROMPT": "0",
            "GIT_AUTHOR_NAME": "A",
            "GIT_AUTHOR_EMAIL": "a@example.com",
            "GIT_COMMITTER_NAME": "A",
            "GIT_COMMITTER_EMAIL": "a@example.com",
            **environment,
        },
        check=False,
    )
    assert (done.returncode == 0) is ok, done.stderr
    return done.stdout + done.stderr


@pytest.fixture
def work(tmp_path):
    folder = tmp_path / "work"
    folder.mkdir()
    git(folder, "init", "-q", "-b", "main")
    return folder


def commit(work, name="a.txt", text="a"):
    (work / name).parent.mkdir(parents=True, exist_ok=True)
    (work / name).write_text(text)
    git(work, "add", ".")
    git(work, "commit", "-q", "-m", f"Add {name}")
    return git(work, "rev-parse", "HEAD").strip()


def test_push_and_clone_of_300_files(site, work, tmp_path):
    for n in range(299):
        (work / f"f{n}.txt").write_text(f"{n}\n" * (n + 1))
    head = commit(work)
    said = git(work, "push", site.remote, "main", LC_ALL="C")
    assert f"remote: CloudDeck  building main @ {head[:7]}" in said
    assert "http://x--site.localhost:8081" in said
    git(tmp_path, "clone", "-q", site.remote, "copy")
    assert len(list((tmp_path / "copy").glob("*.txt"))) == 300
    [found] = site.repositories.heads("prj_1")
    assert (found.branch, found.commit) == ("main", head)


def test_a_branch_that_policies_keep_from_its_environment_is_not_taken(site, work):
    commit(work)
    git(work, "push", site.remote, "main")
    head = commit(work, text="later")
    site.refused["production"] = "The policy 'friday' forbids it: not on Fridays."
    said = git(work, "push", site.remote, "main", ok=False)
    assert "CloudDeck  main is not taken: The policy 'friday' forbids it" in said
    assert git(work, "push", site.remote, "main", "HEAD:refs/heads/side", ok=False)
    assert [found.branch for found in site.repositories.heads("prj_1")] == ["main"]
    assert len(site.api.calls) == 1
    git(work, "push", site.remote, "HEAD:refs/heads/side", "HEAD:refs/tags/v1")
    git(work, "push", site.remote, ":refs/heads/side")
    del site.refused["production"]
    site.refused["preview"] = "No previews."
    git(work, "push", site.remote, "HEAD:refs/heads/side", ok=False)
    git(work, "push", site.remote, "main")
    assert site.repositories.heads("prj_1")[0].commit == head


def test_branches_and_tags_are_kept_from_where_rules_lead_them(site, work):
    site.refused["production"] = "Not on Fridays."
    site.refused["staging"] = "Not staging."
    site.flow["branches"] = [
        {"match": "release/*", "environment": "production"},
        {"match": "next", "environment": "staging"},
        {"match": "main", "environment": "none"},
    ]
    site.flow["tags"] = [{"match": "v*", "environment": "production"}]
    commit(work)
    for ref, why in (
        ("refs/heads/release/1", "Not on Fridays."),
        ("refs/heads/next", "Not staging."),
        ("refs/tags/v1", "Not on Fridays."),
    ):
        said = git(work, "push", site.remote, f"HEAD:{ref}", ok=False)
        assert f"{ref.split('/', 2)[2]} is not taken: {why}" in said
    git(work, "push", site.remote, "main", "HEAD:refs/heads/side", "HEAD:refs/tags/w1")
    assert {found.branch for found in site.repositories.heads("prj_1")} == {"main", "side"}


def test_the_announcement_is_signed_and_carries_the_sequence(site, work):
    head = commit(work)
    git(work, "push", site.remote, "main")
    [(path, headers, body)] = site.api.calls
    assert path == "/v1/hooks/git"
    signature = hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()
    assert headers[b"x-clouddeck-signature"].decode() == f"sha256={signature}"
    content = json.loads(body)
    assert content["project"] == "prj_1"
    assert content["pusher"] == "usr_1"
    [update] = content["updates"]
    assert (update["ref"], update["old"], update["new"]) == ("refs/heads/main", "0" * 40, head)
    assert update["sequence"] == site.repositories.heads("prj_1")[0].sequence


def test_later_pushes_have_higher_sequences(site, work):
    for n in range(3):
        commit(work, text=str(n))
        git(work, "push", site.remote, "main", "HEAD:refs/heads/other", "--force")
    by_ref = {}
    for _, _, body in site.api.calls:
        for update in json.loads(body)["updates"]:
            by_ref.setdefault(update["ref"], []).append(update["sequence"])
    assert set(by_ref) == {"refs/heads/main", "refs/heads/other"}
    for sequences in by_ref.values():
        assert sequences == sorted(set(sequences))
        assert len(sequences) == 3


def test_a_lost_answer_is_asked_for_again_with_the_same_delivery(site, work):
    site.api.statuses = [503, 500]
    commit(work)
    said = git(work, "push", site.remote, "main")
    assert "building main" in said
    deliveries = {json.loads(body)["delivery"] for _, _, body in site.api.calls}
    assert (len(site.api.calls), len(deliveries)) == (3, 1)


def test_without_the_api_the_push_is_safe(site, work, monkeypatch):
    away = Settings(connections_url="http://127.0.0.1:9", local_secret=SECRET)
    monkeypatch.setattr(bridge, "settings", lambda: away)
    head = commit(work)
    assert "your push is safe" in git(work, "push", site.remote, "main")
    assert site.repositories.heads("prj_1")[0].commit == head


def test_a_refusal_is_said_once(site, work):
    site.api.statuses = [422] * 9
    commit(work)
    assert "nothing is built: said no" in git(work, "push", site.remote, "main")
    assert len(site.api.calls) == 1


def test_force_push_and_deletion_are_taken(site, work):
    commit(work)
    git(work, "push", site.remote, "main", "main:gone")
    git(work, "commit", "-q", "--amend", "-m", "other")
    git(work, "push", "--force", site.remote, "main")
    git(work, "push", site.remote, ":gone")
    assert [head.branch for head in site.repositories.heads("prj_1")] == ["main"]
    assert json.loads(site.api.calls[-1][2])["updates"][0]["new"] == "0" * 40


def test_a_large_push_is_chunked(site, work):
    commit(
        work,
        "big.bin",
        "".join(hashlib.sha256(bytes([n % 256, n >> 8])).hexdigest() for n in range(50_000)),
    )
    git(
        work, "-c", "http.postBuffer=65536", "-c", "core.compression=0", "push", site.remote, "main"
    )
    assert site.repositories.heads("prj_1")


def test_a_compressed_request_is_understood(site, work):
    head = commit(work)
    git(work, "push", site.remote, "main")
    want = f"0032want {head}\n00000009done\n".encode()
    connection = http.client.HTTPConnection(urlsplit(site.url).netloc)
    headers = {
        "Authorization": "Bearer good",
        "Content-Type": "application/x-git-upload-pack-request",
        "Content-Encoding": "gzip",
    }
    path = "/git/site.git/git-upload-pack"
    connection.request("POST", path, gzip.compress(want), headers)
    answer = connection.getresponse()
    assert answer.status == 200
    assert b"PACK" in answer.read()


@pytest.mark.parametrize(
    ("user", "status", "words"),
    [
        ("", 401, "Sign in"),
        ("x:wrong@", 401, "not known"),
        ("x:reader@", 403, "may not push"),
    ],
)
def test_who_may_not_push_is_told_why(site, work, user, status, words):
    commit(work)
    remote = site.url.replace("://", f"://{user}") + "/git/site.git"
    said = git(work, "push", remote, "main", ok=False)
    assert not site.repositories.heads("prj_1")
    if status == 403:
        assert f"remote: CloudDeck: You {words}" in said
    if not user:
        connection = http.client.HTTPConnection(urlsplit(site.url).netloc)
        connection.request("GET", "/git/site.git/info/refs?service=git-receive-pack")
        answer = connection.getresponse()
        assert answer.status == 401
        assert answer.headers["WWW-Authenticate"].startswith("Basic ")
        assert words in answer.read().decode()


def test_a_reader_may_clone(site, work, tmp_path):
    commit(work)
    git(work, "push", site.remote, "main")
    git(tmp_path, "clone", "-q", site.remote.replace("good", "reader"), "copy")


def test_a_key_may_stand_in_the_user_name(site, work):
    commit(work)
    git(work, "push", site.url.replace("://", "://good:@") + "/git/site.git", "main")


def test_objects_are_checked(site, work):
    broken = "tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\nauthor nobody\n\nx\n"
    git(work, "hash-object", "-w", "-t", "tree", "/dev/null")
    done = subprocess.run(
        ["git", "hash-object", "-w", "-t", "commit", "--stdin", "--literally"],
        cwd=work,
        input=broken.encode(),
        capture_output=True,
        check=True,
    )
    commit_id = done.stdout.decode().strip()
    git(work, "update-ref", "refs/heads/bad", commit_id)
    git(work, "push", site.remote, "bad", ok=False)
    assert site.repositories.heads("prj_1") == []


def scope(path, method="GET", query="", headers=()):
    return {
        "path": path,
        "method": method,
        "query_string": query.encode(),
        "headers": list(headers),
    }


@pytest.mark.parametrize(
    "path",
    [
        "/git/site.git/HEAD",
        "/git/site.git/objects/info/packs",
        "/git/site.git/config",
        "/git/../etc.git/info/refs",
        "/git/a/b.git/info/refs",
        "/git/Site.git/info/refs",
        "/git/-x.git/info/refs",
        "/git/site.git/info/refs/",
        "/git/site/info/refs",
        "/git/site.git/git-upload-archive",
    ],
)
def test_only_the_smart_protocol_has_an_address(path):
    with pytest.raises(NotFound):
        parse(scope(path, query="service=git-upload-pack"))


@pytest.mark.parametrize("query", ["", "service=git-upload-archive", "service=../x"])
def test_only_two_services(query):
    with pytest.raises(Problem) as refused:
        parse(scope("/git/site.git/info/refs", query=query))
    assert refused.value.status == 403


def test_the_query_is_rebuilt_not_passed_on():
    call = parse(scope("/git/s.git/info/refs", query="service=git-receive-pack&x=$(id)"))
    assert call.query == "service=git-receive-pack"
    assert call.writes


@pytest.mark.parametrize("header", ["", "Basic", "Basic !!!", "Basic Og==", "Digest x", "Bearer "])
def test_no_usable_credentials(header):
    with pytest.raises(Unauthenticated):
        token_of(scope("/", headers=[(b"authorization", header.encode())]))
