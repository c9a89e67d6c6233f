"""Domains of people's own and DNS zones, in memory."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta

from chalicelib.edge.rules.domains import (
    PLAIN,
    Brought,
    Certificate,
    DnsRecord,
    Domain,
    Placing,
    RecordSet,
    State,
)
from chalicelib.ports import Domains, Zones

TARGET = "domains.example.net"


@dataclass
class FakeDomains(Domains):
    """An edge that takes every host at once and serves it, unless a test says otherwise.

    `states` says what becomes of a host, `placed` what it was asked to serve, `slow` how often
    it has to be told to take one off. `refused` are hosts that raise `ValueError`.
    """

    placed: dict[str, tuple[str, Placing]] = field(default_factory=dict)
    states: dict[str, tuple[State, str]] = field(default_factory=dict)
    certificates: dict[str, Certificate] = field(default_factory=dict)
    installed: dict[str, Brought] = field(default_factory=dict)
    discarded: list[str] = field(default_factory=list)
    retried: list[str] = field(default_factory=list)
    slow: dict[str, int] = field(default_factory=dict)
    why_not: str = ""
    log: list[tuple[str, str, str]] = field(default_factory=list)

    def refusal(self) -> str:
        return self.why_not

    def request(self, host: str, slug: str, how: Placing = PLAIN) -> Domain:
        self.log.append(("request", host, slug))
        self.placed[host] = (slug, how)
        state, detail = self.states.get(host, ("active", ""))
        return Domain(host, state, detail, slug, self.records(host), reference=how.reference)

    def attach(self, host: str) -> Domain:
        if host in self.states and self.states[host][0] == "issued":
            self.states[host] = ("attaching", "")
        slug, how = self.placed[host]
        return self.request(host, slug, how)

    def retry(self, host: str) -> Domain:
        self.retried.append(host)
        self.states.pop(host, None)
        slug, how = self.placed[host]
        return self.request(host, slug, how)

    def detach(self, host: str) -> bool:
        self.log.append(("detach", host, ""))
        if self.slow.get(host, 0):
            self.slow[host] -= 1
            return False
        self.placed.pop(host, None)
        return True

    def discard(self, reference: str) -> bool:
        self.discarded.append(reference)
        return True

    def records(self, host: str) -> tuple[DnsRecord, ...]:
        return (DnsRecord(host, TARGET),)

    def certificate(self, host: str) -> Certificate | None:
        if host not in self.placed:
            return None
        fresh = Certificate(
            "ISSUED",
            expires=datetime.now(UTC) + timedelta(days=90, hours=1),
            issuer="Tests",
            names=(host,),
        )
        return self.certificates.get(host, fresh)

    def install(self, host: str, brought: Brought, reference: str) -> str:
        self.installed[host] = brought
        return reference or f"own:{host}"


@dataclass
class FakeZones(Zones):
    """Zones of a name server that nobody asks."""

    kind: str = "local"
    zones: dict[str, dict[tuple[str, str], RecordSet]] = field(default_factory=dict)

    def create(self, name: str) -> tuple[str, tuple[str, ...]]:
        self.zones.setdefault(name, {})
        return name, (f"ns1.{TARGET}", f"ns2.{TARGET}")

    def remove(self, zone: str) -> None:
        self.zones.pop(zone, None)

    def records(self, zone: str) -> list[RecordSet]:
        return sorted(self.zones[zone].values(), key=lambda r: (r.name, r.type))

    def put(self, zone: str, wanted: RecordSet) -> None:
        self.zones[zone][wanted.name, wanted.type] = replace(wanted)

    def drop(self, zone: str, name: str, kind: str) -> bool:
        return self.zones[zone].pop((name, kind), None) is not None
