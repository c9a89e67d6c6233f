"""127.0.0.1:3128 -> Unix socket: the one way out of the sandbox, for what speaks HTTP proxy."""

import contextlib
import socket
import threading

PORT = 3128
MOST_CONNECTIONS = 256
CHUNK = 64 * 1024


class Forwarder:
    """Copies bytes between a local port and the proxy's socket, one thread for each direction."""

    def __init__(self, socket_path: str) -> None:
        self._path = socket_path
        self._places = threading.BoundedSemaphore(MOST_CONNECTIONS)
        self._listener = _listen()
        self.port: int = self._listener.getsockname()[1]
        threading.Thread(target=self._accept, name="forward", daemon=True).start()

    @property
    def url(self) -> str:
        """What HTTP_PROXY is to say."""
        return f"http://127.0.0.1:{self.port}"

    def close(self) -> None:
        """Stop taking new connections."""
        with contextlib.suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()

    def _accept(self) -> None:
        while True:
            self._places.acquire()
            try:
                inner, _ = self._listener.accept()
            except OSError:
                return
            try:
                threading.Thread(target=self._serve, args=(inner,), daemon=True).start()
            except RuntimeError:  # no thread to be had: the build ate the process limit
                inner.close()
                self._places.release()

    def _serve(self, inner: socket.socket) -> None:
        outer = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        try:
            outer.connect(self._path)
            back = threading.Thread(target=_pump, args=(outer, inner), daemon=True)
            back.start()
            _pump(inner, outer)
            back.join()
        except (OSError, RuntimeError):
            pass
        finally:
            inner.close()
            outer.close()
            self._places.release()


def _listen() -> socket.socket:
    listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind(("127.0.0.1", PORT))
    except OSError:  # outside a sandbox the port may be somebody else's
        listener.bind(("127.0.0.1", 0))
    listener.listen(128)
    return listener


def _pump(source: socket.socket, target: socket.socket) -> None:
    """Copy until one side ends, then pass the end on."""
    with contextlib.suppress(OSError):
        while piece := source.recv(CHUNK):
            target.sendall(piece)
    with contextlib.suppress(OSError):
        target.shutdown(socket.SHUT_WR)
