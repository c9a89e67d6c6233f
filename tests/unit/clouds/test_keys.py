"""KMS as our roles see it: with a right on the keys of the installation, and on no alias."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from botocore.exceptions import ClientError
from botocore.stub import Stubber
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from chalicelib.clouds.aws import session
from chalicelib.clouds.aws.keys import KmsKeys
from chalicelib.core.config import Settings


@pytest.fixture
def kms() -> Iterator[Stubber]:
    session.client.cache_clear()
    with Stubber(session.client("kms", "eu-central-1")) as stubber:
        yield stubber
        stubber.assert_no_pending_responses()
    session.client.cache_clear()


def _answers(kms: Stubber, alias: str) -> None:
    public = ec.generate_private_key(ec.SECP256R1()).public_key()
    der = public.public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    kms.add_response(
        "get_public_key", {"KeyId": "arn:aws:kms:k", "PublicKey": der}, {"KeyId": alias}
    )


def _refuses(kms: Stubber, alias: str, code: str) -> None:
    kms.add_client_error("get_public_key", code, expected_params={"KeyId": alias})


@pytest.mark.parametrize("code", ["NotFoundException", "AccessDeniedException"])
def test_no_previous_key_is_no_fault_however_kms_says_so(kms: Stubber, code: str) -> None:
    _answers(kms, "alias/clouddeck-signing")
    _refuses(kms, "alias/clouddeck-signing-next", code)
    _refuses(kms, "alias/clouddeck-signing-previous", code)
    assert len(KmsKeys(Settings(region="eu-central-1")).verifying_keys()) == 1


def test_a_signing_key_that_is_refused_is_a_fault(kms: Stubber) -> None:
    _refuses(kms, "alias/clouddeck-signing", "AccessDeniedException")
    with pytest.raises(ClientError, match="AccessDenied"):
        KmsKeys(Settings(region="eu-central-1")).verifying_keys()


def test_a_key_that_will_sign_verifies_before_it_does(kms: Stubber) -> None:
    _answers(kms, "alias/clouddeck-signing")
    _answers(kms, "alias/clouddeck-signing-next")
    _refuses(kms, "alias/clouddeck-signing-previous", "NotFoundException")
    keys = KmsKeys(Settings(region="eu-central-1"))
    first, second = keys.verifying_keys()
    assert keys.signing_key()[0] == first != second
