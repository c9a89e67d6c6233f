"""`python -m tools.openapi FILE`: the description of the API, for whoever makes a client of it."""

from __future__ import annotations

import importlib
import json
import sys
from pathlib import Path

from chalicelib.core import openapi
from chalicelib.core.http import TABLE
from chalicelib.meta.rules import VERSION


def document() -> str:
    """The OpenAPI document of every route, as `GET /v1/openapi.json` has it but for the server."""
    importlib.import_module("app")  # registers the routes
    return json.dumps(openapi.build(TABLE, version=VERSION, server="/"), indent=1, sort_keys=True)


if __name__ == "__main__":
    place = Path(sys.argv[1])
    place.parent.mkdir(parents=True, exist_ok=True)
    place.write_text(document() + "\n")
