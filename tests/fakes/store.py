"""Objects in a dict."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from chalicelib.ports import Signed, Store


class FakeStore(Store):
    """A bucket in memory: `objects` maps key to bytes, `signed` lists what was signed."""

    def __init__(self) -> None:
        self.objects: dict[str, bytes] = {}
        self.content_types: dict[str, str] = {}
        self.signed: list[tuple[str, str, int]] = []
        self.demands: dict[str, tuple[int | None, str | None]] = {}

    def put(self, key: str, body: bytes, content_type: str = "application/json") -> None:
        self.objects[key] = bytes(body)
        self.content_types[key] = content_type

    def get(self, key: str) -> bytes | None:
        return self.objects.get(key)

    def size(self, key: str) -> int | None:
        body = self.objects.get(key)
        return None if body is None else len(body)

    def sizes(self, prefix: str) -> Iterator[tuple[str, int]]:
        for key in sorted(self.objects):
            if key.startswith(prefix):
                yield key, len(self.objects[key])

    def delete(self, keys: Iterable[str]) -> None:
        for key in keys:
            self.objects.pop(key, None)

    def signed_get(self, key: str, seconds: int) -> str:
        self.signed.append(("GET", key, seconds))
        return f"https://store.test/{key}?method=GET&expires={seconds}"

    def signed_put(
        self, key: str, seconds: int, *, length: int | None = None, sha256: str | None = None
    ) -> Signed:
        self.signed.append(("PUT", key, seconds))
        self.demands[key] = (length, sha256)
        headers = {"x-test-sha256": sha256} if sha256 else {}
        return Signed(f"https://store.test/{key}?method=PUT&expires={seconds}", headers)
