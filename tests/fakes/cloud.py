"""boto3 clients answered by an object of a test, through botocore's model of the service.

What the product sends is checked, serialised and (where it matters) signed as for AWS; what the
test answers is checked as well.
"""

from __future__ import annotations

import copy
from typing import Any

from botocore.awsrequest import AWSResponse
from botocore.validate import ParamValidator


class Fault(Exception):  # noqa: N818  # named as AWS's documentation speaks of it
    """An error of the service: raised by a test's object, seen by the product as ClientError."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(code, message, status)


def client(service: str, backend: Any) -> Any:
    """A client whose operation `UpdateKeys` calls `backend.update_keys(**parameters)`."""
    import boto3
    from botocore import xform_name

    made = boto3.client(service, region_name="us-east-1")

    def remember(params: dict[str, Any], context: dict[str, Any], **_: Any) -> None:
        context["given"] = copy.deepcopy(params)

    def answer(model: Any, context: dict[str, Any], **_: Any) -> tuple[AWSResponse, Any]:
        try:
            said = getattr(backend, xform_name(model.name))(**context["given"]) or {}
        except Fault as fault:
            code, message, status = fault.args
            error = {"Code": code, "Message": message}
            return _http(status), {"Error": error, **_metadata(status)}
        if model.output_shape is not None:
            report = ParamValidator().validate(said, model.output_shape)
            assert not report.has_errors(), f"{model.name}: {report.generate_report()}"
        return _http(200), {**copy.deepcopy(said), **_metadata(200)}

    events = made.meta.events
    name = made.meta.service_model.service_id.hyphenize()
    events.register_last(f"before-parameter-build.{name}.*", remember)
    events.register_first(f"before-call.{name}.*", answer)
    return made


def _metadata(status: int) -> dict[str, Any]:
    return {"ResponseMetadata": {"HTTPStatusCode": status, "HTTPHeaders": {}, "RetryAttempts": 0}}


def _http(status: int) -> AWSResponse:
    return AWSResponse("https://aws.test", status, {}, None)
