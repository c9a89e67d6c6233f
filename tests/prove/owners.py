"""Three teams that want the same domains, in a cloud with a name server of the suite's own."""

from __future__ import annotations

import random
import socket
import ssl
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any

from tests.fakes.nameserver import Nameserver
from tests.prove.cloud import Cloud, wait
from tests.prove.outcome import Outcome
from tests.prove.ownership import NOBODY, Journal, Reading, Sight, Span
from tests.prove.repository import Files

TEAMS = ("north", "south", "west")
NAMES = ("example.test", "www.example.test", "shop.example.test", "*.example.test")
HOSTS = (
    *NAMES[:3],
    "other.example.test",
    "two.levels.example.test",
    "example.test.",
    "SHOP.example.test",
)
"""What visitors ask for. Nobody can have a name two levels below a wildcard; the last two are
other ways to write a name."""

SECONDS = {"smoke": 12, "full": 150}
MOST_SECONDS = 60
"""So long it may last, on a busy machine, until two teams have had a domain."""

DEEDS = ("add", "prove", "steal", "clear", "check", "remove", "release", "change")
WEIGHTS = (6, 4, 6, 1, 9, 1, 5, 1)
DOERS, VISITORS = 2, 2
"""Threads of each team, and of visitors."""
KEPT_SECONDS = 3600


class Names(Nameserver):
    """A name server whose records are noted with the time for which they stood."""

    def __init__(self, journal: Journal) -> None:
        super().__init__()
        self._journal, self._guard = journal, threading.Lock()
        self._there: dict[str, dict[str, tuple[str, str, float]]] = {}

    def environment(self) -> dict[str, str]:
        """What makes a cloud ask here."""
        return {"CLOUDDECK_NAMESERVER": f"127.0.0.1:{self.resolver().port}"}

    def set(self, record: dict[str, str], project: str, domain: str, *, alone: bool) -> None:
        """Put a project's record there, beside those of others or instead of them."""
        with self._guard:
            there = self._there.setdefault(record["name"], {})
            for value in list(there) if alone else ():
                self._gone(there, value, domain)
            there.setdefault(record["value"], (project, domain, time.monotonic()))
            self.texts[record["name"]] = list(there)

    def clear(self, record: dict[str, str]) -> None:
        """Take a project's record away."""
        with self._guard:
            there = self._there.setdefault(record["name"], {})
            self._gone(there, record["value"], None)
            self.texts[record["name"]] = list(there)

    def note_standing(self) -> None:
        """Note what stands still, for the judge."""
        with self._guard:
            for there in self._there.values():
                for project, domain, began in there.values():
                    self._journal.proofs.append(Span(project, domain, began, float("inf")))

    def _gone(self, there: dict[str, Any], value: str, domain: str | None) -> None:
        """Remove one; with a domain only if it is of that one: a wildcard has its own."""
        found = there.get(value)
        if found is None or domain not in {None, found[1]}:
            return
        del there[value]
        project, name, began = found
        # who asked just before may act on the answer for as long as an answer may take
        self._journal.proofs.append(Span(project, name, began, time.monotonic() + 10))


@contextmanager
def nameserver() -> Iterator[Names]:
    """A name server for the time of a run."""
    names = Names(Journal())
    try:
        yield names
    finally:
        names.stop()


@dataclass
class Owner:
    """A team with a project: how it asks, and what its site shows."""

    team: str
    cloud: Cloud
    slug: str
    project: str = ""
    deployment: str = ""

    @property
    def at(self) -> str:
        """Where its domains are."""
        return f"/v1/projects/{self.project}/domains"


class Rivals:
    """One run: everybody adds, proves, steals and removes; visitors and readers watch."""

    def __init__(self, cloud: Cloud, outcome: Outcome, names: Names) -> None:
        self.cloud, self.outcome, self.names = cloud, outcome, names
        self.journal = names._journal
        self.owners: list[Owner] = []
        self.shows: dict[str, str] = {}
        self.done: dict[str, int] = dict.fromkeys(DEEDS, 0)
        self._over, self._end = threading.Event(), threading.Event()

    def open(self) -> None:
        """Three teams, each with a site."""
        session = self.cloud.asked_by(self.cloud.session())
        for name in TEAMS:
            team = session.must("POST", "/v1/teams", {"name": name, "slug": name})["id"]
            wish = {"name": "prove", "team": team, "kind": "service", "role": "admin"}
            key = session.must("POST", "/v1/keys", wish)["secret"]
            self.owners.append(Owner(team, self.cloud.asked_by(key), f"site-{name}"))
        with ThreadPoolExecutor(len(TEAMS)) as pool:
            list(pool.map(self._publish, self.owners))

    def _publish(self, owner: Owner) -> None:
        wish = {"name": owner.slug, "slug": owner.slug, "team": owner.team}
        owner.project = owner.cloud.must("POST", "/v1/projects", wish)["id"]
        self.journal.teams[owner.project] = owner.team
        repository = owner.cloud.repository(owner.slug)
        files: Files = {"index.html": owner.project.encode()}
        owner.deployment = owner.cloud.published(repository, owner.slug, files)
        self.shows[owner.deployment] = owner.project

    def act(self) -> None:
        """Everybody at once; in the middle a project is deleted, and another team has its slug."""
        with ThreadPoolExecutor(20) as pool:
            work: list[Future[None]] = []
            watching = [pool.submit(self._visitor, n) for n in range(VISITORS)]
            for number, owner in enumerate(self.owners):
                work += [pool.submit(self._doer, owner, number * DOERS + n) for n in range(DOERS)]
                watching.append(pool.submit(self._reader, owner))
            half = SECONDS[self.outcome.tier] / 2
            self._over.wait(half)
            wait(self._moved, MOST_SECONDS, 1)
            heir = self._delete(self.owners[0], self.owners[1])
            work.append(pool.submit(self._publish, heir))
            self._over.wait(half)
            self._over.set()
            for one in work:
                one.result()
            self._leave()
            self._end.set()
            for one in watching:
                one.result()

    def _moved(self) -> bool:
        """Whether more than one team has had a domain by now."""
        return len({own.project for own in self.journal.owners()}) > 1

    def _delete(self, owner: Owner, heir: Owner) -> Owner:
        """Delete a project; another team takes its name at once."""
        began = time.monotonic()
        owner.cloud.must("DELETE", f"/v1/projects/{owner.project}")
        self.journal.deleted[owner.project] = (began, time.monotonic())
        return Owner(heir.team, heir.cloud, owner.slug)

    def _doer(self, owner: Owner, number: int) -> None:
        rng = random.Random(self.outcome.seed * 100 + number)
        deeds: dict[str, Callable[[Owner, str], object]] = {
            "add": self._add,
            "prove": lambda o, n: self._set(o, n, alone=False),
            "steal": lambda o, n: self._set(o, n, alone=True),
            "clear": self._clear,
            "check": lambda o, n: self._ask(o, "POST", f"{o.at}/{n}/check"),
            "remove": self._remove,
            "release": lambda o, n: self._ask(o, "DELETE", f"{o.at}/{n}?release=true"),
            "change": lambda o, n: self._ask(o, "PATCH", f"{o.at}/{n}", {"hsts_seconds": 60}),
        }
        for name in NAMES:
            self._add(owner, name)
            self._set(owner, name, alone=True)
        while not self._over.is_set() and owner.project not in self.journal.deleted:
            deed, name = rng.choices(DEEDS, WEIGHTS)[0], rng.choice(NAMES)
            deeds[deed](owner, name)
            self.done[deed] += 1

    def _ask(self, owner: Owner, method: str, path: str, body: object = None) -> dict[str, Any]:
        """A call; what went wrong inside is a fault whatever the others did."""
        answer = owner.cloud.api(method, path, body, seconds=60)
        fine = answer.status in {0, 200, 201, 202, 404, 409, 503}
        self.outcome.expect(fine, f"{method} {path}: {answer.status} {answer.content}")
        return answer.content if answer.ok else {}

    def _add(self, owner: Owner, name: str) -> None:
        began = time.monotonic()
        body = {"domain": name}
        self._ask(owner, "POST", owner.at, body)
        self.journal.adds.append(Span(owner.project, name, began, time.monotonic()))

    def _record(self, owner: Owner, name: str) -> dict[str, str] | None:
        found = self._ask(owner, "GET", f"{owner.at}/{name}")
        return next((r for r in found.get("records", ()) if r["type"] == "TXT"), None)

    def _set(self, owner: Owner, name: str, *, alone: bool) -> None:
        record = self._record(owner, name)
        if record:
            self.names.set(record, owner.project, name, alone=alone)
            self._ask(owner, "POST", f"{owner.at}/{name}/check")

    def _clear(self, owner: Owner, name: str) -> None:
        record = self._record(owner, name)
        if record:
            self.names.clear(record)

    def _remove(self, owner: Owner, name: str) -> None:
        """Remove without releasing, then see whether it was ours to be held."""
        self._ask(owner, "DELETE", f"{owner.at}/{name}")
        time.sleep(1)
        key = {"pk": {"S": f"DOMAIN#{name}"}, "sk": {"S": "META"}}
        row = self.cloud.table("get_item", TableName="clouddeck-core", Key=key, ConsistentRead=True)
        claim = row.get("Item", {})
        free = int(claim.get("free_at", {}).get("N", 0))
        if claim.get("project", {}).get("S") == owner.project and free > time.time() + KEPT_SECONDS:
            self.journal.held.append((owner.team, name, time.monotonic()))

    def _reader(self, owner: Owner) -> None:
        while not self._end.is_set() and owner.project not in self.journal.deleted:
            began = time.monotonic()
            answer = owner.cloud.api("GET", owner.at)
            if answer.ok:
                self._note(owner, answer.content["items"], began)
            time.sleep(0.1)

    def _note(self, owner: Owner, items: list[dict[str, Any]], began: float) -> None:
        there = {one["domain"]: one for one in items}
        ended = time.monotonic()
        for name in NAMES:
            one = there.get(name, {"state": "", "since": ""})
            reading = Reading(owner.project, name, one["state"], one["since"], began, ended)
            self.journal.readings.append(reading)

    def _visitor(self, number: int) -> None:
        rng = random.Random(number)
        while not self._end.is_set():
            host = rng.choice(HOSTS)
            began = time.monotonic()
            deployment = self._seen(host)
            if deployment is not None:
                project = self.shows.get(deployment, deployment)
                name = host.lower().rstrip(".")
                self.journal.sights.append(Sight(project, name, began, time.monotonic()))

    def _seen(self, host: str) -> str | None:
        """Whose deployment the edge shows at a host over TLS; None when it gives no answer."""
        place = ("127.0.0.1", self.cloud.installation.https_port)
        context = ssl._create_unverified_context()
        sni = host.lower().rstrip(".")
        try:
            with socket.create_connection(place, 5) as plain:
                secure = context.wrap_socket(plain, server_hostname=sni)
                asked = f"GET / HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n\r\n"
                secure.sendall(asked.encode())
                head = secure.recv(4096).decode("latin-1").lower()
        except ssl.SSLError:
            return NOBODY  # no certificate is shown for a host that nobody has
        except OSError:
            return None
        if " 404 " in head.partition("\r\n")[0]:
            return NOBODY
        _, _, rest = head.partition("x-clouddeck-deployment: ")
        return rest.partition("\r\n")[0] or None

    def _leave(self) -> None:
        """In the end everybody removes everything, and nothing may be shown any more."""
        alive = [one for one in self.owners if one.project not in self.journal.deleted]
        for owner in alive:
            for name in NAMES:
                self._ask(owner, "DELETE", f"{owner.at}/{name}")

    def judge(self) -> None:
        """Were there two owners, was a stranger shown, does something go on?"""
        self.names.note_standing()
        journal = self.journal
        dark = wait(lambda: not any(map(self._seen, HOSTS)), 30, 0.5)
        still = [host for host in HOSTS if self._seen(host)] if dark is None else []
        self.outcome.expect(not still, f"removed domains are still shown: {still}")
        for fault in journal.faults():
            self.outcome.expect(holds=False, complaint=fault)
        owners = journal.owners()
        shown = [seen for seen in journal.sights if seen.project != NOBODY]
        self.outcome.expect(self._moved(), "only one team ever had a domain")
        self.outcome.expect(shown, "no domain was ever shown")
        self.outcome.figures |= {
            "domain_calls": sum(self.done.values()),
            "owners_seen": len(owners),
            "domain_visits": len(journal.sights),
            "of_them_shown": len(shown),
            "names_held": len(journal.held),
        }
