"""Made-up policies and requests, and what plain Python thinks of them."""

from __future__ import annotations

from datetime import datetime
from ipaddress import ip_address, ip_network
from typing import Any
from zoneinfo import ZoneInfo

from hypothesis import strategies as st

from chalicelib.core.actor import Actor
from chalicelib.teams.rules.decision import Resource, Standing
from chalicelib.teams.rules.policies import POLICY_ROLES, PolicyError, policy_of
from chalicelib.teams.rules.roles import ROLES, SCOPES

TEAM = "team_" + "1" * 26
PROJECTS = ["prj_" + c * 26 for c in "ab"]
DAYS = ["mon", "tue", "wed", "thu", "fri", "sat", "sun"]
ZONES = ["UTC", "Europe/Berlin", "America/New_York", "Asia/Kathmandu", "Pacific/Apia"]
CIDRS = ["10.0.0.0/8", "192.0.2.0/24", "192.0.2.7/32", "2001:db8::/32", "::ffff:10.1.0.0/112"]
ADDRESSES = [
    "",
    "10.1.2.3",
    "192.0.2.7",
    "192.0.2.8",
    "2001:db8::1",
    "2001:db9::1",
    "::ffff:10.1.0.9",
    "::ffff:192.0.2.7",
    "fe80::1%eth0",
    "no address",
]
ENVIRONMENTS = ["production", "preview", "development"]
CLOCKS = ["00:00", "00:01", "08:30", "12:00", "17:45", "23:59"]

some_actions = st.sampled_from(
    [*sorted(SCOPES), "*", "deployment.*", "env.*", "project.*", "team.*", "*"]
)
some_resources = st.sampled_from(
    ["team", "project", "deployment", "upload", *(f"project:{p}" for p in PROJECTS)]
)


def optional(**fields: Any) -> Any:
    """A dict with any of the fields."""
    return st.fixed_dictionaries({}, optional=fields)


conditions = optional(
    time=optional(
        **{
            "days": st.lists(st.sampled_from(DAYS), min_size=1, max_size=7),
            "from": st.sampled_from(CLOCKS),
            "to": st.sampled_from([*CLOCKS, "24:00"]),
            "timezone": st.sampled_from(ZONES),
        }
    ),
    mfa=optional(required=st.booleans(), max_age_minutes=st.sampled_from([1, 10, 600])),
    network=st.fixed_dictionaries(
        {"cidrs": st.lists(st.sampled_from(CIDRS), min_size=1, max_size=3)}
    ),
    environment=st.lists(st.sampled_from(ENVIRONMENTS), min_size=1, max_size=2),
)


def _accepted(given: dict[str, Any]) -> bool:
    try:
        policy_of("p", given)
    except PolicyError:
        return False
    return True


policies = st.fixed_dictionaries(
    {"effect": st.sampled_from(["deny", "allow_only"])},
    optional={
        "roles": st.lists(st.sampled_from(POLICY_ROLES), max_size=3),
        "resources": st.lists(some_resources, max_size=2),
        "actions": st.lists(some_actions, max_size=3),
        "conditions": conditions,
    },
).filter(_accepted)

resources = st.one_of(
    st.just(Resource("team", TEAM)),
    st.builds(
        Resource,
        st.just("project"),
        st.sampled_from(PROJECTS),
        st.sampled_from(["", *ENVIRONMENTS]),
    ),
    st.builds(
        Resource,
        st.sampled_from(["deployment", "upload"]),
        st.just("x" * 30),
        st.sampled_from(["", *ENVIRONMENTS]),
        st.sampled_from(PROJECTS),
    ),
)

# around midnights, the ends of weeks and the changes of summer time of several zones
moments = st.one_of(
    st.integers(1_700_000_000, 1_900_000_000),
    st.sampled_from([1774746000, 1792890000, 1793512800, 1772953200, 1769990400]).flatmap(
        lambda base: st.integers(base - 90_000, base + 90_000)
    ),
    st.integers(19_676, 21_990).map(lambda day: day * 86_400),
    st.integers(19_676, 21_990).map(lambda day: day * 86_400 - 1),
)


@st.composite
def standings(draw: Any, now: int = 1_790_000_000) -> Standing:
    """Somebody in the team: a member, a guest of a project, or a key."""
    kind = draw(st.sampled_from(["user", "user", "api_key", "service", "deploy_key"]))
    role = draw(st.sampled_from([*ROLES, ""]))
    age = draw(st.sampled_from([None, 0, 59, 60, 61, 599, 600, 601, 40_000]))
    return Standing(
        Actor(
            kind=kind,
            id="usr_x" if kind == "user" else "key_x",
            user="" if kind in {"service", "deploy_key"} else "usr_x",
            team="" if kind == "user" else TEAM,
            role=role if kind == "service" else "",
            project=draw(st.sampled_from(PROJECTS)) if kind == "deploy_key" else "",
            mfa_at=0 if kind != "user" or age is None else now - age,
            ip=draw(st.sampled_from(ADDRESSES)),
        ),
        TEAM,
        role="" if kind == "deploy_key" else role,
        project_role=draw(st.sampled_from(["", "viewer", "developer", "admin"])),
    )


def forbids(
    given: dict[str, Any], standing: Standing, role: str, permission: str, on: Resource, now: int
) -> bool:
    """What a policy says, worked out anew: no code of the product."""
    roles = {role} | ({"guest"} if not standing.role and standing.actor.user else set())
    if given.get("roles") and not roles & set(given["roles"]):
        return False
    if given.get("actions") and not any(_means(a, permission) for a in given["actions"]):
        return False
    if given.get("resources") and not any(_covers(r, on) for r in given["resources"]):
        return False
    wanted = {k: v for k, v in (given.get("conditions") or {}).items() if v is not None}
    if wanted.get("environment") and not on.environment:
        return False
    denies = given["effect"] == "deny"
    held = all(_holds(n, c, standing.actor, on, now, denies) for n, c in wanted.items())
    return held if denies else not held


def _means(action: str, permission: str) -> bool:
    return action in {"*", permission} or (
        action.endswith(".*") and permission.split(".", maxsplit=1)[0] == action[:-2]
    )


def _covers(resource: str, on: Resource) -> bool:
    kind, _, identifier = resource.partition(":")
    inside = on.id if on.kind == "project" else on.project
    if identifier:
        return identifier == (inside if kind == "project" else on.id)
    return bool(inside) if kind == "project" else kind == on.kind


def _holds(name: str, condition: Any, actor: Actor, on: Resource, now: int, denies: bool) -> bool:
    if name == "environment":
        return on.environment in condition
    if name == "mfa":
        limit = condition.get("max_age_minutes")
        fresh = actor.mfa_at > 0 and (limit is None or (now - actor.mfa_at) <= limit * 60)
        return fresh == condition.get("required", True)
    if name == "network":
        address = _plain(actor.ip)
        if address is None:
            return denies
        return any(address in _plain_network(c) for c in condition["cidrs"])
    return _in_window(condition, now)


def _plain(text: str) -> Any:
    try:
        address = ip_address(text.split("%", maxsplit=1)[0])
    except ValueError:
        return None
    return getattr(address, "ipv4_mapped", None) or address


def _plain_network(text: str) -> Any:
    if text.startswith("::ffff:"):
        address, _, bits = text.removeprefix("::ffff:").partition("/")
        return ip_network(f"{address}/{int(bits) - 96}")
    return ip_network(text)


def _in_window(window: dict[str, Any], now: int) -> bool:
    """Whether a minute of the window is the minute of `now`, day by day."""
    local = datetime.fromtimestamp(now, ZoneInfo(window.get("timezone", "UTC")))
    minute = local.hour * 60 + local.minute
    start, end = (_minute(window.get(k, d)) for k, d in (("from", "00:00"), ("to", "24:00")))
    days = window.get("days", DAYS)
    today, yesterday = DAYS[local.weekday()], DAYS[(local.weekday() + 6) % 7]
    if start < end:
        return today in days and start <= minute < end
    return (today in days and minute >= start) or (yesterday in days and minute < end)


def _minute(clock: str) -> int:
    hours, minutes = clock.split(":")
    return int(hours) * 60 + int(minutes)
