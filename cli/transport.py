"""HTTP: connections that stay open, proxies, TLS, retries, and failures in our words."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import IO, TYPE_CHECKING, Any
from urllib.parse import urlsplit

from cli import __version__
from cli.config import is_loopback
from cli.errors import NetworkError, UserError

if TYPE_CHECKING:
    import ssl

    import urllib3

CONNECTIONS = 24
ATTEMPTS = 4
AGAIN = (429, 500, 502, 503, 504)
LONGEST_WAIT = 10.0

Body = bytes | Callable[[], IO[bytes]]


@dataclass(frozen=True)
class Answer:
    """A finished response."""

    status: int
    headers: Mapping[str, str]
    body: bytes


class Transport:
    """Sends requests from any number of threads."""

    def __init__(self, timeout: float = 60.0, sleep: Callable[[float], None] = time.sleep) -> None:
        self._timeout = timeout
        self._sleep = sleep
        self._lock = threading.Lock()
        self._managers: dict[tuple[str, bool], urllib3.PoolManager] = {}

    def send(
        self,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str],
        body: Body | None = None,
        repeat: bool = True,
    ) -> Answer:
        """One request, again after a fault when it may be repeated."""
        for attempt in range(1, ATTEMPTS + 1):
            last = attempt == ATTEMPTS or not repeat
            try:
                answer = self._once(method, url, headers, body)
            except NetworkError as error:
                if last or error.code not in ("connection_lost", "timeout"):
                    raise
                self._sleep(_pause(attempt, None))
                continue
            if last or answer.status not in AGAIN:
                return answer
            self._sleep(_pause(attempt, answer.headers.get("retry-after")))
        raise AssertionError("unreachable")

    def _once(self, method: str, url: str, headers: Mapping[str, str], body: Body | None) -> Answer:
        import urllib3
        from urllib3.exceptions import HTTPError, LocationParseError

        target, host = address(url)
        sent = {"User-Agent": f"deck/{__version__}", **headers}
        if host:
            sent["Host"] = host
        payload = body() if callable(body) else body
        try:
            response = self._manager(url).request(
                method,
                target,
                headers=sent,
                body=payload,
                redirect=False,
                retries=False,
                timeout=urllib3.Timeout(connect=min(10.0, self._timeout), read=self._timeout),
            )
        except LocationParseError as error:
            raise UserError("bad_url", f"{url} is not an address") from error
        except (HTTPError, OSError) as error:
            raise explain(error, url) from error
        finally:
            if payload is not None and not isinstance(payload, bytes):
                payload.close()
        found = {name.lower(): value for name, value in response.headers.items()}
        return Answer(response.status, found, response.data)

    def _manager(self, url: str) -> urllib3.PoolManager:
        proxy = proxy_for(url) or ""
        with self._lock:
            key = (proxy, url.startswith("https:"))
            if key not in self._managers:
                self._managers[key] = _open(*key)
            return self._managers[key]


def _open(proxy: str, secure: bool) -> urllib3.PoolManager:
    import urllib3

    context = tls() if secure or proxy else None
    try:
        if proxy:
            return urllib3.ProxyManager(
                proxy, num_pools=8, maxsize=CONNECTIONS, ssl_context=context
            )
        extra: dict[str, Any] = {"ssl_context": context} if context else {}
        return urllib3.PoolManager(num_pools=8, maxsize=CONNECTIONS, **extra)
    except (urllib3.exceptions.HTTPError, ValueError) as error:
        raise NetworkError(
            "proxy_failed",
            f"The proxy address {proxy} cannot be used ({error})",
            "Give HTTPS_PROXY an address like http://proxy.example.com:3128.",
        ) from error


def tls() -> ssl.SSLContext:
    """Certificates of the system, of `SSL_CERT_FILE`, and those shipped with requests."""
    import ssl

    context = ssl.create_default_context()
    extra = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    if extra:
        context.load_verify_locations(extra)
    elif not context.cert_store_stats()["x509_ca"]:
        import certifi

        context.load_verify_locations(certifi.where())
    return context


def address(url: str) -> tuple[str, str | None]:
    """Where to connect, and the Host header when it differs: `*.localhost` may not resolve."""
    parts = urlsplit(url)
    host = parts.hostname or ""
    if not host.endswith(".localhost"):
        return url, None
    port = f":{parts.port}" if parts.port else ""
    return parts._replace(netloc=f"127.0.0.1{port}").geturl(), f"{host}{port}"


def proxy_for(url: str) -> str | None:
    """The proxy that the environment names for a URL; never one for this machine."""
    if is_loopback(url):
        return None
    from urllib.request import getproxies, proxy_bypass

    parts = urlsplit(url)
    proxies = getproxies()
    proxy = proxies.get(parts.scheme) or proxies.get("all")
    if not proxy or proxy_bypass(parts.netloc.rpartition("@")[2]):
        return None
    return proxy if "://" in proxy else f"http://{proxy}"


def _pause(attempt: int, retry_after: str | None) -> float:
    if retry_after and retry_after.isdigit():
        return min(float(retry_after), LONGEST_WAIT) + random.uniform(0, 0.5)  # noqa: S311  # jitter
    return random.uniform(0, 0.1 * 3**attempt)  # noqa: S311 - jitter, not a secret


def explain(error: Exception, url: str) -> NetworkError:  # noqa: PLR0911 - a list of cases
    """A failure of the network as one sentence and what to do about it."""
    from urllib3 import exceptions as e

    parts = urlsplit(url)
    where = f"{parts.scheme}://{parts.netloc.rpartition('@')[2]}"
    chain: list[BaseException] = [error]
    while (cause := chain[-1].__cause__ or chain[-1].__context__) and cause not in chain:
        chain.append(cause)
    if isinstance(error, e.ProxyError | e.ProxySchemeUnknown | e.ProxySchemeUnsupported):
        return NetworkError(
            "proxy_failed",
            f"The proxy {proxy_for(url)} did not let us through to {where}",
            "Check HTTPS_PROXY, HTTP_PROXY and NO_PROXY.",
        )
    if any(isinstance(one, e.SSLError) or type(one).__module__ == "ssl" for one in chain):
        return NetworkError(
            "tls_failed",
            f"The certificate of {where} is not trusted: {_reason(chain)}",
            "Behind a company proxy, set SSL_CERT_FILE to its certificate bundle.",
        )
    if isinstance(error, e.NameResolutionError):
        return NetworkError(
            "offline", f"{parts.hostname} cannot be found", "Check the address and your network."
        )
    if any(isinstance(one, ConnectionRefusedError) for one in chain):
        return NetworkError("offline", f"Nothing answers at {where}", _offline_hint(url))
    if isinstance(error, e.TimeoutError | TimeoutError):
        return NetworkError("timeout", f"{where} did not answer in time", "Try again.")
    if isinstance(error, e.NewConnectionError):
        return NetworkError("offline", f"Cannot connect to {where}", _offline_hint(url))
    return NetworkError(
        "connection_lost", f"The connection to {where} was lost: {_reason(chain)}", "Try again."
    )


def _offline_hint(url: str) -> str:
    if is_loopback(url):
        return "Start the local cloud with `deck up`, or set CLOUDDECK_API to another one."
    return "Check your network and the address."


def _reason(chain: list[BaseException]) -> str:
    deepest = next((one for one in reversed(chain) if str(one)), chain[0])
    reason = getattr(deepest, "verify_message", "") or str(deepest) or type(deepest).__name__
    return " ".join(reason.split())
