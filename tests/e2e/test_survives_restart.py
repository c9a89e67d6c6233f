"""`down`, then `up`: everything is as it was."""

from __future__ import annotations

from typing import Any

from tests.e2e.asking import until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person, Site
from tests.e2e.test_examples import Examples


def picture(cloud: Cloud, examples: Examples) -> dict[str, Any]:
    """Everything that somebody could miss."""
    api = cloud.api
    found: dict[str, Any] = {"me": api.get("/me"), "keys": api.get("/keys")["items"]}
    for key in found["keys"]:
        key.pop("last_used_at")
    for project in api.items("/projects"):
        path = f"/projects/{project['id']}"
        deployments = api.items(f"{path}/deployments")
        found[project["slug"]] = (project, deployments, api.get(f"{path}/pointer"))
        found[project["slug"] + " env"] = api.get(f"{path}/env")
        if deployments:
            found[project["slug"] + " log"] = api.lines(deployments[0]["id"])
        found[project["slug"] + " page"] = cloud.page(project["url"]).body
    for name, (site, deployment) in examples.items():
        found[f"{name} own"] = site.page("/", deployment["url"]).body
    found["refs"] = [
        site.git("ls-remote", "clouddeck") for site, _ in examples.values() if site.folder.exists()
    ]
    return found


def test_down_and_up(cloud: Cloud, person: Person, examples: Examples, plain: Site) -> None:
    plain.deck("env", "set", "KEPT=over the restart", "--plain")
    before = picture(cloud, examples)
    cloud.down()
    until(lambda: not cloud.leftovers(), 5)
    assert cloud.leftovers() == []
    assert cloud.status()["running"] is False
    assert person.run(person.home, "deck", "status", "--json").returncode == 1
    refused = person.deck(person.home, "--api", cloud.url, "whoami", code=4)
    assert refused["error"]["code"]
    assert cloud.up() < 60
    assert picture(cloud, examples) == before
    assert person.deck(person.home, "whoami")["user"]["email"], "still signed in"
    plain.publish({"index.html": "<h1>after the restart</h1>\n"})
    assert until(lambda: plain.shows("after the restart"), 5)


def test_up_again_is_refused_in_one_line(cloud: Cloud, person: Person) -> None:
    done = person.run(person.home, "deck", "up", "--port", str(cloud.port + 8))
    assert done.returncode == 5
    assert len(done.stderr.strip().splitlines()) == 1
    assert cloud.all_ready()
