"""Somebody with a project and a domain, as tests of domains need them."""

from __future__ import annotations

import secrets
from typing import Any

from chalicelib.domains.rows import domains as rows
from tests.fakes.nameserver import Nameserver
from tests.fakes.people import Person

HOST = "www.shop-one.com"


def project_of(somebody: Person) -> str:
    slug = f"s-{secrets.token_hex(4)}"
    made = somebody.client.post("/v1/projects", {"name": "shop", "slug": slug})
    assert made.status == 201, made.text
    return str(made.json()["id"])


def add(somebody: Person, project: str, host: str = HOST, **more: Any) -> Any:
    return somebody.client.post(f"/v1/projects/{project}/domains", {"domain": host, **more})


def txt(found: Any) -> Any:
    return next(r for r in found["records"] if r["type"] == "TXT")


def prove(names: Nameserver, found: Any) -> None:
    record = txt(found)
    names.texts.setdefault(record["name"], []).append(record["value"])


def check(somebody: Person, project: str, host: str = HOST) -> Any:
    answer = somebody.client.post(f"/v1/projects/{project}/domains/{host}/check")
    assert answer.status == 200, answer.text
    return answer.json()


def served(somebody: Person, project: str, names: Nameserver, host: str = HOST) -> Any:
    prove(names, add(somebody, project, host).json())
    found = check(somebody, project, host)
    assert found["state"] == "active", found
    return found


def row_of(project: str, host: str = HOST) -> rows.DomainRow:
    found = rows.get(project, host)
    assert found is not None
    return found
