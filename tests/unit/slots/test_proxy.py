"""The proxy on a real socket, in front of real little servers."""

import asyncio
import time
from pathlib import Path

from adapters.local.slots import http1
from adapters.local.slots.egress import Proxy
from adapters.local.slots.egress_rules import Origin, Policy

SIGNED = (
    "X-Amz-Algorithm=AWS4-HMAC-SHA256"
    "&X-Amz-Credential=K%2F20260101%2Fr%2Fs3%2Faws4_request&X-Amz-Signature=a"
)


class Store:
    """Answers every request with what it saw; `hang_up_after` closes kept connections."""

    def __init__(self, hang_up_after: int = 0) -> None:
        self.connections, self.requests = 0, 0
        self.heads: list[http1.Head] = []
        self.hang_up_after = hang_up_after

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        served = 0
        while (head := await http1.read_head(reader, request=True)) is not None:
            body = http1.request_body(head)
            size = body.length
            if body.chunked:
                content = await reader.readuntil(b"0\r\n\r\n")
                size = len(content)
            else:
                await reader.readexactly(body.length)
            self.requests += 1
            self.heads.append(head)
            text = f"{head.first[0]} {size}".encode()
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b" % (len(text), text))
            served += 1
            if served == self.hang_up_after:
                break
        writer.close()


async def ask(stream, message: bytes) -> tuple[str, bytes]:
    reader, writer = stream
    writer.write(message)
    head = await http1.read_head(reader, request=False)
    assert head is not None
    return head.first[1], await reader.readexactly(int(head.get("content-length") or 0))


def scene(tmp_path: Path, play, resolver=None, **store_settings: int) -> Store:
    async def run() -> Store:
        store = Store(**store_settings)
        server = await asyncio.start_server(store.serve, "127.0.0.1", 0)
        port = server.sockets[0].getsockname()[1]
        origin = Origin("localhost", port)
        policy = Policy(frozenset({"a.example"}), Origin("localhost", 1), origin, "data")
        proxy = Proxy(policy, **({"resolver": resolver} if resolver else {}))
        path = tmp_path / "proxy.sock"
        await proxy.open(path, None)
        stream = await asyncio.open_unix_connection(str(path))
        try:
            await play(stream, port, proxy)
        finally:
            stream[1].close()
            await proxy.close()
            server.close()
        return store

    return asyncio.run(run())


def put(port: int, length: int, *headers: str) -> bytes:
    lines = [
        f"PUT http://localhost:{port}/data/key?{SIGNED} HTTP/1.1",
        "Host: x",
        f"Content-Length: {length}",
        *headers,
        "",
        "",
    ]
    return "\r\n".join(lines).encode() + b"x" * length


def test_many_small_uploads_share_one_connection_each_way(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        begun = time.perf_counter()
        for _ in range(500):
            assert await ask(stream, put(port, 300)) == ("200", b"PUT 300")
        rate = 500 / (time.perf_counter() - begun)
        print(f"small uploads through the proxy: {rate:.0f}/s on one connection")
        assert proxy.allowed == 500

    store = scene(tmp_path, play)
    assert (store.connections, store.requests) == (1, 500)


def test_large_and_chunked_bodies(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        assert await ask(stream, put(port, 3_000_000)) == ("200", b"PUT 3000000")
        chunked = put(port, 0).replace(b"Content-Length: 0", b"Transfer-Encoding: chunked")
        assert await ask(stream, chunked + b"3\r\nabc\r\n0\r\n\r\n") == ("200", b"PUT 13")
        assert (await ask(stream, put(port, 5)))[0] == "200"

    scene(tmp_path, play)


def test_a_kept_connection_that_died_is_replaced(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        for _ in range(6):
            assert (await ask(stream, put(port, 10)))[0] == "200"

    assert scene(tmp_path, play, hang_up_after=2).connections == 3


def test_credentials_do_not_reach_the_store(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        await ask(stream, put(port, 1, "Authorization: AWS4", "X-Amz-Target: Lambda.Invoke"))

    head = scene(tmp_path, play).heads[0]
    assert head.get("authorization") == ""
    assert head.get("x-amz-target") == ""
    assert head.get("host").startswith("localhost:")


def test_refusals_are_said_and_counted(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        target = f"GET http://localhost:{port}/_ministack/reset HTTP/1.1\r\n\r\n"
        status, text = await ask(stream, target.encode())
        assert status == "403"
        assert text.startswith(b"CloudDeck build network: ")
        assert sum(proxy.refused.values()) == 1

    assert scene(tmp_path, play).requests == 0


def test_ambiguous_messages_are_refused(tmp_path: Path) -> None:
    async def play(stream, port, proxy) -> None:
        smuggled = put(port, 5, "Transfer-Encoding: chunked")
        assert (await ask(stream, smuggled))[0] == "400"

    assert scene(tmp_path, play).requests == 0


def test_a_tunnel_needs_only_public_addresses(tmp_path: Path) -> None:
    answers = iter([["127.0.0.1"], ["1.1.1.1", "10.0.0.1"], []])

    async def resolver(host: str, port: int) -> list[str]:
        return next(answers)

    async def play(stream, port, proxy) -> None:
        for _ in range(3):
            other = await asyncio.open_unix_connection(str(tmp_path / "proxy.sock"))
            status, text = await ask(other, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n")
            assert (status, b"not public" in text) == ("403", True)
            other[1].close()

    scene(tmp_path, play, resolver=resolver)


def test_a_name_that_does_not_resolve(tmp_path: Path) -> None:
    async def resolver(host: str, port: int) -> list[str]:
        raise OSError("no such name")

    async def play(stream, port, proxy) -> None:
        assert (await ask(stream, b"CONNECT a.example:443 HTTP/1.1\r\n\r\n"))[0] == "502"

    scene(tmp_path, play, resolver=resolver)
