"""Passes one HTTP request on to the API or the store, and its answer back."""

import asyncio
import contextlib

from adapters.local.slots import http1
from adapters.local.slots.egress_rules import Forward, Origin, forwarded_headers

CONNECT_SECONDS = 15.0
IDLE_SECONDS = 900.0
SETTLE_SECONDS = 0.1

Stream = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def forward(
    head: http1.Head,
    body: http1.Body,
    decision: Forward,
    client: Stream,
    upstreams: dict[Origin, Stream],
) -> bool:
    """One request there and its answer back; whether the client's connection can be used again."""
    if head.get("expect").lower() == "100-continue":
        client[1].write(b"HTTP/1.1 100 Continue\r\n\r\n")
    lines = http1.head_bytes(
        f"{head.first[0]} {decision.path} HTTP/1.1", forwarded_headers(head.headers, decision)
    )
    sending: asyncio.Future[None] | None = None
    try:
        if body.chunked or body.length > http1.BLOCK:
            upstream, _ = await _upstream(decision.origin, upstreams, fresh=True)
            sending = asyncio.ensure_future(http1.relay(client[0], upstream[1], body, lines))
            answer = await _response(upstream[0])
        else:
            payload = lines + await client[0].readexactly(body.length)
            upstream, answer = await _exchange(decision.origin, payload, upstreams)
        if answer is None:
            await say(client[1], 502, "the platform hung up")
            return False
        reusable = await _reply(head, answer, (upstream, client), sending)
        if not answer.keeps_open:
            upstreams.pop(decision.origin)[1].close()
        return reusable
    except ConnectionError:
        await say(client[1], 502, "the platform does not answer")
        return False
    finally:
        if sending is not None:
            sending.cancel()
            await asyncio.gather(sending, return_exceptions=True)


async def _exchange(
    origin: Origin, payload: bytes, upstreams: dict[Origin, Stream]
) -> tuple[Stream, http1.Head | None]:
    """Sends a small request; once more on a new connection if the kept one turns out dead."""
    upstream, reused = await _upstream(origin, upstreams, fresh=False)
    try:
        upstream[1].write(payload)
        await upstream[1].drain()
        answer = await _response(upstream[0])
    except ConnectionError:
        answer = None
    if answer is None and reused:
        upstream, _ = await _upstream(origin, upstreams, fresh=True)
        upstream[1].write(payload)
        await upstream[1].drain()
        answer = await _response(upstream[0])
    return upstream, answer


async def _reply(
    head: http1.Head,
    answer: http1.Head,
    streams: tuple[Stream, Stream],
    sending: asyncio.Future[None] | None,
) -> bool:
    """Copies an answer to the client; False when its connection cannot be used again."""
    upstream, client = streams
    framing = http1.response_body(answer, head.first[0])
    if sending is not None:
        await asyncio.wait({sending}, timeout=SETTLE_SECONDS)
    reusable = not framing.until_close and head.keeps_open and (sending is None or sending.done())
    kept = [(n, v) for n, v in answer.headers if n not in {"connection", "keep-alive"}]
    kept.append(("connection", "keep-alive" if reusable else "close"))
    first = f"HTTP/1.1 {answer.first[1]} {answer.first[2]}"
    await http1.relay(upstream[0], client[1], framing, http1.head_bytes(first, kept))
    return reusable


async def _upstream(
    origin: Origin, upstreams: dict[Origin, Stream], *, fresh: bool
) -> tuple[Stream, bool]:
    known = upstreams.get(origin)
    if known and not fresh and not known[0].at_eof() and not known[1].is_closing():
        return known, True
    if known:
        known[1].close()
    try:
        async with asyncio.timeout(CONNECT_SECONDS):
            upstreams[origin] = await asyncio.open_connection(
                origin.host, origin.port, limit=http1.HEAD_LIMIT
            )
    except OSError as fault:
        raise ConnectionError(str(fault)) from fault
    return upstreams[origin], False


async def _response(reader: asyncio.StreamReader) -> http1.Head | None:
    while True:
        async with asyncio.timeout(IDLE_SECONDS):
            head = await http1.read_head(reader, request=False)
        if head is None or not head.first[1].startswith("1"):
            return head


async def say(writer: asyncio.StreamWriter, status: int, text: str) -> None:
    """Says to the build why its request goes nowhere, and that the connection ends."""
    content = f"CloudDeck build network: {text}\n".encode()
    headers = [
        ("content-type", "text/plain; charset=utf-8"),
        ("content-length", str(len(content))),
        ("connection", "close"),
    ]
    phrase = {400: "Bad Request", 403: "Forbidden", 502: "Bad Gateway"}[status]
    writer.write(http1.head_bytes(f"HTTP/1.1 {status} {phrase}", headers) + content)
    with contextlib.suppress(OSError):
        await writer.drain()
