"""Our signatures are botocore's signatures."""

from __future__ import annotations

from datetime import UTC, datetime
from urllib.parse import parse_qs, urlsplit

import pytest
from botocore.auth import S3SigV4QueryAuth
from botocore.awsrequest import AWSRequest
from botocore.credentials import Credentials as BotoCredentials

from chalicelib.clouds.aws.presign import Credentials, presign


def _botocore(method: str, url: str, token: str, headers: dict[str, str]) -> tuple[str, datetime]:
    request = AWSRequest(method, url, headers=dict(headers))
    auth = S3SigV4QueryAuth(
        BotoCredentials("AKIDEXAMPLE", "secret/with+signs", token or None),
        "s3",
        "eu-west-1",
        expires=900,
    )
    auth.add_auth(request)
    query = parse_qs(urlsplit(request.url).query)
    moment = datetime.strptime(query["X-Amz-Date"][0], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
    return query["X-Amz-Signature"][0], moment


@pytest.mark.parametrize("method", ["GET", "PUT"])
@pytest.mark.parametrize("token", ["", "a session/token=="])
@pytest.mark.parametrize(
    "headers",
    [
        {},
        {
            "x-amz-checksum-sha256": "n4bQgYhMfWWaL+qgxVrQFaO/TxsrC4Is0V1sFbDwCgg=",
            "content-length": "4",
        },
    ],
)
@pytest.mark.parametrize("path", ["/b/blobs/team_1/abc", "/b/a%20b/%C3%A9.txt"])
def test_same_signature_as_botocore(
    method: str, token: str, headers: dict[str, str], path: str
) -> None:
    url = f"https://s3.example.com{path}"
    wanted, moment = _botocore(method, url, token, headers)
    ours = presign(
        method,
        url,
        Credentials("AKIDEXAMPLE", "secret/with+signs", token),
        "eu-west-1",
        seconds=900,
        headers=headers,
        at=moment,
    )
    assert parse_qs(urlsplit(ours).query)["X-Amz-Signature"] == [wanted]
