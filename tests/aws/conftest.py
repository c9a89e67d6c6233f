"""One installation in the emulator for all tests of this folder."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.acceptance.client import Api, Json
from tests.aws import cloud as whole
from tests.aws.cloud import Cloud

HERE = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Mark everything here: it starts a whole cloud, and runs apart from the quick tests."""
    for item in items:
        if HERE in item.path.parents:
            item.add_marker(pytest.mark.e2e)


STAYS = ("gatewaylogrole", "/aws/lambda/deck-origin-re")
"""Of an account: API Gateway's role for logs, which others may use, and the logs of the functions
on CloudFront, which belong to no stack because they appear wherever a visitor is."""


@pytest.fixture(scope="session")
def cloud(request: pytest.FixtureRequest) -> Iterator[Cloud]:
    """The stacks, deployed and removed again; after a failure the folder with the logs stays."""
    folder = Path(tempfile.mkdtemp(prefix="clouddeck-aws-"))
    folder.chmod(0o755)  # builds run as somebody without rights
    with whole.running(folder) as running:
        yield running
        running.deployment.remove()
        left = running.deployment.left()
        assert [name for name in left if not any(one in name for one in STAYS)] == []
    if request.session.testsfailed:
        print(f"the folder of the emulator is {folder}")
    else:
        shutil.rmtree(folder)


@pytest.fixture(scope="session")
def password(cloud: Cloud) -> str:
    """Of the owner, who was made as the installer does it."""
    return str(cloud.owner()["password"])


@pytest.fixture(scope="session")
def api(cloud: Cloud, password: str) -> Api:
    """The API as the owner, over API Gateway."""
    return cloud.sign_in(password)


@pytest.fixture
def project(api: Api) -> Callable[[str], Json]:
    """Makes a project."""
    return lambda name: dict(api.post("/projects", {"name": name}))
