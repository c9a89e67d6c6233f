"""Files of other platforms: what is taken, and what is said of every key."""

import json
import re
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.builds.rules.documents import Document, read_yaml
from chalicelib.builds.rules.foreign import netlify
from chalicelib.builds.rules.foreign.reading import Reading
from chalicelib.builds.rules.model import Plan, PlanError, Settings
from chalicelib.builds.rules.plan import Where, make_plan
from tests.unit.builds.repos import LOCK, found, package

SITE = {
    "package.json": package("vite", "react", scripts={"build": "vite build"}),
    "package-lock.json": LOCK,
}

NETLIFY = """\
[build]
base = "web"
command = "npm ci && npm run build"
publish = "dist"
ignore = "git diff --quiet"
[build.environment]
NODE_VERSION = "18.19.0"
SITE = "all"
[context.production.environment]
SITE = "live"
[context.deploy-preview]
command = "npm run preview"
[context.staging.environment]
SITE = "staging"
[[plugins]]
package = "@netlify/plugin-lighthouse"
[[redirects]]
from = "/*"
to = "/index.html"
status = 200
[[redirects]]
from = "/old"
to = "/new"
[functions]
directory = "api"
"""
RENDER = """\
services:
  - type: web
    name: api
    runtime: node
  - type: web
    name: site
    runtime: static
    rootDir: web
    buildCommand: npm ci; npm run build
    staticPublishPath: ./dist
    pullRequestPreviewsEnabled: true
    buildFilter:
      paths: [web/**]
      ignoredPaths: ["web/**/*.md"]
    envVars:
      - key: SITE
        value: live
      - key: TOKEN
        sync: false
    routes:
      - type: rewrite
        source: /*
        destination: /index.html
      - type: redirect
        source: /a
        destination: /b
    headers:
      - path: /*
        name: X-Frame-Options
        value: DENY
databases:
  - name: db
"""
AMPLIFY = """\
version: 1
applications:
  - appRoot: web
    env:
      variables:
        SITE: live
    frontend:
      phases:
        preBuild:
          commands: [npm ci]
        build:
          commands:
            - npm run lint
            - npm run build
        postBuild:
          commands: ["ls dist"]
      artifacts:
        baseDirectory: /dist
        files: ['**/*']
      cache:
        paths: [node_modules/**/*]
    test:
      phases:
        test:
          commands: [npm test]
    backend:
      phases: {}
"""
BUILDSPEC = """\
version: 0.2
run-as: root
env:
  variables:
    SITE: live
  parameter-store:
    TOKEN: /site/token
phases:
  install:
    runtime-versions:
      nodejs: 18
      java: corretto17
    commands:
      - npm ci
  pre_build:
    on-failure: CONTINUE
    commands:
      - npm run lint
  build:
    commands:
      - npm test
      - npm run build
    finally:
      - echo done
  post_build:
    commands:
      - aws s3 sync dist s3://bucket
      - ls dist
reports:
  unit:
    files: ["*.xml"]
    base-directory: reports
    file-format: JUNITXML
  cover:
    files: [c.xml]
    file-format: COBERTURAXML
artifacts:
  base-directory: dist
  files: ['**/*']
cache:
  paths: [node_modules]
"""


def planned(name: str, text: str, where: Where | None = None, **given: object) -> Plan:
    inside = {f"web/{path}": content for path, content in SITE.items()}
    files = {**inside, **SITE, name: text}
    return make_plan(found(files), Settings(**given), "p", where or Where())  # type: ignore[arg-type]


def verdicts(plan: Plan) -> dict[str, str]:
    return {said.key: said.verdict for said in plan.report}


def line(plan: Plan, key: str) -> int | None:
    return next(said.line for said in plan.report if said.key == key)


def test_netlify():
    got = planned("netlify.toml", NETLIFY)
    assert (got.root, got.install, got.build, got.output) == (
        "web",
        "npm ci",
        "npm run build",
        "dist",
    )
    assert (got.node, got.spa, got.env["SITE"]) == ("18.19.0", True, "live")
    assert verdicts(got) == {
        "build.base": "used",
        "build.command": "used",
        "build.publish": "used",
        "build.ignore": "ignored",
        "build.environment.NODE_VERSION": "used",
        "build.environment.SITE": "used",
        "context.production.environment.SITE": "used",
        "context.deploy-preview": "ignored",
        "context.staging": "ignored",
        "plugins": "impossible",
        "redirects": "used",
        "functions": "impossible",
    }
    assert line(got, "redirects") == 17
    assert got.warnings == [
        "netlify.toml: no effect here: build.ignore; `deck config` says why.",
        "netlify.toml: cannot be had here: plugins, functions; `deck config` says why.",
    ]


@pytest.mark.parametrize(
    ("where", "command", "site"),
    [
        (Where("preview", "fix", pull=True), "npm run preview", "all"),
        (Where("preview", "fix"), "npm run build", "all"),
        (Where("staging", "staging"), "npm run build", "staging"),
    ],
)
def test_a_context_of_netlify_is_that_of_the_deployment(where, command, site):
    got = planned("netlify.toml", NETLIFY, where)
    assert (got.build, got.env["SITE"]) == (command, site)


def test_render():
    got = planned("render.yaml", RENDER)
    assert (got.root, got.install, got.build, got.output) == (
        "web",
        "npm ci",
        "npm run build",
        "dist",
    )
    assert (got.spa, got.env["SITE"]) == (True, "live")
    assert got.scope.paths == ["web/**", "!web/**/*.md", "clouddeck.toml"]
    assert verdicts(got) == {
        "services.0": "impossible",
        "services.1.rootDir": "used",
        "services.1.buildCommand": "used",
        "services.1.staticPublishPath": "used",
        "services.1.envVars.0": "used",
        "services.1.envVars.1": "impossible",
        "services.1.routes.0": "used",
        "services.1.routes.1": "ignored",
        "services.1.buildFilter": "used",
        "services.1.name": "ignored",
        "services.1.pullRequestPreviewsEnabled": "ignored",
        "services.1.headers": "ignored",
        "databases": "impossible",
    }
    assert line(got, "services.1.headers") == 27


def test_amplify():
    got = planned("amplify.yml", AMPLIFY)
    assert (got.root, got.install, got.output, got.env["SITE"]) == ("web", "npm ci", "dist", "live")
    assert [(s.name, s.stage, s.run) for s in got.steps] == [
        ("install", "install", "npm ci"),
        ("test", "check", "npm test"),
        ("build", "build", "set -e\nnpm run lint\nnpm run build"),
        ("postBuild", "build", "ls dist"),
    ]
    assert verdicts(got)["applications.0.backend"] == "impossible"
    assert verdicts(got)["applications.0.frontend.cache"] == "ignored"
    assert [c.kind for c in got.caches] == ["dependencies"]


def test_an_install_of_amplify_that_does_more_is_a_step_of_its_own():
    got = planned("amplify.yml", AMPLIFY.replace("[npm ci]", "[npm ci, ./prepare.sh]"))
    assert got.install is None
    assert got.steps[0].name == "preBuild"
    assert got.steps[0].run == "set -e\nnpm ci\n./prepare.sh"


def test_buildspec():
    got = planned("buildspec.yml", BUILDSPEC)
    assert (got.install, got.output, got.node, got.env["SITE"]) == (None, "dist", "18", "live")
    assert [(s.name, s.stage, s.run, s.allow_failure, s.always, s.junit) for s in got.steps] == [
        ("install phase", "install", "npm ci", False, False, []),
        ("pre_build", "check", "npm run lint", True, False, []),
        ("build", "build", "set -e\nnpm test\nnpm run build", False, False, []),
        ("build finally", "build", "echo done", False, True, []),
        ("post_build", "build", "ls dist", False, False, []),
        ("reports", "build", "true", True, True, ["reports/*.xml"]),
    ]
    said = verdicts(got)
    assert {key for key, verdict in said.items() if verdict == "impossible"} == {
        "run-as",
        "env.parameter-store",
        "phases.install.runtime-versions.java",
        "reports.cover",
    }
    assert said["phases.post_build.commands.0"] == "ignored"
    assert said["cache"] == "ignored"


def test_a_buildspec_that_names_no_folder_is_left_aside():
    got = planned("buildspec.yml", "version: 0.2\nphases:\n  build:\n    commands: [make]\n")
    assert got.build == "npm run build"
    assert [(s.file, s.verdict) for s in got.report] == [("buildspec.yml", "ignored")]


def test_vercel():
    document = {
        "framework": "vite",
        "buildCommand": "npm run x",
        "env": {"A": "1", "B": "@secret"},
        "rewrites": [{"source": "/(.*)", "destination": "/index.html"}],
        "crons": [],
        "$schema": "x",
        "unheard": 1,
    }
    got = planned("vercel.json", json.dumps(document, indent=1))
    assert (got.build, got.spa, got.env["A"], "B" in got.env) == ("npm run x", True, "1", False)
    assert verdicts(got) == {
        "framework": "used",
        "buildCommand": "used",
        "env.A": "used",
        "env.B": "impossible",
        "rewrites": "used",
        "crons": "impossible",
        "$schema": "ignored",
        "unheard": "ignored",
    }
    assert line(got, "env.B") == 6


def test_one_file_decides_and_the_others_are_said_to_be_left():
    files = {
        **SITE,
        "vercel.json": '{"buildCommand": "a"}',
        "netlify.toml": '[build]\ncommand = "b"',
    }
    got = make_plan(found(files), Settings(), "p")
    assert got.build == "a"
    assert [(s.file, s.verdict, s.why) for s in got.report][1:] == [
        ("netlify.toml", "ignored", "vercel.json is there and decides")
    ]


def test_commands_of_our_own_replace_the_phases_of_others():
    files = {**SITE, "buildspec.yml": BUILDSPEC, "clouddeck.toml": '[build]\ncommand = "make"'}
    got = make_plan(found(files), Settings(), "p")
    assert [(s.name, s.run) for s in got.steps] == [("install", "npm ci"), ("build", "make")]
    assert verdicts(got)["phases.install.commands"] == "ignored"
    assert got.output == "dist"


def test_a_root_that_nobody_looked_into_is_asked_for_by_its_file():
    files = {"amplify.yml": AMPLIFY.replace("appRoot: web", "appRoot: shops/one")}
    with pytest.raises(PlanError) as raised:
        make_plan(found(files), Settings(), "p")
    assert raised.value.code == "root_not_inspected"
    assert raised.value.message.startswith("amplify.yml sets root")


def test_the_file_at_the_top_of_a_monorepo_counts_where_it_speaks_of_this_root():
    assert planned("amplify.yml", AMPLIFY, root="web").env["SITE"] == "live"
    files = {**SITE, "docs/index.html": "", "amplify.yml": AMPLIFY}
    got = make_plan(found(files), Settings(root="docs"), "p")
    assert (got.framework, got.env) == ("static", {})


BOMBS = {
    "laughs": "a: &a [x,x,x,x,x,x,x,x,x]\n"
    + "".join(
        f"{chr(98 + n)}: &{chr(98 + n)} [{','.join(['*' + chr(97 + n)] * 9)}]\n" for n in range(8)
    ),
    "deep": "a: " + "[" * 30_000,
    "deep maps": "\n".join(" " * n + "a:" for n in range(300)),
    "tag": "a: !!python/object/apply:os.system [x]",
    "many": "a: [" + "x," * 31_000 + "]",
    "large": "x" * 70_000,
    "itself": "a: &a [*a]",
    "two": "a: 1\n---\nb: 2",
    "few aliases, much behind them": "a: &a ["
    + "x," * 1000
    + "]\n"
    + "".join(f"k{n}: *a\n" for n in range(20)),
}


@pytest.mark.parametrize("name", ["render.yaml", "amplify.yml", "buildspec.yml"])
@pytest.mark.parametrize("bomb", BOMBS.values(), ids=BOMBS.keys())
def test_a_bomb_is_refused_in_no_time(name, bomb):
    read_yaml("warm.yml", "a: 1")
    began = time.process_time()
    with pytest.raises(PlanError) as raised:
        planned(name, bomb)
    assert time.process_time() - began < 0.05
    assert raised.value.code == "config_too_complex"
    assert raised.value.message.startswith(name)


BROKEN = [
    ("render.yaml", "a: b: c", "render.yaml:1:5: Mapping values are not allowed"),
    ("amplify.yml", "a:\n\t- x", "amplify.yml:2:1: Found character that cannot start any token"),
    ("buildspec.yml", "- a", "buildspec.yml:1:1: The top must be keys and values"),
    ("netlify.toml", "[build\n", "netlify.toml:1:7: Expected ']'"),
    ("vercel.json", '{"a": 1,}', "vercel.json:1:9: "),
    ("vercel.json", "[]", "vercel.json:1:1: The top must be an object"),
]


@pytest.mark.parametrize(("name", "text", "message"), BROKEN)
def test_a_mistake_is_pointed_at(name, text, message):
    with pytest.raises(PlanError) as raised:
        planned(name, text)
    assert raised.value.code == "config_invalid"
    assert raised.value.message.startswith(message)
    assert raised.value.message.split("\n")[2].strip() == "^"
    assert raised.value.hint


def test_aliases_and_merged_keys_in_moderation_are_read():
    got = read_yaml("x", "a: &a {k: 1, l: yes}\nb:\n  <<: *a\n  k: '2'\nc: *a\n").value
    assert got["b"] == {"k": "2", "l": True}
    assert got["c"] == {"k": "1", "l": True}


@settings(deadline=None, max_examples=300)
@given(
    st.sampled_from([NETLIFY, RENDER, AMPLIFY, BUILDSPEC]),
    st.lists(
        st.tuples(st.integers(0, 40), st.sampled_from(["", "- x", "  a: 1", "b", "x: [1]", "null"]))
    ),
    st.sampled_from(["netlify.toml", "render.yaml", "amplify.yml", "buildspec.yml", "vercel.json"]),
)
def test_whatever_stands_there_the_answer_is_a_plan_or_a_planerror(text, changes, name):
    lines = text.split("\n")
    for at, line_ in changes:
        lines[at % len(lines)] = line_
    try:
        got = planned(name, "\n".join(lines))
    except PlanError:
        return
    json.dumps(got.to_json())
    assert all(said.file and said.why for said in got.report)
    assert all(step.run for step in got.steps)


KEYS = re.findall(
    r"\S+",
    """
    build context environment redirects plugins publish command base framework rewrites env
    services runtime static type rootDir envVars routes buildFilter paths key value frontend
    applications appRoot phases preBuild commands artifacts baseDirectory files version install
    finally on-failure runtime-versions nodejs reports base-directory variables test production
    """,
)
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(0, 9) | st.text("ab /.$\n", max_size=6),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(KEYS),
            inner | st.just("static") | st.just("web"),
            max_size=5,
        )
    ),
    max_leaves=30,
)


@settings(deadline=None, max_examples=400)
@given(
    st.dictionaries(
        st.sampled_from(KEYS),
        VALUES,
        max_size=5,
    ),
    st.sampled_from(["vercel.json", "render.yaml", "amplify.yml", "buildspec.yml"]),
)
def test_whatever_kind_of_value_stands_there_is_no_surprise(document, name):
    try:
        got = planned(name, json.dumps(document))  # JSON is YAML
    except PlanError:
        return
    json.dumps(got.to_json())


@settings(deadline=None, max_examples=200)
@given(st.dictionaries(st.sampled_from(["build", "context", "redirects", "plugins"]), VALUES))
def test_nor_in_netlify_toml(document):
    reading = Reading(Document("netlify.toml", "", document))
    netlify.read(reading, Where("production", "build"))
    reading.wishes()
