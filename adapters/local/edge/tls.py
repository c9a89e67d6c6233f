"""HTTPS: which versions and ciphers, and whose certificate a visitor is shown."""

import logging
import ssl
from collections.abc import Mapping

from adapters.local.edge.certificates import Certificates
from adapters.local.edge.hosts import OwnHosts
from adapters.local.edge.routes import Route
from adapters.local.edge.settings import EdgeSettings
from chalicelib.clouds.local.authority import Authority
from chalicelib.edge.rules.hosts import home, normalise_host, parse_host

HANDSHAKE_SECONDS = 10.0
PROTOCOLS = ["h2", "http/1.1"]
_CIPHERS = "ECDHE+AESGCM:ECDHE+CHACHA20"
"""Of TLS 1.2: forward secrecy and authenticated encryption alone, which is what HTTP/2 demands
(RFC 9113, appendix A); those of TLS 1.3 are all of this kind."""
_NO_CIPHERS = "PSK+AESGCM"
"""Of TLS 1.2: those that need a key which both ends know beforehand, and we have none."""
_VERSIONS = {"1.2": ssl.TLSVersion.TLSv1_2, "1.3": ssl.TLSVersion.TLSv1_3}
_OF_NOBODY = {"localhost", "127.0.0.1"}

log = logging.getLogger(__name__)


class Greeted(ssl.SSLObject):
    """One end of a TLS connection, which remembers the host that the visitor named."""

    host: str = ""


class Tls:
    """What a listening socket needs to speak TLS for every host that this edge knows."""

    def __init__(self, settings: EdgeSettings, own: OwnHosts, routes: Mapping[str, Route]) -> None:
        self._oldest = _VERSIONS[settings.oldest_tls]
        self._domain = settings.domain
        self._own = own
        self._routes = routes
        self.certificates = Certificates(
            settings.certificates, Authority(settings.authority), self._empty
        )

    def context(self) -> ssl.SSLContext:
        """The context to listen with: it chooses another one as soon as a host is named."""
        context = self.certificates.of_nobody()
        context.sslobject_class = Greeted
        # Typed for any kind of end; wrapped by the context, it is the one above.
        context.sni_callback = self._choose  # type: ignore[assignment]
        return context

    def _empty(self, oldest: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.minimum_version = max(self._oldest, _VERSIONS[oldest])
        # When a host is named, the version is settled already: OpenSSL takes over the certificate
        # and the ciphers of the host's context. So what refuses TLS 1.2 are ciphers that nobody can
        # agree on.
        context.set_ciphers(_NO_CIPHERS if oldest == "1.3" else _CIPHERS)
        context.options |= ssl.OP_NO_RENEGOTIATION | ssl.OP_NO_COMPRESSION
        context.set_alpn_protocols(PROTOCOLS)
        return context

    def _choose(self, end: Greeted, name: str | None, _: ssl.SSLContext) -> int | None:
        """Called within the handshake; returns the alert that ends it, None to go on."""
        if name is None:
            return None
        try:
            return self._introduce(end, name)
        except Exception:
            log.exception("no certificate for %r", name[:260])
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR

    def _introduce(self, end: Greeted, name: str) -> int | None:
        host = normalise_host(name) or ""
        end.host = host
        own = self._own.find(host)
        if own is not None:
            end.context = self.certificates.of_own(own)
            return None
        if host in _OF_NOBODY:
            return None
        site = parse_host(host, self._domain)
        if site is None or not self._on_air(site.slug):
            return ssl.ALERT_DESCRIPTION_UNRECOGNIZED_NAME
        context = self.certificates.of_site(host, passing=site.deployment is not None)
        if context is None:
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        end.context = context
        return None

    def _on_air(self, slug: str) -> bool:
        route, of = self._routes.get(slug), self._routes.get(home(slug))
        return not (route is None or route.gone or of is None or of.gone)


def agrees(end: object, raw: bytes) -> bool:
    """Whether a Host header names the host of the handshake.

    A certificate, and the versions that an own domain speaks, hold for the host of the handshake
    alone. Who named none may ask for this computer's own addresses.
    """
    host = normalise_host(raw.decode("latin-1"))
    named = end.host if isinstance(end, Greeted) else ""
    return host == named or (not named and host in _OF_NOBODY)
