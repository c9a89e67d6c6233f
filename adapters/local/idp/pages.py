"""The page on which somebody chooses who they are."""

from __future__ import annotations

from collections.abc import Iterable
from html import escape

from adapters.local.idp.people import Person

_PAGE = """<!doctype html>
<meta charset="utf-8"><title>Sign in</title>
<style>body{{font:16px system-ui;max-width:28rem;margin:4rem auto}}button{{display:block;width:100%;
margin:.5rem 0;padding:.7rem;font:inherit}}</style>
<h1>Who are you?</h1>
<p>This identity provider is for trying things out. {client} asks.</p>
<form method="post">{hidden}{choices}
<button name="person" value="">Nobody: refuse</button></form>
"""


def choice(people: Iterable[Person], asked: dict[str, str]) -> str:
    """The page for one request; the request travels in it."""
    hidden = "".join(
        f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'
        for name, value in asked.items()
    )
    choices = "".join(
        f'<button name="person" value="{escape(one.email)}">{escape(one.shown)}, '
        f"{escape(one.email)}{'' if one.verified else ' (not verified)'}</button>"
        for one in people
    )
    return _PAGE.format(client=escape(asked["client_id"]), hidden=hidden, choices=choices)
