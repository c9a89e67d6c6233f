"""Suite `checks`: what it costs a request to be counted, known, allowed, and held to policies.

One connection, one request after the other, the kinds taking turns, so that what else the machine
does falls on all of them alike; medians. Each is shown beside what it adds to: a route that wants
a token beside a public one, the same counted, one that wants a role in a team, and a team with
policies beside one without. Two clouds run, because counting is a setting.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Callable
from typing import Any

from bench import table
from bench.cloud import Cloud

ROUNDS = 400
WARM = 40
POLICIES = {
    "friday": {
        "effect": "deny",
        "actions": ["deployment.promote"],
        "conditions": {
            "environment": ["production"],
            "time": {"days": ["fri"], "from": "12:00", "timezone": "Europe/Berlin"},
        },
    },
    "office": {
        "effect": "allow_only",
        "actions": ["env.*"],
        "conditions": {"network": {"cidrs": ["203.0.113.0/24", "2001:db8::/32"]}},
    },
    "fresh": {
        "effect": "allow_only",
        "actions": ["env.write"],
        "conditions": {"mfa": {"max_age_minutes": 10}},
    },
    "guests": {"effect": "deny", "roles": ["guest"], "actions": ["deployment.*"]},
    "raw": {"cedar": 'forbid (principal in Role::"viewer", action, resource is Upload);'},
}

_DETECT = '{"root_files":[],"files":{}}'

Ask = Callable[[], None]


def run() -> list[table.Row]:
    """Every row of the suite."""
    with Cloud(CLOUDDECK_RATE_FACTOR="0") as cloud, Cloud() as counting:
        home = cloud.call("POST", "/projects", {"name": "home"})
        # two more teams, which differ by their policies only
        free, ruled = (_project(cloud, name) for name in ("free", "ruled"))
        for name, policy in POLICIES.items():
            cloud.call("PUT", f"/teams/{ruled['team']}/policies/{name}", policy)
        found = _medians(
            {
                "public": _asking(cloud, "GET", "/v1/meta"),
                "counted": _asking(counting, "POST", "/v1/frameworks/detect", _DETECT),
                "token": _asking(cloud, "POST", "/v1/frameworks/detect", _DETECT),
                "role": _asking(cloud, "GET", f"/v1/projects/{home['id']}"),
                "free": _asking(cloud, "GET", f"/v1/projects/{free['id']}"),
                "ruled": _asking(cloud, "GET", f"/v1/projects/{ruled['id']}"),
            }
        )
    return [
        table.fact("public", found["public"], "ms"),
        table.faster("token checked, not counted", found["token"], found["public"], "ms", None),
        table.faster("the same, counted", found["counted"], found["token"], "ms", None),
        table.faster("a role in one's first team", found["role"], found["token"], "ms", None),
        table.faster("five policies beside none", found["ruled"], found["free"], "ms", None),
    ]


def _project(cloud: Cloud, name: str) -> dict[str, Any]:
    """A project in a new team."""
    team = cloud.call("POST", "/teams", {"name": name})
    return cloud.call("POST", "/projects", {"name": name, "team": team["id"]})


def _asking(cloud: Cloud, method: str, path: str, body: str | None = None) -> Ask:
    """One request on a connection of its own that stays open."""
    connection = http.client.HTTPConnection("127.0.0.1", cloud.port, timeout=60)
    headers = {"Content-Type": "application/json", "Authorization": f"Bearer {cloud.token}"}

    def ask() -> None:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        content = answer.read()
        if answer.status != 200:
            sys.exit(f"{method} {path}: {answer.status} {content[:300]!r}")

    return ask


def _medians(kinds: dict[str, Ask]) -> dict[str, float]:
    """Milliseconds of each kind."""
    times: dict[str, list[float]] = {name: [] for name in kinds}
    for number in range(ROUNDS + WARM):
        for name, ask in kinds.items():
            started = time.perf_counter()
            ask()
            if number >= WARM:
                times[name].append((time.perf_counter() - started) * 1000)
    return {name: statistics.median(found) for name, found in times.items()}
