"""`python -m tests.acceptance.azure_host PORT`: Azure's part between a socket and the function.

The real host is a program that its own installer fetches; here its three steps are done in
Python: the trigger is found by what the library indexed (route, methods, key), an
`azure.functions.HttpRequest` is made of the request, and the function is awaited.
"""

from __future__ import annotations

import asyncio
import logging
import re
import signal
import sys
from contextlib import suppress
from typing import Any

import azure.functions as func

from adapters.azure_functions import function_app

MAX_REQUEST = 210_000_000
REASONS = {200: "OK", 201: "Created", 204: "No Content", 404: "Not Found"}


class Context:
    """What a function may ask of its surroundings."""

    function_name = "api"
    function_directory = "."
    invocation_id = "1"
    thread_local_storage = trace_context = retry_context = None


def trigger() -> tuple[Any, set[str]]:
    """The function that gets every path, and the methods that reach it."""
    (function,) = function_app.app.get_functions()
    binding = function.get_trigger().get_dict_repr()
    assert binding["route"] == "/{*route}", binding
    assert str(getattr(binding["authLevel"], "name", binding["authLevel"])) == "ANONYMOUS"
    methods = {str(getattr(method, "name", method)) for method in binding["methods"]}
    return function.get_user_function(), methods


async def serve(port: int) -> None:
    """Answer until SIGTERM."""
    call, methods = trigger()

    async def connection(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with suppress(ConnectionError, asyncio.IncompleteReadError):
            while await one(reader, writer, port, call, methods):
                pass
        writer.close()

    server = await asyncio.start_server(connection, "127.0.0.1", port, limit=1 << 20)
    stop = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stop.set)
    await stop.wait()
    server.close()


async def one(
    reader: asyncio.StreamReader,
    writer: asyncio.StreamWriter,
    port: int,
    call: Any,
    methods: set[str],
) -> bool:
    """One request and its answer; False when the client is done."""
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
    first, *lines = head.strip().split("\r\n")
    method, target, _ = first.split(" ", 2)
    headers = dict(re.split(r":[ \t]*", line, maxsplit=1) for line in lines)
    named = {name.lower(): value for name, value in headers.items()}
    body = await reader.readexactly(min(int(named.get("content-length", 0)), MAX_REQUEST))
    if method not in methods:
        answer = func.HttpResponse(status_code=404)
    else:
        request = func.HttpRequest(
            method=method,
            url=f"http://127.0.0.1:{port}{target}",
            headers={**headers, "X-Forwarded-For": "192.0.2.7:50000"},
            body=body,
        )
        answer = await call(request, Context())
    _write(writer, answer, method)
    await writer.drain()
    return named.get("connection", "").lower() != "close"


def _write(writer: asyncio.StreamWriter, answer: func.HttpResponse, method: str) -> None:
    body = answer.get_body()
    status = answer.status_code
    headers = dict(answer.headers.items())
    if status not in {204, 304} and method != "HEAD":
        headers["content-length"] = str(len(body))
    lines = [f"HTTP/1.1 {status} {REASONS.get(status, 'Answer')}"]
    lines += [f"{name}: {value}" for name, value in headers.items()]
    writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))
    if method != "HEAD":
        writer.write(body)


if __name__ == "__main__":
    logging.basicConfig(level=logging.WARNING)
    asyncio.run(serve(int(sys.argv[1])))
