"""verify, sbom, vulnerabilities, advice: what a deployment is made of, and whether it is that."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import hashlib
import json as json_
from functools import partial
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import quote, urljoin, urlsplit

import typer

from cli.api import Json, segment
from cli.attestation import NotSigned, Signed, open_envelope, read_keys, tree_digest
from cli.commands import rules
from cli.commands.deployments import DeploymentArgument, find, must_be_id
from cli.context import Deck, JsonOption, of
from cli.errors import Failed, UserError
from cli.parallel import each
from cli.text import number, size
from cli.transport import CONNECTIONS

_HOPS = 3
_SHOWN = 5
_COLOURS = {"critical": "red", "high": "red", "medium": "yellow"}
UPLOADED = "https://clouddeck.dev/builds/upload/v1"


def verify(
    ctx: typer.Context,
    deployment: Annotated[str, typer.Argument(metavar="DEPLOYMENT", help="Id or address.")],
    key: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="A public key (JWK, JWKS or PEM): trust no other."),
    ] = None,
    attestation: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The signed statement, if you kept it.")
    ] = None,
    site: Annotated[
        bool, typer.Option("--site", help="Fetch every file from its address and compare.")
    ] = False,
    folder: Annotated[
        Path | None, typer.Option(metavar="DIR", help="Compare a folder, such as your own build.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Check that a deployment is what was signed for; exit code 1 when it is not."""
    deck = of(ctx)
    named = must_be_id(deployment)
    try:
        signed = open_envelope(
            _envelope(deck, named, attestation), read_keys(_keys(deck, key)) if key else _own(deck)
        )
    except NotSigned as why:
        raise Failed(why.code, f"{named}: {why.message}", "Do not use this deployment.") from None
    except ValueError as why:
        raise UserError("bad_key", f"{key} holds no public key of P-256 ({why})") from None
    if signed.subject.rpartition("/")[2] != named:
        raise Failed(
            "statement_of_another", f"The statement is about {signed.subject}, not {named}"
        )
    if folder is not None:
        files = _of_folder(deck.here / folder)
    else:
        files = [(f["path"], f["sha256"]) for f in _listed(deck, named)]
    if _tree(named, files) != signed.tree:
        raise Failed(
            "files_differ",
            f"The {number(len(files))} files of {folder or named} are not the ones signed for",
            "Compare them with those of a deployment that verifies: `deck verify --folder`.",
        )
    address = _compare_site(deck, named, files) if site else ""
    _told(deck, named, signed, len(files), address, pinned=key is not None)


def _tree(named: str, files: list[tuple[str, str]]) -> str:
    try:
        return tree_digest(files)
    except NotSigned as why:
        raise Failed(why.code, f"{named}: {why.message}", "Do not use this deployment.") from None


def _envelope(deck: Deck, named: str, file: Path | None) -> Json:
    if file is None:
        return deck.api.get(f"/deployments/{segment(named)}/attestation")
    try:
        found = json_.loads((deck.here / file).read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise UserError("bad_attestation", f"{file} cannot be read: {error}") from None
    return found if isinstance(found, dict) else {}


def _keys(deck: Deck, file: Path) -> str:
    try:
        return (deck.here / file).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError("bad_key", f"{file} cannot be read: {error}") from None


def _own(deck: Deck) -> Any:
    """The keys that the installation names: good against a changed store, not against itself."""
    return read_keys(json_.dumps(deck.api.get("/attestation-keys", signed_in=False)))


def _listed(deck: Deck, named: str) -> list[Json]:
    return list(deck.api.items(f"/deployments/{segment(named)}/files", limit=100))


def _of_folder(folder: Path) -> list[tuple[str, str]]:
    if not folder.is_dir():
        raise UserError("no_such_folder", f"{folder} is no folder")
    found = []
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.relative_to(folder).as_posix() not in rules.FILES:
            with path.open("rb") as file:
                digest = hashlib.file_digest(file, "sha256").hexdigest()
            found.append((path.relative_to(folder).as_posix(), digest))
    return found


def _compare_site(deck: Deck, named: str, files: list[tuple[str, str]]) -> str:
    """Fetch every file as a visitor does; the address, or Failed with the paths that differ."""
    base = str(deck.api.get(f"/deployments/{segment(named)}")["url"]).rstrip("/") + "/"
    wrong = []
    for done, (path, good) in enumerate(each(files, partial(_same, deck, base), CONNECTIONS), 1):
        if not good:
            wrong.append(path)
        if done % 200 == 0:
            deck.out.note(f"compared {number(done)} of {number(len(files))} files")
    if wrong:
        shown = ", ".join(sorted(wrong)[:_SHOWN])
        more = f" and {len(wrong) - _SHOWN} more" if len(wrong) > _SHOWN else ""
        raise Failed(
            "site_differs",
            f"{base} serves {number(len(wrong))} files that are not the ones signed for: "
            f"{shown}{more}",
            "Roll back to a deployment that verifies: `deck rollback`.",
        )
    return base


def _same(deck: Deck, base: str, file: tuple[str, str]) -> tuple[str, bool]:
    """Whether a file's address has its content; `page.html` may lead on to `page`."""
    path, digest = file
    url = urljoin(base, "./" + quote(path))
    for _ in range(_HOPS):
        answer = deck.api.transport.send("GET", url, headers={"Accept-Encoding": "identity"})
        target = answer.headers.get("location", "")
        if answer.status not in {301, 302, 307, 308} or not target:
            break
        url = urljoin(url, target)
        if urlsplit(url)[:2] != urlsplit(base)[:2]:
            return path, False
    return path, hashlib.sha256(answer.body).hexdigest() == digest


def _told(
    deck: Deck, named: str, signed: Signed, files: int, address: str, *, pinned: bool
) -> None:
    """Say what it is, and what was believed to say so: whose key, whose list, which address."""
    source = signed.source
    result = {
        "ok": True,
        "deployment": named,
        "key": signed.key,
        "trusted": "key" if pinned else "installation",
        "tree": signed.tree,
        "files": files,
        "fetched": files if address else 0,
        "address": address or None,
        "builder": signed.builder,
        "source": source,
    }
    came = source.get("commit") or source.get("provider") or "an upload"
    how = "uploaded finished, not built here" if signed.build_type == UPLOADED else f"from {came}"
    also = f", each as {address} serves it" if address else ""
    whose = (
        "the key that you gave" if pinned else f"{signed.key}, which the installation vouches for"
    )

    def said() -> None:
        deck.out.say(
            f"{named} is what was signed for: {number(files)} files{also}\n"
            f"made by {signed.builder}, {how}\nsigned with {whose}"
        )
        if not pinned:
            deck.out.note("This believes the installation; --key FILE believes nobody but a key")

    deck.out.result(result, said)


def sbom(
    ctx: typer.Context,
    deployment: DeploymentArgument = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", metavar="FILE", help="Instead of stdout.")
    ] = None,
    json: JsonOption = False,
) -> None:
    """Write the bill of materials of a deployment, as CycloneDX JSON."""
    deck = of(ctx)
    named = find(deck, deployment)["id"]
    found = deck.api.get(f"/deployments/{segment(named)}/sbom")
    answer = deck.api.transport.send("GET", found["url"], headers={})
    if answer.status != 200 or hashlib.sha256(answer.body).hexdigest() != found["sha256"]:
        raise Failed("sbom_broken", f"The bill of materials of {named} did not arrive whole")
    for gap in found["gaps"]:
        deck.out.warn(gap)
    document = json_.loads(answer.body)
    if output is None:
        deck.out.result(document, lambda: deck.out.say(json_.dumps(document, indent=2)))
        return
    (deck.here / output).write_bytes(answer.body)
    told = f"Wrote {number(found['components'])} components to {output}"
    deck.out.result(found | {"file": str(output)}, lambda: deck.out.say(told))


def vulnerabilities(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show what is known today against the packages of a deployment."""
    deck = of(ctx)
    named = find(deck, deployment)["id"]
    found = deck.api.get(f"/deployments/{segment(named)}/vulnerabilities")
    deck.out.result(found, lambda: _show_vulnerabilities(deck, found))


def _show_vulnerabilities(deck: Deck, found: Json) -> None:
    rows = [
        (
            i["severity"],
            f"{i['name']} {i['version']}",
            i["advisory"],
            i["fixed"] or "-",
            i["summary"],
        )
        for i in found["items"]
    ]
    if rows:
        deck.out.table(("SEVERITY", "PACKAGE", "ADVISORY", "FIXED IN", "WHAT"), rows, "WHAT")
    if found["more"]:
        deck.out.say(f"and {found['more']} more")
    deck.out.say(
        f"{found['vulnerable']} packages with known vulnerabilities, "
        f"{found['not_known']} without, {found['unknown']} unknown"
    )
    for reason in found["reasons"]:
        deck.out.warn(f"{reason['ecosystem']}: {reason['why']}")
    for gap in found["gaps"]:
        deck.out.warn(gap)
    for secret in found["secrets"]:
        of_what = f" (the value of {secret['variable']})" if secret["variable"] else ""
        deck.out.warn(f"{secret['path']}:{secret['line']} holds a {secret['kind']}{of_what}")


def advice(
    ctx: typer.Context, deployment: DeploymentArgument = None, json: JsonOption = False
) -> None:
    """Show what would make builds quicker and the site smaller."""
    deck = of(ctx)
    named = find(deck, deployment)["id"]
    found = deck.api.get(f"/deployments/{segment(named)}/advice")
    deck.out.result(found, lambda: _show_advice(deck, found["items"]))


def _show_advice(deck: Deck, items: list[Json]) -> None:
    if not items:
        deck.out.say("There is nothing to advise: this build is in order")
    for item in items:
        deck.out.say(f"{deck.out.style(item['title'], 'bold')}{_saving(item)}")
        deck.out.say(f"  {item['evidence']}")
        where = f" ({item['file']})" if item["file"] else ""
        change = item["change"].replace("\n", "\n    ")
        deck.out.say(f"  do{where}:\n    {change}\n")


def _saving(item: Json) -> str:
    saved = []
    if item["saves_ms"]:
        saved.append(f"{item['saves_ms'] / 1000:.0f} s a build")
    if item["saves_bytes"]:
        saved.append(size(item["saves_bytes"]))
    return f" - saves about {' and '.join(saved)}" if saved else ""
