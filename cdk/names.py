"""Names of everything that is made, so that no stack has to ask another one. Pure.

Each name follows from the installation alone: a function knows the ARN of a state machine of
another stack without a reference, and stacks can be replaced one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdk.settings import EDGE_REGION, Installation

STACKS = ("data", "edge", "api", "pipeline", "console", "observability")
"""In the order in which they are made."""


@dataclass(frozen=True)
class Names:
    """Names and ARNs of one installation."""

    of: Installation

    def name(self, what: str) -> str:
        """`<prefix>-<what>`: tables, functions, machines, bus, queues, roles, keys' aliases."""
        return f"{self.of.prefix}-{what}"

    def bucket(self, what: str) -> str:
        """Buckets share one name space with all of AWS."""
        return f"{self.of.prefix}-{what}-{self.of.account}-{self.of.region}"

    def arn(self, service: str, resource: str, region: str | None = None) -> str:
        """`arn:aws:<service>:<region>:<account>:<resource>`."""
        where = self.of.region if region is None else region
        return f"arn:aws:{service}:{where}:{self.of.account}:{resource}"

    def table_arn(self, what: str) -> str:
        """ARN of a table."""
        return self.arn("dynamodb", f"table/{self.name(what)}")

    def bucket_arn(self, what: str) -> str:
        """ARN of a bucket."""
        return f"arn:aws:s3:::{self.bucket(what)}"

    def function_arn(self, what: str) -> str:
        """ARN of a function."""
        return self.arn("lambda", f"function:{self.name(what)}")

    def machine_arn(self, what: str) -> str:
        """ARN of a state machine."""
        return self.arn("states", f"stateMachine:{self.name(what)}")

    def bus_arn(self) -> str:
        """ARN of our event bus."""
        return self.arn("events", f"event-bus/{self.name('events')}")

    def parameter(self, what: str, *, region: str | None = None) -> str:
        """ARN of an SSM parameter of ours; its name is `/<prefix>/<what>`."""
        return self.arn("ssm", f"parameter/{self.of.prefix}/{what}", region)

    def edge_parameter(self, what: str) -> str:
        """A parameter of the edge's stack, which lives in the edge's region."""
        return self.parameter(what, region=EDGE_REGION)

    def stack(self, what: str) -> str:
        """Name of a stack."""
        return self.name(what)
