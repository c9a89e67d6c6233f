"""What a person chooses when installing, and nothing that follows from it. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, Literal, get_args

Profile = Literal["hobby", "standard", "production"]
PROFILES: tuple[Profile, ...] = get_args(Profile)
EDGE_REGION = "us-east-1"
"""CloudFront takes certificates and Lambda@Edge functions from this region alone."""

_PREFIX = re.compile(r"(?!aws|ssm|xn--|sthree-|amzn-s3-demo-)[a-z][a-z0-9-]{1,18}[a-z0-9]")
"""SSM takes no parameter below `/aws` or `/ssm`, S3 no bucket that begins like the others."""

_ACCOUNT = re.compile(r"[0-9]{12}")
_REGION = re.compile(r"[a-z]{2}(-[a-z]+)+-[0-9]")
_DOMAIN = re.compile(r"(?=.{4,64}\Z)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}")
"""At most 64 characters: it is the common name of the certificate, and RFC 5280 allows no more."""

_ZONE = re.compile(r"Z[A-Z0-9]{5,31}")
_EMAIL = re.compile(r"[^@\s,]{1,64}@[^@\s,]{1,190}")


@dataclass(frozen=True)
class Installation:
    """One installation of CloudDeck in one account.

    `domain` is the domain below which sites live (`<site>.<domain>`), `zone` the id of its
    Route 53 zone; `email` gets the alarms. `mail_from` is the address that mail to people comes
    from, which SES must have verified; without one none is sent. `python` and `architecture` are
    those of the functions, which the layers must be built for. `builds` is how many run at the
    same time; 0 leaves it to the account's quota, beyond which CodeBuild queues: beyond a number
    it refuses.
    """

    account: str
    region: str = "us-east-1"
    prefix: str = "clouddeck"
    profile: Profile = "hobby"
    domain: str = ""
    zone: str = ""
    email: str = ""
    mail_from: str = ""
    python: str = "3.13"
    architecture: Literal["arm64", "x86_64"] = "arm64"
    keep_data: bool = True
    builds: int = 0

    def __post_init__(self) -> None:
        """Refuse what AWS would refuse later, all problems at once; raises ValueError."""
        checks: tuple[tuple[str, bool, str], ...] = (
            ("account", bool(_ACCOUNT.fullmatch(self.account)), "must have 12 digits"),
            (
                "region",
                bool(_REGION.fullmatch(self.region)),
                "must be a region such as eu-central-1",
            ),
            (
                "prefix",
                bool(_PREFIX.fullmatch(self.prefix)),
                "must have 3-20 of a-z 0-9 - and must not begin with aws or ssm",
            ),
            ("profile", self.profile in PROFILES, f"must be one of {', '.join(PROFILES)}"),
            (
                "domain",
                not self.domain or bool(_DOMAIN.fullmatch(self.domain)),
                "must be a host name such as apps.example.com, of at most 64 characters",
            ),
            (
                "zone",
                not self.zone or bool(_ZONE.fullmatch(self.zone)),
                "must be a Route 53 zone id",
            ),
            ("zone", not self.zone or bool(self.domain), "needs a domain"),
            (
                "email",
                not self.email or bool(_EMAIL.fullmatch(self.email)),
                "must be an e-mail address",
            ),
            (
                "mail_from",
                not self.mail_from or bool(_EMAIL.fullmatch(self.mail_from)),
                "must be an e-mail address",
            ),
        )
        wrong = [f"{name} {rule}" for name, good, rule in checks if not good]
        if wrong:
            raise ValueError("; ".join(wrong))

    @classmethod
    def of(cls, context: dict[str, Any]) -> Installation:
        """From a mapping such as CDK's context; names that are not ours are passed over."""
        known = {name: context[name] for name in cls.__dataclass_fields__ if context.get(name)}
        return cls(**known)
