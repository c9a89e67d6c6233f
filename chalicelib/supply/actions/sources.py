"""What a deployment was made from: its lock files, read out of its source and nowhere else.

The lock files that a build has beside it may have been changed by the build; what counts is the
archive that the build was given. Without a lock file there is nothing to tell, and no fault.
"""

from __future__ import annotations

import hashlib
import io
import tarfile
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from chalicelib.artifacts import actions as artifacts
from chalicelib.artifacts.rules import blob_key
from chalicelib.builds.actions import trees
from chalicelib.core.errors import Problem
from chalicelib.deployments.rows import Deployment
from chalicelib.ports import services
from chalicelib.supply.rules import locks
from chalicelib.supply.rules.components import LockError
from chalicelib.supply.rules.provenance import tree_digest
from chalicelib.supply.rules.sbom import Bill

_MANIFESTS = ("package.json", "pyproject.toml", "Cargo.toml", "go.mod")
_MOST_PACKAGES = 200
NO_LOCK = "The source holds no lock file that names its packages."


@dataclass
class Source:
    """A source as a list of paths, the texts that were asked for, and how it is identified."""

    paths: set[str] = field(default_factory=set)
    texts: dict[str, str] = field(default_factory=dict)
    materials: list[dict[str, Any]] = field(default_factory=list)
    gaps: list[str] = field(default_factory=list)


def bill_of(row: Deployment, plan: Mapping[str, Any]) -> tuple[Bill, list[dict[str, Any]]]:
    """The packages that a deployment's lock files name, and what it was made from."""
    root = str((row.settings or {}).get("root") or plan.get("root") or "")
    source = _source(row, root, str(plan.get("package_manager") or ""))
    bill = Bill(gaps=source.gaps, packages=_packages(source.paths))
    for path in locks.chosen(source.paths, root, str(plan.get("package_manager") or "")):
        text = source.texts.get(path)
        if text is None:
            bill.gaps.append(f"{path} could not be read: it is too large or is not UTF-8.")
            continue
        other = locks.beside(path)
        if other is not None:
            text = f"{text}\0{source.texts.get(other, '')}"
        try:
            bill.locks[path] = locks.read(path, text)
        except LockError as why:
            bill.gaps.append(f"{path} could not be read: {why}.")
    if not bill.locks and not bill.gaps:
        bill.gaps.append(NO_LOCK)
    return bill, source.materials


def _packages(paths: Iterable[str]) -> list[str]:
    """The folders that hold a manifest; the first two hundred say enough."""
    split = (path.rpartition("/") for path in paths)
    folders = {folder for folder, _, name in split if name in _MANIFESTS}
    own = sorted(folder for folder in folders if "node_modules" not in folder.split("/"))
    return own[:_MOST_PACKAGES]


def _source(row: Deployment, root: str, manager: str) -> Source:
    if row.source == "git":
        return _archived(row, root, manager)
    if row.source == "upload" and row.upload:
        return _uploaded(row, root, manager)
    return Source(gaps=["It was uploaded finished: there is no source to look into."])


def _wanted(paths: Iterable[str], root: str, manager: str) -> set[str]:
    chosen = locks.chosen(paths, root, manager)
    return {*chosen, *(other for path in chosen if (other := locks.beside(path)))}


def _archived(row: Deployment, root: str, manager: str) -> Source:
    """The tree that was read when the archive came; what it left out is read from the archive."""
    commit = {"uri": f"git+{row.provider}:{row.project}@{row.commit}"}
    materials: list[dict[str, Any]] = [{**commit, "digest": {"gitCommit": row.commit}}]
    key = f"sources/{row.project}/{row.commit}.tar.gz"
    tree = trees.of_commit(row.project, row.commit)
    size = services().store.size(key) or 0
    archive = services().store.get(key) if 0 < size <= trees.MAX_ARCHIVE else None
    if archive is not None:
        digest = hashlib.sha256(archive).hexdigest()
        materials.append({"name": "source archive", "uri": key, "digest": {"sha256": digest}})
    if tree is None:
        return Source(materials=materials, gaps=["The source archive could not be read."])
    paths = set(tree.files)
    wanted = _wanted(paths, root, manager) & paths
    texts = {path: tree.texts[path] for path in wanted if path in tree.texts}
    if archive is not None and wanted - set(texts):
        texts |= _from_archive(archive, wanted - set(texts))
    return Source(paths, texts, materials)


def _from_archive(archive: bytes, wanted: set[str]) -> dict[str, str]:
    """Larger files of an archive that was read whole, within its caps, when it came."""
    found: dict[str, str] = {}
    with tarfile.open(fileobj=io.BytesIO(archive), mode="r|gz") as tar:
        for member in tar:
            path = member.name.removeprefix("./")
            if path not in wanted or not member.isfile() or member.size > locks.MAX_FILE:
                continue
            stream = tar.extractfile(member)
            text = _text(stream.read()) if stream is not None else None
            if text is not None:
                found[path] = text
            if len(found) == len(wanted):
                break
    return found


def _uploaded(row: Deployment, root: str, manager: str) -> Source:
    try:
        files = {file.path: file for file in artifacts.files_of(str(row.upload))}
    except Problem:  # lists of uploads are kept for two days; this deployment is older
        return Source(gaps=["The list of the uploaded files is not kept any more."])
    texts = {}
    for path in sorted(_wanted(files, root, manager) & set(files)):
        if files[path].size <= locks.MAX_FILE:
            content = services().store.get(blob_key(row.team, files[path].sha256))
            text = None if content is None else _text(content)
            if text is not None:
                texts[path] = text
    digest = tree_digest((file.path, file.sha256) for file in files.values())
    material = {"name": "uploaded source", "uri": str(row.upload), "digest": {"dirHash": digest}}
    return Source(set(files), texts, [material])


def _text(content: bytes) -> str | None:
    try:
        return content.decode("utf-8-sig")
    except UnicodeDecodeError:
        return None
