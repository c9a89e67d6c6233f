"""Whether a deployment is what was signed for, found out here and not asked of anybody.

A statement (in-toto, SLSA provenance) lies in a signed envelope (DSSE) and names one digest: that
of the tree of files, SHA-256 over the lines `<sha256>  <path>`. docs/supply-chain.md describes it.
"""

from __future__ import annotations

import base64
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from cli.p256 import PublicKey

_ONE_LINE = re.compile(r"[^\x00-\x1f\x7f]+")
_DIGEST = re.compile(r"[0-9a-f]{64}")
_TYPE = "application/vnd.in-toto+json"
_STATEMENT = "https://in-toto.io/Statement/v1"
_PREDICATE = "https://slsa.dev/provenance/v1"


class NotSigned(ValueError):  # noqa: N818  # an answer, not a mistake
    """An envelope or a statement that does not hold; `code` and the sentence go to the person."""

    def __init__(self, code: str, message: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message


@dataclass(frozen=True)
class Signed:
    """A statement whose signature is good."""

    key: str
    subject: str
    tree: str
    predicate: dict[str, Any]

    @property
    def source(self) -> dict[str, Any]:
        """Where it was built from, as stated."""
        found: Any = self.predicate.get("buildDefinition", {}).get("externalParameters", {})
        return dict(found.get("source") or {})

    @property
    def builder(self) -> str:
        """Who built it, as stated."""
        return str(self.predicate.get("runDetails", {}).get("builder", {}).get("id", ""))

    @property
    def build_type(self) -> str:
        """How it was made, as stated."""
        return str(self.predicate.get("buildDefinition", {}).get("buildType", ""))


def read_keys(text: str) -> dict[str, PublicKey]:
    """Keys by id from a JSON Web Key, a set of them, or a PEM file, whose key has no id.

    Raises ValueError for anything else.
    """
    if text.lstrip().startswith("-----"):
        return {"": PublicKey.from_pem(text)}
    content = json.loads(text)
    if not isinstance(content, dict):
        raise ValueError("not a JSON Web Key")
    listed = content.get("keys", [content])
    try:
        return {str(jwk.get("kid", "")): PublicKey.from_jwk(jwk) for jwk in listed}
    except (KeyError, TypeError, AttributeError):
        raise ValueError("not a JSON Web Key") from None


def open_envelope(envelope: dict[str, Any], keys: dict[str, PublicKey]) -> Signed:
    """The statement of an envelope that one of the keys signed; raises NotSigned."""
    try:
        kind = str(envelope["payloadType"])
        payload = base64.b64decode(envelope["payload"], validate=True)
        signatures = [
            (str(s.get("keyid") or ""), base64.b64decode(s["sig"], validate=True))
            for s in envelope["signatures"]
        ]
    except (KeyError, TypeError, ValueError, AttributeError):
        raise NotSigned("attestation_invalid", "It is no signed envelope.") from None
    message = b"DSSEv1 %d %s %d %s" % (len(kind.encode()), kind.encode(), len(payload), payload)
    for name, signature in signatures:
        # the id of a key is a hint; a pinned key may come without one
        candidates = [keys[name]] if name in keys else [keys[""]] if "" in keys else []
        if any(key.verifies(signature, message) for key in candidates):
            return _statement(kind, payload, name)
    if not any(name in keys or "" in keys for name, _ in signatures):
        named = ", ".join(name for name, _ in signatures)[:200]
        raise NotSigned(
            "key_unknown", f"It is signed with {named or 'no key'}, which is not known."
        )
    raise NotSigned("signature_invalid", "The signature is not over this statement.")


def _statement(kind: str, payload: bytes, key: str) -> Signed:
    try:
        content = json.loads(payload)
        (subject,) = content["subject"]
        types = (kind, content["_type"], content["predicateType"])
        found = Signed(
            key, str(subject["name"]), str(subject["digest"]["dirHash"]), dict(content["predicate"])
        )
    except (KeyError, TypeError, ValueError):
        raise NotSigned("attestation_invalid", "It states nothing that we can check.") from None
    if types != (_TYPE, _STATEMENT, _PREDICATE):
        raise NotSigned("attestation_invalid", "It is no SLSA provenance of version 1.")
    return found


def tree_digest(files: Iterable[tuple[str, str]]) -> str:
    """The digest of a tree of (path, SHA-256), as statements name it.

    Raises NotSigned for a path or a digest that would read as several lines: a single file could
    pass for two, and the two never be looked at.
    """
    lines = sorted(files, key=lambda file: file[0].encode("utf-8", "surrogatepass"))
    for path, digest in lines:
        if not _ONE_LINE.fullmatch(path) or not _DIGEST.fullmatch(digest):
            raise NotSigned("files_invalid", f"{path[:80]!r} cannot be the path of a file here.")
    text = "".join(f"{digest}  {path}\n" for path, digest in lines)
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).hexdigest()
