"""Our registrations at identity providers."""

from __future__ import annotations

from pynamodb.attributes import BinaryAttribute, UnicodeAttribute

from chalicelib.core import clock
from chalicelib.core.table import CoreRow, find, find_mixed


class ProviderRow(CoreRow):
    """A provider that people may sign in with: `PROVIDER#id` / `META`; the secret is sealed."""

    client_id = UnicodeAttribute()
    client_secret = BinaryAttribute(legacy_encoding=False)
    issuer = UnicodeAttribute()
    updated_at = UnicodeAttribute()

    @property
    def id(self) -> str:
        """The provider's id."""
        return self.pk.partition("#")[2]


def new_provider(provider: str, client_id: str, sealed: bytes, issuer: str) -> ProviderRow:
    """A registration that is not saved yet."""
    return ProviderRow(
        f"PROVIDER#{provider}",
        "META",
        client_id=client_id,
        client_secret=sealed,
        issuer=issuer,
        updated_at=clock.iso(),
    )


def provider_of(provider: str) -> ProviderRow | None:
    """The registration at a provider."""
    return find(ProviderRow, f"PROVIDER#{provider}")


def providers_among(names: list[str]) -> list[ProviderRow]:
    """The registrations at these providers, in their order, in one read."""
    found = find_mixed([(ProviderRow, f"PROVIDER#{name}", "META") for name in names])
    return [row for row in found if isinstance(row, ProviderRow)]
