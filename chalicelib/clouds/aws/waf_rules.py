"""A guard in the language of AWS WAF: IP sets and the rules of a rule group. Pure.

The first rule marks, by a label that means nothing outside the group, what the guard is about:
requests to hosts of the site whose address is not allowed anyway. All others ask for the label, so
hosts are compared once. Rules are asked in the order of `chalicelib.edge.rules.guard.judge`.
Source: AWS, "Using rule statements in AWS WAF", "AWS WAF quotas".
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from chalicelib.edge.rules.guard import BAD_AGENTS, Agent, Guard, Rate, read

Json = dict[str, Any]

RATES = 4
"""Rate-based rules of one rule group; AWS raises that for nobody."""

_MARK = "site"
_PATTERN = 200
"""Characters of a regular expression, and bytes of a text to look for."""

_PLAIN = [{"Priority": 0, "Type": "NONE"}]
_LOWER = [{"Priority": 0, "Type": "LOWERCASE"}]
_DECODED = [{"Priority": 0, "Type": "URL_DECODE"}, {"Priority": 1, "Type": "NORMALIZE_PATH"}]
_AGENT = {"SingleHeader": {"Name": "user-agent"}}
_HOST = {"SingleHeader": {"Name": "host"}}
_NO_STORE = {"Name": "Cache-Control", "Value": "no-store"}

BODIES = {
    "refused": {"ContentType": "TEXT_PLAIN", "Content": "This site does not take this request.\n"},
    "slower": {"ContentType": "TEXT_PLAIN", "Content": "Too many requests. Try again later.\n"},
}
"""What a group answers with."""


@dataclass(frozen=True)
class IpSet:
    """Networks of one version of IP; `name` is told apart within the guard."""

    name: str
    version: str
    networks: tuple[str, ...]


def refusal(document: Mapping[str, Any]) -> str:
    """Why AWS WAF cannot do what a checked guard says; empty when it can."""
    rates = document["rates"]
    if len(rates) > RATES:
        return f"AWS WAF counts at most {RATES} rates for a site; this guard has {len(rates)}."
    for rate in rates:
        path = str(rate["path"])
        if "+" in path or "//" in path or len(_path(path).encode()) > _PATTERN:
            return (
                f"AWS WAF cannot compare the path of the rate {rate['name']!r}: it may have"
                f" {_PATTERN - 10} bytes, no + and no // ."
            )
    return ""


def ip_sets(document: Mapping[str, Any]) -> list[IpSet]:
    """The IP sets that a guard needs: `allow-4`, `allow-6`, `deny-4`, `deny-6`, none empty."""
    found = []
    for what in ("allow", "deny"):
        networks = document["addresses"][what]
        for version in ("4", "6"):
            own = tuple(n for n in networks if (":" in n) == (version == "6"))
            if own:
                found.append(IpSet(f"{what}-{version}", f"IPV{version}", own))
    return found


def host_patterns(site: str, brought: Iterable[str]) -> list[str]:
    """Regular expressions of all hosts of a site, lower-case, with or without a port.

    `site` is `<slug>.<sites domain>`, beside which stand previews and aliases; of the domains that
    people `brought` one may begin with `*.`. Raises ValueError for one that is too long.
    """
    hosts = [f"(?:[0-9a-z-]+--)?{re.escape(site)}"]
    for host in sorted(brought):
        star = "[0-9a-z-]+" if host.startswith("*.") else ""
        hosts.append(star + re.escape(host.removeprefix("*")))
    return _packed(hosts, "^(?:", r")\.?(?::[0-9]+)?$")


def rules(text: str, patterns: list[str], sets: Mapping[str, str], metric: str) -> list[Json]:
    """The rules of the group. `text` is the guard as routes carry it, `sets` ARNs by `IpSet.name`.

    Raises BadGuardError for a guard that nobody checked.
    """
    guard = read(text)
    hosts = _any([_regex(pattern, _HOST, _LOWER) for pattern in patterns])
    free = [_in(arn) for name, arn in sorted(sets.items()) if name.startswith("allow")]
    marked = _every([hosts, _not(_any(free))]) if free else hosts
    made: list[Json] = [
        {"Name": "site", "Statement": marked, "Action": {"Count": {}}, "RuleLabels": [_label()]}
    ]
    denied = [_in(arn) for name, arn in sorted(sets.items()) if name.startswith("deny")]
    denied += _countries(guard)
    block = {"Block": {"CustomResponse": _answer(403, "refused", [_NO_STORE])}}
    if refused := [*denied, *_robots(guard, "block")]:
        made.append({"Name": "refused", "Statement": _of_site(_any(refused)), "Action": block})
    asked = _robots(guard, "challenge")
    if guard.under_attack or asked:
        of_these = _is_marked() if guard.under_attack else _of_site(_any(asked))
        made.append({"Name": "asked", "Statement": of_these, "Action": {"Challenge": {}}})
    # one that blocks comes before one that only asks, as for the local edge
    made += [_rate(rate) for rate in sorted(guard.rates, key=lambda one: one.action)]
    return [
        {**rule, "Priority": priority, "VisibilityConfig": seen(f"{metric}-{rule['Name']}")}
        for priority, rule in enumerate(made)
    ]


def _robots(guard: Guard, action: str) -> list[Json]:
    """Statements of which one holds when a User-Agent leads to `action`.

    The first of the guard's own rules that fits counts, so what stands before one and says
    otherwise is taken out of it; the known scanners come after all of them.
    """
    found = []
    others: list[Agent] = []
    for same, agents in _runs(guard.agents):
        if same == action:
            found.append(_except(_named([a.contains for a in agents]), others))
        else:
            others += agents
    if guard.known == action:
        found.append(_except(_named(BAD_AGENTS), others))
    if guard.unnamed == action:
        size = {"FieldToMatch": _AGENT, "ComparisonOperator": "GT", "Size": 0}
        found.append(_not({"SizeConstraintStatement": {**size, "TextTransformations": _PLAIN}}))
    return found


def seen(metric: str) -> Json:
    """What CloudWatch is told: numbers, and no requests of visitors."""
    return {
        "SampledRequestsEnabled": False,
        "CloudWatchMetricsEnabled": True,
        "MetricName": metric,
    }


def _runs(agents: Iterable[Agent]) -> Iterator[tuple[str, list[Agent]]]:
    """Rules that follow each other and say the same, together."""
    run: list[Agent] = []
    for agent in agents:
        if run and run[0].action != agent.action:
            yield run[0].action, run
            run = []
        run.append(agent)
    if run:
        yield run[0].action, run


def _named(texts: Iterable[str]) -> Json:
    """That the User-Agent contains one of some texts."""
    patterns = _packed([re.escape(text) for text in texts], "", "")
    return _any([_regex(pattern, _AGENT, _LOWER) for pattern in patterns])


def _except(statement: Json, agents: list[Agent]) -> Json:
    if not agents:
        return statement
    return _every([statement, _not(_named([agent.contains for agent in agents]))])


def _countries(guard: Guard) -> list[Json]:
    """Who may not come; who is in no country that AWS knows is in none of those that may."""
    never = [_geo(guard.never)] if guard.never else []
    return [*never, _not(_geo(guard.only))] if guard.only else never


def _rate(rate: Rate) -> Json:
    """One rate; requests without the header or the cookie that it counts by are not counted."""
    counted: Json = {
        "Limit": rate.limit,
        "EvaluationWindowSec": rate.window,
        "ScopeDownStatement": _every(_scope(rate)),
    }
    kind, _, name = rate.key.partition(":")
    if kind == "ip":
        counted["AggregateKeyType"] = "IP"
    else:
        counted["AggregateKeyType"] = "CUSTOM_KEYS"
        counted["CustomKeys"] = [{kind.title(): {"Name": name, "TextTransformations": _PLAIN}}]
    wait = [{"Name": "Retry-After", "Value": str(rate.window)}, _NO_STORE]
    block: Json = {"Block": {"CustomResponse": _answer(429, "slower", wait)}}
    return {
        "Name": f"rate-{rate.name}",
        "Statement": {"RateBasedStatement": counted},
        "Action": block if rate.action == "block" else {"Challenge": {}},
    }


def _scope(rate: Rate) -> list[Json]:
    found = [_is_marked()]
    if rate.path != "/*":
        found.append(_regex(_path(rate.path), {"UriPath": {}}, _DECODED))
    if rate.methods:
        found.append(_regex(f"^(?:{'|'.join(rate.methods)})$", {"Method": {}}, _PLAIN))
    return found


def _path(path: str) -> str:
    """The expression of one path, or of a beginning; a slash at its end is no matter."""
    start = path.removesuffix("*")
    bare = re.escape(start.rstrip("/"))
    if not path.endswith("*"):
        return f"^{bare}/?$" if bare else "^/$"
    return f"^{bare}(?:/|$)" if start.endswith("/") else f"^{bare}"


def _packed(parts: Iterable[str], before: str, after: str) -> list[str]:
    """Alternatives put together into as few regular expressions as their length allows."""
    room = _PATTERN - len(before) - len(after)
    packs: list[str] = []
    for part in parts:
        if len(part) > room:
            raise ValueError(f"AWS WAF compares nothing as long as {part[:100]!r}…")
        if packs and len(packs[-1]) + 1 + len(part) <= room:
            packs[-1] += f"|{part}"
        else:
            packs.append(part)
    return [f"{before}{pack}{after}" for pack in packs]


def _label() -> Json:
    return {"Name": _MARK}


def _is_marked() -> Json:
    return {"LabelMatchStatement": {"Scope": "LABEL", "Key": _MARK}}


def _of_site(statement: Json) -> Json:
    return _every([_is_marked(), statement])


def _regex(pattern: str, field: Json, transformations: list[Json]) -> Json:
    match = {"RegexString": pattern, "FieldToMatch": field}
    return {"RegexMatchStatement": {**match, "TextTransformations": transformations}}


def _in(arn: str) -> Json:
    return {"IPSetReferenceStatement": {"ARN": arn}}


def _geo(countries: Iterable[str]) -> Json:
    return {"GeoMatchStatement": {"CountryCodes": sorted(countries)}}


def _not(statement: Json) -> Json:
    return {"NotStatement": {"Statement": statement}}


def _any(statements: list[Json]) -> Json:
    """AWS WAF wants two or more below an `or`, and below an `and`."""
    return statements[0] if len(statements) == 1 else {"OrStatement": {"Statements": statements}}


def _every(statements: list[Json]) -> Json:
    return statements[0] if len(statements) == 1 else {"AndStatement": {"Statements": statements}}


def _answer(status: int, body: str, headers: list[Json]) -> Json:
    return {"ResponseCode": status, "CustomResponseBodyKey": body, "ResponseHeaders": headers}
