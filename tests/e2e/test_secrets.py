"""A secret reaches the build, and nobody else."""

from __future__ import annotations

import hashlib
import secrets

import pytest

from tests.e2e.asking import Json
from tests.e2e.person import Person, Site

BUILD = """\
[build]
framework = "custom"
install = ""
command = "sh build.sh"
output = "out"
"""
SCRIPT = """\
mkdir -p out
printf %s "$TOKEN" | wc -c | sed 's/^ */length /'
printf %s "$TOKEN" | sha256sum | sed 's/^/digest /'
echo "whole $TOKEN"
echo "twice $TOKEN$TOKEN" >&2
printf 'in '; sleep 0.1; printf %s "$TOKEN" | cut -c 1-20 | tr -d '\\n'; sleep 0.1
printf %s "$TOKEN" | cut -c 21-; echo
env
echo "plain $PLAIN"
echo "<h1>$PLAIN</h1>" > out/index.html
"""


@pytest.fixture(scope="module")
def secret() -> str:
    return "tide-" + secrets.token_urlsafe(30)


@pytest.fixture(scope="module")
def deployed(person: Person, secret: str) -> tuple[Site, Json]:
    site = person.site("secretive", {"clouddeck.toml": BUILD, "build.sh": SCRIPT})
    kept = site.deck("env", "set", "TOKEN", "--secret", given=secret + "\n")
    assert kept["items"][0]["value"] is None
    site.deck("env", "set", "PLAIN=not a secret", "--plain")
    return site, site.publish()


def test_the_build_has_it(deployed: tuple[Site, Json], secret: str) -> None:
    site, deployment = deployed
    texts = [line["text"] for line in site.api.lines(deployment["id"])]
    digest = hashlib.sha256(secret.encode()).hexdigest()
    assert f"length {len(secret)}" in texts
    assert any(text.startswith(f"digest {digest}") for text in texts)
    assert "plain not a secret" in texts
    assert site.shows("not a secret")


def test_the_log_does_not(deployed: tuple[Site, Json], secret: str) -> None:
    site, deployment = deployed
    lines = site.api.lines(deployment["id"])
    assert not [line for line in lines if secret in line["text"]]
    assert any(line["text"].startswith("whole ") for line in lines), "the line is there, masked"
    assert secret not in str(site.deck("logs", deployment["id"]))


def test_no_answer_of_the_api_does(deployed: tuple[Site, Json], secret: str) -> None:
    site, deployment = deployed
    project, identifier = f"/projects/{site.id}", f"/deployments/{deployment['id']}"
    paths = [
        *("/me", "/meta", "/teams", "/keys", "/projects", project, f"{project}/env"),
        *(f"{project}/env?environment=production", f"{project}/deployments", f"{project}/pointer"),
        *(identifier, f"{identifier}/logs?limit=1000", f"{identifier}/files"),
    ]
    for path in paths:
        answer = site.api.ask("GET", path)
        assert answer.status == 200, path
        assert secret not in answer.text, path
    rejected = site.api.ask("PUT", f"{project}/env/TOKEN", {"value": secret, "environment": "x"})
    assert rejected.status == 422 or rejected.status == 400
    assert secret not in rejected.text


def test_no_file_of_the_installation_does(deployed: tuple[Site, Json], secret: str) -> None:
    """Neither database nor store nor logs: it is kept wrapped, and masked before it is sent."""
    site, _ = deployed
    wanted = secret.encode()
    found = [
        str(path.relative_to(site.cloud.home))
        for path in site.cloud.home.rglob("*")
        if path.is_file() and not path.is_symlink() and wanted in path.read_bytes()
    ]
    assert found == []
