"""The sender of mail: named, verified, and out of SES's sandbox."""

from __future__ import annotations

from dataclasses import replace

import pytest

from cdk.install import checks, choices
from cdk.install.problems import Refused
from tests.unit.cdk_install.conftest import options

SENDER = "deck@example.com"


def asked(stub, identity, *, verified=True, absent=False):
    wanted = {"EmailIdentity": identity}
    if absent:
        stub.add_client_error(
            "get_email_identity", "NotFoundException", "", 404, expected_params=wanted
        )
    else:
        stub.add_response("get_email_identity", {"VerifiedForSendingStatus": verified}, wanted)


def row(account, installation):
    return checks.mail_row(account, replace(installation, mail_from=SENDER))


def test_nobody_was_named(account, installation):
    found = checks.mail_row(account, installation)
    assert found.state == "warn"
    assert "--mail-from" in found.hint


@pytest.mark.parametrize("domain", [True, False])
def test_a_sender_that_may_write_to_everybody(account, installation, stub, domain):
    ses = stub("sesv2")
    asked(ses, SENDER, absent=domain)
    asked(ses, "example.com", absent=not domain)
    ses.add_response("get_account", {"ProductionAccessEnabled": True}, {})
    assert row(account, installation).state == "ok"


def test_a_sender_in_the_sandbox(account, installation, stub):
    ses = stub("sesv2")
    asked(ses, SENDER)
    asked(ses, "example.com", absent=True)
    ses.add_response("get_account", {"ProductionAccessEnabled": False}, {})
    found = row(account, installation)
    assert found.state == "warn"
    assert "sandbox" in found.detail


def test_a_sender_that_is_not_verified(account, installation, stub):
    ses = stub("sesv2")
    asked(ses, SENDER, verified=False)
    asked(ses, "example.com", absent=True)
    ses.add_response("get_account", {"ProductionAccessEnabled": True}, {})
    assert "not verified" in row(account, installation).detail


def test_ses_that_may_not_be_asked(account, installation, stub):
    stub("sesv2").add_client_error("get_email_identity", "AccessDeniedException", "", 403)
    assert row(account, installation).state == "warn"


def test_the_sender_is_chosen_and_changed(installation):
    given = options(mail_from=" Deck@Example.com ", domain="apps.example.com")
    assert choices.chosen(given, "1" * 12, "eu-central-1").mail_from == SENDER
    assert choices.with_sender(installation, given).mail_from == SENDER
    assert choices.with_sender(installation, options()).mail_from == ""
    with pytest.raises(Refused):
        choices.with_sender(installation, options(mail_from="deck"))
