"""Builds that nobody prepared, builds that are stopped, builds that fail."""

from __future__ import annotations

import contextlib
import json
import re
from pathlib import Path

from tests.e2e.asking import until
from tests.e2e.cloud import SLOTS, Cloud
from tests.e2e.person import Person, Site

PACKAGE = {
    "name": "tide-table",
    "private": True,
    "type": "module",
    "scripts": {"dev": "vite", "build": "vite build", "preview": "vite preview"},
    "dependencies": {"vue": "3.5.45"},
    "devDependencies": {"@vitejs/plugin-vue": "6.0.11", "vite": "8.3.8"},
}
APP = """\
<script setup>
import { ref } from 'vue';
const metres = ref(4.2);
</script>

<template>
  <h1>High water</h1>
  <button @click="metres++">{{ metres }} m</button>
</template>

<style scoped>
h1 { color: teal; }
</style>
"""
CONFIG = """\
import vue from '@vitejs/plugin-vue';
export default { plugins: [vue()] };
"""
PAGE = """\
<!doctype html>
<html lang="en">
<head><title>Tide table</title></head>
<body><div id="app"></div><script type="module" src="/src/main.js"></script></body>
</html>
"""
MAIN = """\
import { createApp } from 'vue';
import App from './App.vue';
createApp(App).mount('#app');
"""
VUE = {
    "package.json": json.dumps(PACKAGE, indent=2),
    "vite.config.js": CONFIG,
    "index.html": PAGE,
    "src/main.js": MAIN,
    "src/App.vue": APP,
    ".gitignore": "node_modules\ndist\n",
}
LONG = """\
[build]
framework = "custom"
install = ""
command = "echo begun; sleep {seconds}"
output = "out"
"""
SECONDS = 7919
"""A number by which the sleeping process can be recognised."""


def test_a_repository_that_nobody_prepared(person: Person) -> None:
    """As a project generator leaves it: no lock file, no settings."""
    site = person.site("tide-table", VUE)
    assert site.detected["framework"] == "vite"
    deployment = site.publish()
    assert deployment["framework"] == "vite"
    page = site.page("/")
    assert "<title>Tide table</title>" in page.text
    script = page.text.partition('src="')[2].partition('"')[0]
    assert b"High water" in site.page(script).body
    assert site.page("/some/route").body == page.body


def sleeping() -> bool:
    """Whether the long build's process is there."""
    for folder in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            if (folder / "cmdline").read_bytes() == f"sleep\0{SECONDS}\0".encode():
                return True
    return False


WAITS = re.compile(r"Waiting for a build slot: [0-9]+ builds? before this one; your team runs ")
"""A build that has no slot says how many come first, and how many its team runs."""


def test_cancelling_frees_the_slot(person: Person, plain: Site) -> None:
    long = [
        person.site(f"long-{number}", {"clouddeck.toml": LONG.format(seconds=SECONDS)})
        for number in range(SLOTS)
    ]
    running = []
    for site in long:
        site.commit()
        running.append(site.push()["id"])

    def begun(deployment: str) -> bool:
        return any(line["text"] == "begun" for line in plain.api.lines(deployment))

    for deployment in running:
        until(lambda deployment=deployment: begun(deployment), 60)
    assert sleeping()
    plain.commit({"extra.txt": "waits for a slot\n"})
    waiting = plain.push()["id"]
    assert until(lambda: plain.api.deployment(waiting)["state"] == "building", 30)
    said = [line["text"] for line in plain.api.lines(waiting)]
    assert all(WAITS.match(line) for line in said), said
    assert len(said) <= 1, "every slot is taken: nothing but that it waits is said"

    assert long[0].deck("cancel")["state"] == "cancelled"
    assert plain.api.ready(waiting, 60)["state"] == "ready"
    for site, deployment in zip(long[1:], running[1:], strict=True):
        assert site.deck("cancel", deployment)["state"] == "cancelled"
    assert until(lambda: not sleeping(), 15)
    for site, deployment in zip(long, running, strict=True):
        found = site.api.deployment(deployment)
        assert (found["state"], found["live"]) == ("cancelled", False)
        assert site.page("/").status == 404


def test_a_build_that_fails_says_why(cloud: Cloud, person: Person) -> None:
    toml = LONG.replace("echo begun; sleep {seconds}", "echo no such module >&2; exit 3")
    site = person.site("failing", {"clouddeck.toml": toml})
    site.commit()
    found = cloud.api.finished(site.push()["id"])
    assert found["state"] == "failed"
    assert found["error"]["code"] == "build_failed"
    assert found["error"]["fault"] == "you"
    assert found["error"]["message"]
    assert any("no such module" in line["text"] for line in cloud.api.lines(found["id"]))
    states = {stage["name"]: stage["state"] for stage in found["stages"]}
    assert states["promote"] == "skipped"
    assert "failed" in states.values()
    assert site.page("/").status == 404
    refused = site.deck("deploy", "--prod", code=1)
    assert refused["deployment"]["state"] == "failed"
