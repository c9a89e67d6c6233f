"""What was chosen, kept in the account: SSM parameter `/<prefix>/installation` in us-east-1.

Every installation has a part in that one region, so whoever looks needs no region to find it.
Each version of the parameter is one install or upgrade; AWS keeps the last hundred.
"""

from __future__ import annotations

import json
import time
from dataclasses import asdict, dataclass, replace
from typing import Literal

from cdk.install.aws import Account, absent_is_fine, pages
from cdk.install.problems import Refused
from cdk.settings import EDGE_REGION, Installation

Status = Literal["installing", "installed", "removing", "kept"]
"""`kept`: everything is removed but the stack with the data."""
FORMAT = 1


@dataclass(frozen=True)
class Remembered:
    """An installation, the code it runs and how far it is. `runner` is a key in `sources`."""

    installation: Installation
    version: str
    commit: str
    runner: str
    status: Status
    at: str = ""

    def to_json(self) -> str:
        """As kept in the parameter."""
        return json.dumps({"format": FORMAT, **asdict(self)}, separators=(",", ":"))

    @classmethod
    def from_json(cls, text: str) -> Remembered:
        """Raises Refused when it is not ours or of a newer CloudDeck."""
        try:
            document = json.loads(text)
            if document.pop("format") != FORMAT:
                raise ValueError("format")
            return cls(**{**document, "installation": Installation(**document["installation"])})
        except (ValueError, TypeError, KeyError, AttributeError) as error:
            raise Refused(
                "installation_unreadable",
                f"The parameter with the installation cannot be read ({error})",
                "Use the CloudDeck version that wrote it, or a newer one.",
            ) from None


def parameter(prefix: str) -> str:
    """Name of the parameter."""
    return f"/{prefix}/installation"


def find(account: Account, prefix: str) -> Remembered | None:
    """The installation of this prefix, or None."""
    with absent_is_fine("ParameterNotFound"):
        answer = account.client("ssm", EDGE_REGION).get_parameter(Name=parameter(prefix))
        return Remembered.from_json(answer["Parameter"]["Value"])
    return None


def the(account: Account, prefix: str) -> Remembered:
    """The installation of this prefix; raises Refused when there is none."""
    found = find(account, prefix)
    if found is None:
        raise Refused(
            "not_installed",
            f"There is no installation '{prefix}' in account {account.identity.account}",
            "`deck install` makes one; --prefix names another one.",
        )
    account.expect(found.installation.account)
    return found


def save(account: Account, what: Remembered) -> Remembered:
    """Keep it, with the time of now; returns what was kept."""
    kept = replace(what, at=time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime()))
    account.client("ssm", EDGE_REGION).put_parameter(
        Name=parameter(what.installation.prefix),
        Value=kept.to_json(),
        Type="String",
        Overwrite=True,
        Description="CloudDeck: what was installed here, by `deck install`",
    )
    return kept


def forget(account: Account, prefix: str) -> None:
    """Remove it; no error when it is gone."""
    with absent_is_fine("ParameterNotFound"):
        account.client("ssm", EDGE_REGION).delete_parameter(Name=parameter(prefix))


def history(account: Account, prefix: str) -> list[Remembered]:
    """What was installed, oldest first."""
    found: list[Remembered] = []
    with absent_is_fine("ParameterNotFound"):
        client = account.client("ssm", EDGE_REGION)
        name = parameter(prefix)
        for item in pages(client, "get_parameter_history", "Parameters", Name=name):
            found.append(Remembered.from_json(item["Value"]))
    return found


def before(account: Account, now: Remembered) -> Remembered:
    """The last finished installation of other code than today's; raises Refused when none is."""
    for earlier in reversed(history(account, now.installation.prefix)):
        other = (earlier.version, earlier.commit) != (now.version, now.commit)
        if earlier.status == "installed" and other and earlier.commit:
            return earlier
    raise Refused(
        "no_earlier_version",
        "No earlier version of this installation is remembered",
        "Check out the version you want and run `deck upgrade` there.",
    )
