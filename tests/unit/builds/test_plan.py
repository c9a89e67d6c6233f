"""Commands, folders and caches of a plan."""

import json

import pytest

from chalicelib.builds.rules.model import NeedFilesError, PlanError, Settings, read_found
from chalicelib.builds.rules.plan import make_plan
from tests.unit.builds.plan_cases import BUILDS, MANAGERS, REACT, YARN1
from tests.unit.builds.repos import LOCK, found, package, plan


@pytest.mark.parametrize(("files", "install", "build", "output", "spa"), BUILDS)
def test_how_a_repository_is_built(files, install, build, output, spa):
    got = plan(files)
    assert (got.install, got.build, got.output, got.spa) == (install, build, output, spa)
    assert got.output_candidates[0] == output


@pytest.mark.parametrize(("locks", "field", "install", "build"), MANAGERS)
def test_the_package_manager_is_the_one_of_the_lock_file(locks, field, install, build):
    more = {"packageManager": field} if field else {}
    got = plan({"package.json": package("vite", scripts={"build": "x"}, **more), **locks})
    assert (got.install, got.build) == (install, build)


def test_two_lock_files_are_worth_a_warning():
    got = plan({**REACT, "yarn.lock": YARN1})
    assert got.warnings == ["Lock files of yarn and npm are here; yarn is used."]


def test_the_cache_changes_with_what_it_is_made_from():
    base = plan(REACT)
    (kept,) = base.caches
    assert (kept.kind, kept.paths, kept.write) == ("dependencies", ["node_modules"], True)
    assert base.install_cached == "npm install --prefer-offline"
    others = [
        plan({**REACT, "package-lock.json": LOCK + " "}),
        plan({**REACT, ".nvmrc": "v22"}),
        plan({**REACT, "clouddeck.toml": '[build]\ninstall = "npm install"'}),
        make_plan(found(REACT), Settings(), "prj_2"),
    ]
    keys = {cache.key for p in others for cache in p.caches}
    assert len(keys) == 4
    assert kept.key not in keys
    assert plan({**REACT, "src/x.js": "new"}).caches == base.caches


def test_no_lock_file_no_cache():
    assert plan({"package.json": package("vite")}).caches == []
    assert plan({**REACT, "clouddeck.toml": "[build]\ncache = false"}).caches == []
    assert plan({"index.html": ""}).caches == []


def test_framework_caches_are_kept_too():
    files = {
        "package.json": package("next"),
        "next.config.js": "output: 'export'",
        "yarn.lock": YARN1,
    }
    kept = {cache.kind: cache for cache in plan(files).caches}
    assert {kind: cache.paths for kind, cache in kept.items()} == {
        "dependencies": ["node_modules"],
        "framework": [".next/cache"],
    }
    assert kept["dependencies"].key != kept["framework"].key


SERVERS = [
    (
        {"package.json": package("next"), "next.config.js": "// output: 'export'"},
        "Next.js",
        "Add `output: 'export'`",
    ),
    ({"package.json": package("@sveltejs/kit")}, "SvelteKit", "Install `@sveltejs/adapter-static`"),
    ({"package.json": package("@remix-run/dev")}, "Remix", "Turn on SPA mode"),
    ({"react-router.config.ts": "ssr: true"}, "React Router", "Set `ssr: false`"),
    (
        {"package.json": package("astro"), "astro.config.mjs": "output: 'server'"},
        "Astro",
        "Remove `output: 'server'`",
    ),
    (
        {"package.json": package("solid-js", "@solidjs/start")},
        "SolidStart (v1)",
        "Set `server: { preset: 'static' }`",
    ),
    ({"package.json": package("nitro")}, "Nitro", "Set `preset: 'static'`"),
    ({"package.json": package("@shopify/hydrogen")}, "Hydrogen (v1)", "Hydrogen renders"),
    ({"requirements.txt": "flask"}, "Flask", "Freeze the pages with Frozen-Flask"),
    (
        {"package.json": package("express"), "app.js": "require('express')"},
        "Express",
        "Write the site out as files",
    ),
]


@pytest.mark.parametrize(
    ("files", "name", "hint"), SERVERS, ids=lambda v: v if isinstance(v, str) else ""
)
def test_what_needs_a_server_is_refused_with_a_way_out(files, name, hint):
    with pytest.raises(PlanError) as raised:
        plan(files)
    assert raised.value.code == "framework_not_static"
    assert raised.value.message == (
        f"{name} is set up to answer requests with a server; CloudDeck serves files."
    )
    assert raised.value.hint.startswith(hint)
    assert plan(files, output_directory="out").output == "out"


def test_the_file_wins_over_the_settings_and_those_over_other_platforms():
    files = {
        **REACT,
        "vercel.json": json.dumps(
            {
                "buildCommand": "v build",
                "outputDirectory": "v",
                "cleanUrls": False,
                "devCommand": "x",
                "images": {},
            }
        ),
        "clouddeck.toml": '[build]\ncommand = "ours"\n[build.env]\nA = "1"\n[site]\nspa = false',
    }
    got = plan(files, build_command="theirs", install_command="npm i")
    assert (got.install, got.build, got.output) == ("npm i", "ours", "v")
    assert (got.spa, got.clean_urls, got.env["A"]) == (False, False, "1")
    assert got.warnings == ["vercel.json: cannot be had here: images; `deck config` says why."]
    verdicts = {said.key: (said.verdict, said.line) for said in got.report}
    assert verdicts == {
        "buildCommand": ("ignored", 1),
        "outputDirectory": ("used", 1),
        "cleanUrls": ("used", 1),
        "devCommand": ("ignored", 1),
        "images": ("impossible", 1),
    }
    assert "clouddeck.toml sets build" in got.why
    assert "vercel.json sets clean_urls, output" in got.why


def test_netlify_is_read_and_a_broken_file_counts_only_where_it_would_decide():
    got = plan({"netlify.toml": '[build]\ncommand = "make"\npublish = "dist/"', "README.md": ""})
    assert (got.framework, got.build, got.output) == ("custom", "make", "dist")
    with pytest.raises(PlanError) as raised:
        plan({**REACT, "vercel.json": "{"})
    assert raised.value.code == "config_invalid"
    assert raised.value.message.startswith("vercel.json:1:2: Expecting property name")
    assert raised.value.hint == ("Remove the comma before the closing brace; quote every name.")
    got = plan({**REACT, "vercel.json": "{", "clouddeck.toml": ""})
    assert got.build == "npm run build"
    assert [warning.split(" ")[0] for warning in got.warnings] == ["vercel.json:1:2:"]


def test_an_empty_command_leaves_the_step_out():
    got = plan({**REACT, "clouddeck.toml": '[build]\ninstall = ""\ncommand = " "'})
    assert (got.install, got.build, got.package_manager, got.caches) == (None, None, None, [])


def test_a_folder_of_a_monorepo():
    files = {f"web/{name}": text for name, text in REACT.items()}
    assert plan(files, root="web/").root == "web"
    got = plan({**files, "clouddeck.toml": '[build]\nroot = "./web"'})
    assert (got.root, got.framework, got.install) == ("web", "vite", "npm ci")
    with pytest.raises(PlanError) as raised:
        plan(files)
    assert (
        raised.value.hint
        == 'web/ looks like a site: write root = "web" under [build] in clouddeck.toml.'
    )


def test_a_folder_nobody_looked_into_asks_for_its_files():
    with pytest.raises(NeedFilesError) as raised:
        plan({"clouddeck.toml": '[build]\nroot = "services/shop"'})
    assert "services/shop/package.json" in raised.value.inspect
    assert raised.value.hint == 'Set the root of the project to "services/shop" as well.'


def test_angular_says_where_it_writes():
    config = {
        "projects": {"shop": {"architect": {"build": {"options": {"outputPath": "dist/shop"}}}}}
    }
    got = plan({"package.json": package("@angular/cli"), "angular.json": json.dumps(config)})
    assert got.output_candidates == ["dist/shop/browser", "dist/shop", "dist"]
    assert got.spa


def test_a_build_script_may_write_to_any_usual_folder():
    got = plan({"package.json": package(scripts={"build": "x"}), "index.html": ""})
    assert got.output_candidates == ["dist", "build", "public", "out", "_site", "."]


def test_a_named_framework_is_taken_at_its_word():
    assert (
        plan({"index.html": ""}, framework="hugo").build == ".venv/bin/python -m hugo --gc --minify"
    )
    assert (
        plan({"package.json": package("@docusaurus/core")}, framework="docusaurus").framework
        == "docusaurus-2"
    )
    assert plan(REACT, framework="static").build is None
    with pytest.raises(PlanError) as raised:
        plan(REACT, framework="vit")
    assert (raised.value.code, raised.value.hint) == ("framework_unknown", 'Did you mean "vite"?')


def test_two_generators_are_worth_a_warning():
    got = plan({**REACT, "mkdocs.yml": "", "requirements.txt": "mkdocs"})
    assert got.framework == "mkdocs"
    assert got.warnings == [
        (
            "Vite fits too (package.json depends on vite); "
            'to use it write framework = "vite" under [build] in clouddeck.toml.'
        )
    ]


def test_the_answer_is_json_with_every_field_of_the_protocol():
    body = json.loads(json.dumps(plan(REACT).to_json()))
    assert set(body) >= {
        "framework", "name", "why", "root", "install", "build", "output",
        "package_manager", "steps", "caches", "node", "python", "report", "scope", "env",
        "spa", "clean_urls", "warnings",
        "output_candidates", "install_cached",
    }  # fmt: skip
    assert set(body["caches"][0]) == {"kind", "key", "paths", "url", "sha256", "write"}
    assert body["steps"] == [
        {"name": name, "stage": name, "run": run, "allow_failure": False, "always": False,
         "junit": [], "folder": None}
        for name, run in (("install", "npm ci"), ("build", "npm run build"))
    ]  # fmt: skip


def test_the_body_of_the_call_is_checked():
    got = read_found({"root_files": ["a"], "files": {"a": {"sha256": "0", "text": "x" * 300_000}}})
    assert got.files["a"].text is None
    for body in (
        [],
        {"root_files": [1]},
        {"files": {"a": 1}},
        {"files": {"a": {"text": 1}}},
        {"files": []},
    ):
        with pytest.raises(PlanError) as raised:
            read_found(body)
        assert raised.value.code == "invalid_request"


def test_steps_are_put_where_their_stage_is():
    text = "".join(
        f'[[steps]]\nname = "{name}"\nrun = "{name}"\n{more}\n'
        for name, more in [
            ("after", 'stage = "build"'),
            ("test", 'junit = ["r.xml"]\nfolder = "e2e"'),
            ("prepare", 'stage = "install"'),
            ("lint", "allow_failure = true"),
            ("clean", 'stage = "build"\nalways = true'),
        ]
    )
    got = plan({**REACT, "clouddeck.toml": text}).steps
    assert [(step.name, step.stage) for step in got] == [
        ("install", "install"),
        ("prepare", "install"),
        ("test", "check"),
        ("lint", "check"),
        ("build", "build"),
        ("after", "build"),
        ("clean", "build"),
    ]
    by_name = {step.name: step for step in got}
    assert (by_name["test"].junit, by_name["test"].folder) == (["r.xml"], "e2e")
    assert (by_name["lint"].allow_failure, by_name["clean"].always) == (True, True)


def test_a_plain_site_with_checks_gets_what_they_need():
    files = {
        "index.html": "",
        "package.json": package("htmlhint"),
        "clouddeck.toml": '[[steps]]\nrun = "npx htmlhint"',
    }
    got = plan(files)
    assert (got.framework, got.output) == ("static", ".")
    assert [(step.name, step.run) for step in got.steps] == [
        ("install", "npm install"),
        ("step 1", "npx htmlhint"),
    ]
    del files["clouddeck.toml"]
    assert plan(files).steps == []


def test_a_program_that_writes_a_site_is_built_when_somebody_says_where():
    go = {"go.mod": "module x", "main.go": "package main"}
    rust = {"Cargo.toml": '[package]\nname = "x"', "src/main.rs": "fn main() {}"}
    python = {"requirements.txt": "jinja2", "build.py": ""}
    for files, build in (
        (go, "go run ."),
        (rust, "cargo run --release"),
        (python, ".venv/bin/python build.py"),
    ):
        with pytest.raises(PlanError) as raised:
            plan(files)
        assert raised.value.code == "framework_not_static"
        assert 'output = "public"' in raised.value.hint
        got = plan(files, output_directory="public")
        assert (got.build, got.output) == (build, "public")
        assert plan(files, output_directory="o", build_command="make").build == "make"
    assert plan(go, output_directory="o").package_manager == "go"
    assert plan(rust, output_directory="o").package_manager == "cargo"
    assert "`cargo`" in plan(rust, output_directory="o").warnings[0]
