"""Names of everything that is made, so that no stack has to ask another one. Pure.

Each name follows from the installation alone: a function knows the ARN of a state machine of
another stack without a reference, and stacks can be replaced one at a time.
"""

from __future__ import annotations

from dataclasses import dataclass

from cdk.settings import EDGE_REGION, Installation

STACKS = ("data", "edge", "api", "pipeline", "console", "observability")
"""In the order in which they are made."""

LIVE_STAGE = "live"
"""Stage of the WebSocket API, which is part of the ARN of its connections."""

PARAMETERS = {
    "data-key": "data",  # ARN of the key that encrypts variables and build tokens
    "signing-key": "data",  # ARN of the key that signs access tokens
    "core-stream": "data",  # ARN of the stream of the table `core`
    "routes-store": "edge",  # ARN of the KeyValueStore
    "distributions": "edge",  # ids of the distributions, comma-separated
    "tenants-group": "edge",  # id of the connection group of people's own domains; `none` without
    "tenants-target": "edge",  # what those domains have to lead to; `none` without
    "firewall": "edge",  # ARN of the web ACL of the distributions; `none` without
    "api-url": "api",  # base URL of the API, without a slash at its end
    "api-id": "api",  # id of the REST API, for its metrics
    "live-url": "api",  # wss:// URL for browsers
    "live-id": "api",  # id of the WebSocket API
    "console-url": "console",  # where the console is, without a slash at its end
    "connections-url": "api",  # https:// URL at which to post to open connections
}
"""What a name cannot tell because AWS invents it: SSM parameter -> the stack that writes it.

`cdk/parameters.py` writes and reads them. A stack reads only what stands before it in STACKS.
"""


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

    def queue(self, what: str, *, fifo: bool = False) -> str:
        """Name of a queue; SQS wants that of an ordered one to say so."""
        return self.name(what) + (".fifo" if fifo else "")

    def schedules(self) -> str:
        """Name of the group of schedules."""
        return self.name("schedules")

    def machine_log(self, what: str) -> str:
        """Name of the log group of a state machine."""
        return f"/aws/vendedlogs/states/{self.name(what)}"

    def bus(self) -> str:
        """Name of our event bus."""
        return self.name("events")

    def bus_arn(self) -> str:
        """ARN of our event bus."""
        return self.arn("events", f"event-bus/{self.bus()}")

    def builds_arn(self) -> str:
        """ARN of the CodeBuild project in which sites are built."""
        return self.arn("codebuild", f"project/{self.name('builds')}")

    def builds_log(self) -> str:
        """Name of the log group of builds."""
        return f"/{self.of.prefix}/builds"

    def function_log(self, what: str) -> str:
        """Name of the log group of a function."""
        return f"/aws/lambda/{self.name(what)}"

    def distribution_arn(self, identifier: str) -> str:
        """ARN of a CloudFront distribution."""
        return self.arn("cloudfront", f"distribution/{identifier}", region="")

    def distributions(self) -> tuple[str, ...]:
        """What the ids in the parameter `distributions` are of, in its order."""
        return ("sites",) if self.of.profile == "hobby" else ("sites", "tenants")

    def guard_arn(self, kind: str) -> str:
        """ARNs of what the firewall has of guards of sites: `ipset` or `rulegroup`."""
        return self.arn("wafv2", f"global/{kind}/{self.name('guard-*')}", region=EDGE_REGION)

    def parameter_name(self, what: str) -> str:
        """Name of an SSM parameter of ours."""
        return f"/{self.of.prefix}/{what}"

    def parameter(self, what: str, *, region: str | None = None) -> str:
        """ARN of an SSM parameter of ours; its name is `/<prefix>/<what>`."""
        return self.arn("ssm", f"parameter{self.parameter_name(what)}", region)

    def edge_parameter(self, what: str) -> str:
        """A parameter of the edge's stack, which lives in the edge's region."""
        return self.parameter(what, region=EDGE_REGION)

    def stack(self, what: str) -> str:
        """Name of a stack."""
        return self.name(what)
