"""From a push to a live site on the deployed stacks, with IAM enforced."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from websockets.sync.client import connect

from tests.acceptance.client import Api, Json
from tests.aws.cloud import EMAIL, Cloud
from tests.e2e.asking import until
from tests.e2e.person import DECK
from tests.e2e.surroundings import EXAMPLES, ROOT, person_environment

Make = Callable[[str], Json]


def page(word: str) -> dict[str, bytes]:
    """A site of one page."""
    return {"index.html": f"<!doctype html><h1>{word}</h1>\n".encode()}


def tree(folder: Path) -> dict[str, bytes]:
    """What git would have of a folder."""
    listed = subprocess.run(
        ["git", "ls-files", "-z"], cwd=folder, capture_output=True, text=True, check=True
    )
    return {name: (folder / name).read_bytes() for name in listed.stdout.split("\0") if name}


def test_push_build_live_and_back(cloud: Cloud, api: Api, project: Make) -> None:
    shop = project("shop")
    host = cloud.host(shop)
    first = cloud.settled(api, shop["id"], cloud.push(shop["id"], page("one")))
    assert (first["state"], first["error"], first["live"]) == ("ready", None, True)
    assert first["created_by"] == "octocat"
    cloud.shows(host, b"<h1>one</h1>")
    preview = cloud.edge.ask(cloud.host(shop, first["id"]))
    assert (preview.status, preview.headers["x-robots-tag"]) == (200, "noindex")

    second = cloud.settled(api, shop["id"], cloud.push(shop["id"], page("two")))
    assert second["state"] == "ready", second["error"]
    cloud.shows(host, b"<h1>two</h1>")
    store = dict(cloud.edge.distribution.kvs.items())
    assert json.loads(store["shop"])["p"] == second["id"].removeprefix("dpl_")
    assert cloud.edge.ask(host).hit, "it is in CloudFront's cache"

    moved = api.post(f"/projects/{shop['id']}/rollback")
    assert (moved["deployment"], moved["pinned"]) == (first["id"], True)
    assert b"one" in cloud.edge.ask(host).body, "revoked and purged before the answer"
    assert b"two" in cloud.edge.ask(cloud.host(shop, second["id"])).body
    cloud.shows(host, b"<h1>one</h1>")
    assert cloud.edge.distribution.faults == []


def test_a_real_build(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("react")
    commit = cloud.push(made["id"], tree(EXAMPLES / "vite-react"))
    built = cloud.settled(api, made["id"], commit)
    assert (built["state"], built["framework"]) == ("ready", "vite"), built["error"]
    cloud.shows(cloud.host(made), b'<script type="module"')
    front = cloud.edge.ask(cloud.host(made)).body.decode()
    script = front.partition('src="')[2].partition('"')[0]
    reply = cloud.edge.ask(cloud.host(made), script)
    assert (reply.status, reply.headers["content-type"]) == (200, "text/javascript; charset=utf-8")


def test_a_build_knows_nothing_of_the_account(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("curious")
    commands = {"build_command": "mkdir -p dist && env | sort > dist/index.html"}
    api.good(
        "PATCH", f"/projects/{made['id']}", {"settings": {**commands, "output_directory": "dist"}}
    )
    package = {"package.json": b'{"name": "curious", "private": true}'}
    built = cloud.settled(api, made["id"], cloud.push(made["id"], package))
    assert built["state"] == "ready", built["error"]
    cloud.shows(cloud.host(made), b"CLOUDDECK_PROJECT=")
    seen = cloud.edge.ask(cloud.host(made)).body.decode()
    assert "AWS_" not in seen
    assert "TOKEN" not in seen


def test_a_runner_that_dies_without_a_word_is_replaced(
    cloud: Cloud, api: Api, project: Make
) -> None:
    made = project("unlucky")
    cloud.machines.fates = ["dies"]
    built = cloud.settled(api, made["id"], cloud.push(made["id"], page("after all")))
    assert built["state"] == "ready", built["error"]
    orders = cloud.machines.of(built["build"])
    assert [(m.order[-2:], m.status) for m in orders] == [("-1", "FAILED"), ("-2", "SUCCEEDED")]
    log = api.get(f"/deployments/{built['id']}/logs")["lines"]
    assert any("the machine went away" in line["text"] for line in log), "out of CloudWatch"


def test_cancelling_stops_the_machine(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("endless")
    cloud.machines.fates = ["hangs"]
    commit = cloud.push(made["id"], page("never"))

    def building() -> Any:
        for one in api.get(f"/projects/{made['id']}/deployments")["items"]:
            for machine in cloud.machines.of(one["build"] or "none yet"):
                if machine.process is not None:
                    return machine
        return None

    machine = until(building, 60)
    deployment = api.get(f"/projects/{made['id']}/deployments")["items"][0]
    api.post(f"/deployments/{deployment['id']}/cancel")
    assert cloud.settled(api, made["id"], commit)["state"] == "cancelled"
    assert machine.ended.wait(20)
    assert machine.status == "STOPPED"


def test_a_project_leaves_nothing(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("leaving")
    host, folder = cloud.host(made), f"sources/{made['id']}/"
    assert cloud.settled(api, made["id"], cloud.push(made["id"], page("here")))["live"]
    cloud.shows(host, b"here")
    s3, bucket = cloud.deployment.client("s3"), cloud.names.bucket("sources")
    assert s3.list_objects_v2(Bucket=bucket, Prefix=folder)["KeyCount"] == 1
    assert api.call("DELETE", f"/projects/{made['id']}").status_code == 204
    until(lambda: s3.list_objects_v2(Bucket=bucket, Prefix=folder)["KeyCount"] == 0, 75)
    until(lambda: cloud.edge.ask(host).status == 404, 20)


def test_deck_deploys_what_lies_on_a_disk(cloud: Cloud, password: str) -> None:
    home = cloud.folder / "person"
    site = home / "site"
    site.mkdir(parents=True)
    (site / "index.html").write_text("<h1>by hand</h1>")

    def deck(*arguments: str, given: str = "") -> Any:
        done = subprocess.run(
            [str(DECK), *arguments, "--json"],
            cwd=site,
            env=person_environment(home),
            input=given,
            capture_output=True,
            text=True,
            timeout=180,
            check=False,
        )
        assert done.returncode == 0, f"deck {arguments}: {done.stdout}\n{done.stderr}"
        return done.stdout

    login = ("login", "--email", EMAIL, "--password-stdin", "--api", cloud.url)
    deck(*login, given=password + "\n")
    deck("init", "--name", "by-hand")
    deck("deploy", "--prod")
    cloud.shows(f"by-hand.{cloud.names.of.domain}", b"<h1>by hand</h1>")


def test_watching_over_the_web_socket(cloud: Cloud, api: Api, project: Make) -> None:
    made = project("watched")
    live = api.get("/meta")["live"]
    with connect(f"{live}?token={api.token}", proxy=None, open_timeout=30) as socket:
        commit = cloud.push(made["id"], page("watched"))
        where = f"/projects/{made['id']}/deployments"
        (deployment,) = until(lambda: api.get(where)["items"])
        socket.send(json.dumps({"action": "subscribe", "deployment": deployment["id"]}))
        states, lines = set(), 0
        while "ready" not in states:
            message = json.loads(socket.recv(timeout=60))
            if message["type"] == "deployment":
                states.add(message["deployment"]["state"])
            lines += len(message.get("lines", []))
        assert lines > 0
    assert cloud.settled(api, made["id"], commit)["id"] == deployment["id"]


def test_nobody_watches_without_a_token(api: Api) -> None:
    from websockets.exceptions import InvalidStatus

    with pytest.raises(InvalidStatus) as refused:
        connect(f"{api.get('/meta')['live']}?token=none", proxy=None, open_timeout=30)
    assert refused.value.response.status_code in {401, 403}


def test_the_api_does_what_it_does_everywhere(cloud: Cloud, password: str) -> None:
    told = {"API": cloud.url, "EMAIL": EMAIL, "PASSWORD": password, "EDGE": cloud.edge.url}
    environment = {**os.environ, **{f"ACCEPTANCE_{name}": value for name, value in told.items()}}
    command = ["pytest", "-q", "-n0", "-p", "no:cacheprovider", "tests/acceptance"]
    done = subprocess.run(
        [sys.executable, "-m", *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=280,
        check=False,
    )
    assert done.returncode == 0, done.stdout[-6000:]
    assert " passed" in done.stdout
