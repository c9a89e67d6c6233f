"""What whoever runs an installation has chosen for all of it."""

from __future__ import annotations

from pynamodb.attributes import NumberAttribute, UnicodeAttribute

from chalicelib.core.table import CoreRow, find


class SettingsRow(CoreRow):
    """The settings: `INSTALLATION` / `SETTINGS`; absent as long as nothing was chosen."""

    sign_up = UnicodeAttribute(default="invite")
    """Who may sign up: `open` everybody, `invite` who has an invitation, `request` who asked."""
    version = NumberAttribute(default=1)
    updated_at = UnicodeAttribute(null=True)


def settings_row() -> SettingsRow:
    """The settings; the defaults, not saved, when there are none."""
    return find(SettingsRow, "INSTALLATION", "SETTINGS") or SettingsRow("INSTALLATION", "SETTINGS")
