"""Where an installation keeps what it knows: tables of rows, buckets of files."""

from __future__ import annotations

from chalicelib.resources.kinds import Bucket

TABLES = ("core", "events", "usage")
"""All three have string keys `pk`/`sk`, on demand, TTL attribute `ttl`; see INDEXES."""

INDEXES = {
    "core": (("gsi1", "gsi1pk", "gsi1sk"), ("gsi2", "gsi2pk", "gsi2sk")),
    "events": (),
    "usage": (),
}
"""Per table: (index, hash key, range key); projection ALL."""

BUCKETS = (
    Bucket("sites", holds=("blobs/", "manifests/", "shards/", "sizes/", "rules/")),
    Bucket(
        "sources",
        # trees: what is in a source; attestations and sboms: of a deployment; osv: known faults
        holds=(
            *("sources/", "trees/", "caches/", "incoming/", "runner/"),
            *("attestations/", "sboms/", "osv/"),
        ),
        expire={"incoming/": 2, "caches/": 30, "sources/": 365, "trees/": 365},
    ),
    Bucket("logs", holds=("AWSLogs/",), expire={"": 90}, only="aws"),
    Bucket("console", only="aws"),
)


def bucket_of(key: str) -> str:
    """Name of the bucket that holds a key, or every key below a prefix.

    Raises ValueError for what no bucket holds: whoever asks has made a mistake.
    """
    for bucket in BUCKETS:
        if key.startswith(bucket.holds):
            return bucket.name
    raise ValueError(f"no bucket holds {key[:200]!r}: it is below no prefix of resources.BUCKETS")
