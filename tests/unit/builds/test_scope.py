"""Which files of a monorepo a site depends on. Not knowing means everything."""

import json
import time

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from chalicelib.builds.rules.globs import chosen, matches
from chalicelib.builds.rules.model import PlanError, Scope
from chalicelib.builds.rules.scope import affected_paths, check_watch, covers


def manifest(name: str, *needs: str, **more: object) -> str:
    return json.dumps({"name": name, "dependencies": dict.fromkeys(needs, "workspace:*"), **more})


NPM = {
    "package.json": manifest("acme", workspaces=["apps/*", "packages/*"]),
    "apps/web/package.json": manifest("web", "@acme/ui", "react"),
    "apps/admin/package.json": manifest("admin", "@acme/forms"),
    "packages/ui/package.json": manifest("@acme/ui", "@acme/tokens"),
    "packages/tokens/package.json": manifest("@acme/tokens"),
    "packages/forms/package.json": manifest("@acme/forms"),
}
PNPM = {
    **NPM,
    "package.json": manifest("acme"),
    "pnpm-workspace.yaml": "packages:\n  - apps/*\n  - 'packages/*'\n",
}
CARGO = {
    "Cargo.toml": '[workspace]\nmembers = ["crates/*"]\nexclude = ["crates/old"]\n',
    "crates/web/Cargo.toml": '[package]\nname = "web"\n[dependencies]\nui.workspace = true\n',
    "crates/ui/Cargo.toml": '[package]\nname = "ui"\n[dependencies]\n'
    'x = {package = "tokens", path = "../tokens"}',
    "crates/tokens/Cargo.toml": '[package]\nname = "tokens"\n',
    "crates/forms/Cargo.toml": '[package]\nname = "forms"\n',
}
GO = {
    "go.work": "go 1.22\n\nuse (\n\t./web\n\t./ui\n\t./forms\n)\n",
    "web/go.mod": "module acme.org/web\n\nrequire (\n\tacme.org/ui v0.0.0\n)\n",
    "ui/go.mod": "module acme.org/ui\n",
    "forms/go.mod": "module acme.org/forms\n",
}
UV = {
    "pyproject.toml": '[project]\nname = "top"\n[tool.uv.workspace]\n'
    'members = ["libs/*", "docs"]\n',
    "docs/pyproject.toml": '[project]\nname = "docs"\ndependencies = ["My_Theme>=1", "mkdocs"]\n',
    "libs/theme/pyproject.toml": '[project]\nname = "my-theme"\n',
    "libs/api/pyproject.toml": '[project]\nname = "api"\n',
}

# texts, root, what matters, what does not
GRAPHS = [
    pytest.param(
        NPM, "apps/web",
        ["apps/web/src/a.ts", "packages/ui/x", "packages/tokens/x", "tsconfig.json", "tools/x.mjs"],
        ["apps/admin/src/a.ts", "packages/forms/x"], id="npm",
    ),
    pytest.param(
        PNPM, "apps/web/", ["apps/web/a", "packages/tokens/x", "pnpm-lock.yaml"],
        ["apps/admin/a", "packages/forms/x"], id="pnpm",
    ),
    pytest.param(
        PNPM, "apps/admin", ["apps/admin/a", "packages/forms/x"],
        ["apps/web/a", "packages/ui/x", "packages/tokens/x"], id="pnpm-other",
    ),
    pytest.param(
        CARGO, "crates/web", ["crates/web/a", "crates/ui/x", "crates/tokens/x", "crates/old/x"],
        ["crates/forms/x"], id="cargo",
    ),
    pytest.param(GO, "web", ["web/a.go", "ui/a.go", "README.md"], ["forms/a.go"], id="go"),
    pytest.param(UV, "docs", ["docs/a.md", "libs/theme/x", "uv.lock"], ["libs/api/x"], id="uv"),
    pytest.param(
        {**NPM, "apps/web/turbo.json": '{"tasks":{"build":{"dependsOn":["@acme/forms#build"]}}}'},
        "apps/web", ["packages/forms/x"], ["apps/admin/x"], id="turbo",
    ),
    pytest.param(
        {**NPM, "apps/web/project.json": '{"implicitDependencies":["admin"], "x": "../admin/src"}'},
        "apps/web", ["apps/admin/x", "packages/forms/x"], [], id="nx",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("texts", "root", "inside", "outside"), GRAPHS)
def test_a_site_depends_on_its_packages_and_on_what_belongs_to_none(texts, root, inside, outside):
    scope = affected_paths(texts, [*texts, *inside, *outside], root, None)
    test = covers(scope)
    assert [path for path in (*texts, *inside) if path.startswith(root) and not test(path)] == []
    assert [path for path in inside if not test(path)] == []
    assert [path for path in outside if test(path)] == []


EVERYTHING = [
    pytest.param(NPM, ".", "the site is built at the top of the repository", id="top"),
    pytest.param(NPM, "site", "no workspace lists site; narrow it down with watch", id="stranger"),
    pytest.param(NPM, "../x", "the root lies outside of the repository", id="outside"),
    pytest.param(
        {**NPM, "package.json": "{"}, "apps/web", "no workspace lists apps/web", id="none"
    ),
    pytest.param(
        {**NPM, "package.json": '{"workspaces"'},
        "apps/web",
        "package.json cannot be read",
        id="bad",
    ),
    pytest.param(
        {**NPM, "apps/web/package.json": "{"}, "apps/web", "the manifest of apps/web", id="broken"
    ),
    pytest.param({**PNPM, "pnpm-workspace.yaml": "a: [*b]"}, "apps/web", "pnpm-", id="alias"),
]


@pytest.mark.parametrize(("texts", "root", "why"), EVERYTHING)
def test_not_knowing_means_everything(texts, root, why):
    scope = affected_paths(texts, list(texts), root, None)
    assert scope.paths == ["**"]
    assert scope.why.startswith(why)


def test_a_package_that_nobody_can_name_is_never_left_out():
    texts = {**NPM, "packages/forms/package.json": "{"}
    test = covers(affected_paths(texts, list(texts), "apps/web", None))
    assert test("packages/forms/x")
    assert not test("apps/admin/x")


def test_a_package_inside_of_one_that_is_left_out_stays():
    texts = {
        "package.json": manifest("acme", workspaces=["apps/*", "apps/*/ui"]),
        "apps/web/package.json": manifest("web", "ui"),
        "apps/admin/package.json": manifest("admin"),
        "apps/admin/ui/package.json": manifest("ui"),
    }
    test = covers(affected_paths(texts, list(texts), "apps/web", None))
    assert test("apps/admin/ui/a.ts")
    assert not test("apps/admin/a.ts")


def test_what_is_watched_is_what_people_say_and_the_configuration():
    test = covers(affected_paths({}, [], "web", ["web/**", "!web/**/*.md"]))
    assert test("web/a/b.ts")
    assert test("clouddeck.toml")
    assert not test("web/a/b.md")
    assert not test("docs/x")
    only_out = covers(affected_paths({}, [], ".", ["!docs/**"]))
    assert only_out("src/a")
    assert not only_out("docs/a")
    assert only_out("clouddeck.toml")


MATCHES = [
    ("web/**", "web/a", True), ("web/", "web/a/b", True), ("web", "web", True),
    ("web/**", "web", False),
    ("**", "a/b", True), ("**/*.md", "a.md", True), ("**/*.md", "x/y/a.md", True),
    ("*.md", "x/a.md", False), ("a/**/b", "a/b", True), ("a/**/b", "a/x/y/b", True),
    ("a/*/b", "a/x/y/b", False), ("packages/*", "packages/a", True), ("a*c?", "abcd", True),
    ("./web/*", "web/x", True), ("**/x/**", "a/x/y", True), ("**/x/**", "a/x", False),
]  # fmt: skip


@pytest.mark.parametrize(("pattern", "path", "expected"), MATCHES)
def test_patterns(pattern, path, expected):
    assert matches(pattern, path) is expected


@given(st.lists(st.sampled_from(["*", "**", "a", "?", "a*"]), min_size=1, max_size=30))
@settings(deadline=None, max_examples=100)
def test_no_pattern_is_slow(parts):
    path = "/".join(["a" * 30] * 30)
    began = time.process_time()
    matches("/".join(parts), path)
    matches("*a" * 100 + "b", "a" * 300)
    assert time.process_time() - began < 2


def test_the_last_pattern_decides():
    test = chosen(["**", "!a/**", "a/b/**"])
    assert (test("x"), test("a/x"), test("a/b/x")) == (True, False, True)
    assert not chosen([])("a")


PART = st.sampled_from(["a", "b", "*", "?", "**", "a*"])
PATTERN = st.builds(
    lambda out, parts, end: out + "/".join(parts) + end,
    st.sampled_from(["", "!"]),
    st.lists(PART, min_size=1, max_size=3),
    st.sampled_from(["", "/", "/**"]),
)
PATHS = st.lists(st.sampled_from(["a", "b", "ab"]), min_size=1, max_size=4).map("/".join)


@given(st.lists(PATTERN, max_size=8), PATHS)
def test_looking_folders_up_says_what_going_through_the_list_says(patterns, path):
    hits = [not p.startswith("!") for p in patterns if matches(p.removeprefix("!"), path)]
    nothing = bool(patterns) and all(p.startswith("!") for p in patterns)
    assert chosen(patterns)(path) is (hits[-1] if hits else nothing)


def test_a_large_monorepo_is_sorted_out_quickly():
    texts = {"package.json": manifest("acme", workspaces=["packages/*"])}
    texts |= {f"packages/p{n}/package.json": manifest(f"p{n}", f"p{n + 1}") for n in range(600)}
    files = [*texts, *(f"packages/p{n % 600}/src/f{n}.ts" for n in range(60_000))]
    began = time.process_time()
    scope = affected_paths(texts, files, "packages/p590", None)
    inside = sum(map(covers(scope), files))
    assert time.process_time() - began < 5
    assert inside == 1 + 10 + 10 * 100


@pytest.mark.parametrize("bad", ["x", [1], ["/etc"], ["a/../b"], ["x" * 301], ["a\n"], ["a"] * 101])
def test_bad_patterns_are_refused(bad):
    with pytest.raises(PlanError) as raised:
        check_watch(bad, "watch")
    assert raised.value.code == "config_invalid"


@given(st.dictionaries(
    st.sampled_from([*NPM, *GO, *CARGO, *UV, "pnpm-workspace.yaml", "lerna.json"]),
    st.sampled_from([*NPM.values(), *GO.values(), *CARGO.values(), *UV.values(), "{", "null", "[1]",
                     '{"workspaces": [1, {}]}', '{"packages": ["**"]}', "packages: {a: b}"]),
), st.text(max_size=9))  # fmt: skip
@settings(deadline=None)
def test_whatever_the_manifests_say_there_is_a_scope_and_it_has_the_root(texts, more):
    for root in ("apps/web", "web", "crates/web", "docs", more):
        scope = affected_paths(texts, list(texts), root, None)
        assert isinstance(scope, Scope)
        if root and not root.startswith(("/", "~", ".")):
            assert covers(scope)("clouddeck.toml")
            assert scope.paths == ["**"] or covers(scope)(f"{root}/index.html")
