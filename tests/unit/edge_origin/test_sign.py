"""Our header signatures are botocore's."""

from datetime import UTC, datetime

import pytest
from botocore.auth import S3SigV4Auth, SigV4Auth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from chalicelib.clouds.aws.presign import Credentials, sign_headers

AT = datetime(2026, 11, 21, 13, 58, 7, tzinfo=UTC)


@pytest.mark.parametrize("token", ["", "a session/token=="])
@pytest.mark.parametrize(
    ("service", "method", "url", "headers", "body"),
    [
        ("s3", "GET", "https://sites.s3.eu-west-1.amazonaws.com/manifests/dpl_1.json", {}, b""),
        ("s3", "GET", "http://127.0.0.1:9000/sites/a%20b", {"range": "bytes=0-1"}, b""),
        (
            "dynamodb",
            "POST",
            "https://dynamodb.eu-west-1.amazonaws.com/",
            {"content-type": "application/x-amz-json-1.0", "x-amz-target": "DynamoDB_20120810.G"},
            b'{"TableName":"t"}',
        ),
    ],
)
def test_same_signature_as_botocore(token, service, method, url, headers, body, monkeypatch):
    ours = sign_headers(
        method,
        url,
        Credentials("AKIDEXAMPLE", "secret/with+signs", token),
        "eu-west-1",
        service=service,
        headers=headers,
        body=body,
        at=AT,
    )
    monkeypatch.setattr("botocore.auth.get_current_datetime", lambda: AT.replace(tzinfo=None))
    signer = S3SigV4Auth if service == "s3" else SigV4Auth
    request = AWSRequest(method, url, headers=dict(headers), data=body)
    key = BotoCredentials("AKIDEXAMPLE", "secret/with+signs", token or None)
    signer(key, service, "eu-west-1").add_auth(request)
    assert ours["authorization"] == request.headers["Authorization"]
    assert ours["x-amz-date"] == request.headers["X-Amz-Date"]
    assert ours.get("x-amz-security-token", "") == (
        request.headers.get("X-Amz-Security-Token") or ""
    )
