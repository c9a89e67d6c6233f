"""A team with many projects: copies of everything that the tables keep of a real one.

Asking the API for ten thousand deployments would build ten thousand times. What a list of them
reads is rows, so those of one project are written again under other names, indices and all.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

from tests.e2e import behind
from tests.prove.cloud import Cloud

_AT_ONCE = 25
_ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"

Item = dict[str, Any]


def _key(item: Item) -> str:
    return f"{item['pk']['S']} {item['sk']['S']}"


class Copies:
    """Rows of one project and its one deployment, to be written many times.

    Ids end with a number of their own, so nothing but the four last characters tells two apart;
    the slug has to be a word that no row holds for another reason.
    """

    def __init__(self, cloud: Cloud, slug: str) -> None:
        self._database = behind.database(cloud.home, cloud.port)
        self._slug = slug
        project = cloud.must("GET", f"/v1/projects/{slug}")
        (deployment,) = cloud.must("GET", f"/v1/projects/{slug}/deployments")["items"]
        self._project, self._deployment = str(project["id"]), str(deployment["id"])
        self._rows = [
            (name, text)
            for name in self._tables()
            for text in self._scan(name)
            if self._project in text or self._deployment in text
        ]

    def make(self, projects: int, deployments: int) -> None:
        """Fill the team up to so many projects with so many deployments each (at most 16)."""
        there = {(name, _key(json.loads(text))) for name, text in self._rows}
        wanted: dict[str, dict[str, Item]] = {name: {} for name in self._tables()}
        for number in range(projects):
            for version in range(deployments):
                for name, text in self._rows:
                    item = json.loads(self._renamed(text, number, version))
                    # what does not name the deployment comes out the same for every version
                    if (name, _key(item)) not in there:
                        wanted[name][_key(item)] = item
        with ThreadPoolExecutor(4) as pool:
            for name, items in wanted.items():
                rows = list(items.values())
                parts = [rows[at : at + _AT_ONCE] for at in range(0, len(rows), _AT_ONCE)]
                for _ in pool.map(lambda part, name=name: self._write(name, part), parts):
                    pass

    def _renamed(self, text: str, number: int, version: int) -> str:
        for old, place in ((self._project, number), (self._deployment, number * 16 + version)):
            if not place:
                continue  # the one there is
            end = "".join(_ALPHABET[place >> shift & 31] for shift in (15, 10, 5, 0))
            identifier = old.partition("_")[2]
            text = text.replace(identifier, identifier[:-4] + end)
        return text.replace(self._slug, f"{self._slug}-{number}") if number else text

    def _tables(self) -> list[str]:
        found = self._database.list_tables()["TableNames"]
        return [name for name in found if name.startswith("clouddeck-")]

    def _scan(self, name: str) -> Iterator[str]:
        """Every row as JSON but the audit log, which is a chain, and what holds bytes."""
        for page in self._database.get_paginator("scan").paginate(TableName=name):
            for item in page["Items"]:
                holds_bytes = any("B" in value for value in item.values())
                if not holds_bytes and not item["pk"]["S"].startswith("AUDIT"):
                    yield json.dumps(item)

    def _write(self, name: str, part: list[Item]) -> None:
        requests = [{"PutRequest": {"Item": item}} for item in part]
        left = {name: requests}
        while left:
            left = self._database.batch_write_item(RequestItems=left).get("UnprocessedItems") or {}
