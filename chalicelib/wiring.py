"""From settings to services: the one place that knows which cloud answers which port."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from importlib import import_module
from typing import Any

from chalicelib import ports
from chalicelib.audit import actions as audit
from chalicelib.core import http, limits, paging, secret
from chalicelib.core.config import Settings, settings
from chalicelib.git import providers
from chalicelib.git.providers import Provider
from chalicelib.identity import actions as identity
from chalicelib.identity.actions import gates
from chalicelib.ports import Services
from chalicelib.protection.actions import hosts


def install(build: Callable[[], Services] | None = None) -> None:
    """Say who answers the ports; nothing is opened before something is asked.

    `build` replaces the clouds altogether, which is what tests do.
    """
    ports.install(build or _of_this_cloud)
    paging.secret_from(lambda: secret.shared("cursors", ports.services().keys))
    http.authenticate_with("user", identity.authenticate)
    gates.install(_may_enter)
    http.limit_with(limits.Limiter(settings().rate_factor))
    http.record_with(audit.Log())
    audit.hear_with(_tell_watchers)
    hosts.own_with(_brought)
    _git_hosts()


def _tell_watchers(entry: dict[str, Any]) -> None:
    """The feed hears of every change that is written down."""
    from chalicelib.live import feed

    feed.heard(entry)


def _git_hosts() -> None:
    """Who speaks with which kind of git host; each is imported when it is asked for."""
    for name, module in _GIT_HOSTS.items():
        if name != "codecommit" or settings().cloud == "aws":  # its events come over AWS's bus
            providers.register(name, partial(_git_host, module))


def _git_host(module: str) -> Provider:
    made: Provider = import_module(module).make()
    return made


_GIT_HOSTS = {
    "github": "chalicelib.git.providers.github",
    "gitlab": "chalicelib.git.providers.gitlab",
    "bitbucket": "chalicelib.git.providers.bitbucket",
    "codecommit": "chalicelib.clouds.aws.codecommit",
    "git": "chalicelib.git.providers.plain",
}


def _brought(host: str) -> str | None:
    """The project that shows a domain which people brought."""
    from chalicelib.domains.actions import owners

    return owners.project_of(host)


def _may_enter(email: str, sso: str) -> None:
    from chalicelib.accounts.actions import sso as single_sign_on

    single_sign_on.check_entry(email, sso)


def _of_this_cloud() -> Services:
    now = settings()
    if now.cloud not in _CLOUDS:
        raise RuntimeError(f"CLOUDDECK_CLOUD is {now.cloud!r}; it can be {', '.join(_CLOUDS)}")
    return _CLOUDS[now.cloud](now)


def _local(now: Settings) -> Services:
    """One machine: AWS's APIs are answered by the embedded cloud, the rest by files and slots."""
    from chalicelib.clouds.aws.bus import EventBridge
    from chalicelib.clouds.aws.live import ApiGatewayLive
    from chalicelib.clouds.aws.store import S3Store
    from chalicelib.clouds.aws.workflow import StepFunctions
    from chalicelib.clouds.local.builder import LocalBuilder
    from chalicelib.clouds.local.domains import LocalDomains
    from chalicelib.clouds.local.edge import LocalEdge
    from chalicelib.clouds.local.keys import LocalKeys
    from chalicelib.clouds.local.mail import LocalMail
    from chalicelib.clouds.local.repositories import LocalRepositories
    from chalicelib.clouds.local.zones import LocalZones

    return Services(
        store=S3Store(now),
        workflow=StepFunctions(now),
        bus=EventBridge(now),
        builder=LocalBuilder(now.slots_port, now.local_secret),
        edge=LocalEdge(now.home, now.edge_port, now.local_secret),
        keys=LocalKeys(now.home / "keys"),
        repositories=LocalRepositories(now.home / "git", f"{now.api_url}/git"),
        live=ApiGatewayLive(now.connections_url),
        mail=LocalMail(now.home / "mail"),
        domains=LocalDomains(now),
        zones=LocalZones(now.home / "dns"),
    )


def _aws(now: Settings) -> Services:
    """One account: every port is a service of AWS; git is at its own hosts."""
    from chalicelib.clouds.aws.builder import CodeBuild
    from chalicelib.clouds.aws.bus import EventBridge
    from chalicelib.clouds.aws.domains import Domains
    from chalicelib.clouds.aws.edge import CloudFrontEdge
    from chalicelib.clouds.aws.keys import KmsKeys
    from chalicelib.clouds.aws.live import ApiGatewayLive
    from chalicelib.clouds.aws.mail import SesMail
    from chalicelib.clouds.aws.repositories import StoredSources
    from chalicelib.clouds.aws.store import S3Store
    from chalicelib.clouds.aws.workflow import StepFunctions
    from chalicelib.clouds.aws.zones import HostedZones

    store = S3Store(now)
    return Services(
        store=store,
        workflow=StepFunctions(now),
        bus=EventBridge(now),
        builder=CodeBuild(now),
        edge=CloudFrontEdge(now),
        keys=KmsKeys(now),
        repositories=StoredSources(store),
        live=ApiGatewayLive(now.connections_url),
        mail=SesMail(now),
        domains=Domains(now),
        zones=HostedZones(now),
    )


_CLOUDS: dict[str, Callable[[Settings], Services]] = {"local": _local, "aws": _aws}
