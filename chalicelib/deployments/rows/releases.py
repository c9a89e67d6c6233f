"""Rows of releases: what a deployment was frozen with."""

from __future__ import annotations

from pynamodb.attributes import JSONAttribute, NumberAttribute, UnicodeAttribute

from chalicelib.core import table
from chalicelib.deployments.rows.deployments import key


class Release(table.CoreRow):
    """What a deployment is made of, written once before it can be seen.

    `variables` is, of each that its build was given, a keyed digest: it tells two values from each
    other and nothing of either. `rules` is the digest of its table of routes.
    """

    deployment = UnicodeAttribute()
    project = UnicodeAttribute()
    listing = UnicodeAttribute(null=True)
    files = NumberAttribute()
    bytes = NumberAttribute()
    rules = UnicodeAttribute(null=True)
    variables = JSONAttribute(default=dict)
    schedules = JSONAttribute(default=list)
    settings = JSONAttribute(default=dict)
    functions = JSONAttribute(default=list)
    frozen_at = UnicodeAttribute()


def release(deployment: str) -> Release | None:
    """The release of a deployment, read consistently; None for one of an older make."""
    return table.find(Release, key(deployment), "RELEASE")
