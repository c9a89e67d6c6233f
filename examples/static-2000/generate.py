"""Write a plain site of many small files, the same bytes for the same seed.

    python generate.py TARGET [--files 2000] [--seed 7]

A third of the files are pages, a third SVG tiles and a third JSON, so that content types, text
compression and many-file uploads are all exercised.
"""

from __future__ import annotations

import argparse
import json
import random
from pathlib import Path

STYLE = """\
:root { color-scheme: light dark; --ink: #2b2118; --paper: #faf6ef; }
@media (prefers-color-scheme: dark) { :root { --ink: #f1e9dc; --paper: #1b1612; } }
body { margin: 0 auto; max-width: 60rem; padding: 2rem; font: 17px/1.6 Georgia, serif; }
body { background: var(--paper); color: var(--ink); }
.tiles { display: grid; grid-template-columns: repeat(auto-fill, minmax(2.5rem, 1fr)); gap: 0.4rem; }
.tiles img { width: 100%; border-radius: 0.4rem; display: block; }
"""
NOUNS = "acorn button compass feather fossil key marble moth pebble shell spool thimble".split()
PLACES = "attic beach cellar drawer field garden lane market orchard river shed tower".split()
PAGE = """\
<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>{title}</title><link rel="stylesheet" href="/style.css"></head>
<body><p><a href="/">The Cabinet</a></p><h1>{title}</h1>
<img src="/tiles/{name}.svg" alt="" width="200"><p>Found in the {place}, in {year}.</p></body>
</html>
"""
TILE = """\
<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 40 40">
<rect width="40" height="40" fill="hsl({hue} 45% 30%)"/>
<circle cx="{x}" cy="{y}" r="{r}" fill="hsl({other} 70% 70%)"/></svg>
"""


def _item(name: str, rng: random.Random) -> dict[str, str]:
    noun, place, year = rng.choice(NOUNS), rng.choice(PLACES), rng.randint(1890, 2020)
    hue = rng.randrange(360)
    circle = {"x": rng.randint(10, 30), "y": rng.randint(10, 30), "r": rng.randint(4, 14)}
    title = f"{noun.capitalize()} {name}"
    facts = {"id": name, "title": title, "place": place, "year": year}
    return {
        f"cards/{name}.html": PAGE.format(title=title, name=name, place=place, year=year),
        f"tiles/{name}.svg": TILE.format(hue=hue, other=(hue + 150) % 360, **circle),
        f"data/{name}.json": json.dumps(facts, indent=1) + "\n",
    }


def generate(target: Path, files: int = 2000, seed: int = 7) -> int:
    """Write exactly `files` files (at least 2) below `target` and answer how many were written."""
    if files < 2:
        raise ValueError("a site has at least two files: index.html and style.css")
    rng = random.Random(seed)
    wanted: dict[str, str] = {}
    number = 0
    while len(wanted) < files - 2:
        number += 1
        wanted.update(_item(f"{number:05d}", rng))
    wanted = dict(list(wanted.items())[: files - 2])
    shown = [path for path in wanted if path.startswith("tiles/")][:120]
    tiles = "".join(
        f'<a href="/cards/{Path(path).stem}.html"><img src="/{path}" alt=""></a>' for path in shown
    )
    template = (Path(__file__).parent / "index.template.html").read_text(encoding="utf-8")
    wanted["index.html"] = template.replace("{count}", str(files)).replace("{tiles}", tiles)
    wanted["style.css"] = STYLE
    for path, text in wanted.items():
        place = target / path
        place.parent.mkdir(parents=True, exist_ok=True)
        place.write_bytes(text.encode())
    return len(wanted)


def main() -> None:
    """Read the command line and write the site."""
    parser = argparse.ArgumentParser(description="Write a plain site of many small files.")
    parser.add_argument("target", type=Path)
    parser.add_argument("--files", type=int, default=2000)
    parser.add_argument("--seed", type=int, default=7)
    options = parser.parse_args()
    print(f"{generate(options.target, options.files, options.seed)} files in {options.target}")


if __name__ == "__main__":
    main()
