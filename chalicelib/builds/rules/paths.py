"""Which files a plan wants to see, and which folders it may name."""

from __future__ import annotations

from functools import cache

from chalicelib.builds.frameworks import Check, Framework, catalog
from chalicelib.builds.rules.model import PlanError

CONFIG = "clouddeck.toml"
NODE_LOCKS = (
    "pnpm-lock.yaml",
    "yarn.lock",
    "bun.lock",
    "bun.lockb",
    "package-lock.json",
    "npm-shrinkwrap.json",
)
NODE = ("package.json", ".yarnrc.yml", "angular.json", *NODE_LOCKS)
PYTHON = (
    "requirements.txt",
    "docs/requirements.txt",
    "pyproject.toml",
    "uv.lock",
    "poetry.lock",
    "Pipfile",
    "Pipfile.lock",
)
RUBY = ("Gemfile", "Gemfile.lock")
VERSIONS = (
    ".nvmrc",
    ".node-version",
    ".python-version",
    ".tool-versions",
    "runtime.txt",
)
FOREIGN = ("vercel.json", "netlify.toml", "render.yaml", "amplify.yml", "buildspec.yml")
WORKSPACES = ("package.json", "pnpm-workspace.yaml", "turbo.json", "nx.json", "lerna.json")
STATIC_FOLDERS = ("public", "dist", "build", "www", "site", "docs", "_site", "out")
PAGES = ("index.html", *(f"{folder}/index.html" for folder in STATIC_FOLDERS))
NOT_FOUND_PAGES = ("404.html", "public/404.html", "static/404.html")
# Folders that `root` in clouddeck.toml may name although the project does not know it.
USUAL_ROOTS = (
    "app",
    "apps/web",
    "client",
    "docs",
    "frontend",
    "packages/web",
    "site",
    "web",
    "website",
    "www",
)


def inspect_paths(root: str = "") -> list[str]:
    """Every path worth looking at in a repository whose project has this root."""
    root = safe_folder(root, "root")
    if root != ".":
        above = [CONFIG, ".yarnrc.yml", *NODE_LOCKS, *VERSIONS, *FOREIGN, *WORKSPACES]
        return [*above, *(f"{root}/{path}" for path in _wanted())]
    below = [f"{folder}/{path}" for folder in USUAL_ROOTS for path in _wanted(servers=False)]
    return list(dict.fromkeys([CONFIG, *_wanted(), *below]))


@cache
def _wanted(*, servers: bool = True) -> tuple[str, ...]:
    """The paths below one root; without those that only tell one server framework from another."""
    paths = {*NODE, *PYTHON, *RUBY, *VERSIONS, *FOREIGN, *PAGES, *NOT_FOUND_PAGES}
    for framework in catalog().frameworks:
        if servers or framework.static.always or framework.static.when:
            paths.update(path for check in _checks(framework) for path in check.files)
    return tuple(sorted(paths))


def _checks(framework: Framework) -> list[Check]:
    checks = [*framework.every, *framework.some, *framework.build_when]
    checks += [*framework.static.when, *framework.static.unless]
    checks += [c for c in (framework.output_from, framework.spa) if isinstance(c, Check)]
    return checks


def safe_folder(path: str, what: str) -> str:
    """The folder without `.` segments; PlanError when it does not lie below the root."""
    path = path.strip()
    parts = [part for part in path.split("/") if part not in ("", ".")]
    absolute = path.startswith(("/", "~")) or path[1:2] == ":"
    strange = "\\" in path or any(not char.isprintable() for char in path) or len(path) > 1024
    if absolute or strange or ".." in parts:
        shown = ascii(path if len(path) <= 80 else path[:77] + "...")
        raise PlanError(
            "path_outside_root",
            f"{what} must be a folder inside the repository, not {shown}.",
            f'Use a relative path without "..", such as {what} = "web".',
        )
    return "/".join(parts) or "."
