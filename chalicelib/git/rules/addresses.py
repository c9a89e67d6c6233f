"""Reading the address of a repository: which host, and what it is called there. Pure.

Only HTTPS and SSH. Git itself knows more (`ext::`, `file:`, options instead of hosts), all of
which let whoever gives the address run something or read a disk; none of it is passed on.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from urllib.parse import urlsplit

PROVIDERS = ("github", "gitlab", "bitbucket", "codecommit", "git")
"""Kinds of host; `git` is any server that speaks git."""

LONGEST = 500

_SCP = re.compile(r"(?P<user>[A-Za-z_][A-Za-z0-9_.-]{0,63})@(?P<host>[A-Za-z0-9.-]+):(?P<path>.+)")
_HOST = re.compile(r"(?!-)[A-Za-z0-9-]{1,63}(?:\.(?!-)[A-Za-z0-9-]{1,63})*\.?|[0-9A-Fa-f:.]{2,45}")
_SEGMENT = re.compile(r"(?!-)[A-Za-z0-9_.~+-]{1,128}")
_USER = re.compile(r"[A-Za-z_][A-Za-z0-9_.-]{0,63}")
_CODECOMMIT = re.compile(r"git-codecommit(?:-fips)?\.[a-z0-9-]{4,30}\.amazonaws\.com(?:\.cn)?")


@dataclass(frozen=True)
class Address:
    """`base` is the host as a URL without a path (SSH: with the user), `repository` its name there
    and `url` what a person would clone."""

    base: str
    repository: str
    url: str
    ssh: bool = False

    @property
    def host(self) -> str:
        """The host's name or address, without a port."""
        return str(urlsplit(self.base).hostname)


def address_of(provider: str, url: str, *, plain: bool = False) -> Address:
    """The address of a repository at a kind of host; raises ValueError with the rule it breaks.

    `plain` allows `http:` (an installation that may speak to its own network). Where the host
    leads is checked by whoever connects to it.
    """
    if len(url) > LONGEST or any(ord(c) <= 32 or ord(c) >= 127 for c in url):
        raise ValueError(f"An address has at most {LONGEST} characters, ASCII and no spaces.")
    if url.startswith("-"):
        raise ValueError("An address does not begin with a hyphen: git would read an option.")
    if "::" in url.partition("/")[0]:
        raise ValueError("Transports of the form name::address would run a program; use https://.")
    scp = _SCP.fullmatch(url)
    if scp and "://" not in url:
        return _ssh(provider, scp["user"], scp["host"], None, scp["path"])
    return _from_url(provider, url, plain)


def _from_url(provider: str, url: str, plain: bool) -> Address:
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        raise ValueError("This is not an address.") from None
    host = parts.hostname or ""
    if parts.scheme not in {"https", "ssh", *(("http",) if plain else ())}:
        raise ValueError("The address begins with https:// or ssh://, or is user@host:path.")
    if parts.password is not None:
        raise ValueError("The address holds a password; send it as the token instead.")
    if parts.query or parts.fragment:
        raise ValueError("The address of a repository has no query and no fragment.")
    if not _HOST.fullmatch(host):
        raise ValueError("The address names no host.")
    if parts.scheme == "ssh":
        return _ssh(provider, parts.username or "git", host, port, parts.path)
    if parts.username is not None:
        raise ValueError("The address holds a user; send a token instead.")
    base = f"{parts.scheme}://{parts.netloc.lower()}"
    return _named(provider, base, parts.path)


def _ssh(provider: str, user: str, host: str, port: int | None, path: str) -> Address:
    if not _HOST.fullmatch(host) or not _USER.fullmatch(user):
        raise ValueError("The address names no host that SSH could be spoken with.")
    if provider != "git":  # the host's API is asked, and that speaks HTTPS
        return _named(provider, f"https://{host.lower()}", path)
    repository = "/".join(_segments(path))
    name = f"[{host}]" if ":" in host else host.lower()
    base = f"ssh://{user}@{name}:{port or 22}"
    return Address(base, repository, f"{base}/{repository}", ssh=True)


def _named(provider: str, base: str, path: str) -> Address:
    parts = _segments(path)
    if provider == "git":
        return Address(base, "/".join(parts), f"{base}/{'/'.join(parts)}")
    parts[-1] = parts[-1].removesuffix(".git")
    if provider == "codecommit":
        return _codecommit(base, parts)
    if provider == "bitbucket":
        base, parts = _bitbucket(base, parts)
    if not parts[-1] or len(parts) < 2 or (provider != "gitlab" and len(parts) != 2):
        raise ValueError("The address ends with the owner and the name of the repository.")
    name = "/".join(parts)
    return Address(base, name, f"{base}/{name}")


def _bitbucket(base: str, parts: list[str]) -> tuple[str, list[str]]:
    """Bitbucket Data Center has `<context>/scm/KEY/name`, and pages `projects/KEY/repos/name`."""
    if base == "https://bitbucket.org":
        return base, parts
    if "scm" in parts[:-2]:
        at = parts.index("scm")
        return "/".join([base, *parts[:at]]), parts[at + 1 :]
    if len(parts) >= 4 and parts[-2] == "repos" and parts[-4] in {"projects", "users"}:
        owner = f"~{parts[-3]}" if parts[-4] == "users" else parts[-3]
        return "/".join([base, *parts[:-4]]), [owner, parts[-1]]
    return base, parts


def _codecommit(base: str, parts: list[str]) -> Address:
    host = str(urlsplit(base).hostname)
    if not _CODECOMMIT.fullmatch(host) or parts[:2] != ["v1", "repos"] or len(parts) != 3:
        raise ValueError(
            "A CodeCommit address is https://git-codecommit.<region>.amazonaws.com/v1/repos/<name>."
        )
    return Address(base, parts[2], f"{base}/{'/'.join(parts)}")


def _segments(path: str) -> list[str]:
    parts = path.strip("/").split("/")
    if len(parts) > 20 or any(not _SEGMENT.fullmatch(p) or set(p) == {"."} for p in parts):
        raise ValueError("The path of the repository is not one that we pass on to git.")
    return parts
