"""Files of other platforms: what is taken, and what is said of every key."""

import json

import pytest

from chalicelib.builds.rules.model import PlanError, Settings
from chalicelib.builds.rules.plan import Where, make_plan
from tests.unit.builds.foreign_files import (
    AMPLIFY,
    BUILDSPEC,
    NETLIFY,
    RENDER,
    SITE,
    line,
    planned,
    verdicts,
)
from tests.unit.builds.repos import found


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
