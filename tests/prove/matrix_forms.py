"""What the matrices try: headers, hosts, paths and addresses, as attackers write them."""

from __future__ import annotations

import ast
import itertools
import random
import re
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

ROOT = Path(__file__).parents[2]
SOURCES = ("chalicelib", "functions", "adapters/local/edge")
_INTERNAL = re.compile(
    r"(?:x-(?:clouddeck|forwarded|amz|amzn|edge|real|original|rewrite|accel|middleware|http-method"
    r"|method|client|cluster|host|cache)[a-z0-9-]*|forwarded|via|cdn-loop|true-client-ip"
    r"|cf-connecting-ip|cloudfront-[a-z-]+)\Z"
)
_IN_JS = re.compile(r"'((?:x-clouddeck|cloudfront)-[a-z-]+)'")
DELIMITERS = (";", "%00", "%0A", "%0d%0a", "%23", "%3f", "!", "~", ",", "$", "%5c", "/..%2f")
_ENDINGS = ".css .js .png .ico .json .txt .svg .woff2 .map .html"
SUFFIXES = tuple(f"x{ending}" for ending in _ENDINGS.split())
_ODD = ("..", ".", "...", "%2e%2e", "%2E.", ".%2e", "%252e%252e", "..;", "..%00", "%c0%ae%c0%ae")
_GLUE = ("/", "//", "%2f", "%2F", "\\", "%5c", "/./", "%252f", "/%2f", "%c0%af", "%u2215")
_ENDS = ("etc/passwd", "index.html", "secret.txt", "keys/installation.json", "clouddeck.toml", "")
_BYTES = (
    "%00",
    "%0a",
    "%7f",
    "%ff",
    "%e2%80%ae",
    "%ed%a0%80",
    "%",
    "%zz",
    "%2",
    "*",
    "?",
    "#",
    " ",
)


def internal_names() -> list[str]:
    """Every header by which parts of the edge tell each other something, or believe a proxy."""
    found = set()
    for file in (one for folder in SOURCES for one in (ROOT / folder).rglob("*")):
        if file.suffix == ".js":
            found |= set(_IN_JS.findall(file.read_text()))
        if file.suffix == ".py":
            found |= _named(ast.parse(file.read_text()))
    return sorted(found)


def _named(tree: ast.AST) -> set[str]:
    found = set()
    for node in ast.walk(tree):
        text = ""
        if isinstance(node, ast.Constant) and isinstance(node.value, str | bytes):
            said = node.value
            text = said if isinstance(said, str) else said.decode("latin-1")
        elif isinstance(node, ast.BinOp) and ast.unparse(node.left) == "PREFIX":
            text = f"x-clouddeck-{ast.unparse(node.right)[1:-1]}"
        found |= {word for word in text.lower().split() if _INTERNAL.match(word)}
    return {name for name in found if not name.endswith("-")}


def host_requests(one: str, other: str) -> Iterator[tuple[bytes, bool]]:
    """Requests that mean site `one`, or nobody, and name `other` somewhere beside it.

    With each whether the answer may be that of `one`; never that of `other`.
    """
    a, b = f"{one}.localhost", f"{other}.localhost"
    for host in _same(a):
        yield _request(b"/", host), True
    for host in (*_broken(a), *_broken(b), *(x for pair in _mixed(a, b) for x in pair)):
        if host not in {a, b}:
            yield _request(b"/", host), False
    for name in _HOST_NAMES:
        for value in (b, f"{b}:80", f"http://{b}/", f'host="{b}"', f"{a}, {b}"):
            yield _request(b"/", a, f"{name}: {value}"), True
    for first, second in ((a, b), (b, a)):
        yield _request(b"/", first, f"Host: {second}"), False
        yield _request(b"/", first, f"hOST:{second}"), False
        yield _request(b"/", first, f"Host:\t{second}"), False
        yield _request(b"/", first, "X-A: 1", f"Host: {second}", f"Host: {first}"), False
        for scheme in ("http", "https", "HTTP", "ftp", "file", ""):
            yield _request(f"{scheme}://{first}/".encode(), second), False
        yield _request(f"http://{second}@{first}/".encode(), second), False
        yield _request(f"http://{second}#@{first}/".encode(), second), False
        yield _request(f"http://{second}\\@{first}/".encode(), first), False
    for target in (f"//{b}/", f"/\\{b}/", f"/@{b}/", f"/http://{b}/", f"/?host={b}"):
        yield _request(target.encode(), a), True


_HOST_NAMES = (
    *("X-Forwarded-Host", "X-Host", "X-Original-Host", "X-Forwarded-Server", "Forwarded"),
    *("X-HTTP-Host-Override", "X-Original-URL", "X-Rewrite-URL", "X-Clouddeck-Host", "Referer"),
    *("Origin", "X-Clouddeck-Site", "X-Clouddeck-Slug", ":authority", "X-Forwarded-Prefix"),
)


def _same(host: str) -> list[str]:
    """Other spellings of the very same host."""
    bare = [host, host.upper(), host.title(), f"{host}.", host.swapcase()]
    return bare + [f"{one}:{port}" for one in bare for port in (80, 443, 8081, 1, 65535)]


def _broken(host: str) -> list[str]:
    """What is no host of anybody's."""
    return [
        *(
            f"{host}..",
            f".{host}",
            f"{host}:",
            f"{host}:x",
            f"{host}:123456",
            f"{host}/",
            f"[{host}]",
        ),
        *(
            f"{host}%00",
            f"{host}%2e",
            f"{host}\\",
            f"{host}?",
            f"{host}#",
            f"a@{host}",
            f"a b{host}",
        ),
        *(f"{host.replace('.', '..')}", f"{host.replace('.', '。')}", f"xn--{host}", f"-{host}"),
        *(f"{host},{host}", f"{host};", f"{host} x", f"{host}\tx", f"{host}\x0bx", f"{host}\x00"),
        *(
            f"{host}.evil.example",
            f"{host.partition('.')[0]}",
            "localhost",
            "127.0.0.1",
            "*.localhost",
        ),
        *(
            host.replace("l", "\u217c", 1),
            host.replace("t", "\uff54"),
            host.replace("i", "\u0131"),
            "",
        ),
    ]


def _mixed(a: str, b: str) -> list[tuple[str, str]]:
    glue = (",", ", ", " ", "\t", ";", "@", "#", "/", "%20", "\\", ":80@", "--", "%00", "?")
    return [(f"{a}{by}{b}", f"{b}{by}{a}") for by in glue]


def _request(target: bytes, host: str, *lines: str) -> bytes:
    head = [b"GET " + target + b" HTTP/1.1", b"Host: " + host.encode()]
    return b"\r\n".join([*head, *(line.encode() for line in lines)]) + b"\r\n\r\n"


def deceptions() -> Iterator[str]:
    """What is put behind a private address so that it looks like a file for everybody."""
    for delimiter, suffix in itertools.product(DELIMITERS, SUFFIXES):
        for write in (
            *(str, lambda t: quote(t, safe="%/"), lambda t: quote(t, safe="")),
            *(lambda t: "".join(f"%{b:02x}" for b in t.encode()), str.upper),
            lambda t: t.replace("%", "%25"),
        ):
            yield write(delimiter) + suffix


def hostile_paths(seed: int, count: int, names: list[str]) -> Iterator[bytes]:
    """Targets that look for a way out of a site's files, or for a second spelling of one."""
    chance = random.Random(seed)
    for _ in range(count):
        glue, odd = chance.choice(_GLUE), chance.choice(_ODD)
        path = "/" + glue.join([odd] * chance.randrange(4)) + chance.choice(("", glue))
        path += chance.choice((*_ENDS, *names, "blobs/", "_clouddeck/health", "_clouddeck/reload"))
        for _ in range(chance.randrange(3)):
            at = chance.randrange(1, len(path) + 1)
            path = path[:at] + chance.choice((*_BYTES, *_GLUE, *_ODD)) + path[at:]
        yield path.encode()


_INSIDE = """
127.0.0.1 127.1 127.0.1 127.127.127.127 2130706433 0x7f000001 0177.0.0.1 0x7f.0.0.1 017700000001
0 0.0.0.0 127.0.0.1. 127.000.000.001 0x7f.1 [::1] [::] [::ffff:127.0.0.1] [::ffff:7f00:1]
[0:0:0:0:0:ffff:127.0.0.1] [64:ff9b::7f00:1] [2002:7f00:1::] [fe80::1] [fc00::1] [::127.0.0.1]
[::1%25lo] localhost LOCALHOST localhost. a.localhost localhost.localdomain ip6-localhost
169.254.169.254 [fd00:ec2::254] 10.0.0.1 172.16.0.1 192.168.0.1 100.64.0.1 198.18.0.1 192.0.0.8
224.0.0.1 255.255.255.255 ①②⑦.⓪.⓪.① 127。0。0。1 127.0.0.1.nip.io localtest.me 0x7f000001.
metadata.google.internal host.docker.internal
"""
_ODD_FORMS = r"""
http://a@127.0.0.1:{0}/ http://a:b@127.0.0.1:{0}/ http://example.com@127.0.0.1:{0}/
http://127.0.0.1:{0}#@example.com/ http://127.0.0.1:{0}\@example.com/ //127.0.0.1:{0}/
http:127.0.0.1:{0}/ http:/127.0.0.1:{0}/ http:///127.0.0.1:{0}/ HTTP://127.0.0.1:{0}/
file:///etc/passwd gopher://127.0.0.1:{0}/_x ftp://127.0.0.1:{0}/ unix:/run/x.sock
http://[127.0.0.1]:{0}/ http://127.0.0.1:{0}%2f@example.com/ dict://127.0.0.1:{0}/
http://:{0}/ http://127.0.0.1:{0}?@example.com/ javascript:alert(1) data:text/html,x
"""


def internal_addresses(port: int) -> list[str]:
    """120 ways to write an address that leads to this machine, or into its network."""
    schemes = ("http", "https")
    plain = [f"{scheme}://{host}:{port}/hit" for host in _INSIDE.split() for scheme in schemes]
    odd = [one.format(port) for one in _ODD_FORMS.split()]
    odd += [f"http://127.0.0.1:{port}/\r\nX: 1", f"http://127.0.0.1:{port} /"]
    odd += [f"\thttp://127.0.0.1:{port}/"]
    return [*odd, *plain][:120]
