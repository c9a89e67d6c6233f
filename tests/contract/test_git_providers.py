"""Every kind of git host is asked the same, and answers the same."""

from __future__ import annotations

import io
import logging
import tarfile
from dataclasses import replace

import pytest

from chalicelib.core import config, outbound
from chalicelib.git.providers import Refused, Report
from tests.fakes.git_hosts import bitbucket as fake_bitbucket
from tests.fakes.git_hosts.cases import CASES, NAME, Case
from tests.fakes.git_hosts.repository import Repository

REPORT = Report(
    deployment="dpl_1",
    commit="",
    state="pending",
    environment="production",
    title="Building",
    summary="It is on its way.",
    url="https://shop.example.org",
    details="https://deck.example.org/d/1",
    name="CloudDeck (shop, production)",
)
MARK = "<!-- clouddeck -->\n"


@pytest.fixture
def nearby(monkeypatch):
    private = replace(config.settings(), private_outbound=True)
    monkeypatch.setattr(outbound, "settings", lambda: private)


WHEN = "2026-03-01T08:00:00+0000"


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    repository = Repository(tmp_path_factory.mktemp("git"), NAME)
    repository.commit({"index.html": "<h1>1</h1>"}, "First", GIT_COMMITTER_DATE=WHEN)
    repository.push("main")
    repository.push("feature/x-1")
    repository.tag("v1.0", "annotated")
    return repository


@pytest.fixture(params=CASES)
def case(request, template, tmp_path, nearby, monkeypatch):
    repository = template.copied(tmp_path)
    more = {"monkeypatch": monkeypatch} if request.param == "codecommit" else {}
    with CASES[request.param](tmp_path, repository, **more) as found:
        yield found


def test_a_repository_is_described(case: Case) -> None:
    found = case.provider.repository(case.link)
    assert (found.identity, found.name, found.default_branch) == (
        case.identity,
        case.name,
        "main",
    )
    assert found.url


@pytest.mark.parametrize("ref", ["refs/heads/main", "refs/heads/feature/x-1", "refs/tags/v1.0", ""])
def test_a_tip_is_the_commit_there_now(case: Case, ref: str) -> None:
    commit = case.repository.git("rev-parse", "HEAD")
    tip = case.provider.tip(case.link, ref or commit)
    assert tip is not None
    assert (tip.commit, tip.message, tip.author) == (commit, "First", "Ada")
    assert tip.time[:19] == "2026-03-01T08:00:00"
    assert (tip.verified is True) == case.signs


def test_a_tip_moves_with_its_branch(case: Case) -> None:
    second = case.repository.commit({"index.html": "2"}, "Second")
    case.repository.push("main")
    tip = case.provider.tip(case.link, "refs/heads/main")
    assert tip is not None
    assert (tip.commit, tip.message) == (second, "Second")


@pytest.mark.parametrize("ref", ["refs/heads/nothing", "refs/tags/main", "ab" * 20])
def test_a_tip_of_nothing(case: Case, ref: str) -> None:
    assert case.provider.tip(case.link, ref) is None


def test_heads_are_all_branches(case: Case) -> None:
    commit = case.repository.git("rev-parse", "HEAD")
    for number in range(120):  # more than a page of any API
        (case.repository.bare / "refs" / "heads" / f"b{number}").write_text(f"{commit}\n")
    names = ["main", "feature/x-1", *(f"b{n}" for n in range(120))]
    assert case.provider.heads(case.link) == dict.fromkeys(names, commit)


def test_a_commit_is_fetched_with_its_files(case: Case) -> None:
    commit = case.repository.commit({"a/b.txt": "deep", "index.html": "<h1>2</h1>"})
    case.repository.push("main")
    into = io.BytesIO()
    case.provider.fetch(case.link, commit, into, 10**6)
    into.seek(0)
    with tarfile.open(fileobj=into) as tar:
        found = {m.name: tar.extractfile(m).read() for m in tar if m.isfile()}
    assert found == {"a/b.txt": b"deep", "index.html": b"<h1>2</h1>"}


def test_a_source_over_the_limit(case: Case) -> None:
    commit = case.repository.git("rev-parse", "HEAD")
    assert refusal(lambda: case.provider.fetch(case.link, commit, io.BytesIO(), 40)) == (
        "source_too_large"
    )


def test_a_commit_that_was_replaced(case: Case) -> None:
    assert refusal(lambda: case.provider.fetch(case.link, "ab" * 20, io.BytesIO(), 10**6)) == (
        "commit_not_found"
    )


@pytest.mark.parametrize("of", ["repository", "tip", "heads", "fetch"])
def test_access_that_was_removed(case: Case, of: str) -> None:
    for link in case.wrong:
        if link.identity == "1" and of == "repository":
            continue
        assert refusal(lambda link=link: ask(case, link, of)) == "repo_access_denied"


@pytest.mark.parametrize("of", ["repository", "tip", "heads", "fetch"])
def test_a_repository_that_is_gone(case: Case, of: str) -> None:
    for link in case.elsewhere:
        assert refusal(lambda link=link: ask(case, link, of)) == "repo_not_found"


def test_a_stranger_who_got_the_name_of_a_repository_deploys_nothing(case: Case) -> None:
    """Names are free again when a repository is renamed or an account deleted."""
    if case.provider.name not in {"github", "gitlab"} and case.identity != fake_bitbucket.UUID:
        pytest.skip("names are given by those who run the server, or are its identity")
    case.propose(7, commit=case.repository.git("rev-parse", "HEAD"))
    other = {"github": "1", "gitlab": "16"}.get(case.provider.name, "{0}")
    ours = replace(case.link, identity=other)
    known = {"repository_replaced", "repo_not_found", "repo_access_denied"}
    assert refusal(lambda: case.provider.tip(ours, "refs/heads/main")) in known
    if case.provider.name == "github":
        assert refusal(lambda: case.provider.heads(ours)) in known
        assert refusal(lambda: case.provider.pull(ours, 7)) in known
    else:
        assert case.provider.pull(ours, 7) is None


@pytest.mark.parametrize("of", ["repository", "tip", "heads", "fetch"])
def test_a_host_that_does_not_answer(case: Case, of: str) -> None:
    if case.link.credential == "ssh":
        link = replace(case.link, base="ssh://git@127.0.0.1:1")
    else:
        case.host.down = True
        link = case.link
    with pytest.raises(OSError):
        ask(case, link, of)


@pytest.mark.parametrize("of", ["repository", "tip", "heads", "fetch"])
def test_an_address_that_turned_private_is_not_asked(case: Case, of: str, monkeypatch) -> None:
    if case.provider.name == "codecommit" and of in {"repository", "tip"}:
        pytest.skip("AWS's own API is asked")
    public = replace(config.settings(), private_outbound=False)
    monkeypatch.setattr(outbound, "settings", lambda: public)
    before = len(getattr(case.host, "asked", []))
    assert refusal(lambda: ask(case, case.link, of)) == "git_url_not_allowed"
    assert len(getattr(case.host, "asked", [])) == before


@pytest.mark.parametrize("fork", [False, True])
@pytest.mark.parametrize("state", ["open", "closed", "merged"])
def test_a_pull_request_as_it_is_now(case: Case, fork: bool, state: str) -> None:
    if not case.pulls or (fork and case.provider.name == "codecommit"):
        pytest.skip("there are none")
    commit = case.repository.git("rev-parse", "HEAD")
    author = "mona" if fork else "octocat"
    case.propose(7, commit=commit, fork=fork, state=state, author=author)
    pull = case.provider.pull(case.link, 7)
    assert pull is not None
    assert (pull.project, pull.number, pull.commit) == ("prj_1", 7, commit)
    assert pull.action == ("updated" if state == "open" else "closed")
    assert (pull.branch, pull.base, pull.fork, pull.member) == ("changes", "main", fork, not fork)
    assert (pull.author, pull.bot, pull.merged) == (author, False, state == "merged")
    assert (pull.sequence, pull.provider) == (0, case.provider.name)
    assert case.provider.pull(case.link, 8) is None


def test_a_webhook_is_set_up_once_and_taken_away(case: Case) -> None:
    url = "https://deck.example.org/v1/hooks/git/x/prj_1"
    others = dict(getattr(case.host, "hooks", {}))
    made = case.provider.hook(case.link, url, "first-secret")
    assert made == (case.hooks or case.link.credential == "app" or not case.link.credential)
    if not case.hooks:
        case.provider.unhook(case.link, url)
        assert getattr(case.host, "hooks", {}) == others
        return
    assert case.provider.hook(case.link, url, "second-secret")
    (ours,) = [h for h in case.host.hooks.values() if h["url"] == url]
    assert "second-secret" in str(ours)
    assert "first-secret" not in str(ours)
    case.provider.unhook(case.link, url)
    case.provider.unhook(case.link, url)
    assert case.host.hooks == others


def test_a_report_that_is_made_twice_is_one(case: Case) -> None:
    commit = case.repository.git("rev-parse", "HEAD")
    pending = replace(REPORT, commit=commit)
    known = case.provider.report(case.link, pending)
    if not case.reports:
        assert known == ""
        return
    assert case.provider.report(case.link, pending)  # told again, its answer was lost
    done = replace(pending, state="success", title="Ready", external=known)
    assert case.provider.report(case.link, done) == known
    assert case.provider.report(case.link, done) == known
    (shown,) = case.host.reports.values()
    assert shown["head_sha"] == commit
    assert "success" in str(shown.get("conclusion", shown.get("state"))).lower()
    assert shown["name"] if "name" in shown else shown["context"] == REPORT.name


def test_a_comment_is_replaced_in_place(case: Case) -> None:
    case.propose(7, commit=case.repository.git("rev-parse", "HEAD")) if case.pulls else None
    known = case.provider.comment(case.link, 7, MARK + "building")
    if not case.comments:
        assert known == ""
        return
    assert case.provider.comment(case.link, 7, MARK + "ready", known) == known
    (only,) = case.host.comments.values()
    assert only["body"].endswith("ready")
    case.host.comments.clear()  # somebody removed it
    again = case.provider.comment(case.link, 7, MARK + "ready", known)
    assert [str(number) for number in case.host.comments] == [again]


def test_nothing_secret_is_told(case: Case, caplog) -> None:
    caplog.set_level(logging.DEBUG)
    case.propose(7, commit=case.repository.git("rev-parse", "HEAD")) if case.pulls else None
    said = [repr(case.link)]
    for link in [case.link, *case.wrong, *case.elsewhere]:
        for of in ("repository", "tip", "heads", "fetch"):
            said.append(told(case, link, of))
    case.host.down = True
    said += [told(case, case.link, of) for of in ("repository", "heads")]
    text = "\n".join([*said, caplog.text])
    tokens = list(getattr(case.host, "revoked", []))
    for secret in [*case.secrets, *(w.secret for w in case.wrong), *tokens]:
        assert secret not in text
        assert secret.split("\n")[1 % len(secret.split("\n"))][:24] not in text


def ask(case: Case, link, of: str):
    commit = case.repository.git("rev-parse", "HEAD")
    return {
        "repository": lambda: case.provider.repository(link),
        "tip": lambda: case.provider.tip(link, "refs/heads/main"),
        "heads": lambda: case.provider.heads(link),
        "fetch": lambda: case.provider.fetch(link, commit, io.BytesIO(), 10**6),
    }[of]()


def told(case: Case, link, of: str) -> str:
    import traceback

    try:
        return repr(ask(case, link, of))
    except (Refused, OSError) as error:
        return "".join(traceback.format_exception(error)) + repr(error)


def refusal(does) -> str:
    with pytest.raises(Refused) as caught:
        does()
    assert caught.value.message.endswith(".")
    return caught.value.code
