"""Rows of accounts: a file per subject; the keys of the table live in them."""

from chalicelib.accounts.rows.arrivals import (
    ArrivalRow,
    AwayRow,
    arrival_of,
    new_arrival,
    new_away,
    take_arrival,
    take_away,
)
from chalicelib.accounts.rows.devices import (
    DeviceRow,
    device_by_code,
    device_by_user_code,
    device_claim,
    new_device,
)
from chalicelib.accounts.rows.providers import (
    ProviderRow,
    new_provider,
    provider_of,
    providers_among,
)

__all__ = [
    "ArrivalRow",
    "AwayRow",
    "DeviceRow",
    "ProviderRow",
    "arrival_of",
    "device_by_code",
    "device_by_user_code",
    "device_claim",
    "new_arrival",
    "new_away",
    "new_device",
    "new_provider",
    "provider_of",
    "providers_among",
    "take_arrival",
    "take_away",
]
