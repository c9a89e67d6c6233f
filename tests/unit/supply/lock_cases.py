"""What is read from every kind of lock file."""

from __future__ import annotations

from tests.unit.supply.lock_texts import (
    BUN,
    CARGO,
    GEMFILE,
    GO_MOD,
    GO_SUM,
    PACKAGE_LOCK_1,
    PACKAGE_LOCK_3,
    PIPFILE,
    PNPM_5,
    PNPM_6,
    PNPM_9,
    POETRY,
    REQUIREMENTS,
    UV,
    YARN_1,
    YARN_4,
)

NPM = {"pkg:npm/a@1.2.0", "pkg:npm/b@2.1.0", "pkg:npm/%40s/c@0.1.0"}
A_NEEDS_B = ("pkg:npm/a@1.2.0", "pkg:npm/b@2.1.0")

CASES = {
    "npm 3": (
        "package-lock.json",
        PACKAGE_LOCK_3,
        NPM | {"pkg:npm/b@3.0.0", "pkg:npm/real@5.0.0"},
        {"pkg:npm/a@1.2.0", "pkg:npm/%40s/c@0.1.0", "pkg:npm/b@3.0.0"},
        A_NEEDS_B,
    ),
    "npm 1": (
        "package-lock.json",
        PACKAGE_LOCK_1,
        {"pkg:npm/a@1.2.0", "pkg:npm/b@2.1.0", "pkg:npm/b@3.0.0"},
        {"pkg:npm/a@1.2.0", "pkg:npm/b@3.0.0"},
        A_NEEDS_B,
    ),
    "pnpm 5": (
        "pnpm-lock.yaml",
        PNPM_5,
        NPM,
        {"pkg:npm/a@1.2.0", "pkg:npm/%40s/c@0.1.0"},
        A_NEEDS_B,
    ),
    "pnpm 6": ("pnpm-lock.yaml", PNPM_6, NPM, {"pkg:npm/a@1.2.0"}, A_NEEDS_B),
    "pnpm 9": ("pnpm-lock.yaml", PNPM_9, NPM, {"pkg:npm/a@1.2.0"}, A_NEEDS_B),
    "yarn 1": ("yarn.lock", YARN_1, NPM, {"pkg:npm/a@1.2.0"}, A_NEEDS_B),
    "yarn 4": ("yarn.lock", YARN_4, NPM, {"pkg:npm/a@1.2.0", "pkg:npm/%40s/c@0.1.0"}, A_NEEDS_B),
    "bun": ("bun.lock", BUN, NPM | {"pkg:npm/b@3.0.0"}, {"pkg:npm/a@1.2.0"}, A_NEEDS_B),
    "uv": (
        "uv.lock",
        UV,
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"},
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"},
        ("pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"),
    ),
    "poetry": (
        "poetry.lock",
        POETRY,
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"},
        {"pkg:pypi/a-b@1.2.0"},
        ("pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"),
    ),
    "pipenv": (
        "Pipfile.lock",
        PIPFILE,
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"},
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c@2.1.0"},
        None,
    ),
    "pip": (
        "requirements.txt",
        REQUIREMENTS,
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c", "pkg:pypi/d"},
        {"pkg:pypi/a-b@1.2.0", "pkg:pypi/c", "pkg:pypi/d"},
        None,
    ),
    "go": (
        "go.mod",
        f"{GO_MOD}\0{GO_SUM}",
        {
            "pkg:golang/github.com/gorilla/mux@v1.8.1",
            "pkg:golang/golang.org/x/net@v0.17.0",
            "pkg:golang/example.com/new@v1.1.0",
        },
        {"pkg:golang/github.com/gorilla/mux@v1.8.1", "pkg:golang/example.com/new@v1.1.0"},
        None,
    ),
    "go before 1.17": (
        "go.mod",
        "module m\n\ngo 1.16\n\nrequire golang.org/x/net v0.17.0\n\0" + GO_SUM,
        {"pkg:golang/golang.org/x/net@v0.17.0", "pkg:golang/golang.org/x/text@v0.13.0"},
        {"pkg:golang/golang.org/x/net@v0.17.0"},
        None,
    ),
    "cargo": (
        "Cargo.lock",
        CARGO,
        {"pkg:cargo/serde@1.0.200", "pkg:cargo/rand@0.7.3", "pkg:cargo/rand@0.8.5"},
        {"pkg:cargo/serde@1.0.200", "pkg:cargo/rand@0.8.5"},
        ("pkg:cargo/rand@0.8.5", "pkg:cargo/serde@1.0.200"),
    ),
    "bundler": (
        "Gemfile.lock",
        GEMFILE,
        {"pkg:gem/jekyll@4.3.3", "pkg:gem/kramdown@2.4.0", "pkg:gem/nokogiri@1.16.2"},
        {"pkg:gem/jekyll@4.3.3"},
        ("pkg:gem/jekyll@4.3.3", "pkg:gem/kramdown@2.4.0"),
    ),
}
