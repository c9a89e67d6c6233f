"""Dropping what CloudFront cached, by cache tag.

An item of an invalidation that begins with `#` is a tag: every cached answer that carries it in
the header which the distribution names in `CacheTagConfig` is dropped, on all hosts, within
seconds. Source: AWS, "Invalidating content by cache tags". Each item is priced like a path.
"""

from __future__ import annotations

import re
from collections.abc import Collection
from typing import Any

from chalicelib.clouds.aws.session import client
from chalicelib.core import clock
from chalicelib.core.config import Settings

_TAG = re.compile(r"(dep|site|path|u)-[0-9a-z_]{1,80}")
_REFERENCE = re.compile(r"[0-9A-Za-z._-]{0,60}")
_MOST = 1_000
"""Items of one invalidation; CloudFront takes 3,000 at a time, of all that are under way."""


class Purge:
    """Invalidations on every distribution of the installation (setting `distributions`)."""

    def __init__(self, settings: Settings) -> None:
        self._region = settings.region
        self.distributions = tuple(settings.distributions.replace(",", " ").split())

    def drop(self, tag: str, occasion: str = "") -> list[str]:
        """Drop all that carries `tag`; ids of the invalidations, one for each distribution.

        CloudFront takes the same tag for the same `occasion` within one minute for a repeat and
        does it once; another occasion is another invalidation. Every distribution is tried;
        raises RuntimeError when one of them refused.
        """
        if not _REFERENCE.fullmatch(occasion):
            raise ValueError(f"not an occasion: {occasion!r}")
        return self._drop([tag], reference(tag, occasion, clock.now_ms()))

    def drop_all(self, wanted: Collection[str], occasion: str) -> list[str]:
        """Drop all that carries one of several tags, as `drop` does; `occasion` is told once."""
        if not _REFERENCE.fullmatch(occasion) or not occasion:
            raise ValueError(f"not an occasion: {occasion!r}")
        named, begun = sorted(set(wanted)), []
        for first in range(0, len(named), _MOST):
            part = named[first : first + _MOST]
            begun += self._drop(part, f"{occasion}-{first}")
        return begun

    def _drop(self, wanted: list[str], caller_reference: str) -> list[str]:
        if unknown := [tag for tag in wanted if not _TAG.fullmatch(tag)]:
            raise ValueError(f"not cache tags: {unknown[:5]!r}")
        batch = {
            "Paths": {"Quantity": len(wanted), "Items": [f"#{tag}" for tag in wanted]},
            "CallerReference": caller_reference,
        }
        begun, refused = [], []
        for distribution in self.distributions:
            try:
                begun.append(self._begin(distribution, batch))
            except self._cloudfront.exceptions.ClientError as error:
                refused.append(f"{distribution}: {error}")
        if refused:
            raise RuntimeError(
                f"CloudFront did not drop {', '.join(wanted[:5])}: {'; '.join(refused)}"
            )
        return begun

    def _begin(self, distribution: str, batch: dict[str, Any]) -> str:
        answer = self._cloudfront.create_invalidation(
            DistributionId=distribution, InvalidationBatch=batch
        )
        return str(answer["Invalidation"]["Id"])

    @property
    def _cloudfront(self) -> Any:
        return client("cloudfront", self._region)


def reference(tag: str, occasion: str, ms: int) -> str:
    """The name of one invalidation: equal for repeats within a minute."""
    return "-".join(part for part in (tag, occasion, str(ms // 60_000)) if part)
