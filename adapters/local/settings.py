"""One installation on one computer: its folder, ports, secrets and the environment of its parts."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import sys
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
"""The checkout."""

FORMAT = 1
"""Number of the data format in the home folder; a newer one is refused."""

DEFAULT_PORT = 8080
PREFIX = "clouddeck"
ACCOUNT = "000000000000"
REGION = "us-east-1"
SHIM = "clouddeck-shim"

FOLDERS = ("db", "s3", "git", "edge/routes", "edge/cache", "keys", "logs", "run", "tmp")
PARTS = ("gateway", "edge", "dynoxide", "ministack", "slots")
"""Order in which ports count up."""
HTTPS_OFFSET = 363
"""From the first port to the one of HTTPS, which is 8443 beside 8080."""

_KEPT = ("PATH", "HOME", "USER", "LOGNAME", "LANG", "TZ", "SHELL", "SSL_CERT_FILE", "SSL_CERT_DIR")
_KEPT_PREFIXES = ("LC_", "CLOUDDECK_")
_BUILD_KEPT = ("REQUESTS_CA_BUNDLE", "NODE_EXTRA_CA_CERTS", "ALL_PROXY", "HTTP_PROXY")
_BUILD_KEPT_PREFIXES = ("NPM_CONFIG_", "PIP_", "HTTPS_PROXY", "NO_PROXY")


class Refusal(Exception):  # noqa: N818  # said to the person in one line, not a fault
    """The embedded cloud cannot start or stop here; the text says why in one line."""

    exit_code = 5


@dataclass(frozen=True)
class Secrets:
    """What only this installation knows: its cloud credentials and the secret of its parts."""

    access_key_id: str
    secret_access_key: str
    local_secret: str


@dataclass(frozen=True)
class Installation:
    """A home folder and a base port; everything else follows."""

    home: Path
    port: int = DEFAULT_PORT

    @cached_property
    def ports(self) -> dict[str, int]:
        """Port of every part."""
        return {part: self.port + index for index, part in enumerate(PARTS)}

    @property
    def api_url(self) -> str:
        """Where people and runners reach the API."""
        return f"http://localhost:{self.port}"

    @property
    def edge_url(self) -> str:
        """Where the sites are; a site's host name goes in front."""
        return f"http://localhost:{self.ports['edge']}"

    @property
    def https_port(self) -> int:
        """Port of the sites over TLS; 0 when there is none."""
        given = os.environ.get("CLOUDDECK_EDGE_TLS_PORT", "")
        port = int(given) if given.isdigit() else self.port + HTTPS_OFFSET
        return port if port <= 65_535 else 0

    def url(self, part: str) -> str:
        """Address of a part for the other parts."""
        return f"http://127.0.0.1:{self.ports[part]}"

    def run(self, name: str) -> Path:
        """A file that says what is running."""
        return self.home / "run" / name

    def log(self, part: str) -> Path:
        """The log of a part."""
        return self.home / "logs" / f"{part}.log"

    @cached_property
    def secrets(self) -> Secrets:
        """The secrets of this installation, made at the first start."""
        path = self.home / "keys" / "installation.json"
        if not path.exists():
            fresh = {
                "access_key_id": "AKIA" + secrets.token_hex(8).upper(),
                "secret_access_key": secrets.token_urlsafe(30),
                "local_secret": secrets.token_urlsafe(32),
            }
            write_private(path, json.dumps(fresh))
        return Secrets(**json.loads(path.read_text()))

    def prepare(self) -> None:
        """Make the folders; raises Refusal without write access or with a newer data format."""
        try:
            self.home.mkdir(parents=True, exist_ok=True, mode=0o700)
            for folder in FOLDERS:
                (self.home / folder).mkdir(parents=True, exist_ok=True)
            (self.home / "keys").chmod(0o700)
            if not os.access(self.home, os.W_OK | os.X_OK):
                raise PermissionError(13, "no write access")
            self._check_format()
            _ = self.secrets
        except OSError as error:
            reason = error.strerror or str(error)
            raise Refusal(f"Cannot keep data in {self.home}: {reason}.") from None

    def _check_format(self) -> None:
        path = self.home / "format"
        if not path.exists():
            write_atomically(path, f"{FORMAT}\n")
            return
        text = path.read_text().strip()
        if not text.isdigit() or int(text) > FORMAT:
            raise Refusal(
                f"{self.home} has data format {text[:20]!r}; this version reads up to {FORMAT}. "
                "Update CloudDeck or choose another folder with --home."
            )

    def product_environment(self) -> dict[str, str]:
        """What `chalicelib.core.config` and botocore read, in every process of the product."""
        edge_port = self.ports["edge"]
        return {
            "CLOUDDECK_CLOUD": "local",
            "CLOUDDECK_PREFIX": PREFIX,
            "CLOUDDECK_ACCOUNT": ACCOUNT,
            "CLOUDDECK_API": self.api_url,
            "CLOUDDECK_CONSOLE": self.api_url,
            "CLOUDDECK_PRIVATE_OUTBOUND": "1",
            "CLOUDDECK_LIVE": f"ws://localhost:{self.port}/live",
            "CLOUDDECK_CONNECTIONS": self.url("gateway"),
            "CLOUDDECK_SITES_DOMAIN": "localhost",
            "CLOUDDECK_SITES_URL": f"http://{{host}}:{edge_port}",
            "CLOUDDECK_EDGE_ORIGIN": self.url("edge"),
            "CLOUDDECK_HOME": str(self.home),
            "CLOUDDECK_EDGE_PORT": str(edge_port),
            "CLOUDDECK_EDGE_TLS_PORT": str(self.https_port),
            "CLOUDDECK_SLOTS_PORT": str(self.ports["slots"]),
            "CLOUDDECK_SLOTS": os.environ.get("CLOUDDECK_SLOTS") or str(os.cpu_count() or 1),
            "CLOUDDECK_S3": self.url("ministack"),
            "CLOUDDECK_LOCAL_SECRET": self.secrets.local_secret,
            **self.credentials(),
            "AWS_REGION": REGION,
            "AWS_DEFAULT_REGION": REGION,
            "AWS_ENDPOINT_URL": self.url("ministack"),
            "AWS_ENDPOINT_URL_DYNAMODB": self.url("dynoxide"),
            "AWS_EC2_METADATA_DISABLED": "true",
            "AWS_CONFIG_FILE": os.devnull,
            "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
            "NO_PROXY": "127.0.0.1,localhost,.localhost",
        }

    def credentials(self) -> dict[str, str]:
        """Credentials that the embedded cloud accepts."""
        return {
            "AWS_ACCESS_KEY_ID": self.secrets.access_key_id,
            "AWS_SECRET_ACCESS_KEY": self.secrets.secret_access_key,
        }

    def base_environment(self) -> dict[str, str]:
        """The little of the person's environment that a part needs: no proxies, no AWS profile."""
        kept = {
            name: value
            for name, value in os.environ.items()
            if name in _KEPT or name.startswith(_KEPT_PREFIXES)
        }
        return {
            **kept,
            "PYTHONPATH": str(ROOT),
            "PYTHONUNBUFFERED": "1",
            "TMPDIR": str(self.home / "tmp"),
        }


def build_environment() -> dict[str, str]:
    """What builds need of the person's environment: registries and proxies of their network."""
    return {
        name: value
        for name, value in os.environ.items()
        if name.upper() in _BUILD_KEPT or name.upper().startswith(_BUILD_KEPT_PREFIXES)
    }


def installation(home: str | None = None, port: int | None = None) -> Installation:
    """The installation that arguments, environment, or what ran last in the folder point to."""
    folder = Path(home or os.environ.get("CLOUDDECK_HOME") or ROOT / ".clouddeck").absolute()
    chosen = port or int(os.environ.get("CLOUDDECK_PORT") or 0)
    if not chosen:
        remembered = folder / "port"
        with contextlib.suppress(OSError, ValueError):
            chosen = int(remembered.read_text())
    return Installation(folder, chosen or DEFAULT_PORT)


def python() -> str:
    """The interpreter with the product's libraries."""
    candidate = ROOT / ".venv" / "bin" / "python"
    return str(candidate) if candidate.exists() else sys.executable


def cloud_python() -> str:
    """The interpreter that has MiniStack."""
    given = os.environ.get("CLOUDDECK_MINISTACK_PYTHON")
    return given or str(ROOT / ".venv-cloud" / "bin" / "python")


def dynoxide() -> str:
    """The database program; raises Refusal when it is not installed."""
    given = os.environ.get("CLOUDDECK_DYNOXIDE")
    found = [given] if given else sorted(map(str, ROOT.glob("node_modules/@dynoxide/*/dynoxide")))
    if not found:
        raise Refusal("The database (dynoxide) is not installed. Run: make setup")
    return found[0]


def write_atomically(path: Path, text: str, mode: int = 0o644) -> None:
    """Replace a file as a whole, so that a reader never sees half of it."""
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode)
    with os.fdopen(descriptor, "w") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    temporary.replace(path)


def write_private(path: Path, text: str) -> None:
    """Write a secret: whole, and readable by its owner only."""
    path.parent.mkdir(parents=True, exist_ok=True)
    write_atomically(path, text, 0o600)
