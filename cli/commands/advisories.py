"""admin osv status, import: the installation's own copy of the advisories."""

# ruff: noqa: ARG001 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import hashlib
import tempfile
import time
import zipfile
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import IO, Annotated

import typer

from cli.api import Json
from cli.context import Deck, JsonOption, of
from cli.errors import Failed, UserError
from cli.text import age, number

_PATIENCE = 900.0  # seconds: as long as the function that reads an export may take

app = typer.Typer(help="The installation's own copy of the vulnerability advisories (OSV).")


@app.callback(invoke_without_command=True)
def group(ctx: typer.Context) -> None:
    """The installation's own copy of the vulnerability advisories (OSV)."""
    if ctx.invoked_subcommand is None:
        typer.echo(ctx.get_help())


@app.command()
def status(ctx: typer.Context, json: JsonOption = False) -> None:
    """Show which ecosystems have a copy, and how old it is."""
    deck = of(ctx)
    found = deck.api.get("/admin/advisories")
    rows = [
        (
            i["ecosystem"],
            i["state"],
            age(i["as_of"]) if i["as_of"] else "-",
            number(i["advisories"]),
        )
        for i in found["items"]
    ]
    headers = ("ECOSYSTEM", "COPY", "AGE", "ADVISORIES")
    deck.out.result(found, lambda: deck.out.table(headers, rows))


@app.command(name="import")
def import_(
    ctx: typer.Context,
    source: Annotated[
        Path, typer.Argument(metavar="FILE|DIR", help="all.zip of OSV, or a folder of advisories.")
    ],
    smaller: Annotated[
        bool, typer.Option("--smaller", help="Though it holds less than half of the copy.")
    ] = False,
    wait: Annotated[bool, typer.Option(help="Wait until it is taken in.")] = True,
    json: JsonOption = False,
) -> None:
    """Replace the copy of the advisories by an export of OSV."""
    deck = of(ctx)
    with _zip(deck.here / source) as export:
        with export.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        length = export.stat().st_size
        wanted = deck.api.post("/admin/advisories", {"size": length, "sha256": digest})
        answer = deck.api.transport.send(
            "PUT",
            wanted["url"],
            headers={**wanted["headers"], "Content-Length": str(length)},
            body=partial(_opened, export),
        )
    if answer.status >= 300:
        raise Failed("upload_refused", f"The store refuses the export ({answer.status})")
    body = {"id": wanted["id"], "smaller": smaller}
    found = deck.api.post("/admin/advisories/import", body)
    if wait:
        found = _waited(deck, wanted["id"])
    deck.out.result(found, lambda: deck.out.say(found["message"] or "The export is taken in soon"))


def _waited(deck: Deck, export: str) -> Json:
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        last: Json = deck.api.get("/admin/advisories")["last"] or {}
        if last.get("id") != export:
            raise Failed("import_overtaken", "Somebody else imports another export")
        if last["state"] == "refused":
            raise Failed("import_refused", f"The export is refused: {last['message']}")
        if last["state"] == "done":
            return last
        time.sleep(1.0)
    raise Failed("import_slow", "The export is not taken in yet", "deck admin osv status")


def _opened(export: Path) -> IO[bytes]:
    return export.open("rb")


@contextmanager
def _zip(source: Path) -> Iterator[Path]:
    """The export as one file; a folder of advisories is packed into one."""
    if source.is_file():
        yield source
        return
    advisories = sorted(source.rglob("*.json"))
    if not advisories:
        raise UserError("no_export", f"{source} is no file, and holds no advisories (*.json)")
    with tempfile.TemporaryDirectory(prefix="deck-") as folder:
        packed = Path(folder) / "all.zip"
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
            for path in advisories:
                archive.write(path, path.relative_to(source).as_posix())
        yield packed
