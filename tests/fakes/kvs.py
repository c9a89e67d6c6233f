"""A KeyValueStore of CloudFront: one ETag for everything in it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from tests.fakes.cloud import Fault, client

ARN = "arn:aws:cloudfront::123456789012:key-value-store/11111111-2222-3333-4444-555555555555"


@dataclass
class FakeKvs:
    """`before` runs ahead of every update and may raise Fault or write in between."""

    values: dict[str, str] = field(default_factory=dict)
    version: int = 1
    described: int = 0
    read: int = 0
    updates: list[list[str]] = field(default_factory=list)
    before: Callable[[], None] = lambda: None

    def client(self) -> Any:
        return client("cloudfront-keyvaluestore", self)

    def touch(self, **values: str) -> None:
        """Somebody else writes."""
        self.values.update(values)
        self.version += 1

    def describe_key_value_store(self, KvsARN: str) -> dict[str, Any]:  # noqa: N803
        assert KvsARN == ARN
        self.described += 1
        return {**self._now(), "KvsARN": ARN, "Created": 1.0}

    def get_key(self, KvsARN: str, Key: str) -> dict[str, Any]:  # noqa: N803
        assert KvsARN == ARN
        self.read += 1
        if Key not in self.values:
            raise Fault("ResourceNotFoundException", "no such key", 404)
        now = self._now()
        del now["ETag"]
        return {**now, "Key": Key, "Value": self.values[Key]}

    def update_keys(self, KvsARN: str, IfMatch: str, Puts: Any = (), Deletes: Any = ()) -> Any:  # noqa: N803
        assert KvsARN == ARN
        self.before()
        if IfMatch != f"v{self.version}":
            raise Fault("ConflictException", "the ETag is not the current one", 409)
        if len(Puts) + len(Deletes) > 50 or sum(map(_size, Puts)) > 3_000_000:
            raise Fault("ValidationException", "too much for one update")
        if any(len(put["Value"].encode()) > 1024 for put in Puts):
            raise Fault("ValidationException", "a value is longer than 1 KB")
        self.updates.append([put["Key"] for put in Puts])
        self.touch(**{put["Key"]: put["Value"] for put in Puts})
        return self._now()

    def _now(self) -> dict[str, Any]:
        size = sum(len(k) + len(v) for k, v in self.values.items())
        return {
            "ETag": f"v{self.version}",
            "ItemCount": len(self.values),
            "TotalSizeInBytes": size,
        }


def _size(put: dict[str, str]) -> int:
    return len(put["Key"].encode()) + len(put["Value"].encode())
