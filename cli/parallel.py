"""Many small pieces of work at once, lazily fed, stopping at the first failure."""

from __future__ import annotations

import queue
import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar, cast

T = TypeVar("T")
R = TypeVar("R")

_END = object()


def each(items: Iterable[T], work: Callable[[T], R], threads: int) -> Iterator[R]:
    """The result of `work` for every item, in the order in which they finish.

    Workers take the next item themselves, so a paged source is read while earlier pages are being
    worked on. The threads are daemons: after Ctrl-C nobody waits for a slow upload.
    """
    source = iter(items)
    guard = threading.Lock()
    stop = threading.Event()
    results: queue.Queue[object] = queue.Queue()

    def worker() -> None:
        try:
            while not stop.is_set():
                with guard:
                    item = next(source, _END)
                if item is _END:
                    break
                results.put((work(cast(T, item)),))
        except BaseException as error:
            stop.set()
            results.put(error)
        results.put(_END)

    for _ in range(threads):
        threading.Thread(target=worker, daemon=True).start()
    try:
        working = threads
        while working:
            result = results.get()
            if result is _END:
                working -= 1
            elif isinstance(result, BaseException):
                raise result
            else:
                yield cast(tuple[R], result)[0]
    finally:
        stop.set()
