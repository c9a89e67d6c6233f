"""Signatures made by the real client are accepted, and nothing else is."""

from datetime import UTC, datetime, timedelta

import boto3
import pytest
from botocore.config import Config

from adapters.local.slots import presign
from adapters.local.slots.egress_rules import Forward, Origin, Policy, judge_forward
from chalicelib.clouds.aws import presign as own

KEYS = ("AKIDEXAMPLE", "wJalrXUtnFEMI")
POLICY = Policy(
    frozenset(), Origin.of("http://localhost:8080"), Origin.of("http://localhost:8083"), "data"
)


def signed(method: str, key: str = "blobs/t/a b+é", keys=KEYS, **extra: str) -> str:
    client = boto3.client(
        "s3",
        endpoint_url="http://localhost:8083",
        region_name="us-east-1",
        aws_access_key_id=keys[0],
        aws_secret_access_key=keys[1],
        config=Config(signature_version="s3v4", s3={"addressing_style": "path"}),
    )
    return client.generate_presigned_url(
        method, Params={"Bucket": "data", "Key": key, **extra}, ExpiresIn=600
    )


def fault(url: str, method: str, headers: dict[str, str] | None = None, now=None) -> str:
    decision = judge_forward(method, url, POLICY)
    assert isinstance(decision, Forward), decision
    return presign.fault(method, decision, headers or {}, KEYS, now)


def test_real_signatures() -> None:
    assert fault(signed("get_object"), "GET") == ""
    assert fault(signed("put_object"), "PUT") == ""
    typed = signed("put_object", ContentType="text/html")
    assert fault(typed, "PUT", {"content-type": "text/html"}) == ""
    assert "not right" in fault(typed, "PUT", {"content-type": "text/css"})


@pytest.mark.parametrize(
    ("old", "new"),
    [("blobs/t", "blobs/u"), ("Signature=", "Signature=0"), ("Expires=600", "Expires=601")],
)
def test_changed_addresses(old: str, new: str) -> None:
    assert "not right" in fault(signed("get_object").replace(old, new), "GET")


def test_other_methods_keys_and_times() -> None:
    assert "not right" in fault(signed("get_object"), "PUT")
    assert "not known" in fault(signed("get_object", keys=("OTHER", KEYS[1])), "GET")
    assert "not right" in fault(signed("get_object", keys=(KEYS[0], "other")), "GET")
    late = datetime.now(UTC) + timedelta(seconds=605)
    assert "expired" in fault(signed("get_object"), "GET", now=late)
    early = datetime.now(UTC) - timedelta(hours=1)
    assert "future" in fault(signed("get_object"), "GET", now=early)


def test_signatures_of_this_projects_own_signer() -> None:
    credentials = own.Credentials(*KEYS)
    headers = {"x-amz-checksum-sha256": "abc=", "if-none-match": "*", "content-length": "3"}
    url = own.presign(
        "PUT", "http://localhost:8083/data/k", credentials, "us-east-1", seconds=60, headers=headers
    )
    assert fault(url, "PUT", headers) == ""
    assert "not right" in fault(url, "PUT", headers | {"content-length": "4"})
    assert "not right" in fault(url, "PUT", {"content-length": "3"})
