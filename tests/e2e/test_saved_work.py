"""Steps and their tests, work that is saved, and secrets that stay at home."""

from __future__ import annotations

import json

import pytest

from tests.e2e.asking import Json, until
from tests.e2e.person import Person, Site

PACKAGE = {
    "name": "saved",
    "version": "1.0.0",
    "scripts": {"build": "mkdir -p dist && cp page.html dist/index.html"},
    "dependencies": {"is-number": "7.0.0"},
}
LOCK = {
    "name": "saved",
    "version": "1.0.0",
    "lockfileVersion": 3,
    "requires": True,
    "packages": {
        "": {"name": "saved", "version": "1.0.0", "dependencies": {"is-number": "7.0.0"}},
        "node_modules/is-number": {"version": "7.0.0"},
    },
}
CONFIG = """\
[build]
output = "dist"
node = "18"

[[steps]]
name = "unit"
run = "sh unit.sh"
junit = ["reports/*.xml"]
"""
UNIT = """\
mkdir -p reports; node --version
cat > reports/unit.xml <<'X'
<testsuite><testcase name="tides" time="0.1"/><testcase name="moon"/></testsuite>
X
"""


@pytest.fixture(scope="module")
def site(person: Person) -> Site:
    files = {
        "package.json": json.dumps(PACKAGE),
        "package-lock.json": json.dumps(LOCK),
        "clouddeck.toml": CONFIG,
        "unit.sh": UNIT,
        "page.html": "<h1>one</h1>",
    }
    return person.site("saved", files)


def build(site: Site, deployment: Json) -> Json:
    told: Json = site.deck("build", deployment["id"], "--json")
    return told


def has_cache(site: Site) -> bool:
    """Whether a build has saved its dependencies; it does that when the site is live already."""
    found = site.cloud.database().query(
        TableName="clouddeck-core",
        KeyConditionExpression="pk = :project AND begins_with(sk, :cache)",
        ExpressionAttributeValues={
            ":project": {"S": f"PROJ#{site.id}"},
            ":cache": {"S": "CACHE#production#dependencies#"},
        },
    )
    return bool(found["Items"])


def test_steps_tests_caches_and_full_hits(site: Site) -> None:
    first = site.publish()
    told = build(site, first)
    assert [(step["name"], step["outcome"]) for step in told["steps"]] == [
        ("install", "ok"),
        ("unit", "ok"),
        ("build", "ok"),
    ]
    assert [(one["step"], one["tests"], one["failures"]) for one in told["tests"]] == [
        ("unit", 2, 0)
    ]
    assert told["versions"]["node"].startswith("18.")
    assert any(line["text"].startswith("v18.") for line in site.api.lines(first["id"]))
    assert told["caches"][0]["state"] == "miss"

    until(lambda: has_cache(site), 60)

    second = site.publish({"page.html": "<h1>two</h1>"})
    told = build(site, second)
    assert told["caches"][0]["state"] == "exact"
    assert told["steps"][0]["outcome"] == "skipped"
    assert told["saved_ms"] > 0
    assert told["versions"]["node"].startswith("18.")

    third = site.publish({"page.html": "<h1>one</h1>"})
    told = build(site, third)
    assert third["restored"] == first["id"]
    assert told["state"] == "restored"
    assert told["saved_ms"] > 0
    assert site.shows("<h1>one</h1>")


def test_a_failing_check_is_named(site: Site) -> None:
    failing = UNIT.replace('<testcase name="moon"/>', '<testcase name="moon"><error/></testcase>')
    site.commit({"unit.sh": failing + "exit 1\n"})
    found = site.api.finished(site.push("broken")["id"])
    assert found["error"]["code"] == "check_failed"
    assert "1 of 2 tests failed: moon" in found["error"]["message"]
    site.deck("tests", found["id"], code=1)
    site.commit({"unit.sh": UNIT})


def test_a_secret_in_the_output_is_not_published(site: Site) -> None:
    site.deck("env", "set", "TOKEN=tide-9f3Kq-secret-77", "--secret")
    leaky = {**PACKAGE, "scripts": {"build": 'mkdir -p dist && echo "<p>$TOKEN" > dist/index.html'}}
    site.commit({"package.json": json.dumps(leaky)})
    found = site.api.finished(site.push()["id"])
    assert found["error"]["code"] == "secret_in_output"
    assert "index.html, line 1, holds the value of TOKEN" in found["error"]["message"]
    assert "9f3Kq" not in json.dumps([found, build(site, found), site.api.lines(found["id"])])
    assert site.shows("<h1>one</h1>")
