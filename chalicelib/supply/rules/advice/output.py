"""Advice about what is published: what visitors do not need, or could get smaller."""

from __future__ import annotations

from collections import defaultdict
from shlex import quote

from chalicelib.supply.rules.advice.model import Advice, Facts, size

_MAPS_BYTES = 500_000
_LARGE = 25 * 1000 * 1000
_IMAGES = (".png", ".jpg", ".jpeg", ".bmp", ".tif", ".tiff", ".gif")
_IMAGE_BYTES = 300_000
_DUPLICATE_BYTES = 100_000
_SHOWN = 3

_MAPS_OFF = {
    "vite": ("vite.config.js", "build: { sourcemap: false }"),
    "vue": ("vite.config.js", "build: { sourcemap: false }"),
    "svelte": ("vite.config.js", "build: { sourcemap: false }"),
    "react": (".env.production", "GENERATE_SOURCEMAP=false"),
    "create-react-app": (".env.production", "GENERATE_SOURCEMAP=false"),
    "angular": ("angular.json", '"sourceMap": false'),
    "next": ("next.config.js", "productionBrowserSourceMaps: false"),
    "nuxt": ("nuxt.config.ts", "sourcemap: { client: false }"),
    "astro": ("astro.config.mjs", "vite: { build: { sourcemap: false } }"),
}


def source_maps(facts: Facts) -> Advice | None:
    """The sources of the scripts are published along with them."""
    maps = [(path, count) for path, _, count in facts.files if path.endswith(".map")]
    total = sum(count for _, count in maps)
    if total < _MAPS_BYTES:
        return None
    framework = str(facts.report.get("framework") or facts.plan.get("framework") or "")
    file, change = _MAPS_OFF.get(framework, ("", "Switch source maps off in the production build."))
    return Advice(
        "source_maps",
        "Do not publish source maps",
        f"{len(maps)} source maps have {size(total)}, {_share(total, facts)} of the site; "
        "anybody can read the sources in them.",
        change,
        file,
        saves_bytes=total,
    )


def large_files(facts: Facts) -> Advice | None:
    """Single files that no page should need."""
    large = sorted(
        ((count, path) for path, _, count in facts.files if count > _LARGE), reverse=True
    )
    if not large:
        return None
    shown = ", ".join(f"{path} ({size(count)})" for count, path in large[:_SHOWN])
    return Advice(
        "large_files",
        "Keep very large files out of the site",
        f"{len(large)} files have more than {size(_LARGE)}: {shown}.",
        "Put them into a bucket or a release, link to them, and leave them out of the output "
        "folder.",
        "",
        saves_bytes=sum(count for count, _ in large),
    )


def images(facts: Facts) -> Advice | None:
    """Images in formats that newer ones do in half the bytes."""
    old = sorted(
        (
            (count, path)
            for path, _, count in facts.files
            if path.lower().endswith(_IMAGES) and _IMAGE_BYTES <= count <= _LARGE
        ),
        reverse=True,
    )
    if not old:
        return None
    total = sum(count for count, _ in old)
    shown = ", ".join(f"{path} ({size(count)})" for count, path in old[:_SHOWN])
    first = f"./{old[0][1]}"
    smaller = f"{first.rpartition('.')[0]}.webp"
    return Advice(
        "images",
        "Convert large images to WebP or AVIF",
        f"{len(old)} images have {size(total)}, {_share(total, facts)} of the site: {shown}.",
        # whoever wrote the page named the file, and somebody pastes this into a shell
        f"npx sharp-cli --input {quote(first)} --output {quote(smaller)}, and "
        "the others alike; WebP commonly takes half of the bytes.",
        "",
        saves_bytes=total // 2,
    )


def duplicates(facts: Facts) -> Advice | None:
    """The same content under several names: visitors load it once per name."""
    paths: dict[str, list[str]] = defaultdict(list)
    sizes: dict[str, int] = {}
    for path, digest, count in facts.files:
        paths[digest].append(path)
        sizes[digest] = count
    twice = sorted(
        (
            (sizes[digest] * (len(names) - 1), sorted(names))
            for digest, names in paths.items()
            if len(names) > 1
        ),
        reverse=True,
    )
    total = sum(count for count, _ in twice)
    if total < _DUPLICATE_BYTES:
        return None
    count, names = twice[0]
    return Advice(
        "duplicates",
        "Refer to one copy of equal files",
        f"{len(twice)} contents are published under several names, {size(total)} more than once; "
        f"the largest: {', '.join(names[:_SHOWN])}. They are stored once, but loaded per name.",
        f"Let every page refer to {names[0]}.",
        "",
        saves_bytes=total,
    )


def _share(count: int, facts: Facts) -> str:
    whole = sum(n for _, _, n in facts.files)
    return f"{100 * count / whole:.0f} %" if whole else "0 %"


RULES = (source_maps, large_files, images, duplicates)
