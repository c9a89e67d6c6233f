"""Which certificate a host gets: its own from a file, or one of this computer's authority.

`edge/certs/<host>.pem` (`_wild.<host>.pem` for `*.<host>`) holds a private key and a chain. A file
that is no such pair keeps the last good one. Whoever has no file gets a certificate made on the
spot, which is only done for hosts that this edge knows.
"""

import logging
import ssl
import tempfile
import time
from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.serialization import load_pem_private_key

from adapters.local.edge.flood import Patience
from adapters.local.edge.folder import Folder, Scan
from adapters.local.edge.hosts import OwnHost
from chalicelib.clouds.local.authority import Authority

MAX_PEM_BYTES = 256 * 1024
_DAYS = 90
_KEEP_SECONDS = 30 * 86_400.0
_MOST_LASTING = 4_000
_MOST_PASSING = 500
_PASSING_BURST, _PASSING_A_SECOND = 200, 20

log = logging.getLogger(__name__)


class Certificates:
    """TLS contexts by host. `make(oldest version)` gives one without a certificate."""

    def __init__(
        self, folder: Path, authority: Authority, make: Callable[[str], ssl.SSLContext]
    ) -> None:
        self.files: dict[str, bytes] = {}
        self._folder = Folder(folder, ".pem", MAX_PEM_BYTES, check)
        self._authority = authority
        self._make = make
        self._lasting = Shelf(_MOST_LASTING)
        self._passing = Shelf(_MOST_PASSING)
        self._patience = Patience(_PASSING_BURST, _PASSING_A_SECOND)

    def scan(self, *, force: bool = False) -> Scan[bytes] | None:
        """What changed on disk; None when nothing can have. May run in a thread."""
        return self._folder.scan(force=force)

    def forget(self) -> None:
        """Own domains are served in another way from now on."""
        self._lasting.clear()

    def apply(self, scan: Scan[bytes]) -> None:
        """Take over a scan: new handshakes get the new certificates."""
        for name, pem in scan.changed.items():
            self.files[name] = pem
            self._lasting.drop(name)
        for name in self._folder.apply(scan):
            self.files.pop(name, None)
            self._lasting.drop(name)

    def of_own(self, own: OwnHost) -> ssl.SSLContext:
        """For an own domain: from its file, or issued until there is one."""
        name = own.file_name
        context = self._lasting.get(name)
        if context is None:
            pem = self.files.get(name) or self._authority.issue([own.host], _DAYS)
            context = self._lasting.put(name, self._load(pem, own.tls))
        return context

    def of_site(self, host: str, *, passing: bool) -> ssl.SSLContext | None:
        """For a host below the sites' domain, issued at its first visit.

        Preview hosts are `passing`: there are as many of them as strangers make up, so they have a
        shelf of their own, and None is the answer when too many are asked for at once.
        """
        shelf = self._passing if passing else self._lasting
        context = shelf.get(host)
        if context is None:
            if passing and not self._patience.bears():
                return None
            context = shelf.put(host, self._load(self._authority.issue([host], _DAYS)))
        return context

    def of_nobody(self) -> ssl.SSLContext:
        """For who names no host: good for this computer's own addresses."""
        return self._load(self._authority.issue(["localhost", "127.0.0.1", "::1"], _DAYS))

    def _load(self, pem: bytes, oldest: str = "1.2") -> ssl.SSLContext:
        context = self._make(oldest)
        # The library reads files only, and one that is being replaced might be read as two halves.
        with tempfile.NamedTemporaryFile(dir=self._authority.folder, prefix=".loading-") as file:
            file.write(pem)
            file.flush()
            context.load_cert_chain(file.name)
        return context


class Shelf:
    """Contexts by host, the least visited of too many and the old ones thrown away."""

    def __init__(self, most: int) -> None:
        self._most = most
        self._contexts: OrderedDict[str, tuple[float, ssl.SSLContext]] = OrderedDict()

    def get(self, host: str) -> ssl.SSLContext | None:
        """The context of a host, if it lies here and is not about to be too old."""
        found = self._contexts.get(host)
        if found is None or found[0] < time.monotonic():
            return None
        self._contexts.move_to_end(host)
        return found[1]

    def put(self, host: str, context: ssl.SSLContext) -> ssl.SSLContext:
        """Keep a context."""
        self._contexts[host] = (time.monotonic() + _KEEP_SECONDS, context)
        if len(self._contexts) > self._most:
            self._contexts.popitem(last=False)
        return context

    def clear(self) -> None:
        """Make all of them anew."""
        self._contexts.clear()

    def drop(self, host: str) -> None:
        """Make it anew when it is asked for next."""
        self._contexts.pop(host, None)


def check(pem: bytes, _name: str = "") -> bytes:
    """The PEM itself, when it begins with a pair; raises ValueError with what is wrong else."""
    try:
        key = load_pem_private_key(pem, None)
        leaf = x509.load_pem_x509_certificates(pem)[0]
    except (ValueError, TypeError) as error:
        raise ValueError(f"no private key and certificate in PEM: {error}") from None
    if key.public_key() != leaf.public_key():
        raise ValueError("the key is not the certificate's")
    return pem
