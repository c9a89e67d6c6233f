"""The API as one HTTP-triggered function, which gets every path (see host.json).

Azure's host looks for `app` in the file of this name at the top of what is deployed;
`stage.py` lays it out so.
"""

from __future__ import annotations

from urllib.parse import quote

import azure.functions as func

from adapters.hosted import application
from adapters.http import Receive, Scope, Send

_api = application()
_IN_PATHS = "/:@!$&'()*+,;=~"


async def encoded(scope: Scope, receive: Receive, send: Send) -> None:
    """Hand over the path as a client would write it.

    The library decodes the path and calls that the raw one; decoded twice, `%2541` would be `A`.
    An encoded slash cannot be told from a plain one any more, which no address of the API needs.
    """
    if scope["type"] == "http":
        scope["raw_path"] = quote(scope["path"], safe=_IN_PATHS).encode()
    await _api(scope, receive, send)


# The API itself says who may do what; a key of the function app would lock everybody out.
app = func.AsgiFunctionApp(
    app=encoded, http_auth_level=func.AuthLevel.ANONYMOUS, function_name="api"
)
