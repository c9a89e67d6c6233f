"""What a file is and how long it may be kept, told from its path."""

import re

IMMUTABLE = "public,max-age=31536000,immutable"
REVALIDATE = "public,max-age=0,must-revalidate"
BINARY = "application/octet-stream"
MIN_COMPRESS = 256

_TYPES = {
    "html": "text/html; charset=utf-8",
    "htm": "text/html; charset=utf-8",
    "css": "text/css; charset=utf-8",
    "js": "text/javascript; charset=utf-8",
    "mjs": "text/javascript; charset=utf-8",
    "cjs": "text/javascript; charset=utf-8",
    "txt": "text/plain; charset=utf-8",
    "md": "text/markdown; charset=utf-8",
    "csv": "text/csv; charset=utf-8",
    "ics": "text/calendar; charset=utf-8",
    "vtt": "text/vtt; charset=utf-8",
    "xml": "application/xml; charset=utf-8",
    "rss": "application/rss+xml; charset=utf-8",
    "atom": "application/atom+xml; charset=utf-8",
    "xhtml": "application/xhtml+xml; charset=utf-8",
    "json": "application/json",
    "map": "application/json",
    "geojson": "application/geo+json",
    "jsonld": "application/ld+json",
    "webmanifest": "application/manifest+json",
    "wasm": "application/wasm",
    "pdf": "application/pdf",
    "zip": "application/zip",
    "gz": "application/gzip",
    "tar": "application/x-tar",
    "svg": "image/svg+xml",
    "png": "image/png",
    "apng": "image/apng",
    "jpg": "image/jpeg",
    "jpeg": "image/jpeg",
    "gif": "image/gif",
    "webp": "image/webp",
    "avif": "image/avif",
    "ico": "image/x-icon",
    "bmp": "image/bmp",
    "tif": "image/tiff",
    "tiff": "image/tiff",
    "woff": "font/woff",
    "woff2": "font/woff2",
    "ttf": "font/ttf",
    "otf": "font/otf",
    "eot": "application/vnd.ms-fontobject",
    "mp3": "audio/mpeg",
    "m4a": "audio/mp4",
    "ogg": "audio/ogg",
    "opus": "audio/ogg",
    "wav": "audio/wav",
    "flac": "audio/flac",
    "mp4": "video/mp4",
    "m4v": "video/mp4",
    "webm": "video/webm",
    "ogv": "video/ogg",
    "mov": "video/quicktime",
}
_BY_NAME = {"apple-app-site-association": "application/json"}
_COMPRESSIBLE = ("text/", "application/json", "application/xml", "image/svg", "application/wasm")
_COMPRESSIBLE_TYPES = {
    "application/manifest+json",
    "application/geo+json",
    "application/ld+json",
    "application/vnd.ms-fontobject",
    "font/ttf",
    "font/otf",
    "image/x-icon",
    "image/bmp",
}
# Folders in which the framework puts nothing that ever changes under its name.
_HASHED_FOLDER = re.compile(r"(?:^|/)(?:_next/static|_app/immutable|_astro|_nuxt)/")
_HASHED_NAME = re.compile(r"[.-]([A-Za-z0-9_]{8,64})(?:\.[a-z0-9]{1,8}){1,2}\Z")
_HEX = re.compile(r"[0-9a-f]+\Z")


def content_type(path: str) -> str:
    """The media type of a file; the unknown is binary, and browsers are told not to guess."""
    name = path.rsplit("/", 1)[-1]
    if name in _BY_NAME:
        return _BY_NAME[name]
    return _TYPES.get(name.rpartition(".")[2].lower(), BINARY) if "." in name else BINARY


def is_compressible(media_type: str, size: int) -> bool:
    """Whether compressing pays: text-like, and not so small that headers outweigh the gain."""
    base = media_type.partition(";")[0]
    if size < MIN_COMPRESS:
        return False
    return base.startswith(_COMPRESSIBLE) or base in _COMPRESSIBLE_TYPES or base.endswith(("+xml",))


def cache_control(path: str) -> str:
    """A name that carries a content hash is kept for a year; all else is asked for again."""
    if content_type(path).startswith("text/html"):
        return REVALIDATE
    return IMMUTABLE if is_hashed(path) else REVALIDATE


def is_hashed(path: str) -> bool:
    """Whether a bundler put a content hash into the name.

    A false yes pins a stale file for a year, a false no costs a 304. So words (`my-document.js`),
    dates (`a-20240101.js`) and versions (`app-version2.js`) are no.
    """
    if _HASHED_FOLDER.search(path):
        return True
    match = _HASHED_NAME.search(path)
    if not match:
        return False
    token = match.group(1)
    digit = any(c.isdigit() for c in token)
    lower = any(c.islower() for c in token)
    upper = any(c.isupper() for c in token)
    if not digit:
        return False
    return (lower and upper) or (lower and bool(_HEX.match(token))) or (upper and len(token) == 8)
