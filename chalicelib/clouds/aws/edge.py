"""The Edge port on CloudFront: a row per site, which a stream carries to the KeyValueStore.

The row is written under the very condition of `chalicelib.edge.rules.routes.replaces`, so late,
repeated and crossing writers end on the newest route. Readers at the edge follow within a
minute; `revoke` is for when that is too slow.
"""

from __future__ import annotations

import http.client
import random
import secrets
import time
from collections.abc import Callable, Mapping
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from chalicelib.clouds.aws import routes
from chalicelib.clouds.aws.purge import Purge
from chalicelib.clouds.aws.session import client, code_of
from chalicelib.core.config import Settings
from chalicelib.edge.rules import tags as naming

if TYPE_CHECKING:
    from chalicelib.ports import SiteRoute, SmokeAnswer

MEMO_SECONDS = 1.0
"""For how long the origin goes by a row that it has read."""

REVOKED = 20
"""Deployments that a row remembers as revoked; routes are old for a minute, not for twenty."""

_TRIES = 6
_CONDITION = "ConditionalCheckFailedException"
_CROSSED = {"TransactionConflictException", "TransactionInProgressException"}
_ASK_SECONDS = 10.0
_AGENT = "clouddeck-verify"
"""AWS's firewall refuses whoever does not say what he is (NoUserAgent_HEADER)."""

_BODY_BYTES = 64 * 1024


class CloudFrontEdge:
    """Routes are rows `ROUTE#<slug>` of the table `core`."""

    def __init__(
        self,
        settings: Settings,
        *,
        sleep: Callable[[float], None] = time.sleep,
        purge: Purge | None = None,
    ) -> None:
        self._table = settings.table("core")
        self._region = settings.region
        self._api = settings.api_url
        # the default is the edge of a laptop, which no installation on AWS has
        origin = settings.edge_origin
        self._origin = "" if origin == Settings.edge_origin else origin
        self._sleep = sleep
        self._purge = purge or Purge(settings)
        self._settings = settings

    def put(self, route: SiteRoute) -> None:
        """Publish a route unless a newer generation, or a younger site, is there.

        What a route names as production or canary is not revoked any more. A site that is gone
        leaves the caches as well, where its previews are kept for a year: whoever takes the name
        next shall not show them. As in `revoke`, the origin is given the time to forget first.
        """
        values = routes.attributes(route, self._doors() if route.access else "")
        clauses = ["SET " + ", ".join(f"#{name} = :{name}" for name in values)]
        if absent := [name for name in routes.OPTIONAL if name not in values]:
            clauses.append("REMOVE " + ", ".join(f"#{name}" for name in absent))
        names = {f"#{name}": name for name in (*values, *absent)}
        bound = {f":{name}": value for name, value in values.items()}
        if named := sorted({routes.bare(d) for d in (route.production, route.canary) if d}):
            clauses.append("DELETE #revoked :named")
            names["#revoked"] = "revoked"
            bound[":named"] = {"SS": named}
        self._update(
            route.slug,
            UpdateExpression=" ".join(clauses),
            ConditionExpression=(
                "attribute_not_exists(pk) OR #site < :site"
                " OR (#site = :site AND (#generation < :generation OR (#generation = :generation"
                " AND (attribute_not_exists(#revision) OR #revision <= :revision))))"
            ),
            ExpressionAttributeNames=names,
            ExpressionAttributeValues=bound,
        )
        if route.gone:
            self._sleep(2 * MEMO_SECONDS)
            self._purge.drop(f"site-{route.site}", f"g{route.generation}")

    def _doors(self) -> str:
        """Asked for where sites are protected only: it may be a row, and it may be away."""
        from chalicelib.core.console import console_url

        return routes.doors(self._api, console_url())

    def revoke(self, route: SiteRoute, deployment: str) -> None:
        """Publish a route and take one deployment off production, everywhere, in seconds.

        The origin is told first and given the time to forget what it remembers; what it answers
        from then on may be cached again, so the caches are dropped last. Nothing is revoked when
        the deployment is (again) what the route names. Raises RuntimeError when a cache could
        not be dropped: the route is published then, and follows within a minute.
        """
        self.put(route)
        if not self._mark(route, deployment):
            return
        self._sleep(2 * MEMO_SECONDS)
        self._purge.drop(f"dep-{routes.bare(deployment)}", f"g{route.generation}")

    def forget(self, deployments: list[str], occasion: str = "") -> None:
        """Drop what caches hold of deployments whose manifests are gone, in seconds.

        As in `revoke`, the origin is given the time to notice first. Raises RuntimeError when a
        cache could not be dropped; every deployment is tried.
        """
        if not deployments:
            return
        self._sleep(2 * MEMO_SECONDS)
        refused = []
        for deployment in deployments:
            try:
                self._purge.drop(f"dep-{routes.bare(deployment)}", occasion)
            except RuntimeError as error:
                refused.append(str(error))
        if refused:
            raise RuntimeError("; ".join(refused))

    def purge(self, site: str, tags: list[str], paths: list[str], *, everything: bool) -> None:
        """Drop what CloudFront keeps of a site, by the tags that its answers carry.

        Raises RuntimeError when a distribution refuses, ValueError for what is no path.
        """
        named = [naming.of_site(site)] if everything else []
        named += [naming.of_own(site, tag) for tag in tags]
        named += [naming.of_pattern(site, path) for path in paths]
        if named:
            self._purge.drop_all(named, f"purge-{secrets.token_hex(8)}")

    def guard_refusal(self, guard: Mapping[str, Any]) -> str:
        """What AWS WAF cannot do, or that there is none here; quotas show when it is told."""
        from chalicelib.clouds.aws import waf

        return waf.refusal(self._settings, guard)

    def ask(self, host: str, path: str) -> SmokeAnswer:
        """Request a page the way a visitor would; raises OSError when the edge is out of reach.

        Follows no redirect and reads no more than 64 KiB.
        """
        from chalicelib.ports import SmokeAnswer

        started = time.monotonic()
        connection = self._connection(host)
        try:
            said = {"Host": host, "Accept": "text/html,*/*", "User-Agent": _AGENT}
            connection.request("GET", path, headers=said)
            response = connection.getresponse()
            deployment = response.getheader("X-CloudDeck-Deployment") or ""
            _drain(response, started + _ASK_SECONDS)
        except http.client.HTTPException as error:
            raise OSError(f"the edge gave no HTTP answer: {error!r}") from error
        finally:
            connection.close()
        return SmokeAnswer(response.status, deployment, round((time.monotonic() - started) * 1000))

    def _connection(self, host: str) -> http.client.HTTPConnection:
        """To the host itself, or to an edge of ours that answers for every host."""
        if not self._origin:
            return http.client.HTTPSConnection(host, timeout=_ASK_SECONDS)
        at = urlsplit(self._origin)
        kind = http.client.HTTPSConnection if at.scheme == "https" else http.client.HTTPConnection
        return kind(at.hostname or "", at.port, timeout=_ASK_SECONDS)

    def _mark(self, route: SiteRoute, deployment: str) -> bool:
        """Add to the revoked ones; False when the row names the deployment, or another site."""
        bad = routes.bare(deployment)
        row = self._update(
            route.slug,
            UpdateExpression="ADD revoked :bad",
            ConditionExpression=(
                "site = :site AND (attribute_not_exists(production) OR production <> :deployment)"
                " AND (attribute_not_exists(canary) OR canary <> :deployment)"
            ),
            ExpressionAttributeValues={
                ":bad": {"SS": [bad]},
                ":site": {"S": route.site},
                ":deployment": {"S": deployment},
            },
            ReturnValues="UPDATED_NEW",
        )
        if row is None:
            return False
        # ids begin with the time of making, so the first ones are the oldest
        others = sorted(routes.revoked(row) - {bad})
        if forgotten := others[: max(0, len(others) - REVOKED + 1)]:
            self._update(
                route.slug,
                UpdateExpression="DELETE revoked :old",
                ExpressionAttributeValues={":old": {"SS": forgotten}},
            )
        return True

    def _update(self, slug: str, **expressions: Any) -> dict[str, Any] | None:
        """One UpdateItem; the attributes asked for, or None when the condition did not hold."""
        dynamodb = client("dynamodb", self._region)
        for attempt in range(_TRIES):
            try:
                answer = dynamodb.update_item(
                    TableName=self._table, Key=routes.key(slug), **expressions
                )
                return dict(answer.get("Attributes", {}))
            except dynamodb.exceptions.ClientError as error:
                if code_of(error) == _CONDITION:
                    return None
                if code_of(error) not in _CROSSED or attempt == _TRIES - 1:
                    raise
            self._sleep(random.uniform(0.01, 0.04) * 2**attempt)  # noqa: S311  # jitter
        raise AssertionError("the last try returns or raises")


def _drain(response: http.client.HTTPResponse, deadline: float) -> None:
    """Read a bounded part of the body: an edge that breaks off inside a page is out of reach."""
    left = _BODY_BYTES
    while left > 0 and (piece := response.read1(left)):
        left -= len(piece)
        if time.monotonic() > deadline:
            raise TimeoutError("the edge took too long to send a page")
