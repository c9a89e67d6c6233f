"""From push to live: functions, machine, bus, schedules, streams, builds."""

from __future__ import annotations

from aws_cdk import aws_lambda as lambda_
from aws_cdk import aws_sqs as sqs
from constructs import Construct

from cdk import builds, bus, functions, machines, queues, streams
from cdk.assets import Assets
from cdk.environment import environment
from cdk.names import Names
from cdk.stack import DeckStack
from chalicelib import resources
from chalicelib.resources import Function

LIVE = "live-"
"""Functions of the WebSocket, which the stack `api` makes."""


class PipelineStack(DeckStack):
    """The functions of `resources.FUNCTIONS` but the WebSocket's, and all that calls them."""

    def __init__(self, scope: Construct, what: str, names: Names, assets: Assets) -> None:
        super().__init__(scope, what, names, assets)
        called = queues.asynchronous()
        ends = {caller: queues.lost(self, caller) for caller in sorted(set(called.values()))}
        self._lost = {function: ends[caller] for function, caller in called.items()}
        specs = {spec.name: spec for spec in resources.FUNCTIONS if not spec.name.startswith(LIVE)}
        self._functions = {name: self._function(spec) for name, spec in specs.items()}
        for machine in resources.MACHINES:
            machines.machine(self, machine, self._functions)
        self._events()
        for stream in resources.STREAMS:
            reader = self._functions[stream.function]
            streams.stream(self, stream, reader, specs[stream.function].timeout_seconds)
        builds.project(self)
        builds.runner(self)

    def _function(self, spec: Function) -> lambda_.Function:
        return functions.function(self, spec, environment(self), lost=self._lost.get(spec.name))

    def _events(self) -> None:
        own = bus.bus(self)
        for rule in resources.RULES:
            bus.rule(self, rule, own, *self._to(rule.function))
        bus.schedules(self, {spec: self._to(spec.function) for spec in resources.SCHEDULES})

    def _to(self, function: str) -> tuple[lambda_.Function, sqs.Queue]:
        return self._functions[function], self._lost[function]
