"""A month's bill from a month's usage: lines that add up. Pure, whole micro-dollars.

`quantities` says how much of what is used, `bill` puts prices to it. What one deployment, one
request and standing still take are the constants below: they follow from how the product is
built (which function does what), not from a bill, and each says where it comes from.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace

from cdk.cost.prices import DOMAINS_FREE, PRICES, domains, transfer
from cdk.settings import PROFILES, Profile

MINUTES_A_MONTH = 43_800
KIB = 1_024


@dataclass(frozen=True)
class Usage:
    """A month. `hits` is how many of 100 requests the edge answers from its cache, `large` how many
    of 100 build minutes are on machines of the size `large`, `rollouts` how many of the releases go
    out in steps, `visits` how often somebody has the console open for ten minutes."""

    deployments: int = 0
    minutes: int = 3
    rollouts: int = 0
    requests: int = 0
    megabytes_out: int = 0
    hits: int = 95
    sites: int = 0
    domains: int = 0
    storage_megabytes: int = 0
    api_calls: int = 0
    visits: int = 0
    large: int = 0
    zones: int = 1
    profile: Profile = "hobby"

    def __post_init__(self) -> None:
        """Refuse what no month can hold; raises ValueError."""
        for field in fields(self):
            value = getattr(self, field.name)
            if isinstance(value, int) and value < 0:
                raise ValueError(f"{field.name} is at least 0")
        if self.hits > 100 or self.large > 100:
            raise ValueError("hits and large are at most 100")
        if self.profile not in PROFILES:
            raise ValueError(f"profile is one of {', '.join(PROFILES)}")


@dataclass(frozen=True)
class Line:
    """One line of the bill: `quantity` minus the free units, times the price."""

    key: str
    service: str
    unit: str
    quantity: int
    free: int
    price: str
    micro: int


@dataclass(frozen=True)
class Bill:
    """The lines of a month; nothing is in the total that is not in a line."""

    lines: tuple[Line, ...]

    @property
    def total(self) -> int:
        """Micro-dollars."""
        return sum(line.micro for line in self.lines)


# -- what a profile switches on -----------------------------------------------------------------


@dataclass(frozen=True)
class Fixtures:
    """What costs by standing there: `cdk/` makes as many of each in this profile.

    A test counts them in the templates. `backups` are the nightly copies that are kept at the
    same time; tables can be restored to any second of 35 days in every profile.
    """

    keys: int = 2
    alarms: int = 0
    dashboards: int = 0
    acls: int = 0
    acl_rules: int = 0
    backups: int = 0
    traces: bool = True


FIXTURES: dict[Profile, Fixtures] = {
    "hobby": Fixtures(alarms=7, dashboards=1, traces=False),
    "standard": Fixtures(alarms=11, dashboards=1),
    "production": Fixtures(
        alarms=102,
        dashboards=1,
        acls=2,
        acl_rules=4,
        backups=35 + 12,
    ),
}

# -- what standing still takes, in a month ---------------------------------------------------------

SCHEDULED = (
    4 * MINUTES_A_MONTH + MINUTES_A_MONTH // 5 + MINUTES_A_MONTH // 15 + MINUTES_A_MONTH // 60
)
"""Calls of the sweep, of what is due, of the audit log's keeper and of what asks whether backends
answer, once a minute; of the poller of repositories, every five minutes; of the watch over
domains, every fifteen; of the log's signer, each hour."""

IDLE: dict[str, int] = {
    "calls": SCHEDULED,
    "compute": SCHEDULED * 512 * 300 // (KIB * 1_000),  # 512 MB for 300 ms each
    # the sweep: open deployments and previews in their shards, heads, errands, builds that wait;
    # the keeper: what waits for the log in eight shards, streams in four, of which half a unit
    # each; what is due: schedules in four shards; backends in four; and the poller: links in four
    "reads": MINUTES_A_MONTH * (13 + 8 + 2 + 2 + 2)
    + 2 * MINUTES_A_MONTH // 5
    + 2 * MINUTES_A_MONTH // 60,
    "queue-requests": 5 * 3 * MINUTES_A_MONTH,  # five pollers, each waiting 20 s, ask all the time
    "logs": SCHEDULED * 500 // 1_000_000,  # START, END and REPORT of each
    "objects": 100,  # code of the functions, the runner, the console
}

# -- what one request to the API takes -------------------------------------------------------------

LIMIT_WRITES = 1  # a token out of the bucket of whoever asks
AUDIT_WRITES = 1 + 2 * 3  # the open trail; then row, head and the trail's end, in a transaction
CHANGES_OF_100 = 10  # of a hundred calls by people and scripts, those that change something

# -- what one deployment takes ---------------------------------------------------------------------

DEPLOYMENT: dict[str, int] = {
    "transitions": 15,  # 12 states of state_machines/deploy.asl.json, the start, two tried again
    "rest-calls": 200,  # log chunks, the runner's questions, somebody who watches
    "live-messages": 60 + 10,  # log chunks and changes to one open page
    "live-minutes": 5,
    # one per API call, state, event (two are told to the host), message, change that is told to
    # those who watch the team; and the one that tells browsers
    "calls": 200 + 9 + 6 + 60 + 10 + 1,
    # 215 x 100 ms, 9 states x 4 s, two words to a git host x 2 s, 10 changes x 200 ms and browsers
    # x 1 s, at 512 MB
    "compute": 33,
    # deployment, build, heads, with their indexes; a slot is taken and given back in transactions,
    # which count twice; what was told to the host; lists of the team, with their indexes, and what
    # its day came to, in transactions too; two browsers are told; one of its calls is somebody's
    # change
    "writes": 60 + 14 + 4 + 19 + 2 + 200 * LIMIT_WRITES + AUDIT_WRITES,
    # of a change: whether anybody watches, who, and whether they still may; of browsers: whose they
    # are and what they may see
    "reads": 200 + 10 * 9 + 20,
    "puts": 33,  # blobs that changed, manifest, source and its tree, cache, statement and materials
    "gets": 60,
    "objects": 20,  # MB that were not there before
    "data-key-uses": 17,  # variables, build token, credential of the repository, key of web push
    "signatures": 3,  # a statement; a person signs in now and then; a build token is no signature
    "events": 4 + 10,  # and each change of what a page shows, while somebody has it open
    "piped": 1,
    "queue-requests": 3,
    "logs": 1,
    "route-calls": 2,  # the store's version and the change; a writer that is warm knows it
}

# -- what a release in steps takes more ------------------------------------------------------------

# the steps of a canary as they are without settings: three of five minutes, looked at each half a
# minute, while somebody watches
ROLLOUT: dict[str, int] = {
    "transitions": 3 * 30 + 4 * 2 + 6,  # Bake, Look, Looked; Shift, Shifted; start and ends
    "calls": 30 + 6 + 35 + 1,  # the states; what tells those who watch, and browsers
    "compute": 13,  # 36 x 500 ms and 35 x 200 ms at 512 MB
    # the row of a rollout, 3 to 7 KB, and its copies in two indexes, in a transaction with the row
    # of the look (1 KB): 725, measured; and four moves of the pointer
    "writes": 725 + 4 * 20,
    # of a look: its rollout, the project twice, the pointer, what was counted; of what is told:
    # whether anybody watches, who, and whether they still may
    "reads": 30 * 8 + 35 * 9,
    "live-messages": 35,
    "events": 35 + 1,
    "route-calls": 4 * 2,  # five minutes later a writer asks for the store's version again
}
ROLLOUT_KILOBYTES = 3 * 30  # looks of three months

# -- what ten minutes at the console take ----------------------------------------------------------

VISIT: dict[str, int] = {
    "rest-calls": 60,  # ten pages that ask six things each
    "live-minutes": 10,
    "live-messages": 2 + 2 * 20,  # a team is watched; each half a minute a word and its answer
    "calls": 60 + 2 + 1 + 20,  # the API, connect and disconnect, what the page says
    "compute": 4,  # 83 x 100 ms at 512 MB
    "writes": 60 * LIMIT_WRITES + 6,  # connection and what it watches, with its index, come and go
    "reads": 60 * 8,  # session, person, team, role, then what was asked for
    "requests": 40,  # files of the console; a browser that was here before asks for less
    "edge-calls": 40,
}

# -- what a request of a visitor takes -------------------------------------------------------------

EDGE_CALLS_A_REQUEST = 2  # viewer-request and viewer-response
ORIGIN_CALLS_A_MISS = 2  # origin-request and origin-response
ORIGIN_MS_A_MISS = 50
ORIGIN_MEMORY_MB = 128
LOG_BYTES_A_REQUEST = 60  # a line of the access log, compressed
LOG_MONTHS = 3
TRAFFIC_FILE_MINUTES = 5  # one file of the log; other sizes change little
TRAFFIC_FILE_MS = 1_000
TRAFFIC_MEMORY_MB = 1_769
TRAFFIC_MINUTE_WRITES = 2  # a site's minute, in a transaction
TRAFFIC_FILE_WRITES = 2 * 2  # the sums of the site's hour and of its team's, beside them
TRAFFIC_ROWS_A_MEGABYTE = 2_000  # minutes, for 35 days
SITE_KILOBYTES = 10  # rows of a project


def quantities(usage: Usage) -> dict[str, int]:
    """Units of everything that has a price in `PRICES`, by its key."""
    used = dict.fromkeys(PRICES, 0)
    for key, amount in IDLE.items():
        used[key] += amount
    for key, amount in DEPLOYMENT.items():
        used[key] += amount * usage.deployments
    for key, amount in ROLLOUT.items():
        used[key] += amount * usage.rollouts
    minutes = usage.deployments * usage.minutes
    used["large-build-minutes"] = -(-minutes * usage.large // 100)
    used["build-minutes"] = minutes - used["large-build-minutes"]
    for key in ("rest-calls", "calls"):
        used[key] += usage.api_calls
    used["writes"] += usage.api_calls * LIMIT_WRITES
    used["writes"] += -(-usage.api_calls * CHANGES_OF_100 // 100) * AUDIT_WRITES
    used["compute"] += -(-usage.api_calls * 512 * 100 // (KIB * 1_000))
    for key, amount in VISIT.items():
        used[key] += amount * usage.visits
    used["objects"] += usage.storage_megabytes
    used["rows"] += -(-(usage.sites + usage.deployments) * SITE_KILOBYTES // 1_000)
    used["rows"] += -(-usage.rollouts * ROLLOUT_KILOBYTES // 1_000)
    _visitors(usage, used)
    _traffic(usage, used)
    _standing(usage, used)
    return used


def _visitors(usage: Usage, used: dict[str, int]) -> None:
    """What the edge does for `requests`, of which some are not in its cache."""
    misses = -(-usage.requests * (100 - usage.hits) // 100)
    used["requests"] += usage.requests
    used["edge-calls"] += EDGE_CALLS_A_REQUEST * usage.requests
    used["route-reads"] = usage.requests
    used["origin-calls"] = ORIGIN_CALLS_A_MISS * misses
    used["origin-compute"] = -(-misses * ORIGIN_MEMORY_MB * ORIGIN_MS_A_MISS // (KIB * 1_000))
    used["gets"] += 2 * misses
    used["reads"] += misses
    used["objects"] += -(-usage.requests * LOG_BYTES_A_REQUEST * LOG_MONTHS // 1_000_000)
    if FIXTURES[usage.profile].acls:
        used["acl-requests"] = usage.requests + used["rest-calls"]


def _traffic(usage: Usage, used: dict[str, int]) -> None:
    """What it takes to write down what visitors did: at most one row a minute of each site."""
    files = MINUTES_A_MONTH // TRAFFIC_FILE_MINUTES
    sites = max(1, usage.sites)
    minutes = min(usage.requests, sites * MINUTES_A_MONTH)
    parts = min(usage.requests, sites * files)  # what one file says of one site
    read = min(usage.requests, files)
    used["calls"] += read
    used["compute"] += -(-read * TRAFFIC_MEMORY_MB * TRAFFIC_FILE_MS // (KIB * 1_000))
    used["gets"] += read
    used["writes"] += TRAFFIC_MINUTE_WRITES * minutes + TRAFFIC_FILE_WRITES * parts
    used["reads"] += minutes + parts  # what was there before; whose the site is
    used["rows"] += -(-minutes // TRAFFIC_ROWS_A_MEGABYTE)


def _standing(usage: Usage, used: dict[str, int]) -> None:
    """What the profile switches on."""
    fixtures = FIXTURES[usage.profile]
    used["zones"] = usage.zones
    used["keys"] = fixtures.keys
    used["alarms"] = fixtures.alarms
    used["dashboards"] = fixtures.dashboards
    used["acls"] = fixtures.acls
    used["acl-rules"] = fixtures.acl_rules
    used["recovery"] = used["rows"]
    used["backups"] = used["rows"] * fixtures.backups
    if fixtures.traces:  # X-Ray takes a sample; this is all of them
        used["traces"] = used["calls"]


def bill(usage: Usage) -> Bill:
    """The lines of a month in which something is used, in the order of `PRICES`."""
    lines = [
        Line(key, price.service, price.unit, amount, price.free, price.words(), price.of(amount))
        for key, amount in quantities(usage).items()
        if amount
        for price in (PRICES[key],)
    ]
    if usage.megabytes_out:
        lines.append(
            Line(
                *("transfer", "CloudFront", "MB to visitors", usage.megabytes_out, 1_000_000),
                *("$0.085 per 1,000 MB, less above 10 TB", transfer(usage.megabytes_out)),
            )
        )
    if usage.domains:
        lines.append(
            Line(
                *("domains", "CloudFront", "custom domains", usage.domains, DOMAINS_FREE),
                *("$20.00 for up to 200, $0.10 each above", domains(usage.domains)),
            )
        )
    return Bill(tuple(lines))


def idle(profile: Profile, zones: int = 1) -> Bill:
    """The month in which nobody deploys and nobody visits."""
    return bill(Usage(profile=profile, zones=zones))


def per_thousand_deployments(profile: Profile, minutes: int = 3) -> int:
    """Micro-dollars that the first 1,000 deployments of a month add to an idle one."""
    quiet = Usage(profile=profile)
    return bill(replace(quiet, deployments=1_000, minutes=minutes)).total - bill(quiet).total


def per_million_requests(profile: Profile, hits: int = 95, *, free: bool = False) -> int:
    """Micro-dollars of a million requests without their transfer, beyond the free ones or (`free`)
    as the first million of a month."""
    start = Usage(profile=profile, hits=hits, requests=0 if free else 20_000_000)
    more = replace(start, requests=start.requests + 1_000_000)
    return bill(more).total - bill(start).total
