"""The settings of one installation. The only module that reads the environment."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any


@dataclass(frozen=True)
class Settings:
    """Everything that differs between two installations of the same code.

    Endpoints of AWS services are not here: botocore reads `AWS_ENDPOINT_URL_*` itself.
    """

    cloud: str = "local"
    prefix: str = "clouddeck"
    region: str = "us-east-1"
    account: str = "000000000000"
    api_url: str = "http://localhost:8080"
    live_url: str = "ws://localhost:8080/live"
    connections_url: str = "http://localhost:8080"
    sites_domain: str = "localhost"
    sites_url: str = "http://{host}:8081"
    edge_origin: str = "http://127.0.0.1:8081"
    home: Path = field(default_factory=lambda: Path(".clouddeck").absolute())
    edge_port: int = 8081
    slots_port: int = 8084
    store_url: str = "http://127.0.0.1:8083"
    local_secret: str = ""
    builds_project: str = ""
    runner_key: str = ""
    routes_store: str = ""
    distributions: str = ""
    tenants_group: str = ""
    domains_target: str = ""
    firewall: str = ""
    nameserver: str = ""
    cloudflare_api: str = "https://api.cloudflare.com/client/v4"
    console_url: str = ""
    mail_sender: str = ""
    private_outbound: bool = False
    rate_factor: float = 1.0
    access_token_seconds: int = 24 * 3600
    build_seconds: int = 30 * 60
    slots: int = 0
    rollout_look_seconds: int = 30
    least_plan: str = "enterprise"

    def bucket(self, name: str) -> str:
        """Full name of the bucket `sites`, `sources`, `logs` or `console`.

        Names of buckets are shared by everybody on AWS, so there the account is part of it.
        """
        own = f"{self.prefix}-{name}"
        return own if self.cloud == "local" else f"{own}-{self.account}-{self.region}"

    @property
    def bus(self) -> str:
        """Name of the EventBridge bus."""
        return f"{self.prefix}-events"

    @property
    def builds(self) -> str:
        """Name of the CodeBuild project whose builds are our orders."""
        return self.builds_project or f"{self.prefix}-builds"

    def table(self, name: str) -> str:
        """Full name of the table `core`, `events` or `usage`."""
        return f"{self.prefix}-{name}"

    def machine_arn(self, name: str) -> str:
        """ARN of a state machine of this installation."""
        return f"arn:aws:states:{self.region}:{self.account}:stateMachine:{self.prefix}-{name}"

    def site_url(self, label: str) -> str:
        """Public URL of a host label (`<slug>` or `<id>--<slug>`)."""
        return self.sites_url.format(host=self.site_host(label), label=label)

    def site_host(self, label: str) -> str:
        """Host name that the edge answers for a label."""
        return f"{label}.{self.sites_domain}"


# environment variable -> field; each has the default written above
_ENVIRONMENT = {
    "CLOUDDECK_CLOUD": "cloud",
    "CLOUDDECK_PREFIX": "prefix",
    "AWS_REGION": "region",
    "CLOUDDECK_ACCOUNT": "account",
    "CLOUDDECK_API": "api_url",
    "CLOUDDECK_LIVE": "live_url",
    "CLOUDDECK_CONNECTIONS": "connections_url",
    "CLOUDDECK_SITES_DOMAIN": "sites_domain",
    "CLOUDDECK_SITES_URL": "sites_url",
    "CLOUDDECK_EDGE_ORIGIN": "edge_origin",
    "CLOUDDECK_HOME": "home",
    "CLOUDDECK_EDGE_PORT": "edge_port",
    "CLOUDDECK_SLOTS_PORT": "slots_port",
    "CLOUDDECK_S3": "store_url",
    "CLOUDDECK_LOCAL_SECRET": "local_secret",
    "CLOUDDECK_BUILDS": "builds_project",
    "CLOUDDECK_RUNNER_KEY": "runner_key",
    "CLOUDDECK_ROUTES_STORE": "routes_store",
    "CLOUDDECK_DISTRIBUTIONS": "distributions",
    "CLOUDDECK_TENANTS_GROUP": "tenants_group",
    "CLOUDDECK_DOMAINS_TARGET": "domains_target",
    "CLOUDDECK_FIREWALL": "firewall",
    "CLOUDDECK_NAMESERVER": "nameserver",
    "CLOUDDECK_CLOUDFLARE": "cloudflare_api",
    "CLOUDDECK_CONSOLE": "console_url",
    "CLOUDDECK_MAIL_SENDER": "mail_sender",
    "CLOUDDECK_PRIVATE_OUTBOUND": "private_outbound",
    "CLOUDDECK_RATE_FACTOR": "rate_factor",
    "CLOUDDECK_ACCESS_TOKEN_SECONDS": "access_token_seconds",
    "CLOUDDECK_BUILD_SECONDS": "build_seconds",
    "CLOUDDECK_SLOTS": "slots",
    "CLOUDDECK_ROLLOUT_LOOK_SECONDS": "rollout_look_seconds",
    "CLOUDDECK_LEAST_PLAN": "least_plan",
}
_TYPES: dict[str, Callable[[str], Any]] = {
    "private_outbound": lambda text: text == "1",
    "rate_factor": float,
    "home": Path,
    "edge_port": int,
    "slots_port": int,
    "access_token_seconds": int,
    "build_seconds": int,
    "slots": int,
    "rollout_look_seconds": int,
}


def read(environ: dict[str, str] | os._Environ[str]) -> Settings:
    """Settings of an environment; variables that are absent keep their defaults."""
    given = {
        name: _TYPES.get(name, str)(environ[variable])
        for variable, name in _ENVIRONMENT.items()
        if environ.get(variable)
    }
    return Settings(**given)


@lru_cache(maxsize=1)
def settings() -> Settings:
    """Settings of this process, read once."""
    return read(os.environ)
