"""From options and what the account knows to the settings of an installation."""

from __future__ import annotations

from argparse import Namespace
from dataclasses import replace
from typing import Any

from cdk.install import zone
from cdk.install.aws import Account
from cdk.install.problems import Refused
from cdk.install.remembered import Remembered
from cdk.install.terminal import Finding
from cdk.settings import Installation


def chosen(given: Namespace, account: str, region: str) -> Installation:
    """The installation that the options describe, without its zone; raises Refused."""
    domain = given.domain.strip().rstrip(".").lower()
    return _made(
        account=account,
        region=region,
        prefix=given.prefix,
        profile=given.profile or "hobby",
        domain=domain,
        email=given.email.strip(),
        mail_from=given.mail_from.strip().lower(),
    )


def continued(before: Remembered, given: Namespace) -> Installation:
    """An install that goes on where it stopped: what was chosen then, and what is named now."""
    named: dict[str, Any] = {
        name: value
        for name in ("domain", "profile", "email", "mail_from")
        if (value := getattr(given, name, "")) and value != getattr(before.installation, name)
    }
    if "domain" in named:
        named["zone"] = ""
    return _made(**{**vars(before.installation), **named})


def with_sender(installation: Installation, given: Namespace) -> Installation:
    """The same installation, whose mail comes from `--mail-from` if that was named."""
    sender = given.mail_from.strip().lower()
    return _made(**{**vars(installation), "mail_from": sender}) if sender else installation


def _made(**settings: Any) -> Installation:
    try:
        return Installation(**settings)
    except ValueError as error:
        raise Refused("installation_invalid", f"{error}", "See `deck install --help`.") from None


def with_zone(
    account: Account, installation: Installation, given: Namespace, *, may_create: bool
) -> tuple[Installation, list[Finding]]:
    """The same installation with the id of its hosted zone, and what is to be said of DNS.

    A zone is made only when `--create-zone` asks for it and `may_create` (not in a dry run).
    """
    domain = installation.domain
    if not domain:
        hint = "Add --domain apps.example.com with a domain of yours."
        return installation, [Finding("domain", "fail", "no domain was named", hint)]
    found = zone.find(account, domain, given.zone or installation.zone)
    if found is None and not given.create_zone:
        hint = f"Add --create-zone, or make a public zone for {domain} in Route 53."
        detail = f"no public hosted zone of this account holds {domain}"
        return installation, [Finding("domain", "fail", detail, hint)]
    if found is None and not may_create:
        row = Finding("domain", "warn", f"a hosted zone for {domain} would be made ($0.50 a month)")
        return installation, [row]
    rows = []
    if found is None:
        found = zone.create(account, domain)
        rows.append(Finding("domain", "ok", f"made the hosted zone {found.id} for {domain}"))
    rows.append(zone.delegation(account, found))
    return replace(installation, zone=found.id), rows
