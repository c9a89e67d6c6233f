"""Bodies, coming and going: how much of them memory holds, and the pieces they are sent in."""

import asyncio
import os
from collections.abc import AsyncGenerator
from concurrent.futures import Executor
from contextlib import aclosing

from adapters.local.edge.answers import FilePart, Stream

MAX_BODY = 10 * 1024 * 1024
"""The longest body of a request: what Lambda and API Gateway take, so that sites move freely."""
_PIECE = 256 * 1024


class BodyRoom:
    """How many bytes of requests' bodies may be in memory at once, whoever sent them."""

    def __init__(self, size: int) -> None:
        self.size = size
        self.used = 0

    def take(self, count: int) -> bool:
        """Count so many bytes in, unless that is more than there is room for."""
        if self.used + count > self.size:
            return False
        self.used += count
        return True

    def give_back(self, count: int) -> None:
        """Those bytes are gone."""
        self.used -= count


async def pieces(body: FilePart | Stream, threads: Executor) -> AsyncGenerator[bytes, None]:
    """The bytes of an answer, a few at a time; memory holds no more than one piece.

    Raises EOFError when they are not as many as the head of the answer promised: then only a
    broken connection is honest. Closing it closes what the bytes came from.
    """
    source = _of_file(body, threads) if isinstance(body, FilePart) else body.pieces
    left = body.length
    async with aclosing(source):
        async for piece in source:
            if left is not None:
                left -= len(piece)
                if left < 0:
                    raise EOFError("an answer is longer than its head says")
            if piece:
                yield piece
    if left:
        raise EOFError("an answer is shorter than its head says")


async def _of_file(part: FilePart, threads: Executor) -> AsyncGenerator[bytes, None]:
    loop = asyncio.get_running_loop()
    descriptor = await loop.run_in_executor(threads, os.open, part.path, os.O_RDONLY)
    try:
        offset, end = part.first, part.first + part.length
        while offset < end:
            size = min(_PIECE, end - offset)
            data = await loop.run_in_executor(threads, os.pread, descriptor, size, offset)
            if not data:
                return
            offset += len(data)
            yield data
    finally:
        os.close(descriptor)
