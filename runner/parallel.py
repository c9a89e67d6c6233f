"""A handful of threads over one stream of work. (`concurrent.futures` costs 10 ms to import.)"""

import threading
from collections.abc import Callable, Iterable, Iterator
from typing import TypeVar

from runner.errors import Terminated

T = TypeVar("T")


def each(work: Iterable[T], do: Callable[[T], object], threads: int) -> None:
    """Call `do` for every item, in several threads; the items are drawn one at a time.

    The first exception stops the drawing of further items and is raised here.
    """
    source: Iterator[T] = iter(work)
    lock = threading.Lock()
    faults: list[BaseException] = []

    def worker() -> None:
        while not faults:
            try:
                with lock:
                    item = next(source)
            except StopIteration:
                return
            except BaseException as error:  # raised again below
                faults.append(error)
                return
            try:
                do(item)
            except BaseException as error:  # raised again below
                faults.append(error)

    helpers = _start(worker, threads - 1)
    worker()
    for helper in helpers:
        if any(isinstance(fault, Terminated) for fault in faults):
            break  # no time left to wait for anybody
        helper.join()
    if faults:
        raise faults[0]


def _start(worker: Callable[[], None], count: int) -> list[threading.Thread]:
    started = []
    for _ in range(count):
        thread = threading.Thread(target=worker, daemon=True)
        try:
            thread.start()
        except RuntimeError:  # no more threads to be had; fewer will do
            break
        started.append(thread)
    return started
