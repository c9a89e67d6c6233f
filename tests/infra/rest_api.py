"""Where to look in the templates of the API."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import app  # noqa: F401  # registers the routes
from tests.infra.stacks import Stacks

CHECKOUT = Path(__file__).resolve().parents[2]
API = "https://abc123.execute-api.us-east-1.amazonaws.com/api"


def rest(made: Stacks) -> dict[str, Any]:
    (found,) = made.every("AWS::ApiGateway::RestApi")
    return found


def stage(made: Stacks) -> dict[str, Any]:
    (found,) = made.every("AWS::ApiGateway::Stage")
    return found


def functions(made: Stacks) -> dict[str, dict[str, Any]]:
    return made.named("AWS::Lambda::Function", "FunctionName", "api")


def text_of(value: Any, **known: str) -> str:
    """A value of a template as it will be, references from `known`."""
    if isinstance(value, str):
        return value
    ((kind, content),) = value.items()
    if kind == "Ref":
        return known.get(content, f"<{content}>")
    if kind == "Fn::GetAtt":
        return f"<{'.'.join(content)}>"
    assert kind == "Fn::Join", value
    return str(content[0]).join(text_of(part, **known) for part in content[1])
