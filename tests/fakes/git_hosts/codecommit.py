"""CodeCommit: its API through botocore's own model of it, and git behind a signed password."""
# ruff: noqa: N803  # arguments are called as AWS calls them

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import boto3
from botocore.auth import SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials
from botocore.stub import Stubber

from tests.fakes.git_hosts.host import Answer, Asked
from tests.fakes.git_hosts.routed import Routed

NAME, REGION = "hello-world", "us-east-2"
ARN = f"arn:aws:codecommit:{REGION}:123456789012:{NAME}"
ACCESS, SECRET, TOKEN = "AKIDEXAMPLE", "wJalrXUtnFEMI", "session-token"


class Gone(Exception):  # noqa: N818
    """An error that CodeCommit answers with; the text is its code."""


class FakeCodeCommit(Routed):
    """Parameters and answers are those that botocore's model allows."""

    def __init__(self, root: Any, repository: Any) -> None:
        super().__init__(root, repository)
        self.denied = ""
        options = {"aws_access_key_id": ACCESS, "aws_secret_access_key": SECRET}
        self.real = boto3.client("codecommit", region_name=REGION, **options)

    # git

    def repository_of(self, parts: list[str]) -> str | None:
        return "octo-org/hello-world" if parts[:3] == ["v1", "repos", NAME] else None

    def may_read(self, asked: Asked, name: str) -> bool:
        """As botocore signs, which is another hand than the product's."""
        user, password = asked.basic
        stamp, _, signature = password.partition("Z")
        path = f"/v1/repos/{NAME}"
        request = AWSRequest(method="GIT", url=self.url + path)
        request.context["timestamp"] = stamp
        signer = SigV4Auth(Credentials(ACCESS, SECRET), "codecommit", REGION)
        text = signer.string_to_sign(request, f"GIT\n{path}\n\nhost:127.0.0.1\n\nhost\n")
        right = signer.signature(text, request) == signature and not self.denied
        return right and user == f"{ACCESS}%{TOKEN}"

    def answer(self, asked: Asked) -> Answer:
        return Answer(404)

    # the API

    def client(self, service: str, region: str) -> Any:
        assert (service, region) == ("codecommit", REGION)
        return _Client(self)

    def get_repository(self, repositoryName: str) -> Any:
        self._is(repositoryName)
        return {
            "repositoryMetadata": {
                "Arn": ARN,
                "repositoryName": NAME,
                "defaultBranch": "main",
                "repositoryId": "12345678-1234-5678-abcd-12345678abcd",
            }
        }

    def get_branch(self, repositoryName: str, branchName: str) -> Any:
        self._is(repositoryName)
        sha = self.rev(f"refs/heads/{branchName}")
        if not sha:
            raise Gone("BranchDoesNotExistException")
        return {"branch": {"branchName": branchName, "commitId": sha}}

    def get_commit(self, repositoryName: str, commitId: str) -> Any:
        self._is(repositoryName)
        if not self.rev(commitId):
            raise Gone("CommitIdDoesNotExistException")
        message, author, _ = self.told(commitId)
        person = {"name": author, "email": "a@example.com", "date": "1772352000 +0000"}
        return {"commit": {"commitId": commitId, "message": message, "author": person,
                           "committer": person}}  # fmt: skip

    def get_pull_request(self, pullRequestId: str) -> Any:
        if self.denied:
            raise Gone(self.denied)
        if int(pullRequestId) not in self.pulls:
            raise Gone("PullRequestDoesNotExistException")
        return {"pullRequest": self.pulls[int(pullRequestId)]}

    def post_comment_for_pull_request(self, content: str, **arguments: Any) -> Any:
        self._is(arguments["repositoryName"])
        number = self.next_id()
        self.comments[number] = {"id": number, "body": content}
        return {"comment": {"commentId": str(number), "content": content}}

    def update_comment(self, commentId: str, content: str) -> Any:
        if int(commentId) not in self.comments:
            raise Gone("CommentDoesNotExistException")
        self.comments[int(commentId)]["body"] = content
        return {"comment": {"commentId": commentId, "content": content}}

    def _is(self, name: str) -> None:
        if self.denied:
            raise Gone(self.denied)
        if self.down:
            raise Gone("ServiceUnavailable")
        if name != NAME:
            raise Gone("RepositoryDoesNotExistException")


class _Client:
    def __init__(self, fake: FakeCodeCommit) -> None:
        self._fake = fake

    def __getattr__(self, operation: str) -> Callable[..., Any]:
        def called(**arguments: Any) -> Any:
            with Stubber(self._fake.real) as stub:
                try:
                    answer = getattr(self._fake, operation)(**arguments)
                except Gone as gone:
                    stub.add_client_error(operation, str(gone))
                else:
                    stub.add_response(operation, answer)
                return getattr(self._fake.real, operation)(**arguments)

        return called
