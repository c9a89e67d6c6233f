"""Whoever follows the rows of a table."""

from __future__ import annotations

from chalicelib.resources.kinds import Function, Stream

FUNCTIONS = (
    Function(
        "publish-routes",
        "functions.edge.publish_routes",
        grants=("kvs",),  # the routes come with the messages: it reads no table
        layers=("core", "sigv4a"),
        only="aws",
    ),
)

STREAMS = (Stream("routes", "core", "ROUTE#", "publish-routes"),)
