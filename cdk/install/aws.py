"""The one door to AWS: every call of an install goes through a client that `Account` gives."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from cdk.install.problems import NoAccess, error_code
from cdk.settings import EDGE_REGION

_ROLE = re.compile(r"arn:(aws[a-z-]*):sts::(\d{12}):assumed-role/([^/]+)/.+")


@dataclass(frozen=True)
class Identity:
    """Who asks: account number and ARN."""

    account: str
    arn: str

    @property
    def is_root(self) -> bool:
        """Whether it is the account's root user, who should not do daily work."""
        return self.arn.endswith(":root")

    @property
    def role(self) -> str:
        """Name of the assumed role; empty for users."""
        found = _ROLE.fullmatch(self.arn)
        return found[3] if found else ""


class Account:
    """An AWS account as its credentials on this machine see it."""

    def __init__(self, session: Any, region: str) -> None:
        self.session = session
        self.region = region
        self._clients: dict[tuple[str, str], Any] = {}

    @classmethod
    def open(cls, aws_profile: str = "", region: str = "") -> Account:
        """With the AWS CLI's profile and region, as far as none is named; calls nobody yet."""
        import boto3

        session = boto3.Session(profile_name=aws_profile or None, region_name=region or None)
        return cls(session, session.region_name or EDGE_REGION)

    def client(self, service: str, region: str = "") -> Any:
        """A client of the account's region, or of another one."""
        where = region or self.region
        key = (service, where)
        if key not in self._clients:
            from botocore.config import Config

            patient = Config(retries={"mode": "standard", "max_attempts": 6}, connect_timeout=10)
            self._clients[key] = self.session.client(service, region_name=where, config=patient)
        return self._clients[key]

    @cached_property
    def identity(self) -> Identity:
        """Who we are; raises what the library raises when nobody knows."""
        answer = self.client("sts").get_caller_identity()
        return Identity(answer["Account"], answer["Arn"])

    def expect(self, account: str) -> None:
        """Refuse to work on another account than the one that is remembered."""
        if self.identity.account != account:
            raise NoAccess(
                "aws_other_account",
                f"These credentials belong to account {self.identity.account}, not {account}",
                "Name the right ones with --aws-profile.",
            )


@contextmanager
def absent_is_fine(*codes: str) -> Iterator[None]:
    """Pass over the named answers of AWS, which say that something is not there (any more)."""
    from botocore.exceptions import ClientError

    try:
        yield
    except ClientError as error:
        if error_code(error) not in codes:
            raise


def pages(client: Any, operation: str, key: str, **arguments: Any) -> Iterator[Any]:
    """Every item of a paged list."""
    for page in client.get_paginator(operation).paginate(**arguments):
        yield from page.get(key, ())
