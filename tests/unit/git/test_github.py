"""What is GitHub's own: an App with tokens for a moment, checks, and answers that mislead."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest

from chalicelib.git.providers import App, Refused, Report, github
from tests.fakes.git_hosts import cases
from tests.fakes.git_hosts import github as fake
from tests.fakes.git_hosts.host import Answer
from tests.fakes.git_hosts.repository import Repository

REPORT = Report(
    "dpl_1", "", "pending", "production", "Building", "", "https://s.example", "https://d.example"
)


@pytest.fixture(scope="module")
def template(tmp_path_factory):
    repository = Repository(tmp_path_factory.mktemp("git"), cases.NAME)
    repository.commit({"index.html": "1"})
    repository.push()
    return repository


@pytest.fixture
def case(template, tmp_path, nearby):
    with cases.github_app(tmp_path, template.copied(tmp_path)) as found:
        yield found


@pytest.fixture
def person(template, tmp_path, nearby):
    with cases.github_token(tmp_path, template.copied(tmp_path)) as found:
        yield found


def head(case) -> str:
    return case.repository.git("rev-parse", "HEAD")


def minted(case) -> list[dict]:
    return [a.data for a in case.host.asked if a.path.endswith("/access_tokens")]


def test_a_token_is_for_one_repository_and_gone_afterwards(case) -> None:
    case.provider.fetch(case.link, head(case), io.BytesIO(), 10**6)
    case.provider.tip(case.link, "refs/heads/main")
    assert minted(case) == [
        {"permissions": {"contents": "read"}, "repository_ids": [fake.IDENTITY]},
        {"permissions": {"contents": "read"}, "repository_ids": [fake.IDENTITY]},
    ]
    assert case.host.tokens == {}
    assert len(case.host.revoked) == 2


def test_a_token_is_gone_when_things_went_wrong_too(case) -> None:
    with pytest.raises(Refused):
        case.provider.fetch(case.link, "ab" * 20, io.BytesIO(), 10**6)
    with pytest.raises(Refused):
        case.provider.fetch(case.link, head(case), io.BytesIO(), 10)
    assert case.host.tokens == {}
    assert len(case.host.revoked) == 2


def test_a_repository_whose_id_is_not_known_yet_is_named(case) -> None:
    case.provider.repository(replace(case.link, identity=""))
    assert minted(case) == [
        {"permissions": {"metadata": "read"}, "repositories": ["hello-world"]},
    ]


def test_a_report_whose_answer_was_lost_is_found_again(case) -> None:
    report = replace(REPORT, commit=head(case))
    first = case.provider.report(case.link, report)
    assert case.provider.report(case.link, report) == first
    done = replace(report, state="failure", title="Failed")
    assert case.provider.report(case.link, done) == first
    assert [r["conclusion"] for r in case.host.reports.values()] == ["failure"]
    (deployment,) = case.host.deployments_made
    assert [state for _, state in case.host.deployment_states] == [
        "in_progress",
        "in_progress",
        "failure",
    ]
    assert {number for number, _ in case.host.deployment_states} == {deployment}


def test_another_deployment_of_the_commit_has_its_own_report(case) -> None:
    report = replace(REPORT, commit=head(case))
    first = case.provider.report(case.link, report)
    second = case.provider.report(case.link, replace(report, deployment="dpl_2"))
    assert first != second
    assert len(case.host.reports) == len(case.host.deployments_made) == 2


def test_a_token_that_may_only_set_a_status_does_that(person) -> None:
    person.host.person_may_deploy = False
    report = replace(REPORT, commit=head(person), state="success")
    assert person.provider.report(person.link, report) == "/"
    assert [r["state"] for r in person.host.reports.values()] == ["success"]


def test_a_comment_whose_answer_was_lost_is_found_and_others_are_left_alone(case) -> None:
    theirs = {"id": 3, "body": "<!-- deck -->\nmine!", "user": {"id": 9}}
    case.host.comments[3] = dict(theirs)
    first = case.provider.comment(case.link, 7, "<!-- deck -->\nbuilding")
    assert case.provider.comment(case.link, 7, "<!-- deck -->\nready") == first
    assert case.host.comments[3] == theirs
    assert len(case.host.comments) == 2


def test_limits_of_github_are_no_refusal(person) -> None:
    for headers in ({"x-ratelimit-remaining": "0"}, {"retry-after": "60"}):
        person.host.hostile = lambda _, h=headers: Answer(403, {}, h)
        with pytest.raises(OSError, match="later"):
            person.provider.repository(person.link)


def test_a_renamed_repository_is_followed_on_its_own_host_only(person) -> None:
    new = f"{person.host.url}/api/v3/repos/{cases.NAME}"
    old = replace(person.link, repository="octo-org/old")

    def moved(to: str):
        return lambda a: Answer(301, {}, {"Location": to}) if a.path.endswith("/old") else None

    person.host.hostile = moved(new)
    assert person.provider.repository(old).name == cases.NAME
    person.host.hostile = moved("http://127.0.0.2:1/steal")
    with pytest.raises(OSError, match="another host"):
        person.provider.repository(old)
    person.host.hostile = moved(f"{person.host.url}/api/v3/repos/octo-org/old")
    with pytest.raises(OSError, match="one address to the next"):
        person.provider.repository(old)


def app_of(case, **other: str) -> App:
    found = App(case.host.url, fake.APP, "Iv1.client", case.host.key, "app-secret")
    return replace(found, **other)


def test_the_app_is_who_its_key_says(case) -> None:
    assert github.make().describe(app_of(case)) == "deck"
    with pytest.raises(Refused):
        github.make().describe(app_of(case, key=fake.pem("theirs")))


def test_installations_are_those_that_a_person_manages_and_ours(case) -> None:
    provider = github.make()
    assert provider.installations(app_of(case), "once") == {"5": "octo-org"}
    assert case.host.user_tokens == set()  # the person's token is gone
    for wrong in (app_of(case, client_secret="x"), app_of(case)):
        with pytest.raises(Refused):
            provider.installations(wrong, "never-given")


def test_all_repositories_of_an_installation(case) -> None:
    found = github.make().repositories(app_of(case), fake.INSTALLATION)
    assert len(found) == 130
    assert case.host.tokens == {}
    with pytest.raises(Refused):
        github.make().repositories(app_of(case), "../app")
