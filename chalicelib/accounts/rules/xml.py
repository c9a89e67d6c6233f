"""XML that a stranger sent: read without anything that XML can do beside holding text.

No document type, so no entities of anybody's making and nothing fetched; no processing
instructions and, where asked, no comments, by which a text can be cut in two; UTF-8 only, so that
every reader sees the same characters; and bounds on size, depth and number of elements.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree.ElementTree import Element, TreeBuilder
from xml.parsers import expat

MAX_BYTES = 256 * 1024
MAX_DEPTH = 40
MAX_ELEMENTS = 5000

_DECLARED = re.compile(rb"\s*<\?xml[^>]*?encoding\s*=\s*[\"']([A-Za-z0-9._-]+)[\"']")
_UTF8 = {b"utf-8", b"utf8", b"us-ascii"}


class Refused(ValueError):  # noqa: N818  # the field's own term
    """XML that is not read; the text says why."""


def parse(text: bytes, *, comments: bool = False) -> Element:
    """The root element; `comments` passes over comments instead of refusing them.

    Raises Refused.
    """
    if len(text) > MAX_BYTES:
        raise Refused(f"The XML has {len(text)} bytes; the limit is {MAX_BYTES}.")
    _check_encoding(text)
    reader = _Reader(comments)
    try:
        return reader.read(text)
    except expat.ExpatError as error:
        raise Refused(f"This is no well-formed XML (line {error.lineno}).") from None


def name_of(element: Element) -> str:
    """The name of an element without its namespace."""
    return str(element.tag).rpartition("}")[2]


def _check_encoding(text: bytes) -> None:
    declared = _DECLARED.match(text.removeprefix(b"\xef\xbb\xbf"))
    if declared and declared[1].lower() not in _UTF8:
        raise Refused("The XML is not in UTF-8.")
    try:
        text.decode("utf-8")
    except UnicodeDecodeError:
        raise Refused("The XML is not in UTF-8.") from None
    if b"\x00" in text:
        raise Refused("The XML is not in UTF-8.")


class _Reader:
    def __init__(self, comments: bool) -> None:
        self._tree = TreeBuilder()
        self._depth = self._elements = 0
        parser = expat.ParserCreate("UTF-8", "}")
        parser.buffer_text = True
        parser.StartElementHandler = self._start
        parser.EndElementHandler = self._end
        parser.CharacterDataHandler = self._tree.data
        parser.StartDoctypeDeclHandler = self._refuse("a document type (DTD)")
        parser.EntityDeclHandler = self._refuse("entities")
        parser.ProcessingInstructionHandler = self._refuse("processing instructions")
        if not comments:
            parser.CommentHandler = self._refuse("comments")
        self._parser = parser

    def read(self, text: bytes) -> Element:
        self._parser.Parse(text, True)
        return self._tree.close()

    def _start(self, name: str, attributes: dict[str, str]) -> None:
        self._depth += 1
        self._elements += 1
        if self._depth > MAX_DEPTH or self._elements > MAX_ELEMENTS:
            raise Refused(f"The XML goes deeper than {MAX_DEPTH} or has over {MAX_ELEMENTS} parts.")
        self._tree.start(_named(name), {_named(key): value for key, value in attributes.items()})

    def _end(self, name: str) -> None:
        self._depth -= 1
        self._tree.end(_named(name))

    def _refuse(self, what: str) -> Callable[..., None]:
        def handler(*_: object) -> None:
            raise Refused(f"The XML holds {what}, which nothing here needs.")

        return handler


def _named(name: str) -> str:
    return "{" + name if "}" in name else name
