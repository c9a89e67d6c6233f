"""What a person may choose: what AWS would refuse minutes later is refused at once."""

from __future__ import annotations

import pytest

from cdk.settings import Installation
from tests.unit.cdk_install.conftest import ACCOUNT


@pytest.mark.parametrize("prefix", ["aws", "awsome", "ssm-decks", "sthree-a", "amzn-s3-demo-a"])
def test_prefixes_that_aws_keeps_for_itself_are_refused(prefix):
    # SSM: no parameter name begins with aws or ssm; S3: no bucket with the others
    with pytest.raises(ValueError, match="prefix must have"):
        Installation(account=ACCOUNT, prefix=prefix)


@pytest.mark.parametrize("prefix", ["clouddeck", "my-aws", "deck-ssm"])
def test_other_prefixes_are_taken(prefix):
    assert Installation(account=ACCOUNT, prefix=prefix).prefix == prefix


def test_a_domain_fits_into_the_common_name_of_its_certificate():
    longest = f"{'a' * 40}.{'b' * 11}.example.com"
    assert len(longest) == 64
    assert Installation(account=ACCOUNT, domain=longest).domain == longest
    with pytest.raises(ValueError, match=r"domain must be .* at most 64 characters"):
        Installation(account=ACCOUNT, domain=f"a{longest}")
