"""Dropping what CloudFront cached, by cache tag.

An item of an invalidation that begins with `#` is a tag: every cached answer that carries it in
the header which the distribution names in `CacheTagConfig` is dropped, on all hosts, within
seconds. Source: AWS, "Invalidating content by cache tags". Each item is priced like a path.
"""

from __future__ import annotations

import re
from typing import Any

from chalicelib.clouds.aws.session import client
from chalicelib.core import clock
from chalicelib.core.config import Settings

_TAG = re.compile(r"(dep|site)-[0-9a-z_]{1,80}")
_REFERENCE = re.compile(r"[0-9A-Za-z._-]{0,60}")


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
        if not _TAG.fullmatch(tag) or not _REFERENCE.fullmatch(occasion):
            raise ValueError(f"not a cache tag and occasion: {tag!r}, {occasion!r}")
        batch = {
            "Paths": {"Quantity": 1, "Items": [f"#{tag}"]},
            "CallerReference": reference(tag, occasion, clock.now_ms()),
        }
        begun, refused = [], []
        for distribution in self.distributions:
            try:
                begun.append(self._begin(distribution, batch))
            except self._cloudfront.exceptions.ClientError as error:
                refused.append(f"{distribution}: {error}")
        if refused:
            raise RuntimeError(f"CloudFront did not drop {tag}: {'; '.join(refused)}")
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
