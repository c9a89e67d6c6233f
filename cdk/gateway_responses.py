"""What API Gateway says by itself, in the shape of every other error of ours. Pure.

A request that never reaches the API (no such address, too large, too many) is answered by the
gateway. Its own answers are `{"message": ..}` without CORS headers, which a browser reports as a
failed connection; ours are RFC 9457 documents with a code and a hint.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import Any

_CORS = {
    "Access-Control-Allow-Origin": "*",
    "Access-Control-Expose-Headers": "X-Request-Id,Retry-After",
}


@dataclass(frozen=True)
class Refusal:
    """One of the gateway's answers: its status and our sentence for it."""

    status: int
    title: str
    code: str
    detail: str
    hint: str
    headers: tuple[tuple[str, str], ...] = ()


_AGAIN = (("Retry-After", "2"),)
_ABSENT = Refusal(
    404,
    "Not found",
    "route_not_found",
    "The API has no such address, or not with this method.",
    "GET /v1/openapi.json lists every address.",
)
_REFUSED = Refusal(
    403,
    "Not allowed",
    "refused_by_gateway",
    "The gateway in front of the API refused this request.",
    "Sign in with `Authorization: Bearer <access token or API key>` and nothing else.",
)
_BAD = Refusal(
    400,
    "The request is not valid",
    "invalid_request",
    "The gateway in front of the API could not read this request.",
    "Check the address, the headers and the body.",
)
_FAULT = Refusal(
    500,
    "Something went wrong on our side",
    "gateway_fault",
    "The gateway in front of the API failed.",
    "Try again; if it stays, report the request id.",
    _AGAIN,
)
_SILENT = Refusal(
    504,
    "Temporarily unavailable",
    "gateway_timeout",
    "The API did not answer in time.",
    "Look whether the operation happened, then try again.",
    _AGAIN,
)
_BUSY = Refusal(
    429,
    "Too many requests",
    "rate_limited",
    "More requests came than this installation takes.",
    "Wait as long as Retry-After says.",
    _AGAIN,
)

REFUSALS: dict[str, Refusal] = {
    "DEFAULT_4XX": _BAD,
    "DEFAULT_5XX": _FAULT,
    "MISSING_AUTHENTICATION_TOKEN": _ABSENT,  # the gateway's name for an unknown address
    "RESOURCE_NOT_FOUND": _ABSENT,
    "BAD_REQUEST_BODY": _BAD,
    "BAD_REQUEST_PARAMETERS": _BAD,
    "ACCESS_DENIED": _REFUSED,
    "EXPIRED_TOKEN": _REFUSED,
    "INVALID_API_KEY": _REFUSED,
    "INVALID_SIGNATURE": _REFUSED,
    "UNAUTHORIZED": Refusal(
        401,
        "Sign in first",
        "not_signed_in",
        "This needs a signed-in caller.",
        "Send `Authorization: Bearer <access token or API key>`; `deck login` gets one.",
        (("WWW-Authenticate", 'Bearer realm="clouddeck"'),),
    ),
    "WAF_FILTERED": Refusal(
        403,
        "Not allowed",
        "refused_by_firewall",
        "The firewall in front of the API refused this request.",
        "If you sent many requests, wait five minutes; otherwise tell whoever runs CloudDeck here.",
    ),
    "QUOTA_EXCEEDED": _BUSY,
    "THROTTLED": _BUSY,
    "REQUEST_TOO_LARGE": Refusal(
        413,
        "Too large",
        "body_too_large",
        "The request is larger than the gateway takes (10 MB); the API takes 4 MiB.",
        "Files go to signed URLs, not through the API.",
    ),
    "UNSUPPORTED_MEDIA_TYPE": Refusal(
        415,
        "Unsupported media type",
        "unsupported_media_type",
        "The API reads JSON.",
        "Send Content-Type: application/json.",
    ),
    "INTEGRATION_TIMEOUT": _SILENT,
    "INTEGRATION_FAILURE": Refusal(
        502,
        "Something went wrong on our side",
        "gateway_fault",
        "The API gave no usable answer.",
        "Try again; if it stays, report the request id.",
        _AGAIN,
    ),
    "API_CONFIGURATION_ERROR": _FAULT,
    "AUTHORIZER_CONFIGURATION_ERROR": _FAULT,
    "AUTHORIZER_FAILURE": _FAULT,
}
"""Every response type of API Gateway -> what it shall say.

All are listed, because the status within the document has to be that of the answer, and a
default has no status of its own.
"""


def gateway_responses() -> dict[str, Any]:
    """The value of `x-amazon-apigateway-gateway-responses`."""
    return {kind: _response(refusal) for kind, refusal in REFUSALS.items()}


def _response(refusal: Refusal) -> dict[str, Any]:
    headers = {
        "Content-Type": "application/problem+json",
        "Cache-Control": "no-store",
        "X-Content-Type-Options": "nosniff",
        **_CORS,
        **dict(refusal.headers),
    }
    parameters = {f"gatewayresponse.header.{name}": f"'{text}'" for name, text in headers.items()}
    parameters["gatewayresponse.header.X-Request-Id"] = "context.requestId"
    document = {
        "type": f"https://clouddeck.dev/errors/{refusal.code}",
        "title": refusal.title,
        "status": refusal.status,
        "detail": refusal.detail,
        "code": refusal.code,
        "hint": refusal.hint,
        "request_id": "$context.requestId",
    }
    return {
        "statusCode": str(refusal.status),
        "responseParameters": parameters,
        "responseTemplates": {"application/json": json.dumps(document, separators=(",", ":"))},
    }
