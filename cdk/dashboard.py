"""One page: is it up, is it quick, does anything wait. The first three dashboards are free."""

from __future__ import annotations

from aws_cdk import Fn
from aws_cdk import aws_cloudwatch as cloudwatch

from cdk import metrics, parameters, queues
from cdk.stack import DeckStack
from chalicelib import resources

_WIDTH = 8


def dashboard(stack: DeckStack) -> cloudwatch.Dashboard:
    """The dashboard `<prefix>`, three graphs in a row."""
    graphs = _graphs(stack)
    rows = [graphs[at : at + 3] for at in range(0, len(graphs), 3)]
    return cloudwatch.Dashboard(
        stack, "dashboard", dashboard_name=stack.names.of.prefix, widgets=[list(r) for r in rows]
    )


def _graphs(stack: DeckStack) -> list[cloudwatch.IWidget]:
    names = stack.names
    functions = [spec.name for spec in resources.FUNCTIONS]
    all_functions = ["api", *functions]
    # the first distribution is the one of the sites below the installation's domain
    sites = Fn.select(0, Fn.split(",", parameters.read(stack, "distributions")))
    tables = resources.TABLES
    throttles = ("ReadThrottleEvents", "WriteThrottleEvents")
    return [
        _graph("API: time, ms", *(metrics.api(names, "Latency", p) for p in ("p50", "p95"))),
        _graph(
            "API: requests, errors",
            *(metrics.api(names, name, "Sum") for name in ("Count", "4XXError", "5XXError")),
        ),
        _graph(
            "Sites: requests, 5xx percent",
            metrics.distribution(sites, "Requests", "Sum"),
            right=[metrics.distribution(sites, "5xxErrorRate", "Average")],
        ),
        _graph(
            "Deployments",
            *(
                metrics.machine(names, machine.name, name)
                for machine in resources.MACHINES
                for name in ("ExecutionsStarted", "ExecutionsFailed", "ExecutionsTimedOut")
            ),
        ),
        _graph(
            "Builds, and seconds in the queue",
            metrics.builds(names, "Builds"),
            metrics.builds(names, "FailedBuilds"),
            right=[metrics.builds(names, "QueuedDuration", "Maximum")],
        ),
        _graph("Lost messages", *(metrics.waiting(queue) for queue in queues.dead_letters(names))),
        _graph(
            "Functions: errors",
            *(metrics.function(names, name, "Errors") for name in all_functions),
        ),
        _graph(
            "Functions: time p95, ms",
            *(metrics.function(names, name, "Duration", "p95") for name in all_functions),
        ),
        _graph(
            "Functions: throttled",
            *(metrics.function(names, name, "Throttles") for name in all_functions),
        ),
        _graph(
            "Tables: throttled",
            *(metrics.table(names, table, name) for table in tables for name in throttles),
        ),
        _graph(
            "Routes: seconds until the edge is told",
            *(metrics.oldest(names.queue(s.name, fifo=True)) for s in resources.STREAMS),
        ),
    ]


def _graph(
    title: str, *left: cloudwatch.IMetric, right: list[cloudwatch.IMetric] | None = None
) -> cloudwatch.GraphWidget:
    return cloudwatch.GraphWidget(title=title, width=_WIDTH, left=list(left), right=right or [])
