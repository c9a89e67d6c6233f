"""The profile file: who is signed in where. The only file that reads the environment for it.

`~/.config/clouddeck/config.json`, mode 600:
`{"version":1,"api":"<last signed in>","sign_ins":{"<api>":{"kind":"session","access_token",
"refresh_token","expires_at","email"} or {"kind":"key","access_token","email"}},
"teams":{"<api>":"<slug that `deck team use` chose>"}}`
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from cli.disk import locked, write_whole
from cli.errors import SystemProblem, UserError

DEFAULT_API = "http://localhost:8080"
LOOPBACK = ("localhost", "127.0.0.1", "::1")


def profile_path() -> Path:
    """Where the profile lives on this machine."""
    base = os.environ.get("XDG_CONFIG_HOME")
    return (Path(base) if base else Path.home() / ".config") / "clouddeck" / "config.json"


def normal_api(url: str) -> str:
    """The address of an API without what people add to it by habit."""
    url = url.strip().rstrip("/").removesuffix("/v1").rstrip("/")
    try:
        parts = urlsplit(url)
        port, host = parts.port, parts.hostname
    except ValueError:
        port = host = None
    if parts_are_wrong(url) or host is None:
        raise UserError(
            "bad_api_url",
            f"{url!r} is not an API address",
            "Give something like http://localhost:8080 or https://api.example.com.",
        )
    shown = f"[{host}]" if ":" in host else host
    return f"{parts.scheme}://{shown}{f':{port}' if port else ''}{parts.path}"


def parts_are_wrong(url: str) -> bool:
    """Whether the URL has a scheme, user, query or fragment that an API address never has."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return True
    return parts.scheme not in ("http", "https") or bool(
        parts.username or parts.query or parts.fragment
    )


def is_loopback(url: str) -> bool:
    """Whether the address never leaves this machine."""
    host = urlsplit(url).hostname or ""
    return host in LOOPBACK or host.endswith(".localhost")


@dataclass(frozen=True)
class SignIn:
    """What proves who is asking, for one API."""

    kind: str
    access_token: str
    refresh_token: str = ""
    expires_at: float = 0
    email: str = ""


class Profile:
    """The profile file, read when first needed and always written whole."""

    def __init__(self, path: Path | None = None) -> None:
        self.path = path or profile_path()

    def sign_in(self, api: str) -> SignIn | None:
        """The sign-in for an API, if there is one."""
        found = self._read()["sign_ins"].get(api)
        if not isinstance(found, dict):
            return None
        known = {name: found[name] for name in SignIn.__dataclass_fields__ if name in found}
        try:
            return SignIn(**known)
        except TypeError as error:
            raise self._broken(str(error)) from error

    def last_api(self) -> str | None:
        """The API signed in to most recently."""
        last = self._read().get("api")
        return last if isinstance(last, str) else None

    def team(self, api: str) -> str | None:
        """The team that `deck team use` chose for an API."""
        chosen = self._read().get("teams", {}).get(api)
        return chosen if isinstance(chosen, str) else None

    def use_team(self, api: str, team: str | None) -> None:
        """Choose a team for an API, or none."""
        with self.lock():
            document = self._read()
            teams = document.setdefault("teams", {})
            if team is None:
                teams.pop(api, None)
            else:
                teams[api] = team
            self._write(document)

    def knows(self, api: str) -> bool:
        """Whether the person has signed in to this API on this machine."""
        return api in self._read()["sign_ins"]

    def save(self, api: str, sign_in: SignIn) -> None:
        """Remember a sign-in and make its API the default."""
        with self.lock():
            self.save_locked(api, sign_in)

    def save_locked(self, api: str, sign_in: SignIn) -> None:
        """As `save`, for a caller who holds the lock."""
        document = self._read()
        document["api"] = api
        document["sign_ins"][api] = {k: v for k, v in vars(sign_in).items() if v}
        self._write(document)

    def forget(self, api: str) -> None:
        """Drop the sign-in for an API."""
        with self.lock():
            document = self._read()
            if document["sign_ins"].pop(api, None) is not None:
                document.get("teams", {}).pop(api, None)  # somebody else may sign in
                if document.get("api") == api:
                    del document["api"]
                self._write(document)

    @contextmanager
    def lock(self) -> Iterator[None]:
        """One `deck` at a time."""
        with locked(self.path.with_suffix(".lock")):
            yield

    def _read(self) -> dict[str, Any]:
        try:
            document = json.loads(self.path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return {"version": 1, "sign_ins": {}}
        except ValueError as error:
            raise self._broken(str(error)) from error
        if not isinstance(document, dict) or not isinstance(document.get("sign_ins"), dict):
            raise self._broken("not a profile")
        if document.get("version") != 1:
            raise SystemProblem(
                "newer_profile",
                f"{self.path} was written by a newer deck",
                "Update the CLI, or delete the file and sign in again.",
            )
        return document

    def _write(self, document: dict[str, Any]) -> None:
        write_whole(self.path, json.dumps(document, indent=2) + "\n", mode=0o600)

    def _broken(self, why: str) -> SystemProblem:
        return SystemProblem(
            "broken_profile",
            f"{self.path} cannot be read ({why})",
            "Delete it and sign in again: deck login",
        )
