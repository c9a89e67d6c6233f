"""What the edge process is told by its environment."""

import ipaddress
import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

_MB = 1024 * 1024
_OWN_MACHINE = "127.0.0.0/8,::1/128"


@dataclass(frozen=True)
class EdgeSettings:
    """The settings of one edge process."""

    home: Path
    port: int = 8081
    tls_port: int = 0
    """0 for no HTTPS."""
    oldest_tls: str = "1.2"
    domain: str = "localhost"
    bucket: str = "clouddeck-sites"
    bus: str = "clouddeck-events"
    secret: str = ""
    disk_bytes: int = 2048 * _MB
    memory_bytes: int = 256 * _MB
    trusted: tuple[ipaddress.IPv4Network | ipaddress.IPv6Network, ...] = ()
    private_outbound: bool = False
    api: str = "http://localhost:8080"
    console: str = "http://localhost:8080"

    @property
    def routes(self) -> Path:
        """Folder of the route files."""
        return self.home / "edge" / "routes"

    @property
    def hosts(self) -> Path:
        """Folder of the files of own domains."""
        return self.home / "edge" / "hosts"

    @property
    def certificates(self) -> Path:
        """Folder of the certificates of own domains, with their keys."""
        return self.home / "edge" / "certs"

    @property
    def authority(self) -> Path:
        """Folder of the authority that issues the other certificates."""
        return self.home / "edge" / "ca"

    @property
    def cache(self) -> Path:
        """Folder of the edge's own copies of blobs and manifests."""
        return self.home / "edge" / "cache"

    @property
    def countries(self) -> Path:
        """Which addresses belong to which country, if somebody put such a file there."""
        return self.home / "edge" / "countries.csv"

    @property
    def access_log(self) -> Path:
        """The access log that is being written."""
        return self.home / "logs" / "edge-access.jsonl"


def read_settings(environ: Mapping[str, str] | None = None) -> EdgeSettings:
    """Settings from environment variables; what is absent keeps its default."""
    env = os.environ if environ is None else environ
    return EdgeSettings(
        home=Path(env.get("CLOUDDECK_HOME") or ".clouddeck").absolute(),
        port=int(env.get("CLOUDDECK_EDGE_PORT") or 8081),
        tls_port=int(env.get("CLOUDDECK_EDGE_TLS_PORT") or 0),
        oldest_tls=_tls(env.get("CLOUDDECK_EDGE_TLS") or "1.2"),
        domain=(env.get("CLOUDDECK_SITES_DOMAIN") or "localhost").lower(),
        bucket=env.get("CLOUDDECK_BUCKET") or "clouddeck-sites",
        bus=f"{env.get('CLOUDDECK_PREFIX') or 'clouddeck'}-events",
        secret=env.get("CLOUDDECK_LOCAL_SECRET") or "",
        disk_bytes=int(env.get("CLOUDDECK_EDGE_CACHE_MB") or 2048) * _MB,
        memory_bytes=int(env.get("CLOUDDECK_EDGE_MEMORY_MB") or 256) * _MB,
        trusted=tuple(
            ipaddress.ip_network(text.strip())
            for text in (env.get("CLOUDDECK_EDGE_TRUSTED") or _OWN_MACHINE).split(",")
        ),
        private_outbound=env.get("CLOUDDECK_PRIVATE_OUTBOUND") == "1",
        api=(env.get("CLOUDDECK_API") or "http://localhost:8080").rstrip("/"),
        console=(env.get("CLOUDDECK_CONSOLE") or "http://localhost:8080").rstrip("/"),
    )


def _tls(version: str) -> str:
    if version not in ("1.2", "1.3"):
        raise SystemExit(f"CLOUDDECK_EDGE_TLS is 1.2 or 1.3, not {version[:20]!r}")
    return version
