"""Every framework is recognised, alone and beside others."""

import json
import re

import pytest

from chalicelib.builds.frameworks import Check, Framework, catalog
from chalicelib.builds.rules.candidates import detect, reasons
from chalicelib.builds.rules.detect import detect_view
from chalicelib.builds.rules.model import Found
from chalicelib.builds.rules.paths import inspect_paths
from chalicelib.builds.rules.repo import Repo
from tests.unit.builds.repos import found, package

# A text that each pattern of a detector finds.
SAMPLES = {
    "extensions|html_theme|project\\s*=": 'project = "Notes"',
    "BLOG_AUTHOR|NIKOLA_": 'BLOG_AUTHOR = "Ada"',
    "(?im)^lektor\\b": "lektor==3.4",
    "(?i)frozen-flask": "Frozen-Flask==1.0",
    "[Ff]lask": "flask==3",
    "[Dd]jango": "django==5",
    "axum\\s*=": 'axum = "0.8"',
    "actix-web\\s*=": 'actix-web = "4"',
}
DETECTED = [f for f in catalog().frameworks if f.every or f.some]


def sample(pattern: str) -> str:
    name = re.search(r"\[\"'\](@?[a-z0-9/]+)\[\"'\]", pattern)
    text = SAMPLES.get(pattern) or (f"import x from '{name[1]}'" if name else pattern)
    assert re.search(pattern, text), (pattern, text)
    return text


def satisfying(framework: Framework, some: Check | None) -> dict[str, str]:
    """The smallest repository in which the framework's detectors hold."""
    files: dict[str, str] = {}
    packages: dict[str, str] = {}
    for check in (*framework.every, *((some,) if some else ())):
        if check.package:
            packages[check.package] = {"": "1.0.0", r"\^?2\..*": "^2.1.0"}.get(
                check.version, "1.0.0-next.5"
            )
        for path in check.files:
            files[path] = files.get(path, "") + (sample(check.match) + "\n" if check.match else "")
    if packages:
        files["package.json"] = json.dumps({"dependencies": packages})
    return files


def beats(framework: Framework) -> set[str]:
    return {f.slug for f in catalog().frameworks if framework.slug in f.supersedes}


@pytest.mark.parametrize("framework", DETECTED, ids=lambda f: f.slug)
def test_every_framework_is_detected_by_each_of_its_detectors(framework):
    for some in framework.some or (None,):
        repo = Repo(found(satisfying(framework, some)), ".")
        assert reasons(framework, repo), (framework.slug, some)
        detected = {c.framework.slug for c in detect(repo)}
        assert framework.slug in detected or detected & beats(framework)


def test_the_dump_is_complete():
    slugs = [f.slug for f in catalog().frameworks]
    assert len(slugs) == len(set(slugs)) == 104
    assert {f.slug for f in DETECTED} >= {"nextjs", "vite", "hugo", "mkdocs", "sphinx", "pelican"}


def test_all_that_is_looked_at_is_asked_for():
    asked = set(inspect_paths())
    for framework in DETECTED:
        for check in (*framework.every, *framework.some, *framework.build_when):
            assert asked >= set(check.files)
    assert asked >= {"package.json", "package-lock.json", ".nvmrc", "clouddeck.toml", "uv.lock"}
    assert "web/package.json" in asked
    assert "services/shop/package.json" in inspect_paths("services/shop/")
    assert "clouddeck.toml" in inspect_paths("services/shop")


ALONE = [
    ({"package.json": package("next")}, "nextjs", "package.json depends on next"),
    ({"package.json": package("gatsby")}, "gatsby", "package.json depends on gatsby"),
    ({"package.json": package("astro", "vite")}, "astro", "package.json depends on astro"),
    ({"package.json": package("hexo")}, "hexo", "package.json depends on hexo"),
    (
        {"package.json": package("@11ty/eleventy")},
        "eleventy",
        "package.json depends on @11ty/eleventy",
    ),
    (
        {"package.json": package("@docusaurus/core")},
        "docusaurus-2",
        "package.json depends on @docusaurus/core",
    ),
    ({"package.json": package("vite", "react")}, "vite", "package.json depends on vite"),
    (
        {"package.json": package("vite", "vitepress")},
        "vitepress",
        "package.json depends on vitepress",
    ),
    (
        {"package.json": package("vite", "@sveltejs/kit")},
        "sveltekit-1",
        "package.json depends on @sveltejs/kit",
    ),
    (
        {"package.json": package("@sveltejs/kit@1.0.0-next.99")},
        "sveltekit",
        "package.json depends on @sveltejs/kit",
    ),
    ({"package.json": package("nuxt", "nitropack")}, "nuxtjs", "package.json depends on nuxt"),
    (
        {"package.json": package("react-scripts")},
        "create-react-app",
        "package.json depends on react-scripts",
    ),
    ({"package.json": package("@angular/cli")}, "angular", "package.json depends on @angular/cli"),
    (
        {"package.json": package("@vue/cli-service")},
        "vue",
        "package.json depends on @vue/cli-service",
    ),
    ({"package.json": package("ember-source")}, "ember", "package.json depends on ember-source"),
    ({"package.json": package("preact-cli")}, "preact", "package.json depends on preact-cli"),
    ({"package.json": package("parcel")}, "parcel", "package.json depends on parcel"),
    ({"package.json": package("storybook")}, "storybook", "package.json depends on storybook"),
    ({"package.json": package("storybook", "vite")}, "vite", "package.json depends on vite"),
    (
        {"package.json": package("@rsbuild/core", "rspress")},
        "rspress",
        "package.json depends on rspress",
    ),
    ({"package.json": package("@slidev/cli")}, "slidev", "package.json depends on @slidev/cli"),
    (
        {"package.json": package("vite"), "vite.config.ts": "import '@react-router/dev/vite'"},
        "react-router",
        "vite.config.ts contains `@react-router/dev/vite`",
    ),
    ({"config.toml": 'baseURL = "/"'}, "hugo", "config.toml contains `baseURL`"),
    ({"hugo.toml": 'title = "x"'}, "hugo", "hugo.toml is here"),
    ({"config.toml": 'base_url = "/"'}, "zola", "config.toml contains `base_url`"),
    ({"_config.yml": "title: x"}, "jekyll", "_config.yml is here"),
    ({"_config.yml": "", "_toc.yml": ""}, "jupyter-book", "_toc.yml is here"),
    ({"mkdocs.yml": "site_name: x", "requirements.txt": "mkdocs"}, "mkdocs", "mkdocs.yml is here"),
    ({"mkdocs.yml": "", "zensical.toml": ""}, "zensical", "zensical.toml is here"),
    ({"pelicanconf.py": "", "requirements.txt": "pelican"}, "pelican", "pelicanconf.py is here"),
    (
        {"docs/conf.py": "extensions = []", "pyproject.toml": ""},
        "sphinx",
        "docs/conf.py contains `extensions`",
    ),
    ({"conf.py": "BLOG_AUTHOR = 1\nextensions = 2"}, "nikola", "conf.py contains `BLOG_AUTHOR`"),
    ({"requirements.txt": "Lektor==3"}, "lektor", "requirements.txt contains `Lektor`"),
    (
        {"requirements.txt": "frozen-flask\nflask", "freeze.py": ""},
        "frozen-flask",
        "freeze.py is here",
    ),
    ({"book.toml": "[book]"}, "mdbook", "book.toml is here"),
    ({"requirements.txt": "Flask==3"}, "flask", "requirements.txt contains `Flask`"),
    ({"requirements.txt": "numpy"}, "python", "requirements.txt is here"),
    (
        {"package.json": package("express"), "server.js": "require('express')"},
        "express",
        "package.json depends on express",
    ),
    (
        {"package.json": package(scripts={"build": "make"})},
        "node-script",
        "package.json has a build script",
    ),
    ({"index.html": "<h1>"}, "static", "index.html is here"),
    ({"public/index.html": "<h1>"}, "static", "public/index.html is here"),
]


@pytest.mark.parametrize(
    ("files", "slug", "why"), ALONE, ids=lambda v: v if isinstance(v, str) else ""
)
def test_a_repository_is_what_it_looks_like(files, slug, why):
    best = detect(Repo(found(files), "."))[0]
    assert (best.framework.slug, best.why[0]) == (slug, why)


def test_servers_come_before_guesses_and_generators_before_servers():
    both = {
        "package.json": package("express", scripts={"build": "tsc"}),
        "app.js": "import 'express'",
    }
    assert detect(Repo(found(both), "."))[0].framework.slug == "express"
    both["mkdocs.yml"] = ""
    assert [c.framework.slug for c in detect(Repo(found(both), "."))] == [
        "mkdocs",
        "express",
        "node-script",
    ]


def test_incidental_matches_are_weak_and_last():
    files = {
        "package.json": package("storybook", scripts={"build": "x"}),
        "server.js": "",
        "index.html": "",
    }
    got = [(c.framework.slug, c.confidence) for c in detect(Repo(found(files), "."))]
    assert got == [(s, "weak") for s in ("node-script", "static", "storybook", "node")]


def test_the_short_view_of_a_folder():
    view = detect_view(found({"package.json": package("vite", "react"), "package-lock.json": "{}"}))
    assert view["framework"] == "vite"
    assert view["name"] == "Vite"
    assert view["why"] == ["package.json depends on vite"]
    assert (view["install"], view["build"], view["output"]) == ("npm ci", "npx vite build", "dist")
    assert view["error"] is None
    assert view["inspect"] == inspect_paths()


def test_the_short_view_never_fails():
    view = detect_view(Found())
    assert view["framework"] is None
    assert view["inspect"] == inspect_paths()
    assert view["error"]["code"] == "framework_unknown"
    view = detect_view(found({"package.json": package("next")}))
    assert (view["framework"], view["error"]["code"]) == ("nextjs", "framework_not_static")
    view = detect_view(found({"clouddeck.toml": '[build]\nroot = "services/shop"'}))
    assert "services/shop/package.json" in view["inspect"]
