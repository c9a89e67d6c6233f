"""SAML 2.0 without a library: what we say, and what of an answer is believed.

Sources: SAML 2.0 core, bindings, profiles and metadata (OASIS, 2005), XML Signature (W3C).
"""

from chalicelib.accounts.rules.saml.assertion import (
    SKEW_SECONDS,
    Asserted,
    Expected,
    check_assertion,
)
from chalicelib.accounts.rules.saml.metadata import Metadata, read_metadata
from chalicelib.accounts.rules.saml.names import ASSERTION, Refused, refuse
from chalicelib.accounts.rules.saml.request import authn_request, service_metadata
from chalicelib.accounts.rules.saml.signed import check_signed

__all__ = [
    "ASSERTION",
    "SKEW_SECONDS",
    "Asserted",
    "Expected",
    "Metadata",
    "Refused",
    "authn_request",
    "check_assertion",
    "check_signed",
    "read_metadata",
    "refuse",
    "service_metadata",
]
