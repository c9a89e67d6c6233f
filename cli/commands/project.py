"""init, link, unlink, projects."""

# ruff: noqa: ARG001, PLR0917 - `json` and `api` act through their callbacks, and a command has
# as many parameters as it has options.

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from cli import detect, git
from cli import link as links
from cli.api import Json, segment
from cli.context import ApiOption, Deck, JsonOption, TeamOption, of
from cli.errors import UserError
from cli.output import is_terminal

REMOTE = "clouddeck"


def init(
    ctx: typer.Context,
    name: Annotated[str | None, typer.Option(help="Name (default: the folder's).")] = None,
    slug: Annotated[str | None, typer.Option(help="Name in the address (default: made).")] = None,
    team: TeamOption = None,
    framework: Annotated[str | None, typer.Option(help="Instead of the detected one.")] = None,
    build: Annotated[str | None, typer.Option(metavar="CMD", help="Build command.")] = None,
    output: Annotated[str | None, typer.Option(metavar="DIR", help="Output folder.")] = None,
    install: Annotated[str | None, typer.Option(metavar="CMD", help="Install command.")] = None,
    root: Annotated[
        str | None, typer.Option(metavar="DIR", help="Folder of the site inside the repository.")
    ] = None,
    remote: Annotated[bool, typer.Option(help="Add the git remote `clouddeck`.")] = True,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Detect the framework, create the project and link this folder to it."""
    deck = of(ctx)
    _refuse_second_link(deck)
    folder = deck.here
    _check_root(folder, root)
    found = detect.framework(deck.api, folder, {"root": root} if root else None)
    _show(deck, found, framework)
    given = {
        "root": root,
        "install_command": install,
        "build_command": build,
        "output_directory": output,
    }
    wish: Json = {
        "name": name or folder.name,
        "slug": slug,
        "team": deck.chosen_team(team),
        "framework": framework,  # what was detected is detected again at every build
        "settings": {key: value for key, value in given.items() if value is not None} or None,
    }
    project = deck.api.post("/projects", {k: v for k, v in wish.items() if v is not None})
    file = links.write(links.Link(folder, project["id"], project["slug"], deck.api.url))
    added = _add_remote(deck, folder, project) if remote else None

    def text() -> None:
        deck.out.say(f"Created {project['slug']} and linked this folder to it ({file.name})")
        if added:
            deck.out.say(f"Added the git remote {REMOTE}: git push {REMOTE} HEAD")
        elif remote:
            deck.out.say("No git remote was added: `git init`, then `deck link` adds it")
        deck.out.say(f"Next: deck deploy --prod   →  {project['url']}")

    shown = {key: value for key, value in found.items() if key != "inspect"}
    deck.out.result({"project": project, "detected": shown, "remote": added}, text)


def _refuse_second_link(deck: Deck) -> None:
    linked = deck.linked
    if linked is not None and linked.folder == deck.here:
        raise UserError(
            "already_linked",
            f"This folder is already linked to {linked.slug}",
            "Deploy it with `deck deploy`, or run `deck unlink` first.",
        )


def _check_root(folder: Path, root: str | None) -> None:
    inside = (folder / (root or ".")).resolve()
    if not inside.is_dir() or not inside.is_relative_to(folder.resolve()):
        raise UserError(
            "bad_root", f"{root} is not a folder in {folder}", "Give a path like apps/web."
        )


def _show(deck: Deck, found: Json, override: str | None) -> None:
    deck.out.note(f"Detected {found.get('name') or 'no framework'}")
    for why in found.get("why") or ():
        deck.out.note(f"  because {why}")
    if override:
        deck.out.note(f"  but you said {override}")
    for warning in found.get("warnings") or ():
        deck.out.warn(str(warning))
    trouble = found.get("error")
    if trouble:
        deck.out.warn(f"it cannot be built like this: {trouble.get('message')}")
        deck.out.note(f"  {trouble.get('hint') or 'Say how: --framework, --build, --output.'}")
    for label in ("install", "build", "output"):
        if found.get(label):
            deck.out.note(f"  {label}: {found[label]}")


def _add_remote(deck: Deck, folder: Path, project: Json) -> str | None:
    """Add the remote, and let `deck` answer when git asks for its password."""
    url = project.get("git_url")
    if not url or not git.in_repository(folder):
        return None
    there = git.remotes(folder).get(REMOTE)
    if there is not None and there != url:
        deck.out.warn(f"the git remote {REMOTE} already points to {there}; left as it is")
        return None
    if there is None:
        git.run(folder, "remote", "add", REMOTE, "--", url)
    git.run(folder, "config", "--local", f"credential.{url}.helper", "!deck git-credential")
    return str(url)


def link(
    ctx: typer.Context,
    project: Annotated[str | None, typer.Argument(help="Id or slug.")] = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """Link this folder to a project that exists."""
    deck = of(ctx)
    if deck.linked is not None and deck.linked.folder == deck.here:
        deck.linked = None  # to be replaced; its API need not be the new one's
    if project is None:
        project = _choose(deck)
    found = deck.api.get(f"/projects/{segment(project)}")
    file = links.write(links.Link(deck.here, found["id"], found["slug"], deck.api.url))
    _add_remote(deck, deck.here, found)
    deck.out.result(
        {"project": found, "file": str(file)},
        lambda: deck.out.say(f"Linked {deck.here} to {found['slug']}"),
    )


def _choose(deck: Deck) -> str:
    if not is_terminal(sys.stdin) or deck.out.json:
        raise UserError("which_project", "Which project?", "deck link <id or slug>")
    slugs = [item["slug"] for item in deck.api.items("/projects", limit=100)]
    if not slugs:
        raise UserError("no_projects", "There is no project yet", "Make one with `deck init`.")
    for slug in slugs:
        deck.out.note(f"  {slug}")
    return str(typer.prompt("Project", default=slugs[0], err=True))


def unlink(ctx: typer.Context, json: JsonOption = False) -> None:
    """Forget which project this folder belongs to; the project stays."""
    deck = of(ctx)
    linked = deck.link()
    (linked.folder / links.FILE).unlink()
    url = git.remotes(linked.folder).get(REMOTE, "")
    if url.endswith(f"/git/{linked.slug}.git"):
        git.run(linked.folder, "remote", "remove", REMOTE)
        git.run(linked.folder, "config", "--local", "--unset", f"credential.{url}.helper")
    deck.out.result(
        {"unlinked": linked.slug, "folder": str(linked.folder)},
        lambda: deck.out.say(f"{linked.folder} is no longer linked to {linked.slug}"),
    )


def projects(
    ctx: typer.Context,
    team: TeamOption = None,
    api: ApiOption = None,
    json: JsonOption = False,
) -> None:
    """List the projects you can see."""
    deck = of(ctx)
    found = list(deck.api.items("/projects", team=deck.chosen_team(team), limit=100))
    rows = [(p["slug"], p.get("framework") or "-", p["url"], p["id"]) for p in found]
    deck.out.result(
        {"items": found}, lambda: deck.out.table(("PROJECT", "FRAMEWORK", "URL", "ID"), rows)
    )
