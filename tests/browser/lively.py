"""A cloud in which something happens, so that pages have something to show."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from tests.e2e.asking import Json, until
from tests.e2e.cloud import Cloud
from tests.e2e.person import Person, Site


@dataclass(frozen=True)
class Lively:
    """A site with a past: versions, a preview, a failed build, a rollout, a domain, variables."""

    cloud: Cloud
    site: Site
    team: str
    live: str
    failed: str
    rollout: str
    domain: str = "tides.example.com"


def lively(cloud: Cloud, folder: Path) -> Lively:
    """Make all of it by `git` and `deck`, as people do."""
    person = Person(cloud, folder / "person")
    person.sign_in()
    site = person.site("tides", {"index.html": "<h1>Tides</h1>", "_redirects": "/old /new 301\n"})
    site.publish()
    live = site.publish({"index.html": "<h1>Tides, again</h1>"})
    site.git("switch", "--quiet", "--create", "spring")
    site.publish({"index.html": "<h1>Spring tide</h1>"}, "spring")
    site.git("switch", "--quiet", "main")
    failed = _failed(site)
    api = cloud.api
    project, team = f"/projects/{site.id}", str(api.get("/me")["teams"][0]["slug"])
    api.post(f"{project}/domains", {"domain": Lively.domain})
    api.post(f"{project}/env/import", {"text": "MOON=full\nWIND=west\n", "secret": False})
    api.post(f"/teams/{team}/invitations", {"email": "eve@example.com", "role": "viewer"})
    return Lively(cloud, site, team, live["id"], failed, _rollout(site))


def _failed(site: Site) -> str:
    """A deployment whose build says no."""
    command = (
        '[build]\nframework = "custom"\ncommand = "echo no tide today; exit 1"\noutput = "."\n'
    )
    site.commit({"clouddeck.toml": command})
    broken = site.push()
    assert site.api.finished(broken["id"])["state"] == "failed"
    (site.folder / "clouddeck.toml").unlink()
    return str(broken["id"])


def _rollout(site: Site) -> str:
    """A version that some of the visitors see, for as long as nobody goes on."""
    site.deck("delivery", "set", "strategy=canary", "steps=25:1h,100")
    site.commit({"index.html": "<h1>Tides, soon</h1>"})
    site.push()

    def running() -> Json | None:
        found = site.api.items(f"/projects/{site.id}/rollouts")
        return found[0] if found and found[0]["weight"] == 25 else None

    return str(until(running, 120)["id"])
