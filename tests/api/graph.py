"""Asking the API in GraphQL."""

from __future__ import annotations

from typing import Any

from tests.fakes.client import Client


def ask(client: Client, query: str, headers: dict[str, str] | None = None, **variables: Any) -> Any:
    answer = client.call(
        "POST", "/v1/graphql", {"query": query, "variables": variables}, headers=headers
    )
    assert answer.status == 200, answer.text
    return answer.json()


def camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(part.capitalize() for part in rest)
