"""DNS zones in somebody's Cloudflare account, by a token that may edit DNS and nothing else.

Cloudflare keeps single records, where we speak of sets: a set is put by making what is missing,
changing what differs and deleting the rest, in this order, so that a name never goes without.
Source: Cloudflare's API v4, "DNS Records for a Zone".
"""

from __future__ import annotations

import json
from typing import Any
from urllib.parse import quote, urlencode

from chalicelib.core import outbound
from chalicelib.core.config import settings
from chalicelib.core.outbound import OutOfReach
from chalicelib.edge.rules.domains import RecordSet

_MANAGED = {"A", "AAAA", "CNAME", "MX", "TXT", "CAA"}
_PAGE = 100
_MOST_PAGES = 50
_AUTOMATIC = 1
_SECONDS = 10.0


class Refused(ValueError):  # noqa: N818  # the field's own term
    """Cloudflare does not do what it was asked; the text is its reason."""


class Cloudflare:
    """The zones that one token may edit."""

    kind = "cloudflare"

    def __init__(self, token: str) -> None:
        self._token = token

    def create(self, name: str) -> tuple[str, tuple[str, ...]]:
        """The account's zone of that name; raises LookupError when the token sees none."""
        found = self._ask("GET", f"/zones?{urlencode({'name': name})}")["result"]
        if not found:
            raise LookupError(f"the token sees no zone {name}")
        return str(found[0]["id"]), tuple(found[0].get("name_servers") or ())

    def remove(self, zone: str) -> None:
        """Nothing: the zone is its owner's, and stays."""

    def records(self, zone: str) -> list[RecordSet]:
        """The record sets that can be managed, by name and type."""
        sets: dict[tuple[str, str], list[dict[str, Any]]] = {}
        for record in self._records(zone):
            sets.setdefault((record["name"].lower(), record["type"]), []).append(record)
        return [
            RecordSet(name, kind, _ttl(found), tuple(sorted(map(_value, found))))
            for (name, kind), found in sorted(sets.items())
        ]

    def put(self, zone: str, wanted: RecordSet) -> None:
        """Make a record set what it shall be; raises Refused with Cloudflare's reason."""
        there = {_value(r): r for r in self._records(zone, wanted.name, wanted.type)}
        spare = [r for value, r in there.items() if value not in wanted.values]
        base = f"/zones/{_segment(zone)}/dns_records"
        for value in wanted.values:
            body = _body(wanted, value)
            if value in there:
                if there[value].get("ttl") != wanted.ttl:
                    self._ask("PUT", f"{base}/{_segment(there[value]['id'])}", body)
            elif spare:
                self._ask("PUT", f"{base}/{_segment(spare.pop()['id'])}", body)
            else:
                self._ask("POST", base, body)
        for record in spare:
            self._ask("DELETE", f"{base}/{_segment(record['id'])}")

    def drop(self, zone: str, name: str, kind: str) -> bool:
        """Delete the records of a name and type; False when there are none."""
        found = self._records(zone, name, kind)
        for record in found:
            self._ask("DELETE", f"/zones/{_segment(zone)}/dns_records/{_segment(record['id'])}")
        return bool(found)

    def _records(self, zone: str, name: str = "", kind: str = "") -> list[dict[str, Any]]:
        wanted = {key: value for key, value in (("name", name), ("type", kind)) if value}
        found: list[dict[str, Any]] = []
        for page in range(1, _MOST_PAGES + 1):
            query = urlencode({**wanted, "page": page, "per_page": _PAGE})
            answer = self._ask("GET", f"/zones/{_segment(zone)}/dns_records?{query}")
            found += [r for r in answer["result"] if r["type"] in _MANAGED]
            if page >= int((answer.get("result_info") or {}).get("total_pages") or 1):
                break
        return found

    def _ask(self, method: str, path: str, body: dict[str, Any] | None = None) -> Any:
        """Cloudflare's answer; raises Refused, or OutOfReach when it gives none."""
        reply = outbound.request(
            method,
            settings().cloudflare_api + path,
            headers={
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
            },
            body=None if body is None else json.dumps(body).encode(),
            seconds=_SECONDS,
        )
        if reply.status >= 500 or reply.status == 429:
            raise OutOfReach(f"Cloudflare answers {reply.status}")
        answer = reply.json()
        if reply.status >= 400 or not isinstance(answer, dict) or not answer.get("success"):
            raise Refused(_reason(answer, reply.status))
        return answer


def _reason(answer: Any, status: int) -> str:
    errors = answer.get("errors") if isinstance(answer, dict) else None
    said = "; ".join(str(e.get("message", ""))[:200] for e in errors or () if isinstance(e, dict))
    return f"Cloudflare answers {status}: {said or 'no reason'}"


def _segment(text: str) -> str:
    return quote(str(text), safe="")


def _ttl(found: list[dict[str, Any]]) -> int:
    """Seconds; Cloudflare's 1 means that it chooses, which is 300."""
    least = min(int(record.get("ttl") or _AUTOMATIC) for record in found)
    return 300 if least == _AUTOMATIC else least


def _value(record: dict[str, Any]) -> str:
    """The value of one record as it stands in a record set."""
    kind, content = record["type"], str(record.get("content", ""))
    if kind == "MX":
        return f"{int(record.get('priority') or 0)} {content.rstrip('.') or '.'}"
    if kind == "CAA":
        data = record.get("data") or {}
        if data:
            return f'{int(data["flags"])} {data["tag"]} "{data["value"]}"'
        return content
    if kind == "TXT":
        quoted = content.startswith('"') and content.endswith('"')
        return "".join(content.split('"')[1::2]) if quoted else content
    return content.rstrip(".")


def _body(wanted: RecordSet, value: str) -> dict[str, Any]:
    """One record as Cloudflare wants it; never behind its proxy, which would hide our edge."""
    body: dict[str, Any] = {"type": wanted.type, "name": wanted.name, "ttl": wanted.ttl}
    if wanted.type == "MX":
        preference, _, host = value.partition(" ")
        return {**body, "priority": int(preference), "content": host}
    if wanted.type == "CAA":
        flags, tag, text = value.split(" ", 2)
        return {**body, "data": {"flags": int(flags), "tag": tag, "value": text.strip('"')}}
    if wanted.type == "TXT":
        return {**body, "content": f'"{value}"'}
    proxied = {"proxied": False} if wanted.type in {"A", "AAAA", "CNAME"} else {}
    return {**body, "content": value, **proxied}
