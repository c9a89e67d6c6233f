"""Dependencies from addresses with passwords in them: nothing of an address gets into a bill."""

from __future__ import annotations

import json

import pytest

from chalicelib.supply.rules import locks, sbom

TOKEN = "ghp-0f-somebody"
ADDRESS = f"https://me:{TOKEN}@git.corp/x.tgz"
LOCKS = {
    "package-lock.json": json.dumps(
        {
            "lockfileVersion": 3,
            "packages": {
                "": {"dependencies": {"a": ADDRESS}},
                "node_modules/a": {"version": ADDRESS, "resolved": ADDRESS},
                "node_modules/b": {"version": "1.0.0", "resolved": f"git+{ADDRESS}#abc"},
            },
        }
    ),
    "npm-shrinkwrap.json": json.dumps(
        {"lockfileVersion": 1, "dependencies": {"a": {"version": f"git+{ADDRESS}#abc"}}}
    ),
    "pnpm-lock.yaml": f"""\
lockfileVersion: '9.0'
importers:
  .:
    dependencies:
      a:
        specifier: {ADDRESS}
        version: {ADDRESS}
packages:
  a@{ADDRESS}:
    resolution: {{tarball: {ADDRESS}}}
    version: 1.0.0
  '{ADDRESS}':
    resolution: {{tarball: {ADDRESS}}}
  b@git+{ADDRESS}#abc:
    resolution: {{commit: abc, repo: {ADDRESS}}}
""",
    "yarn.lock": f"""\
# yarn lockfile v1


"a@{ADDRESS}":
  version "1.0.0"
  resolved "{ADDRESS}#abc"

"{ADDRESS}":
  version "2.0.0"
  resolved "{ADDRESS}#abc"
""",
    "bun.lock": json.dumps(
        {
            "lockfileVersion": 1,
            "workspaces": {"": {"name": "s", "dependencies": {"a": ADDRESS}}},
            "packages": {
                "a": [f"a@{ADDRESS}", {}, "sha512-AA=="],
                "@s/b": [f"@s/b@git+{ADDRESS}#abc", {}, "abc"],
            },
        }
    ),
    "requirements.txt": f"""\
--index-url {ADDRESS}
-r {ADDRESS}
--constraint={ADDRESS}
a @ {ADDRESS}
git+{ADDRESS}#egg=b
b==1.0 --hash=sha256:00
""",
    "uv.lock": f"""\
[[package]]
name = "a"
version = "1.0"
source = {{ git = "{ADDRESS}?rev=1#abc" }}
sdist = {{ url = "{ADDRESS}" }}
""",
    "poetry.lock": f"""\
[[package]]
name = "a"
version = "1.0"
[package.source]
type = "git"
url = "{ADDRESS}"
""",
    "Pipfile.lock": json.dumps(
        {
            "_meta": {"sources": [{"url": ADDRESS}]},
            "default": {"a": {"git": ADDRESS, "ref": "abc"}, "b": {"version": "==1.0"}},
        }
    ),
    "go.mod": f"""\
module example.org/x
go 1.22
require a.org/b v1.0.0
replace a.org/b => {ADDRESS} v1.0.0
""",
    "Cargo.lock": f"""\
[[package]]
name = "a"
version = "1.0.0"
source = "git+{ADDRESS}?rev=1#abc"
""",
    "Gemfile.lock": f"""\
GIT
  remote: {ADDRESS}
  revision: abc
  specs:
    a (1.0.0)

GEM
  remote: {ADDRESS}
  specs:
    b (1.0.0)

DEPENDENCIES
  a!
  b
""",
}


@pytest.mark.parametrize("name", sorted(locks.READERS))
def test_no_address_of_a_dependency_gets_into_a_bill(name: str) -> None:
    lock = locks.read(name, LOCKS[name])
    subject = sbom.Subject("dpl_1", "site", "c" * 40, "2026-01-01T00:00:00Z", "1")
    said = sbom.dump(sbom.document(subject, sbom.Bill(locks={name: lock}))).decode()
    assert "corp" not in said
    assert TOKEN not in said
    assert lock.components or lock.gaps
