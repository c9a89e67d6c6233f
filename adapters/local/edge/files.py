"""Files of a deployment as answers: representation, conditions, ranges."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from adapters.local.edge import answers
from adapters.local.edge.answers import Answer, Context, FilePart, Representation
from adapters.local.edge.blobs import LARGE, Blob, Blobs, Loaded
from adapters.local.edge.ruled import dressed
from chalicelib.edge.rules import conditions, pages, types
from chalicelib.edge.rules.encodings import negotiate
from chalicelib.edge.rules.routing.verdicts import File

if TYPE_CHECKING:
    from adapters.local.edge.serving import Request

_MOST_CODINGS = 1_000

Codings = tuple[str, ...]


@dataclass(slots=True)
class Found:
    """The representation that answers: its bytes, or None when they are streamed from disk."""

    blob: Blob
    shape: Representation
    loaded: Loaded | None
    cache: str
    context: Context
    status: int


class Files:
    """Answers out of blobs."""

    def __init__(self, blobs: Blobs) -> None:
        self.known: dict[bytes, Codings] = {}
        """What visitors take, per spelling of the header."""
        self._blobs = blobs

    async def find(self, request: Request, verdict: File, blob: Blob, context: Context) -> Found:
        """A file of the deployment in the representation the visitor takes."""
        media = types.content_type(verdict.file)
        packable = types.is_compressible(media, blob.size) and blob.size <= LARGE
        ranged = b"range" in request.headers and verdict.status == 200
        codings = self.codings(request) if packable and not ranged else ()
        coding, loaded, cache = await self._representation(blob, codings)
        shape = Representation(
            tag=conditions.etag(blob.sha256, coding),
            size=blob.size if loaded is None else len(loaded.data),
        )
        headers = [
            ("Content-Type", media),
            ("Cache-Control", types.cache_control(verdict.file)),
            *([("Vary", "Accept-Encoding")] if packable else []),
            *([("Content-Encoding", coding)] if coding else []),
            *answers.whose(context),
            answers.NOSNIFF,
        ]
        shape.headers = dressed(headers, verdict)
        shape.ruled = frozenset(name.lower() for name, _ in verdict.headers)
        if verdict.status == 200:
            shape.headers = [*shape.headers, ("ETag", shape.tag), ("Accept-Ranges", "bytes")]
        return Found(blob, shape, loaded, cache, context, verdict.status)

    def answer(self, request: Request, found: Found) -> Answer:
        """Full, partial, not modified or not satisfiable; a page of another status whole."""
        if found.status != 200:
            return self._whole(found)
        shape = found.shape
        if b"if-none-match" in request.headers and conditions.none_match(
            request.text(b"if-none-match"), shape.tag
        ):
            line = answers.log_line(found.context, 304, 0, found.cache)
            return Answer(304, answers.not_modified_head(shape), None, line)
        try:
            span = _span(request, shape)
        except conditions.UnsatisfiableError:
            headers = [("Content-Range", f"bytes */{shape.size}")]
            return answers.page(pages.NO_SUCH_PART, found.context, headers=headers)
        return self._whole(found) if span is None else self._partial(found, span)

    def codings(self, request: Request) -> Codings:
        """What the visitor takes."""
        raw = request.headers.get(b"accept-encoding", b"")
        codings = self.known.get(raw)
        if codings is None:
            codings = negotiate(raw.decode("latin-1"))
            if len(self.known) >= _MOST_CODINGS:
                self.known.clear()
            self.known[raw] = codings
        return codings

    async def _representation(self, blob: Blob, codings: Codings) -> tuple[str, Loaded | None, str]:
        """(coding, bytes or None when they are streamed from disk, where they came from)."""
        if blob.size > LARGE:
            return "", None, await self._blobs.ensure(blob)
        for coding in codings:
            packed = await self._blobs.packed(blob, coding)
            if packed is not None:
                return coding, packed, packed.source
        loaded = await self._blobs.body(blob)
        return "", loaded, loaded.source

    def _whole(self, found: Found) -> Answer:
        size = found.shape.size
        head = answers.head(found.status, [*found.shape.headers, ("Content-Length", str(size))])
        return Answer(
            found.status,
            head,
            self._piece(found, conditions.Span(0, size - 1)),
            answers.log_line(found.context, found.status, size, found.cache),
        )

    def _partial(self, found: Found, span: conditions.Span) -> Answer:
        length = span.last - span.first + 1
        headers = [
            *found.shape.headers,
            ("Content-Range", f"bytes {span.first}-{span.last}/{found.shape.size}"),
            ("Content-Length", str(length)),
        ]
        line = answers.log_line(found.context, 206, length, found.cache)
        return Answer(206, answers.head(206, headers), self._piece(found, span), line)

    def _piece(self, found: Found, span: conditions.Span) -> bytes | FilePart:
        """The bytes of a span, or where on disk they are."""
        if found.loaded is not None:
            return found.loaded.data[span.first : span.last + 1]
        path = self._blobs.disk.path(found.blob.file)
        return FilePart(path, span.first, span.last - span.first + 1)


def _span(request: Request, shape: Representation) -> conditions.Span | None:
    """The part that is asked for. GET alone defines ranges; HEAD answers as if there were none."""
    if request.method != b"GET" or b"range" not in request.headers:
        return None
    if_range = request.text(b"if-range") if b"if-range" in request.headers else None
    if not conditions.range_applies(if_range, shape.tag):
        return None
    return conditions.parse_range(request.text(b"range"), shape.size)
