"""The build agent, the owner and the first look at the API."""

from __future__ import annotations

import hashlib
import io
import json
import threading
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest
from botocore.response import StreamingBody

from cdk.assets import Assets
from cdk.install import finishing
from cdk.install.problems import Failed, Unreachable
from tests.unit.cdk_install.conftest import REGION


@pytest.fixture
def assets(tmp_path):
    (tmp_path / "runner.pyz").write_bytes(b"agent")
    return Assets(*[tmp_path] * 3, tmp_path / "runner.pyz", tmp_path)


def test_the_agent_is_uploaded_once(account, names, assets):
    s3 = account.client("s3")
    where = {"LocationConstraint": REGION}
    s3.create_bucket(Bucket=names.bucket("sources"), CreateBucketConfiguration=where)
    assert finishing.upload_runner(account, names, assets) is True
    assert finishing.upload_runner(account, names, assets) is False
    key = f"runner/{hashlib.sha256(b'agent').hexdigest()}.pyz"
    assert s3.get_object(Bucket=names.bucket("sources"), Key=key)["Body"].read() == b"agent"


def answer(stub, document, error=""):
    raw = json.dumps(document).encode()
    response = {"StatusCode": 200, "Payload": StreamingBody(io.BytesIO(raw), len(raw))}
    stub("lambda").add_response(
        "invoke",
        {**response, **({"FunctionError": error} if error else {})},
        {"FunctionName": "clouddeck-owner", "Payload": b'{"reset": true}'},
    )


def test_the_owner(account, names, stub):
    made = {"created": True, "email": "a@example.com", "password": "once"}
    answer(stub, made)
    assert finishing.owner(account, names, {"reset": True}) == made


@pytest.mark.parametrize(
    ("document", "words"),
    [({"errorMessage": "table is gone", "stackTrace": []}, "table is gone"), ([], "no reason")],
)
def test_an_owner_that_fails(account, names, stub, document, words):
    answer(stub, document, "Unhandled")
    with pytest.raises(Failed, match=words) as failed:
        finishing.owner(account, names, {"reset": True})
    assert "/aws/lambda/clouddeck-owner" in failed.value.hint


def test_addresses(account, names):
    account.client("ssm").put_parameter(
        Name="/clouddeck/api-url", Value="https://x/api", Type="String"
    )
    assert finishing.addresses(account, names) == finishing.Addresses("https://x/api", "", "")


@pytest.fixture
def api():
    """An API that answers what the test says, one answer after the other."""
    answers = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self):
            status, body = answers.pop(0)
            self.send_response(status if self.path == "/api/v1/health" else 404)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, *_):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}/api", answers
    server.shutdown()
    server.server_close()


def test_an_api_that_wakes_up(api):
    address, answers = api
    answers += [(503, b"{}"), (200, b"[]"), (200, b'{"status":"ok"}')]
    waits = []
    assert finishing.healthy(address, pause=waits.append) > 0
    assert waits == [2, 4]


def test_an_api_that_does_not(api):
    address, answers = api
    answers += [(500, b"")] * 2
    with pytest.raises(Unreachable, match="500"):
        finishing.healthy(address, attempts=2, pause=lambda _: None)
    with pytest.raises(Unreachable, match="no address"):
        finishing.healthy("")
