"""A short way from botocore to the database of the tests.

Most of what a test of the API costs would be what botocore does around each of its ten questions
to the database: choose an endpoint, describe itself, sign, go through a pool. The database listens
on loopback and checks no signature, so here only that part is left out. Serialiser, parser, events
and error classes stay botocore's own, and whatever is not answered plainly (a fault of the server,
throttling, a connection that broke) is asked again the long way, with its retries.
"""

from __future__ import annotations

import threading
from http.client import HTTPConnection, HTTPException
from typing import Any

SIGNED = {
    "Authorization": "AWS4-HMAC-SHA256 Credential=test/20260101/us-east-1/dynamodb/aws4_request, "
    "SignedHeaders=host, Signature=00",
    "X-Amz-Date": "20260101T000000Z",
}
"""What the database asks to see, and does not check."""

AGAIN = ("Throttling", "ProvisionedThroughputExceeded", "TransactionInProgress", "RequestLimit")
"""How the codes begin that botocore asks again after."""


def install(port: int) -> None:
    """From now on every DynamoDB client of this process for this port of 127.0.0.1 goes this way.

    For the rest of the process: a port that another server gets later is still a server.
    """
    from botocore.awsrequest import AWSResponse, HeadersDict, prepare_request_dict
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

    def ask(request: dict[str, Any]) -> tuple[int, Any, bytes]:
        line = getattr(mine, "line", None)
        if line is None:
            line = mine.line = HTTPConnection("127.0.0.1", port, timeout=8)
        try:
            line.request("POST", "/", request["body"], {**request["headers"], **SIGNED})
            answer = line.getresponse()
            return answer.status, HeadersDict(answer.getheaders()), answer.read()
        except BaseException:
            line.close()
            mine.line = None
            raise

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
        except (OSError, HTTPException):
            pass
        prepare_request_dict(request, endpoint_url=home, context=context)  # the long way
        return send(client, model, request, context)

    replaced: Any = BaseClient
    replaced._resolve_endpoint_ruleset = short_resolve
    replaced._convert_to_request_dict = short_prepare
    replaced._make_request = short_send
