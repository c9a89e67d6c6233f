"""detect and config: what a folder is, before there is a project."""

import hashlib
import json

import pytest

from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found, FoundFile, Settings
from chalicelib.builds.rules.plan import Where


@pytest.fixture(autouse=True)
def real_answers(signed_in):
    """The fake API answers what the rules say of what was sent."""

    def detect(body):
        files = {p: FoundFile(f["sha256"], f.get("text")) for p, f in body["files"].items()}
        found, settings = Found(body["root_files"], files), Settings(root=body.get("root"))
        where = Where(body.get("environment", "production"), None, body.get("pull", False))
        return json.loads(json.dumps(detect_view(found, settings, where)))

    signed_in.detected = detect


def site(folder, **files):
    (folder / "package.json").write_text(
        json.dumps({"dependencies": {"vite": "5"}, "scripts": {"build": "vite build"}})
    )
    (folder / "package-lock.json").write_text("{}")
    for name, text in files.items():
        (folder / name.replace("_", ".")).write_text(text)


def test_detect_says_what_and_why(deck, signed_in, folder):
    site(folder, _nvmrc="18")
    result = deck("detect")
    for line in ("Framework: Vite", "because package.json depends on vite", "install: npm ci",
                 "build: npm run build", "output: dist", "node: 18"):  # fmt: skip
        assert line in result.stdout
    sent = signed_in.detect_bodies[-1]["files"]["package.json"]
    assert sent["sha256"] == hashlib.sha256((folder / "package.json").read_bytes()).hexdigest()


def test_config_tells_of_every_key(deck, signed_in, folder):
    site(
        folder,
        netlify_toml='[build]\ncommand = "make"\n[[headers]]\nfor = "x"\n[[plugins]]\na = 1\n',
        clouddeck_toml='[[steps]]\nname = "lint"\nrun = "npm run lint"\nallow_failure = true\n',
    )
    result = deck("config", "--json")
    assert [(s["name"], s["run"]) for s in result.json["steps"]] == [
        ("install", "npm ci"), ("lint", "npm run lint"), ("build", "make"),
    ]  # fmt: skip
    assert [(s["key"], s["verdict"], s["line"]) for s in result.json["report"]] == [
        ("build.command", "used", 2), ("headers", "used", 3), ("plugins", "impossible", 5),
    ]  # fmt: skip
    shown = deck("config").stdout
    assert "netlify.toml:5" in shown
    assert "step 2: lint, stage check (allow failure)" in shown


def test_a_context_is_asked_for(deck, signed_in, folder):
    site(folder, netlify_toml='[context.deploy-preview]\ncommand = "make preview"\n')
    result = deck("config", "--environment", "preview", "--pull", "--json")
    assert result.json["build"] == "make preview"


def test_a_mistake_is_shown_with_its_place_and_ends_with_2(deck, signed_in, folder):
    site(folder, clouddeck_toml="[build]\noutput = 7\n")
    result = deck("config", code=2)
    assert "clouddeck.toml:2:10: output must be text, not a number." in result.stderr
    assert 'Write output = "dist".' in result.stderr


def test_strict_takes_no_unknown_key(deck, signed_in, folder):
    site(folder, clouddeck_toml='[build]\ncomand = "x"\n')
    deck("config")
    result = deck("config", "--strict", code=2)
    assert "did you mean command?" in result.stderr


def test_a_folder_that_a_file_names_is_looked_into(deck, signed_in, folder):
    (folder / "shop").mkdir()
    site(folder / "shop")
    (folder / "clouddeck.toml").write_text('[build]\nroot = "shop"\n')
    result = deck("detect", "--json")
    assert (result.json["framework"], result.json["root"]) == ("vite", "shop")


def test_what_is_no_folder_is_refused(deck, signed_in, folder):
    assert "is not a folder" in deck("detect", "nowhere", code=2).stderr
