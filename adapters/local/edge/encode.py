"""Compressed representations, made once and kept beside the original."""

import hashlib
import zlib

CODINGS = {"br": ".br", "gzip": ".gz"}
_DIGEST = 32
_SMALL = 256 * 1024


def compress(data: bytes, coding: str) -> bytes:
    """The compressed bytes; both libraries work without holding up other threads."""
    if coding == "br":
        import brotli

        packed: bytes = brotli.compress(data, quality=9 if len(data) <= _SMALL else 5)
        return packed
    packer = zlib.compressobj(6, zlib.DEFLATED, 31)
    return packer.compress(data) + packer.flush()


def seal(original: bytes, packed: bytes) -> bytes:
    """The file that keeps a representation: its digest, then its bytes; none when it is no gain."""
    body = packed if len(packed) < len(original) else b""
    return hashlib.sha256(body).digest() + body


def unseal(sealed: bytes) -> bytes | None:
    """The representation in a file, or None when the file is torn or rotten."""
    body = sealed[_DIGEST:]
    return body if hashlib.sha256(body).digest() == sealed[:_DIGEST] else None
