"""What lies behind the edge's origin functions: a bucket and a table, asked over HTTP."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from datetime import datetime
from email.utils import formatdate
from functools import cache
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import botocore.session
from botocore.validate import ParamValidator

from functions.edge.origin.settings import OriginSettings

TABLE = "clouddeck-core"


@cache
def _get_item_shape() -> Any:
    model = botocore.session.get_session().get_service_model("dynamodb")
    return model.operation_model("GetItem").input_shape


def row(
    site: str,
    team: str,
    production: str | None,
    *,
    gone: bool = False,
    canary: str | None = None,
    revoked: tuple[str, ...] = (),
    past: tuple[str, ...] = (),
) -> dict[str, Any]:
    """A route row as DynamoDB answers it; what is in `past` was live until now."""
    replaced = [[name, int(time.time() * 1000)] for name in past]
    return {
        "site": {"S": site},
        "team": {"S": team},
        "generation": {"N": "1"},
        "gone": {"BOOL": gone},
        **({"production": {"S": production}} if production else {}),
        **({"canary": {"S": canary}} if canary else {}),
        **({"revoked": {"SS": [name.removeprefix("dpl_") for name in revoked]}} if revoked else {}),
        **({"more": {"S": json.dumps({"past": replaced})}} if past else {}),
    }


class Backend:
    """S3 and DynamoDB for signed requests: `objects` by key, `rows` by slug.

    `failing` holds `"s3"` and `"dynamodb"` while these answer 503. `ahead` is how far, in seconds,
    its clock is from ours: like AWS it refuses requests that are dated five minutes off.
    """

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.rows: dict[str, dict[str, Any]] = {}
        self.asked: Counter[str] = Counter()
        self.failing: set[str] = set()
        self.ahead = 0.0
        self.connections = 0
        outer = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"
            disable_nagle_algorithm = True

            def setup(self) -> None:
                outer.connections += 1
                super().setup()

            def do_GET(self) -> None:
                key = self.path.removeprefix("/")
                outer.asked[key] += 1
                body = outer.objects.get(key)
                refused = self.refused("s3")
                if refused:
                    self.say(refused, b"<Error/>")
                else:
                    self.say(404 if body is None else 200, body or b"<Error/>")

            do_HEAD = do_GET  # noqa: N815  # a name that http.server asks for

            def do_POST(self) -> None:
                sent = self.rfile.read(int(self.headers["Content-Length"]))
                refused = self.refused("dynamodb")
                if refused:
                    return self.say(refused, b'{"__type":"refused"}')
                assert self.headers["X-Amz-Target"] == "DynamoDB_20120810.GetItem"
                wish = json.loads(sent)
                report = ParamValidator().validate(wish, _get_item_shape())
                assert not report.has_errors(), report.generate_report()
                key = wish["Key"]["pk"]["S"]
                outer.asked[key] += 1
                item = outer.rows.get(key.removeprefix("ROUTE#"))
                known = wish["TableName"] == TABLE and wish["Key"]["sk"] == {"S": "META"}
                return self.say(200, json.dumps({"Item": item} if item and known else {}).encode())

            def refused(self, service: str) -> int:
                if service in outer.failing:
                    return 503
                if f"/{service}/aws4_request," not in self.headers.get("Authorization", ""):
                    return 403
                dated = datetime.strptime(self.headers["X-Amz-Date"] + "+0000", "%Y%m%dT%H%M%SZ%z")
                off = abs(dated.timestamp() - time.time() - outer.ahead)
                return 403 if off > 300 else 0

            def say(self, status: int, body: bytes) -> None:
                self.send_response_only(status)
                self.send_header("Date", formatdate(time.time() + outer.ahead, usegmt=True))
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                if self.command != "HEAD":
                    self.wfile.write(body)

            def log_message(self, *_: object) -> None:
                pass

        class Server(ThreadingHTTPServer):
            request_queue_size = 128

        self._server = Server(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()

    def settings(self, **more: Any) -> OriginSettings:
        """Settings of an edge before this backend."""
        return OriginSettings(
            **{
                "store_url": self.url,
                "store_region": "eu-central-1",
                "table_url": self.url,
                "table_region": "eu-central-1",
                "table": TABLE,
                **more,
            }
        )

    def close(self) -> None:
        self._server.shutdown()
        self._server.server_close()
