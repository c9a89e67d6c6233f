"""What the two functions towards the origin consist of on Lambda@Edge, as data.

Lambda@Edge has no layers and no environment variables, so the bundle holds all there is: this
folder's Python for the origin, the rules of the edge, the signer and the settings. It keeps the
checkout's layout, with empty packages above, because those of the checkout open the product's
wiring. The handlers are `functions.edge.origin_request.handler` and `..origin_response.handler`.

`python functions/edge/bundle.py TARGET.zip BUCKET TABLE REGION` packs it; standard library only.
"""

from __future__ import annotations

import io
import json
import sys
import zipfile
from pathlib import Path

CHECKOUT = Path(__file__).resolve().parents[2]
HANDLERS = {
    "origin-request": "functions.edge.origin_request.handler",
    "origin-response": "functions.edge.origin_response.handler",
}
"""By CloudFront's event type."""

_EMPTY = (
    "functions/__init__.py",
    "functions/edge/__init__.py",
    "chalicelib/__init__.py",
    "chalicelib/clouds/__init__.py",
    "chalicelib/clouds/aws/__init__.py",
    "chalicelib/edge/__init__.py",
)
_FILES = (
    "functions/edge/origin_request.py",
    "functions/edge/origin_response.py",
    "chalicelib/clouds/aws/presign.py",
)
_FOLDERS = ("functions/edge/origin", "chalicelib/edge/rules", "chalicelib/edge/rules/routing")


def on_aws(bucket: str, table: str, region: str) -> bytes:
    """The settings of an installation whose data lives in `region`; see `origin/settings.py`."""
    settings = {
        "store_url": f"https://{bucket}.s3.{region}.amazonaws.com",
        "store_region": region,
        "table_url": f"https://dynamodb.{region}.amazonaws.com",
        "table_region": region,
        "table": table,
    }
    return json.dumps(settings, indent=1, sort_keys=True).encode() + b"\n"


def files(settings: bytes) -> dict[str, bytes]:
    """Path in the bundle -> content, sorted; `settings` becomes its settings.json."""
    found = dict.fromkeys(_EMPTY, b"")
    for name in _FILES:
        found[name] = (CHECKOUT / name).read_bytes()
    for folder in _FOLDERS:
        for path in (CHECKOUT / folder).glob("*.py"):
            found[f"{folder}/{path.name}"] = path.read_bytes()
    found["settings.json"] = settings
    return dict(sorted(found.items()))


def packed(settings: bytes) -> bytes:
    """The bundle as a zip; the same bytes for the same content, wherever it is made."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, content in files(settings).items():
            entry = zipfile.ZipInfo(name, (1980, 1, 1, 0, 0, 0))
            entry.external_attr = 0o644 << 16
            entry.compress_type = zipfile.ZIP_DEFLATED
            archive.writestr(entry, content, compresslevel=9)
    return out.getvalue()


def main(target: str, bucket: str, table: str, region: str) -> None:
    """Write the zip."""
    Path(target).write_bytes(packed(on_aws(bucket, table, region)))


if __name__ == "__main__":
    main(*sys.argv[1:])
