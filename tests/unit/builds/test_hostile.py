"""Whatever a repository contains, the answer is a plan or a PlanError, and it comes quickly."""

import json
import time
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.builds.frameworks import catalog
from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found, FoundFile, Plan, PlanError, Settings, read_found
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.builds.rules.plan import make_plan
from tests.unit.builds.repos import found, plan

PATHS = st.sampled_from(inspect_paths()[:140]) | st.text(max_size=20)
WORDS = st.sampled_from(
    ["[build]\n", "root", "output", "=", '"', "..", "/", "{", "}", "[", "]", ":",
     "dependencies", "scripts", "build", "next", "vite", "packageManager", "pnpm@9",
     "'export'", "\n", "1e999", "\0"]
)  # fmt: skip
TEXTS = st.none() | st.text(max_size=80) | st.lists(WORDS, max_size=30).map("".join)
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=10),
    lambda inner: st.lists(inner, max_size=4)
    | st.dictionaries(
        st.sampled_from(["dependencies", "devDependencies", "scripts", "build", "engines",
                         "node", "vite", "next", "packageManager", "projects", "architect", "x"]),
        inner, max_size=6),
    max_leaves=20,
)  # fmt: skip
SETTINGS = st.builds(
    Settings,
    framework=st.none() | st.sampled_from(catalog().names()) | st.text(max_size=10),
    root=st.none() | st.text(max_size=10),
    install_command=st.none() | st.text(max_size=10),
    build_command=st.none() | st.text(max_size=10),
    output_directory=st.none() | st.text(max_size=10),
    spa=st.none() | st.booleans(),
)


def tried(call: Callable[[], object]) -> object:
    try:
        return call()
    except PlanError as error:
        return error


def outcome(given_files: Found, asked: Settings) -> None:
    made = tried(lambda: make_plan(given_files, asked, "p"))
    if isinstance(made, PlanError):
        assert made.code
        assert made.message
        assert made.hint
    else:
        assert isinstance(made, Plan)
        json.dumps(made.to_json())
    json.dumps(detect_view(given_files))


@settings(max_examples=400, deadline=None)
@given(
    st.lists(st.text(max_size=12), max_size=4),
    st.dictionaries(PATHS, st.builds(FoundFile, st.text(max_size=5), TEXTS), max_size=8),
    SETTINGS,
)
def test_any_texts(names, files, asked):
    outcome(Found(names, files), asked)


@settings(max_examples=200, deadline=None)
@given(JSON, JSON, JSON, SETTINGS)
def test_any_json(package, vercel, angular, asked):
    files = {"package.json": package, "vercel.json": vercel, "angular.json": angular}
    outcome(found({path: json.dumps(content) for path, content in files.items()}), asked)


@settings(max_examples=100, deadline=None)
@given(JSON)
def test_any_body(body):
    read = tried(lambda: read_found(body))
    assert isinstance(read, Found) or (isinstance(read, PlanError) and not read.hint)


PACKAGES = {
    "nested": "[" * 100_000,
    "nested objects": '{"a":' * 50_000,
    "huge number": '{"version": ' + "9" * 100_000 + "}",
    "list": "[]",
    "number": "7",
    "half": '{"dependencies": {',
    "not text": '{"dependencies": ["vite"]}'[:-1] + "\x00",
}


@pytest.mark.parametrize("text", PACKAGES.values(), ids=PACKAGES.keys())
def test_a_package_file_nobody_can_read(text):
    with pytest.raises(PlanError) as raised:
        plan({"package.json": text})
    assert raised.value.code == "config_invalid"
    assert raised.value.message.startswith("package.json:1:")
    assert raised.value.hint == "Correct the file until `npm pkg get name` can read it."
    assert plan({"package.json": text, "index.html": ""}).framework == "static"
    assert plan({"package.json": text, "mkdocs.yml": ""}).framework == "mkdocs"


WRONG_TYPES = [
    {"dependencies": ["vite"], "scripts": "build", "packageManager": 7, "engines": []},
    {"dependencies": {"vite": 1, "next": None, "astro": {}}, "scripts": {"build": ["x"]}},
    {"dependencies": None, "devDependencies": 3.5, "scripts": {"build": "  "}},
]


@pytest.mark.parametrize("content", WRONG_TYPES)
def test_wrong_types_count_as_absent(content):
    with pytest.raises(PlanError) as raised:
        plan({"package.json": json.dumps(content)})
    assert raised.value.code == "framework_unknown"


SLOW = {
    "package.json": '{"dependencies":' * 16_000,
    "app.js": "from " * 25_000 + "from" + " " * 100_000,
    "hugo.toml": "\n" * 250_000,
    "vite.config.ts": "spa:{" * 50_000,
    "next.config.js": "output " * 36_000,
    "mkdocs.yml": "site_dir:" * 28_000,
    "requirements.txt": "\n" * 250_000,
    "conf.py": "project " + " " * 250_000,
    "_config.yml": "destination:" + " " * 250_000,
}


@pytest.mark.parametrize("path", SLOW)
def test_no_pattern_can_be_slowed_down(path):
    files = {path: SLOW[path]}
    if path != "package.json":
        names = [c.package for f in catalog().frameworks for c in (*f.every, *f.some) if c.package]
        files["package.json"] = json.dumps({"dependencies": dict.fromkeys(names, "1.0.0")})
    started = time.perf_counter()
    outcome(found(files), Settings())
    assert time.perf_counter() - started < 5
