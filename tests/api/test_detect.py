"""What a folder is, over HTTP: rows 25 to 27 of bad input, and what a foreign file comes to."""

from __future__ import annotations

import hashlib

import pytest

VITE = '{"dependencies": {"vite": "5"}, "scripts": {"build": "vite build"}}'
AMPLIFY = """\
version: 1
frontend:
  phases:
    preBuild:
      commands: [npm ci]
    build:
      commands: [npm run build]
  artifacts:
    baseDirectory: dist
backend:
  phases: {}
"""


def detected(owner, files: dict[str, str], **more: object) -> dict:
    sent = {
        path: {"sha256": hashlib.sha256(text.encode()).hexdigest(), "text": text}
        for path, text in files.items()
    }
    names = sorted({path.split("/")[0] for path in files})
    answer = owner.client.post(
        "/v1/frameworks/detect", {"root_files": names, "files": sent, **more}
    )
    assert answer.status == 200
    return answer.json()


def test_a_foreign_file_is_told_key_by_key(owner):
    got = detected(owner, {"package.json": VITE, "package-lock.json": "{}", "amplify.yml": AMPLIFY})
    assert (got["framework"], got["output"], got["package_manager"]) == ("vite", "dist", "npm")
    assert [step["name"] for step in got["steps"]] == ["install", "build"]
    assert {said["key"]: said["verdict"] for said in got["report"]} == {
        "frontend.phases.preBuild": "used",
        "frontend.phases.build": "used",
        "frontend.artifacts.baseDirectory": "used",
        "version": "ignored",
        "backend": "impossible",
    }
    assert got["scope"] == {
        "paths": ["**"],
        "why": "the site is built at the top of the repository",
    }


@pytest.mark.parametrize(
    ("name", "text", "code", "message"),
    [
        ("clouddeck.toml", "[build]\noutput = 7", "config_invalid", "clouddeck.toml:2:10: "),
        ("vercel.json", "{,}", "config_invalid", "vercel.json:1:2: "),
        ("render.yaml", "a: b: c", "config_invalid", "render.yaml:1:5: "),
        ("buildspec.yml", "a: !!python/name:os.system", "config_too_complex", "buildspec.yml has"),
        ("amplify.yml", "a: &a [*a]", "config_too_complex", "amplify.yml has an alias"),
    ],
)
def test_rows_25_and_26(owner, name, text, code, message):
    error = detected(owner, {"package.json": VITE, name: text})["error"]
    assert error["code"] == code
    assert error["message"].startswith(message)
    assert error["hint"]


def test_row_27(owner):
    got = detected(owner, {"package.json": VITE, "clouddeck.toml": '[build]\nComand = "x"'})
    assert got["error"] is None
    assert got["warnings"] == [
        'clouddeck.toml: nothing reads "Comand" in [build]; did you mean command?'
    ]


def test_a_root_and_a_deployment_can_be_asked_about(owner):
    text = '[build]\npublish = "a"\n[context.deploy-preview]\npublish = "b"\n'
    files = {"web/package.json": VITE, "web/netlify.toml": text}
    got = detected(owner, files, root="web", environment="preview", pull=True)
    assert (got["root"], got["output"]) == ("web", "b")
    assert detected(owner, files, root="../x")["error"]["code"] == "path_outside_root"
