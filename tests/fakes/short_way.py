"""A short way from botocore to the database of the tests.

Most of what a test of the API costs would be what botocore does around each of its ten questions
to the database: choose an endpoint, describe itself, sign, go through a pool. The database listens
on loopback and checks no signature, so here only that part is left out. Serialiser, parser, events
and error classes stay botocore's own, and whatever is not answered plainly (a fault of the server,
throttling, a connection that broke) is asked again the long way, with its retries.
"""

from __future__ import annotations

import socket
import threading
from typing import Any

HEAD = (
    "POST / HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/x-amz-json-1.0\r\n"
    "Authorization: AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=00\r\nX-Amz-Date: 20260101T000000Z\r\n"
    "X-Amz-Target: {target}\r\nContent-Length: {length}\r\n\r\n"
)
"""With a signature, because the database asks to see one; it does not check it."""

AGAIN = ("Throttling", "ProvisionedThroughputExceeded", "TransactionInProgress", "RequestLimit")
"""How the codes begin that botocore asks again after."""


class Line:
    """One connection, kept for as long as its thread lives."""

    def __init__(self, port: int) -> None:
        self._socket = socket.create_connection(("127.0.0.1", port), timeout=8)
        self._socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._answers = self._socket.makefile("rb")

    def ask(self, target: str, body: bytes) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by their names in small letters, and body; OSError when none comes."""
        head = HEAD.format(target=target, length=len(body))
        self._socket.sendall(head.encode() + body)
        status = self._answers.readline()[9:12]
        headers = {}
        while (line := self._answers.readline()) != b"\r\n":
            name, colon, value = line.decode().partition(":")
            if not colon:
                raise ConnectionError("the database broke off")
            headers[name.lower()] = value.strip()
        return int(status), headers, self._answers.read(int(headers["content-length"]))

    def close(self) -> None:
        """Hang up."""
        self._answers.close()
        self._socket.close()


def install(port: int) -> None:
    """From now on every DynamoDB client of this process for this port of 127.0.0.1 goes this way.

    For the rest of the process: a port that another server gets later is still a server.
    """
    from botocore.awsrequest import AWSResponse, prepare_request_dict
    from botocore.client import BaseClient
    from botocore.parsers import create_parser

    home = f"http://127.0.0.1:{port}"
    mine = threading.local()
    prepare: Any = BaseClient._convert_to_request_dict
    resolve: Any = BaseClient._resolve_endpoint_ruleset
    send: Any = BaseClient._make_request
    parser = create_parser("json")

    def near(client: Any) -> bool:
        return str(client.meta.endpoint_url) == home

    def short_resolve(client: Any, *arguments: Any, **named: Any) -> Any:
        return (home, {}, {}) if near(client) else resolve(client, *arguments, **named)

    def short_prepare(
        client: Any, api_params: Any, operation_model: Any, *arguments: Any, **named: Any
    ) -> Any:
        if not near(client):
            return prepare(client, api_params, operation_model, *arguments, **named)
        request = client._serializer.serialize_to_request(api_params, operation_model)
        return {**request, "context": named["context"]}

    def ask(request: dict[str, Any]) -> tuple[int, dict[str, str], bytes]:
        line = getattr(mine, "line", None) or Line(port)
        mine.line = None  # not to be used again if this is interrupted
        try:
            answer = line.ask(request["headers"]["X-Amz-Target"], request["body"])
        except BaseException:
            line.close()
            raise
        mine.line = line
        return answer

    def short_send(client: Any, model: Any, request: dict[str, Any], context: Any) -> Any:
        if not near(client):
            return send(client, model, request, context)
        try:
            status, headers, content = ask(request)
            told = {"headers": headers, "status_code": status, "body": content, "context": {}}
            parsed = parser.parse(told, model.output_shape)
            code = parsed.get("Error", {}).get("Code", "")
            if status < 500 and not code.startswith(AGAIN):
                if code:
                    client._endpoint._add_modeled_error_fields(told, parsed, model, parser)
                answer = AWSResponse(home, status, headers, None)
                answer._content = content
                return answer, parsed
        except OSError:
            pass
        prepare_request_dict(request, endpoint_url=home, context=context)  # the long way
        return send(client, model, request, context)

    replaced: Any = BaseClient
    replaced._resolve_endpoint_ruleset = short_resolve
    replaced._convert_to_request_dict = short_prepare
    replaced._make_request = short_send
