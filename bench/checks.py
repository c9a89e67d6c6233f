"""Suite `checks`: what it costs a request to be counted, known, allowed, and held to policies.

One connection, one request after the other, the kinds taking turns, so that what else the machine
does falls on all of them alike; medians. Each step is shown beside the one before it: a public
route that nobody counts, the same counted, a route that wants a token, one that wants a role in a
team, and the same in a team with policies. Two clouds run, because counting is a setting.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import time
from collections.abc import Callable

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

Ask = Callable[[], None]


def run() -> list[table.Row]:
    """Every row of the suite."""
    with Cloud(CLOUDDECK_RATE_FACTOR="0") as cloud, Cloud() as counting:
        plain, other = (cloud.call("POST", "/projects", {"name": "checks"}) for _ in range(2))
        found = _medians(
            {
                "public": _asking(cloud, "GET", "/v1/health"),
                "counted": _asking(counting, "GET", "/v1/health"),
                "signed in": _asking(cloud, "POST", "/v1/frameworks/detect", '{"root_files":[],"files":{}}'),
                "role": _asking(cloud, "GET", f"/v1/projects/{plain['id']}"),
            }
        )
        team = other["team"]
        for name, policy in POLICIES.items():
            cloud.call("PUT", f"/teams/{team}/policies/{name}", policy)
        ruled = _medians(
            {
                "public": _asking(cloud, "GET", "/v1/health"),
                "policies": _asking(cloud, "GET", f"/v1/projects/{plain['id']}"),
            }
        )
    # both halves have the public route, so the second is put on the scale of the first
    policies = ruled["policies"] * found["public"] / ruled["public"]
    return [
        table.fact("public, not counted", found["public"], "ms"),
        table.faster("public, counted", found["counted"], found["public"], "ms", None),
        table.faster("token checked", found["signed in"], found["public"], "ms", None),
        table.faster("and role in a team", found["role"], found["signed in"], "ms", None),
        table.faster("and five policies", policies, found["role"], "ms", None),
    ]


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
