"""`python -m adapters.local.gateway`: the gateway process."""

from __future__ import annotations

import sys
from urllib.parse import urlsplit

import uvicorn

from adapters.local.gateway.application import application
from chalicelib.core.config import settings


def main() -> None:
    """Serve until SIGTERM."""
    # Calls run in threads; with Python's usual 5 ms turns the event loop waits for each of them.
    sys.setswitchinterval(0.0005)
    uvicorn.run(
        application(),
        host="127.0.0.1",
        port=urlsplit(settings().connections_url).port or 8080,
        loop="uvloop",
        http="httptools",
        ws="websockets-sansio",
        ws_max_size=128 * 1024,
        ws_ping_interval=20,
        ws_per_message_deflate=False,
        access_log=False,
        log_level="warning",
        server_header=False,
        # limits count by address, so nobody may choose theirs with X-Forwarded-For
        proxy_headers=False,
        timeout_keep_alive=75,
        timeout_graceful_shutdown=2,
        backlog=2048,
    )


if __name__ == "__main__":
    main()
