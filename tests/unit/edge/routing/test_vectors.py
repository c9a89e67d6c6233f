"""The shared cases of rules, answered by the Python rules."""

from typing import Any

import pytest

from chalicelib.edge.rules.resolve import SiteRules
from chalicelib.edge.rules.routing.codec import digest_of, encode, parse_routing
from chalicelib.edge.rules.routing.decide import decide
from chalicelib.edge.rules.routing.facts import Facts, facts_of, read_seen
from chalicelib.edge.rules.routing.limits import check
from chalicelib.edge.rules.routing.table import Table
from chalicelib.edge.rules.routing.verdicts import File, Proxy, Redirect, Refused, Verdict
from tests.vectors.routing import Deployed, Request, deployments, requests

DEPLOYED = deployments()
TABLES = {name: Table(parse_routing(one.routing, one.digest)) for name, one in DEPLOYED.items()}
CASES = requests()


def facts(case: Request, table: Table) -> Facts:
    return facts_of(
        table.looks,
        case.header,
        host=case.host,
        method=case.method,
        query=case.path.partition("?")[2],
        country=case.country,
    )


def verdict(case: Request, known: Facts) -> Verdict:
    deployed = DEPLOYED[case.table]
    return decide(
        case.path.partition("?")[0].encode(),
        case.header("accept"),
        set(deployed.files).__contains__,
        SiteRules(deployed.manifest.get("spa", False), deployed.manifest.get("clean_urls", True)),
        TABLES[case.table],
        known,
        down=frozenset(case.down),
    )


def told(case: Request, found: Verdict) -> dict[str, Any]:
    """What a verdict says, as far as the case asks."""
    query = case.path.partition("?")[2].encode()
    said: dict[str, Any] = {
        "status": found.status if not isinstance(found, Proxy) else 200,
        "location": found.to(query) if isinstance(found, Redirect) else None,
        "file": found.file if isinstance(found, File) else None,
        "proxy": [goal.url for goal in found.goals] if isinstance(found, Proxy) else None,
        "realm": found.realm if isinstance(found, Refused) else None,
        "rule": found.rule,
        "headers": dict(found.headers),
        "private": found.private,
    }
    return {name: said[name] for name in case.expect} | {
        name: said[name] for name in ("location", "proxy", "realm") if said[name] is not None
    }


@pytest.mark.parametrize("case", CASES, ids=str)
def test_case(case: Request):
    assert told(case, verdict(case, facts(case, TABLES[case.table]))) == case.expect


@pytest.mark.parametrize("case", CASES, ids=str)
def test_facts_survive_the_way_to_the_origin(case: Request):
    table = TABLES[case.table]
    known = facts(case, table)
    read = read_seen(known.seen(table.looks), host=known.host, method=case.method)
    assert {look: read.get(look) for look in table.looks} == {
        look: known.get(look) for look in table.looks
    }
    assert verdict(case, read) == verdict(case, known)


@pytest.mark.parametrize("deployed", DEPLOYED.values(), ids=lambda one: one.name)
def test_tables_are_sound_and_stay_the_same(deployed: Deployed):
    routing = parse_routing(deployed.routing, deployed.digest)
    faults = [fault for fault in check(routing) if fault.code != "loop"]
    assert faults == []
    data = encode(routing)
    assert parse_routing(data, digest_of(data)) == routing


def test_there_are_enough_and_their_names_differ():
    assert len(CASES) >= 300
    assert len({case.name for case in CASES}) == len(CASES)
