"""What the routes of the supply chain take and answer."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from pydantic import Field

from chalicelib.core.http import Input, Output
from chalicelib.supply.actions import exports

Level = Literal["none", "low", "medium", "high", "critical", "unstated"]


class BillView(Output):
    """A bill of materials: where to fetch it within a quarter of an hour, and what is in it."""

    components: int
    locks: list[str]
    gaps: list[str]
    sha256: str
    url: str


class FindingView(Output):
    """An advisory that concerns a package."""

    purl: str
    ecosystem: str
    name: str
    version: str
    optional: bool
    advisory: str
    aliases: list[str]
    summary: str
    severity: Level
    score: float | None
    fixed: str


class ReasonView(Output):
    """Why packages of an ecosystem are unknown."""

    ecosystem: str
    why: str


class CopyView(Output):
    """How old the copy of an ecosystem's advisories is."""

    ecosystem: str
    age_days: float


class SecretView(Output):
    """Where the output holds what looks like a secret; never the secret."""

    path: str
    line: int | None
    kind: str
    variable: str | None


class VulnerabilitiesView(Output):
    """What is known against a deployment's packages; what is unknown is not clean."""

    vulnerable: int
    not_known: int
    unknown: int
    complete: bool
    gaps: list[str]
    reasons: list[ReasonView]
    copies: list[CopyView]
    items: list[FindingView]
    more: int
    secrets: list[SecretView]


class SignatureView(Output):
    """A signature of an envelope."""

    keyid: str
    sig: str


class EnvelopeView(Output):
    """A signed statement (DSSE)."""

    payloadType: str  # noqa: N815  # the name that DSSE gives it
    payload: str
    signatures: list[SignatureView]


class AdviceView(Output):
    """One thing to change."""

    kind: str
    title: str
    evidence: str
    change: str
    file: str
    saves_ms: int | None
    saves_bytes: int | None


class AdviceList(Output):
    """Advice, what saves most first."""

    items: list[AdviceView]


class KeyView(Output):
    """A public key (RFC 7517)."""

    kty: str
    crv: str
    x: str
    y: str
    kid: str
    alg: str
    use: str


class KeysView(Output):
    """Every key that ever signed a statement here."""

    keys: list[KeyView]


class NewExport(Input):
    """An export of advisories that shall be uploaded."""

    size: Annotated[int, Field(ge=1, le=exports.MAX_EXPORT)]
    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]


class ExportView(Output):
    """The request that uploads it."""

    id: str
    url: str
    headers: dict[str, str]


class TakeIn(Input):
    """An uploaded export; `smaller` lets it hold less than half of what the copy does."""

    id: Annotated[str, Field(max_length=60)]
    smaller: bool = False


class StatusView(Output):
    """How the last export fared."""

    id: str
    state: Literal["waiting", "done", "refused"]
    message: str
    at: str


class EcosystemView(Output):
    """The copy of one ecosystem's advisories."""

    ecosystem: str
    state: Literal["absent", "fresh", "old"]
    as_of: str | None
    imported_at: str | None
    packages: int
    advisories: int


class OverviewView(Output):
    """Every ecosystem, and the last export."""

    items: list[EcosystemView]
    last: StatusView | None


def plain(value: Any) -> dict[str, Any]:
    """The fields of a dataclass without nesting."""
    return dict(vars(value))
