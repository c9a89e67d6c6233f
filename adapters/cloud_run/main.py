"""`python -m adapters.cloud_run.main`: the API on `PORT`, until SIGTERM.

Cloud Run gives a container ten seconds between SIGTERM and its end; requests that are under way
get eight of them.
"""

from __future__ import annotations

import os
import sys

from adapters.hosted import application

GRACE_SECONDS = 8

app = application()
"""For `uvicorn adapters.cloud_run.main:app` and any other ASGI server."""


def main() -> None:
    """Serve until SIGTERM, then finish what is under way."""
    import uvicorn

    # Calls run in threads; with Python's usual 5 ms turns the event loop waits for each of them.
    sys.setswitchinterval(0.0005)
    uvicorn.run(
        app,
        host="0.0.0.0",  # noqa: S104  # a container has no other address
        port=int(os.environ.get("PORT", "8080")),
        loop="uvloop",
        http="httptools",
        ws="none",
        proxy_headers=False,
        server_header=False,
        access_log=False,
        log_level="warning",
        timeout_keep_alive=620,  # longer than the load balancer keeps a connection
        timeout_graceful_shutdown=GRACE_SECONDS,
    )


if __name__ == "__main__":
    main()
