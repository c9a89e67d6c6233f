"""The API as a Cloud Run function: `functions-framework --asgi --target api --source <this file>`.

The framework calls the function with a Starlette request and then calls what the function
returned as an ASGI application, with the request's own stream. So the function returns the API.
"""

from __future__ import annotations

from typing import Any

from adapters.hosted import Hosted, application

_api = application()


async def api(_request: Any) -> Hosted:
    """Hand the request on, unread."""
    return _api
