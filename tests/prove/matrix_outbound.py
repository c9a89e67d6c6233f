"""Rules that lead inside: an edge that may not go there, and names whose meaning changes."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
import re
import socket
from collections import Counter
from functools import partial
from typing import Any

from adapters.local.edge.pool import Pool
from adapters.local.edge.pool_addresses import Addresses
from adapters.local.edge.pool_line import Place
from chalicelib.edge.rules.routing.codec import encode
from chalicelib.edge.rules.routing.limits import check
from chalicelib.edge.rules.routing.model import Routing, Rule
from tests.contract.edge_sites import FakeSite
from tests.prove.cloud import Cloud, wait
from tests.prove.edges import LateEdge
from tests.prove.matrix_backend import Backend
from tests.prove.matrix_client import Seen, ask_all, get
from tests.prove.matrix_config import publish, shows
from tests.prove.matrix_forms import internal_addresses
from tests.prove.outcome import Outcome

PLAIN = "http://127.0.0.1:{}/hit"
_CODE = re.compile(rb"\r\nX-CloudDeck-Error: ([a-z_]+)")
PUBLIC, INSIDE = "93.184.215.14", "127.0.0.1"


def run(cloud: Cloud, outcome: Outcome) -> int:
    """Ask for every form at an edge that is not allowed inside; how many requests that were."""
    with Backend() as decoy:
        forms = internal_addresses(decoy.port)
        refused = [one for one in forms if check(table([one]))]
        outcome.figures["targets"], outcome.figures["targets_refused"] = len(forms), len(refused)
        edge = LateEdge(cloud, 18, {"CLOUDDECK_PRIVATE_OUTBOUND": "0"})
        try:
            asked = _ask(cloud, edge, forms, outcome)
        finally:
            edge.stop()
        outcome.expect(decoy.hits == 0, f"the server inside was asked {decoy.hits} times")
    asked += asyncio.run(rebinding(outcome))
    return asked


def table(targets: list[str]) -> Routing:
    """A table that passes `/t/0`, `/t/1`, ... on to these targets, unchecked."""
    return Routing(tuple(Rule("x", n, f"/t/{n}", to, 200) for n, to in enumerate(targets)))


def _ask(cloud: Cloud, edge: LateEdge, forms: list[str], outcome: Outcome) -> int:
    """Each form in a site of its own, so that one that makes no table hides no other."""
    for number, form in enumerate(forms):
        site = FakeSite(f"target-{number}")
        rules = encode(table([form]))
        digest = hashlib.sha256(rules).hexdigest()
        site.publish({"index.html": b"x"}, routing=digest)
        site.objects[f"rules/{site.team}/{digest}.json"] = rules
        publish(cloud, site)
        edge.take(f"{site.slug}.json", site.route())
    plain = forms.index(PLAIN.format(forms[0].partition("@127.0.0.1:")[2].rstrip("/")))
    if wait(lambda: shows(edge, f"target-{plain}"), 30, 0.2) is None:
        raise RuntimeError("the edge does not show the sites with rules that lead inside")
    codes: Counter[str] = Counter()

    def look(number: int, seen: Seen) -> None:
        said = _CODE.search(seen.head)
        code = said.group(1).decode() if said else ""
        codes[code] += 1
        fine = code if number == plain else 300 <= seen.status < 600 and seen.status != 500
        outcome.expect(fine, lambda: f"{forms[number]!r}: {seen.status} {seen.body[:100]!r}")

    asked = ask_all(
        edge.port,
        (((get("/t/0", f"target-{n}.localhost"),), partial(look, n)) for n in range(len(forms))),
    )
    outcome.figures |= {f"answered_{code or 'plainly'}": n for code, n in codes.items()}
    return asked


async def rebinding(outcome: Outcome, pool: type[Addresses] = Addresses) -> int:
    """A name that is public when it is looked at and inside a moment later; or both at once."""
    loop = asyncio.get_running_loop()
    went: list[str] = []

    async def connect(_make: Any, host: str, *_: Any, **__: Any) -> Any:
        went.append(host)
        raise ConnectionRefusedError

    loop.create_connection = connect  # type: ignore[assignment,method-assign]
    asked = 0
    for length in range(1, 4):
        for answers in itertools.product(((PUBLIC,), (INSIDE,), (PUBLIC, INSIDE)), repeat=length):
            turns = iter(answers)

            async def look_up(*_: Any, **__: Any) -> Any:
                found = next(turns, (INSIDE,))  # noqa: B023 - used up within this round
                return [(socket.AF_INET, 1, 6, "", (one, 80)) for one in found]

            loop.getaddrinfo = look_up  # type: ignore[method-assign]
            addresses = Pool(pool())
            for _ in range(3):
                asked += 1
                try:
                    await addresses.take(Place(False, "rebinding.example", 80), fresh=True)
                except OSError:
                    continue
    inside = [host for host in went if host != PUBLIC]
    outcome.expect(went and not inside, f"{len(inside)} connections went to {set(inside)}")
    return asked
